"""What the series page keeps: which card is shown. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from gptviz.analysis.series import series
from gptviz.ui.controls import choice
from gptviz.ui.page import Action, Context
from gptviz.ui.web.conversation import Conversation

OPEN = "open"  # the key of the model that is open
KEYS = (OPEN, *(model.key for model in series()))


@dataclass(frozen=True)
class View:
    """The control: whose card is shown."""

    card: str = choice("gpt3", KEYS)


@dataclass
class Series(Conversation):
    """The page has no text of its own."""

    view: View = field(default_factory=View)
    reads: ClassVar[bool] = False


def begin(state: Series, lang: str) -> None:
    """There is no text to begin with."""


ACTIONS: dict[str, Callable[[Action, Series, Context], None]] = {}
