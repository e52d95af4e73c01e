"""What one visitor's scaling page stands at. Pure: no Streamlit here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from gptviz.ui import controls
from gptviz.ui.controls import choice, flag, number
from gptviz.ui.limits import MAX_CHARS
from gptviz.ui.web.conversation import Conversation

WHOSE = ("ours", "own")


@dataclass(frozen=True)
class View:
    """The controls: a table of one's own, whose runs are fitted, how N is counted, and what is asked of the law."""

    table: str = controls.text("", MAX_CHARS, query="runs", seldom=True)
    whose: str = choice("ours", WHOSE, seldom=True)
    embeddings: bool = flag(False, query="emb", seldom=True)
    log_n: float = number(5.5, 2.0, 13.0, step=0.05, query="n", seldom=True)
    log_d: float = number(6.5, 3.0, 14.0, step=0.05, query="d", seldom=True)


@dataclass
class Scaling(Conversation):
    """One visitor's page: it has no text of its own."""

    view: View = field(default_factory=View)
    reads: ClassVar[bool] = False


def begin(state: Scaling, lang: str) -> None:
    """A first visit looks at our own runs."""
