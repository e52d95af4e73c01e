"""What one visitor's page of lessons stands at. Pure: no Streamlit here.

How far the lessons have come is not its business: that goes with the visitor through all pages (``ui/lessons/course``),
and what the buttons of this page do is done there too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from gptviz.ui import controls
from gptviz.ui.controls import choice
from gptviz.ui.lessons.course import CHOSEN
from gptviz.ui.page import Action, Context
from gptviz.ui.web.conversation import Conversation

SHEETS = ("teacher", "worksheet", "solutions")


@dataclass(frozen=True)
class View:
    """The lesson looked at, and which of its sheets."""

    which: str = controls.text("", 40, query=CHOSEN, seldom=True)
    sheet: str = choice("teacher", SHEETS, seldom=True)


@dataclass
class LessonsPage(Conversation):
    """One visitor's page."""

    view: View = field(default_factory=View)
    reads: ClassVar[bool] = False


def begin(state: LessonsPage, lang: str) -> None:
    """There is nothing to begin with."""


ACTIONS: dict[str, Callable[[Action, LessonsPage, Context], None]] = {}
