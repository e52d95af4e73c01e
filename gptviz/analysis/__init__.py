"""What a model's numbers mean: computed with the model, before anything is shaped for a picture.

What is named here is fetched when it is first asked for, as in ``gptviz`` itself.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gptviz.analysis.attribution import ledger
    from gptviz.analysis.embeddings import neighbours, vocabulary_map
    from gptviz.analysis.lens import logit_lens
    from gptviz.analysis.merging import merges
    from gptviz.analysis.positions import position_similarity

__all__ = ["ledger", "logit_lens", "merges", "neighbours", "position_similarity", "vocabulary_map"]

_HOMES = {
    "attribution": ("ledger",),
    "embeddings": ("neighbours", "vocabulary_map"),
    "lens": ("logit_lens",),
    "merging": ("merges",),
    "positions": ("position_similarity",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
