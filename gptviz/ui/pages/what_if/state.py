"""What one visitor's page of changes stands at, and what its buttons do. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gptviz.edits import MODES
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.ui import controls
from gptviz.ui.controls import choice, count, flag
from gptviz.ui.limits import MAX_CHARS
from gptviz.ui.page import Action, Context
from gptviz.ui.pages.what_if.changes import MOST_TEXT
from gptviz.ui.pages.what_if.work import Curve, Patch
from gptviz.ui.prompts import chat_control, pos_control, start_control, system_control
from gptviz.ui.web.conversation import Conversation


@dataclass(frozen=True)
class View:
    """The controls: the changes as a text, the head and the position looked at, how parts go, the other prompt."""

    edits: str = controls.text("", MOST_TEXT, seldom=True)
    layer: int = count(0, 0, 1000, shared=True)
    head: int = count(1, 0, 1000, shared=True)
    pos: int | None = pos_control()
    mode: str = choice("zero", MODES, seldom=True)
    other: str = controls.text("", MAX_CHARS, query="b", seldom=True)
    curve: bool = flag(False, seldom=True)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


@dataclass
class WhatIf(Conversation):
    """One visitor's page."""

    view: View = field(default_factory=View)
    patch: Patch | None = None
    curve: Curve | None = None

    def follow(self) -> None:
        """Another text: its last position is looked at."""
        self.view = replace(self.view, pos=None)

    def patching(self, lm: LanguageModel, clean: tuple[int, ...], corrupt: tuple[int, ...]) -> Patch:
        """The work on these prompts: that under way, where it is the same."""
        if self.patch is None or (self.patch.lm, self.patch.clean, self.patch.corrupt) != (lm, clean, corrupt):
            self.patch = Patch(lm, clean, corrupt)
        return self.patch

    def breaking(self, lm: LanguageModel, ids: tuple[int, ...]) -> Curve:
        """The same of the curve."""
        if self.curve is None or (self.curve.lm, self.curve.ids, self.curve.mode) != (lm, ids, self.view.mode):
            self.curve = Curve(lm, ids, self.view.mode)
        return self.curve


def begin(state: WhatIf, lang: str) -> None:
    """A first visit: a fact, the same of another place, and the mask taken away."""
    state.text = translate("what_if.text", lang)
    state.view = replace(state.view, edits="nopos", other=translate("what_if.other_text", lang))


def _pair(action: Action, state: WhatIf, context: Context) -> None:
    state.set_text(translate("what_if.text", context.lang))
    state.view = replace(state.view, other=translate("what_if.other_text", context.lang))


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, WhatIf, Context], None]] = {"pair": _pair}
