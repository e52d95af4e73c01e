"""What the series page is made of: the published models, and the one that is open. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gptviz.analysis.series import Model, series
from gptviz.gpt.config import GPTConfig
from gptviz.ui.page import Context, Scene
from gptviz.ui.pages.series.state import Series


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
