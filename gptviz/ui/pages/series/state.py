"""What the series page keeps: which card is shown. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from gptviz.analysis.series import Model, series
from gptviz.gpt.config import GPTConfig
from gptviz.ui.controls import choice
from gptviz.ui.page import Action, Context, Scene
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


@dataclass(kw_only=True)
class Told(Scene):
    """The published models, and the one that is open."""

    state: Series
    context: Context

    @property
    def config(self) -> GPTConfig:
        """The shape of the model that is open."""
        return self.context.lm.config

    @property
    def chosen(self) -> Model | None:
        """The model whose card is shown; None: the one that is open."""
        return next((model for model in series() if model.key == self.state.view.card), None)


def scene(state: Series, context: Context) -> Told:
    """The page as it stands."""
    return Told(state=state, context=context)


def begin(state: Series, lang: str) -> None:
    """There is no text to begin with."""


ACTIONS: dict[str, Callable[[Action, Series, Context], None]] = {}
