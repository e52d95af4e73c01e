"""What a model's numbers mean: computed with the model, before anything is shaped for a picture.

What is named here is fetched when it is first asked for: the command line reads a part of this room, without torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gptviz.analysis.attribution import ledger
    from gptviz.analysis.embeddings import neighbours, vocabulary_map
    from gptviz.analysis.filling import fill
    from gptviz.analysis.head import HeadSteps, attend
    from gptviz.analysis.heads import head_scores
    from gptviz.analysis.lens import logit_lens
    from gptviz.analysis.masks import under_mask
    from gptviz.analysis.merging import merges
    from gptviz.analysis.mixing import rollout, value_weighted
    from gptviz.analysis.patching import patch
    from gptviz.analysis.positions import position_similarity
    from gptviz.analysis.terms import Sum, written_out
    from gptviz.analysis.tsne import neighbour_map

__all__ = [
    "HeadSteps",
    "Sum",
    "attend",
    "fill",
    "head_scores",
    "ledger",
    "logit_lens",
    "merges",
    "neighbour_map",
    "neighbours",
    "patch",
    "position_similarity",
    "rollout",
    "under_mask",
    "value_weighted",
    "vocabulary_map",
    "written_out",
]

_HOMES = {
    "attribution": ("ledger",),
    "embeddings": ("neighbours", "vocabulary_map"),
    "filling": ("fill",),
    "head": ("HeadSteps", "attend"),
    "heads": ("head_scores",),
    "lens": ("logit_lens",),
    "masks": ("under_mask",),
    "merging": ("merges",),
    "mixing": ("rollout", "value_weighted"),
    "patching": ("patch",),
    "positions": ("position_similarity",),
    "terms": ("Sum", "written_out"),
    "tsne": ("neighbour_map",),
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
