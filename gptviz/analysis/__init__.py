"""What a model's numbers mean: computed with the model, before anything is shaped for a picture.

What is named here is fetched when it is asked for: the command line reads a part of this room and needs no torch yet.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gptviz.analysis.heads import head_scores
    from gptviz.analysis.patching import patch

__all__ = ["head_scores", "patch"]

_HOMES = {"head_scores": "heads", "patch": "patching"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
