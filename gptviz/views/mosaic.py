"""All layers and heads at once, small: one tile per head, dark where it looks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.views.sources import TraceLike

#: The widest tile; longer texts are pooled, block by block, so that a picture never grows beyond n_layer·n_head·64².
MAX_TILE = 64


class MosaicView(NamedTuple):
    """Every head's pattern in steps of 1/255: the largest weight of each ``block`` × ``block`` cells; 0 if masked."""

    n_layer: int
    n_head: int
    tile: int
    block: int  # 1: exact
    tiles: npt.NDArray[np.uint8]  # (n_layer, n_head, tile, tile)


def mosaic(trace: TraceLike) -> MosaicView:
    """The mosaic of a trace."""
    shades = trace.shades
    n_layer, n_head, T, _ = shades.shape
    block = max(1, -(-T // MAX_TILE))  # rounded up
    pooled = np.ascontiguousarray(shades) if block == 1 else _largest(shades, block)
    return MosaicView(n_layer, n_head, pooled.shape[2], block, pooled)


def _largest(pattern: npt.NDArray[np.uint8], block: int) -> npt.NDArray[np.uint8]:
    """(…, T, T) → (…, ⌈T / block⌉, ⌈T / block⌉), the largest of each block; the last ones may be smaller."""
    rows = pattern[..., ::block, :].copy()  # (…, ⌈T / block⌉, T): whole rows first, which lie together in memory
    for offset in range(1, block):
        part = pattern[..., offset::block, :]
        np.maximum(rows[..., : part.shape[-2], :], part, out=rows[..., : part.shape[-2], :])
    out = rows[..., ::block].copy()
    for offset in range(1, block):
        part = rows[..., offset::block]
        np.maximum(out[..., : part.shape[-1]], part, out=out[..., : part.shape[-1]])
    return out
