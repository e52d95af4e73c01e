"""What a run is given beside its tokens, and edits may change: the mask, the scale of its scores, its positions.

These are no places that numbers pass through, so that they are no taps: they say how the pass is done. A change of one
is a function too, from what the model has to what this run has instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gptviz.errors import EditError
from gptviz.gpt.config import LARGEST, GPTConfig
from gptviz.gpt.positions import NOWHERE

#: By name, whether each layer has its own. ``positions`` (T,): whole numbers, -1 for none. ``mask`` (T, T): true where
#: a query (row) may not look. ``scale`` (): what q·k is multiplied by.
GIVEN = {"positions": False, "mask": True, "scale": True}
MOST_SCALE = 1000.0

Change = Callable[[Any], npt.ArrayLike]


def places(changes: Sequence[Change], T: int, config: GPTConfig) -> Tensor | None:
    """The positions (T,) that the model is told; None where that is its own business. Raises EditError."""
    if not changes:
        return None
    learned = config.position == "learned"
    limit = config.block_size if learned else LARGEST["block_size"]
    found: npt.NDArray[Any] = np.arange(T)
    for change in changes:
        found = np.asarray(change(found.copy()))
        if found.shape != (T,) or found.dtype.kind not in "iu":
            raise EditError("edit.shape", name="positions", found=found.shape, wanted=(T,))
        if found.min() < NOWHERE or found.max() >= limit:
            raise EditError("edit.positions", last=limit - 1)
    return torch.from_numpy(found.astype(np.int64))


def masked(changes: Sequence[Change], mask: Tensor | None, T: int) -> Tensor | None:
    """The mask (T, T) of one layer; None: all may look everywhere. Raises EditError."""
    if not changes:
        return mask
    found: npt.NDArray[Any] = np.zeros((T, T), dtype=bool) if mask is None else mask.numpy()
    for change in changes:
        found = np.array(change(found.copy()))
        if found.shape != (T, T) or found.dtype.kind != "b":
            raise EditError("edit.shape", name="mask", found=found.shape, wanted=(T, T))
        if found.all(-1).any():
            raise EditError("edit.blind")
    return torch.from_numpy(found) if found.any() else None


def scaled(changes: Sequence[Change], scale: float) -> float:
    """What q·k of one layer is multiplied by. Raises EditError."""
    for change in changes:
        found = np.asarray(change(scale))
        if found.shape != () or found.dtype.kind not in "fiu":
            raise EditError("edit.shape", name="scale", found=found.shape, wanted=())
        if not abs(float(found)) <= MOST_SCALE:
            raise EditError("edit.numbers", name="scale", largest=f"{MOST_SCALE:g}")
        scale = float(found)
    return scale
