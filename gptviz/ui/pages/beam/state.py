"""What one visitor's beam page stands at. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from gptviz.decoding import Beam
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.beam.presets import PRESETS
from gptviz.ui.pages.beam.work import Shelf, Work
from gptviz.ui.pages.next_token.actions import prompt_ids, window
from gptviz.ui.web.conversation import Conversation, real, whole

#: How the browser and a link say ``early_stopping``.
STOPPING: dict[str, Any] = {"false": False, "true": True, "never": "never"}
MAX_WIDTH = 16  # the engine allows more; a tree of more is no picture
MIN_TOKENS, MAX_TOKENS = 3, 30


@dataclass(frozen=True)
class View:
    """The controls. ``step`` 0 shows the whole search, ``node`` −1 follows the best hypothesis."""

    width: int = 4
    length_penalty: float = 1.0
    n_groups: int = 1
    diversity_penalty: float = 0.5
    early_stopping: str = "false"
    tokens: int = 12
    pruned: bool = True
    step: int = 0
    node: int = -1

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


#: How each field of a view is read from outside; None means unusable.
READ: dict[str, Callable[[Any], Any]] = {
    "width": lambda v: whole(v, 1, MAX_WIDTH),
    "length_penalty": lambda v: real(v, -2.0, 3.0),
    "n_groups": lambda v: whole(v, 1, MAX_WIDTH),
    "diversity_penalty": lambda v: real(v, 0.0, 5.0),
    "early_stopping": lambda v: v if isinstance(v, str) and v in STOPPING else None,
    "tokens": lambda v: whole(v, MIN_TOKENS, MAX_TOKENS),
    "pruned": lambda v: v if isinstance(v, bool) else None,
    "step": lambda v: whole(v, 0, MAX_TOKENS),
    "node": lambda v: whole(v, -1, 100_000),
}
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
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # from a link: (key, values)

    READ = READ

    def follow(self) -> None:
        """Another text: the whole of its search, its best hypothesis."""
        self.view = replace(self.view, step=0, node=-1)
        self.stopped = False

    def adopt(self, changes: dict[str, Any]) -> None:
        if changes.keys() - _LOOKING:
            changes = {"step": 0, "node": -1} | changes
            self.stopped = False
        self.view = replace(self.view, **changes).settled()

    def carry_out(self, action: dict[str, Any], lang: str) -> None:
        """Do one action; one that makes no sense changes nothing. ("more" only asks for another run.)"""
        self.done(action)
        kind = action.get("kind")
        if kind in ("stop", "go"):
            self.stopped = kind == "stop"
        preset = PRESETS.get(str(action.get("name"))) if kind == "preset" else None
        if preset is not None:
            prompt, settings = preset.of(lang)
            self.view = replace(View(pruned=self.view.pruned), **settings).settled()
            self.set_text(prompt)

    def prompt(self, lm: LanguageModel) -> Prompt:
        """The end of the text, so much of it that the new tokens have room."""
        ids, left_out = prompt_ids(lm, self.text)
        limit = min(self.view.tokens, window(lm) - 1)
        over = max(0, len(ids) + limit - window(lm))
        return Prompt(ids[over:], left_out + over, limit)

    def ask(self, questions: list[Any], shelf: Shelf) -> Work:
        """The work on these questions: that under way, where it is the same."""
        if self.work is None or list(self.work.questions) != questions:
            self.work = Work(questions, shelf)
        return self.work
