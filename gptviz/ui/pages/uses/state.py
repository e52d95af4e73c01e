"""What one visitor's page of uses stands at: the use, how it is decoded, what has been written. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from gptviz.decoding import Greedy, Sample, Strategy
from gptviz.decoding.parameters import SEED
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.ui.controls import choice, count, setting
from gptviz.ui.measured import Work
from gptviz.ui.page import Action, Context, word
from gptviz.ui.prompts import chat_control, start_control, system_control
from gptviz.ui.web.conversation import Conversation

USES = ("continuing", "dialogue", "question", "summary", "translation", "code", "classification")
#: How it may be decoded.
WAYS: dict[str, Strategy] = {"greedy": Greedy(), "careful": Sample(temperature=0.7, top_p=0.9), "free": Sample()}
SHORT, LONG = 10, 120  # tokens that are written


@dataclass(frozen=True)
class View:
    """The controls: the use, how it is decoded, how much is written."""

    use: str = choice(USES[0], USES)
    way: str = choice("careful", tuple(WAYS))
    length: int = count(60, SHORT, LONG)
    seed: int = setting(SEED, default=7, slider=True, shared=True)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


class Wrote(NamedTuple):
    """One token: the text that it added, its probability under the model, why it is the last ("": it is not)."""

    text: str
    p: float
    finish: str


@dataclass
class Uses(Conversation):
    """One visitor's page; ``wanted``: the model is to write, until the text is changed."""

    view: View = field(default_factory=View)
    work: Work = field(default_factory=Work)
    wanted: bool = True

    def follow(self) -> None:
        """Another text: nothing is written after it before somebody asks."""
        self.wanted = False

    def adopt(self, changes: dict[str, Any]) -> None:
        """Whoever changes how it is decoded wants to see what comes of it."""
        if changes.keys() & {"way", "length", "seed"}:
            self.wanted = True
        super().adopt(changes)


def written(lm: LanguageModel, ids: tuple[int, ...], way: str, length: int, seed: int) -> Iterator[Wrote]:
    """The continuation, a token at a time."""
    before = ""
    for step in lm.generate(ids, WAYS[way], max_new_tokens=length, seed=seed):
        yield Wrote(step.text[len(before) :], step.prob, step.finish or "")
        before = step.text


def prompt_of(use: str, lang: str, *, chat: bool) -> str:
    """The prompt: for a base model one that is gone on with, for an instructed one what somebody would ask."""
    return translate(f"uses.chat.{use}" if chat else f"uses.base.{use}", lang)


def begin(state: Uses, lang: str) -> None:
    """A first visit: a story that is gone on with."""
    state.text = prompt_of(USES[0], lang, chat=False)


def settle(state: Uses, context: Context) -> None:
    """A use that comes by a link has its own prompt; what the visitor wrote stays."""
    lang, name = context.lang, state.view.use
    ours = {use: {prompt_of(use, lang, chat=chat) for chat in {False, use != USES[0]}} for use in USES}
    if state.text not in ours[name] and any(state.text in texts for texts in ours.values()):
        _put(state, name, context)


def _put(state: Uses, name: str, context: Context) -> None:
    chat = context.lm.chat_template is not None and name != USES[0]
    state.set_text(prompt_of(name, context.lang, chat=chat))
    state.view = replace(state.view, use=name, chat=chat)
    state.wanted = True


def _use(action: Action, state: Uses, context: Context) -> None:
    name = word(action, "name")
    if name in USES:
        _put(state, name, context)


def _write(action: Action, state: Uses, context: Context) -> None:
    state.wanted = True


def _stop(action: Action, state: Uses, context: Context) -> None:
    state.wanted = False


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Uses, Context], None]] = {"use": _use, "write": _write, "stop": _stop}
