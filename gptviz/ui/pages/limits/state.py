"""What one visitor's limits page stands at: the experiment, its settings, what is being measured. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from gptviz.decoding.parameters import SEED
from gptviz.evaluation.calibration import read_items
from gptviz.i18n import FALLBACK, translate
from gptviz.ui.controls import choice, count, setting, text
from gptviz.ui.measured import Work
from gptviz.ui.page import Action, Context, word
from gptviz.ui.prompts import chat_control, start_control, system_control
from gptviz.ui.web.conversation import Conversation

#: The experiments in their order, each with its presets.
EXPERIMENTS: dict[str, tuple[str, ...]] = {
    "loops": ("story", "list"),
    "facts": ("capital", "made_up", "book"),
    "digits": ("names", "numbers", "word"),
    "context": ("long", "short"),
    "exchange": ("work", "feeling", "name"),
    "memory": ("verse", "altered", "own"),
}
SHORT, LONG = 20, 160  # tokens that are written on


@dataclass(frozen=True)
class View:
    """The controls: the experiment, how far a text is written on, the words exchanged and what may follow."""

    show: str = choice("loops", tuple(EXPERIMENTS))
    length: int = count(80, SHORT, LONG)
    seed: int = setting(SEED, default=7, slider=True, shared=True)
    old: str = text("", 40, seldom=True)
    new: str = text("", 40, seldom=True)
    words: str = text("", 400, seldom=True)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


@dataclass
class Limits(Conversation):
    """One visitor's page; ``live`` measures the visitor's text, ``side`` the set beside it."""

    view: View = field(default_factory=View)
    live: Work = field(default_factory=Work)
    side: Work = field(default_factory=Work)


def preset_text(name: str, preset: str, lang: str) -> str:
    """The text of a preset; the long one is all sentences of the calibration set, each with its answer."""
    if (name, preset) == ("context", "long"):
        table = read_items()
        items = table.get(lang, table[FALLBACK])
        joint, end = (" ", ".") if items[0].answers[0].startswith(" ") else ("", "。")
        return joint.join(item.prompt + item.answers[0] + end for item in items)
    return translate(f"limits.text.{name}.{preset}", lang)


def begin(state: Limits, lang: str) -> None:
    """A first visit: a story that goes round in circles."""
    _put(state, "loops", EXPERIMENTS["loops"][0], lang)


def _put(state: Limits, name: str, preset: str, lang: str) -> None:
    state.set_text(preset_text(name, preset, lang))
    state.view = replace(state.view, show=name, **(_words(preset, lang) if name == "exchange" else {}))


def _words(preset: str, lang: str) -> dict[str, Any]:
    """The words that are exchanged, and what may follow."""
    return dict(zip(("old", "new", "words"), translate(f"limits.exchanged.{preset}", lang).split("/"), strict=True))


def settle(state: Limits, lang: str) -> None:
    """Another experiment comes with a text of its own, and words to exchange; what the visitor wrote stays."""
    name = state.view.show
    ours = [(one, preset_text(one, preset, lang)) for one, presets in EXPERIMENTS.items() for preset in presets]
    if any(text == state.text for _, text in ours) and (name, state.text) not in ours:
        _put(state, name, EXPERIMENTS[name][0], lang)
    elif name == "exchange" and not (state.view.old or state.view.new or state.view.words):
        state.view = replace(state.view, **_words(EXPERIMENTS[name][0], lang))
        state.rev += 1


def _preset(action: Action, state: Limits, context: Context) -> None:
    name, preset = state.view.show, word(action, "name")
    if preset in EXPERIMENTS[name]:
        _put(state, name, preset, context.lang)


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Limits, Context], None]] = {"preset": _preset}
