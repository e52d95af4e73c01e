"""What one visitor's heads page stands at, and what its buttons do. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from gptviz.analysis.heads import SCORES
from gptviz.edits import MODES
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.ui.controls import choice, count, flag
from gptviz.ui.page import Action, Context
from gptviz.ui.pages.heads.work import Work
from gptviz.ui.prompts import chat_control, start_control, system_control
from gptviz.ui.web.conversation import Conversation


@dataclass(frozen=True)
class View:
    """The controls: which score is shown, the head looked at, whether it is switched off, and how."""

    score: str = choice("induction", SCORES)
    layer: int = count(0, 0, 1000, shared=True)
    head: int = count(1, 0, 1000, shared=True)
    test: bool = flag(False)
    mode: str = choice("zero", MODES, seldom=True)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


@dataclass
class Heads(Conversation):
    """One visitor's page."""

    view: View = field(default_factory=View)
    work: Work | None = None
    pick: bool = False  # the induction head that this text needs most is looked for

    def adopt(self, changes: dict[str, Any]) -> None:
        """Take over the controls; who chooses a head is not given another."""
        if changes.keys() & {"layer", "head"}:
            self.pick = False
        super().adopt(changes)

    def follow(self) -> None:
        """Another text: what was to be looked for was for the one before."""
        self.pick = False

    def working(self, lm: LanguageModel) -> Work:
        """The measurement of this model."""
        if self.work is None or self.work.lm is not lm:
            self.work = Work(lm)
        return self.work


def begin(state: Heads, lang: str) -> None:
    """A first visit: a text that an induction head goes on with, and that head switched off."""
    state.text = translate("heads.preset_text", lang)
    state.view = replace(state.view, test=True)
    state.pick = True


def _preset(action: Action, state: Heads, context: Context) -> None:
    state.set_text(translate("heads.preset_text", context.lang))
    state.view = replace(state.view, score="induction", test=True, mode="zero")
    state.pick = True


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Heads, Context], None]] = {"preset": _preset}
