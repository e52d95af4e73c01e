"""What one visitor's beam page stands at. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from gptviz.decoding import Beam
from gptviz.decoding.parameters import TREE_TOKENS
from gptviz.language_model import LanguageModel
from gptviz.ui.controls import choice, count, flag, setting
from gptviz.ui.page import Action, Context, word
from gptviz.ui.pages.beam.presets import PRESETS
from gptviz.ui.pages.beam.work import Shelf, Work
from gptviz.ui.prompts import chat_control, how, prompt_ids, start_control, system_control, window
from gptviz.ui.web.conversation import Conversation

#: How the browser and a link say ``early_stopping``.
STOPPING: dict[str, Any] = {"false": False, "true": True, "never": "never"}
_LINK = {"seldom": True}
_MOST = 100_000  # nodes of a tree


def _asked(name: str, **how: Any) -> Any:
    """A setting of ``Beam``, as far as its slider goes: the engine allows more, but a tree of more is no picture."""
    (parameter,) = (p for p in Beam.parameters if p.name == name)
    return setting(parameter, default=getattr(Beam(), name), slider=True, **how)


@dataclass(frozen=True)
class View:
    """The controls. ``step`` 0 shows the whole search, ``node`` −1 follows the best hypothesis."""

    width: int = _asked("width")
    length_penalty: float = _asked("length_penalty", **_LINK)
    n_groups: int = _asked("n_groups", **_LINK)
    diversity_penalty: float = _asked("diversity_penalty", **_LINK)
    early_stopping: str = choice("false", tuple(STOPPING), query="stop", **_LINK)
    tokens: int = setting(TREE_TOKENS, default=12, slider=True)
    pruned: bool = flag(True, **_LINK)
    step: int = count(0, 0, int(TREE_TOKENS.shown[1]), **_LINK)
    node: int = count(-1, -1, _MOST, **_LINK)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()

    def settled(self) -> View:
        """With as many groups, at most, as split the width evenly."""
        fitting = (n for n in range(min(self.n_groups, self.width), 0, -1) if self.width % n == 0)
        return replace(self, n_groups=next(fitting))

    def beam(self, width: int | None = None) -> Beam:
        """The search asked for; with another ``width``, the plain one of that width."""
        penalty, stopping = self.length_penalty, STOPPING[self.early_stopping]
        if width is not None and width != self.width:
            return Beam(width, penalty, early_stopping=stopping)
        return Beam(self.width, penalty, self.n_groups, self.diversity_penalty, stopping)


_LOOKING = {"pruned", "step", "node"}  # what these change is not the search


class Prompt(NamedTuple):
    """What is read, and how much room the search has."""

    ids: tuple[int, ...]
    left_out: int  # tokens before them
    limit: int  # tokens to generate at most


@dataclass
class BeamPage(Conversation):
    """One visitor's beam page."""

    view: View = field(default_factory=View)
    stopped: bool = False
    work: Work | None = None

    def follow(self) -> None:
        """Another text: the whole of its search, its best hypothesis."""
        self.view = replace(self.view, step=0, node=-1)
        self.stopped = False

    def adopt(self, changes: dict[str, Any]) -> None:
        if changes.keys() - _LOOKING:
            changes = {"step": 0, "node": -1} | changes
            self.stopped = False
        self.view = replace(self.view, **changes).settled()

    def prompt(self, lm: LanguageModel) -> Prompt:
        """The end of the text, so much of it that the new tokens have room."""
        ids, left_out = prompt_ids(lm, self.text, how(self.view))
        limit = min(self.view.tokens, window(lm) - 1)
        over = max(0, len(ids) + limit - window(lm))
        return Prompt(ids[over:], left_out + over, limit)

    def ask(self, questions: list[Any], shelf: Shelf) -> Work:
        """The work on these questions: that under way, where it is the same."""
        if self.work is None or list(self.work.questions) != questions:
            self.work = Work(questions, shelf)
        return self.work


def begin(page: BeamPage, lang: str) -> None:
    """A first visit reads the prompt of the first preset."""
    page.text = PRESETS["wins"].of(lang)[0]


def _stop(action: Action, page: BeamPage, context: Context) -> None:
    page.stopped = True


def _go(action: Action, page: BeamPage, context: Context) -> None:
    page.stopped = False


def _preset(action: Action, page: BeamPage, context: Context) -> None:
    preset = PRESETS.get(word(action, "name"))
    if preset is not None:
        prompt, settings = preset.of(context.lang)
        page.view = replace(View(pruned=page.view.pruned), **settings).settled()
        page.set_text(prompt)


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, BeamPage, Context], None]] = {"stop": _stop, "go": _go, "preset": _preset}
