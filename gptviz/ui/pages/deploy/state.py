"""What one visitor's deploy page stands at: what is left out, and what is being measured. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from gptviz.compression.pruning import ORDERS, UNITS
from gptviz.i18n import translate
from gptviz.ui.common import Common
from gptviz.ui.controls import choice, count
from gptviz.ui.measured import Work
from gptviz.ui.page import Action, Context, word
from gptviz.ui.prompts import chat_control, start_control, system_control
from gptviz.ui.web.conversation import Conversation


class Preset(NamedTuple):
    """What is left out, by which order, and how many hundredths."""

    unit: str
    by: str
    gone: int


PRESETS: dict[str, Preset] = {
    "few": Preset("heads", "taylor", 15),
    "half": Preset("heads", "taylor", 50),
    "drawn": Preset("heads", "random", 50),
    "layer": Preset("layers", "taylor", 13),
}


@dataclass(frozen=True)
class View:
    """The controls: heads or layers, the order in which they go, and how many hundredths of them are gone."""

    unit: str = choice("heads", UNITS)
    by: str = choice("taylor", ORDERS)
    gone: int = count(PRESETS["few"].gone, 0, 100)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


@dataclass
class Deploy(Conversation):
    """One visitor's page: what the forms cost, what leaving parts out costs, and the text written on in both ways."""

    view: View = field(default_factory=View)
    forms: Common = field(default_factory=Common)
    parts: Common = field(default_factory=Common)
    writing: Work = field(default_factory=Work)


def begin(state: Deploy, lang: str) -> None:
    """A first visit: a sentence, and the heads that matter least left out."""
    state.text = translate("deploy.preset_text", lang)


def _preset(action: Action, state: Deploy, context: Context) -> None:
    chosen = PRESETS.get(word(action, "name"))
    if chosen is not None:
        state.view = replace(state.view, **chosen._asdict())
        state.rev += 1
        if not state.text:
            state.set_text(translate("deploy.preset_text", context.lang))


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Deploy, Context], None]] = {"preset": _preset}
