"""What one visitor's Embeddings page stands at. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from gptviz.ui.controls import choice, count
from gptviz.ui.page import Action, Context
from gptviz.ui.prompts import chat_control, examples, pos_control, start_control, system_control
from gptviz.ui.web.conversation import Conversation

LAST = -1  # the pair is turned as far as the last position
NONE = -1  # no token of the vocabulary is looked at but that of the text
COMPONENTS = 6  # of the map, two of which are shown
MATRICES = ("tokens", "output")
COLOURS = ("script", "id")
MAPS = ("components", "neighbours")
OWN = "own"
SHOWN_SCHEMES = (OWN, "learned", "sinusoidal", "rotary")


@dataclass(frozen=True)
class View:
    """The controls: position and token looked at, the matrix, the map's axes and colours, how positions are told."""

    pos: int | None = pos_control()
    token: int = count(NONE, NONE, 2**20, seldom=True)
    matrix: str = choice("tokens", MATRICES, seldom=True)
    map: str = choice("components", MAPS, seldom=True)
    x: int = count(0, 0, COMPONENTS - 1, seldom=True)
    y: int = count(1, 0, COMPONENTS - 1, seldom=True)
    colour: str = choice("script", COLOURS, seldom=True)
    scheme: str = choice(OWN, SHOWN_SCHEMES, seldom=True)
    plane: int = count(0, 0, 2**16, seldom=True)
    turn: int = count(LAST, LAST, 2**20, seldom=True)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


@dataclass
class Embeddings(Conversation):
    """One visitor."""

    view: View = View()

    def follow(self) -> None:
        """Another text: its last token is looked at."""
        self.view = replace(self.view, pos=None, token=NONE, turn=LAST)

    def adopt(self, changes: dict[str, Any]) -> None:
        """At another position its own token is looked at."""
        if changes.get("pos", self.view.pos) != self.view.pos and "token" not in changes:
            changes = {**changes, "token": NONE}
        super().adopt(changes)


def begin(state: Embeddings, lang: str) -> None:
    """A first visit reads the first example."""
    state.text = examples(lang)[0]


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Embeddings, Context], None]] = {}
