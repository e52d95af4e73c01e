"""The model that a page takes steps with: the open one where it is small, else the bundled model's small sibling.

Gradients need float32 and a copy with four numbers a weight, for each visitor who looks. Pure: no Streamlit here.
"""

from __future__ import annotations

from functools import cache

from gptviz import catalogue
from gptviz.errors import GptvizError
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.paths import MODELS
from gptviz.training.glass import MOST_PARAMETERS
from gptviz.ui.kept import Kept

SMALL = "small"


@cache
def small() -> LocalModel:
    """The bundled model that was made to be watched while it learns, in float32."""
    return catalogue.load_folder(MODELS / SMALL, name=SMALL, weights="float32")


def learner(lm: LanguageModel) -> LocalModel:
    """``lm`` itself, in float32, where steps can be taken with it; else ``small``."""
    if not isinstance(lm, LocalModel) or lm.config.n_parameters > MOST_PARAMETERS or not lm.config.causal:
        return small()
    return lm if lm.weights == "float32" else _WIDE.of(lm) or small()


def stands_in(lm: LanguageModel) -> bool:
    """Whether the bundled sibling takes the steps in place of ``lm``."""
    return learner(lm) is small() and lm.name != SMALL


def _wide(lm: LanguageModel) -> LocalModel | None:
    """The same model from its file, in float32; None where that is gone."""
    if lm.name == SMALL:
        return small()
    try:
        found = catalogue.load(lm.name, weights="float32")
    except GptvizError:
        return None
    return found if isinstance(found, LocalModel) else None


_WIDE: Kept[LanguageModel, LocalModel | None] = Kept(_wide)
