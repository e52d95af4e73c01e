"""What a model's numbers mean: computed with the model, before anything is shaped for a picture.

What is named here is fetched when it is first asked for: the shell's help must not wait for torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gptviz.analysis.head import HeadSteps as HeadSteps
    from gptviz.analysis.head import attend as attend
    from gptviz.analysis.heads import head_scores as head_scores
    from gptviz.analysis.masks import under_mask as under_mask
    from gptviz.analysis.mixing import rollout as rollout
    from gptviz.analysis.mixing import value_weighted as value_weighted
    from gptviz.analysis.patching import patch as patch
    from gptviz.analysis.terms import Sum as Sum
    from gptviz.analysis.terms import written_out as written_out

_HOMES = {"HeadSteps": "head", "attend": "head", "head_scores": "heads", "under_mask": "masks", "rollout": "mixing",
          "value_weighted": "mixing", "patch": "patching", "Sum": "terms", "written_out": "terms"}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
