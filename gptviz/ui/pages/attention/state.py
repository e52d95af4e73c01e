"""What one visitor's attention page stands at: the head, the query, the number whose sum is written out. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from gptviz.analysis.terms import STEPS
from gptviz.errors import GptvizError
from gptviz.ui.controls import choice, count, flag
from gptviz.ui.page import Action, Context, word
from gptviz.ui.pages.attention.presets import PRESETS, head_of
from gptviz.ui.prompts import chat_control, how, pos_control, prompt_ids, start_control, system_control
from gptviz.ui.web.conversation import Conversation

MAPS = ("values", "rollout")
_MOST = 100_000  # tokens of a text; numbers of a vector


@dataclass(frozen=True)
class View:
    """The controls. ``pos`` None is the last position, ``key`` None its strongest.

    ``step`` and ``index`` say which number's sum is written out, of a step that has one for each key that of ``key``.
    """

    layer: int = count(0, 0, 1000, shared=True)
    head: int = count(1, 0, 1000, shared=True)
    pos: int | None = pos_control()
    key: int | None = count(None, 0, _MOST, nullable=True)
    step: str = choice("raw", STEPS)
    index: int = count(0, 0, _MOST, seldom=True)
    map: str = choice("values", MAPS, seldom=True)
    solved: bool = flag(False, seldom=True)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


@dataclass
class Attention(Conversation):
    """One visitor's page."""

    view: View = field(default_factory=View)

    def follow(self) -> None:
        """Another text: its last position and its strongest key are looked at."""
        self.view = replace(self.view, pos=None, key=None)

    def adopt(self, changes: dict[str, Any]) -> None:
        """Another position, or another head, is looked at with its own strongest key."""
        if changes.keys() & {"pos", "layer", "head", "start"} and "key" not in changes:
            changes = changes | {"key": None}
        if "start" in changes and "pos" not in changes:
            changes = changes | {"pos": None}
        super().adopt(changes)


def begin(state: Attention, lang: str) -> None:
    """A first visit reads the textbook's sentence of its language."""
    state.text = PRESETS["textbook_zh" if lang == "zh" else "textbook_en"].text


def _preset(action: Action, state: Attention, context: Context) -> None:
    preset = PRESETS.get(word(action, "name"))
    if preset is None:
        return
    state.set_text(preset.text)
    ids, _ = prompt_ids(context.lm, preset.text, how(state.view))
    try:
        layer, head = head_of(preset, context.trace(ids))
    except GptvizError:  # a model that cannot read it: the page says so
        return
    state.view = replace(state.view, layer=layer, head=head, pos=None, key=None, step="raw", index=0)


ACTIONS: dict[str, Callable[[Action, Attention, Context], None]] = {"preset": _preset}
