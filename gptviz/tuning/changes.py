"""What full tuning has added to each matrix, ΔW = W' − W: its singular values, and a small picture of it.

LoRA bets that ΔW can be thin. Where all numbers were learnt nobody made it so, and its singular values tell how thin it
would have done: of all matrices of rank r the nearest has the first r, and holds their part of the squared norm (Eckart
& Young 1936).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from torch import Tensor

from gptviz.gpt.model import GPT
from gptviz.tuning.delta import Array, shrunk
from gptviz.tuning.method import MATRICES, matrices
from gptviz.tuning.saved_names import CHANGES

ROWS, COLUMNS = 64, 128  # of the picture, at most


class Change(NamedTuple):
    """ΔW of one matrix."""

    layer: int
    target: str  # one of ``MATRICES``
    shape: tuple[int, int]  # (n_in, n_out), as it lies
    singular: Array  # (min(n_in, n_out),), the largest first
    cells: Array  # at most (ROWS, COLUMNS): see ``shrunk``


@torch.no_grad()
def changes(before: GPT, after: GPT) -> Iterator[Change]:
    """Of each matrix that is another now. Both have the same shape."""
    for target in MATRICES:
        pairs = zip(matrices(before, (target,)), matrices(after, (target,)), strict=True)
        for layer, ((_, _, was), (_, _, now)) in enumerate(pairs):
            delta = now.weight.double() - was.weight.double()  # (n_in, n_out)
            if delta.any():
                cells = shrunk(delta.float().numpy(), ROWS, COLUMNS)
                yield Change(layer, target, (delta.shape[0], delta.shape[1]), _singular(delta), cells)


def _singular(matrix: Tensor) -> Array:
    """Roots of the eigenvalues of M Mᵀ, or Mᵀ M where that is smaller: many times faster than a decomposition of M, and
    in float64 exact to some 1e-8 of the largest, where rounding has taken over anyway."""
    small = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    squares = torch.linalg.eigvalsh(small @ small.T).flip(0).clamp(min=0)
    return np.asarray(squares.sqrt().float().numpy(), dtype=np.float32)


def shares(singular: Array) -> npt.NDArray[np.float64]:
    """(n,): which part of ΔW's squared norm the first 1, 2, … n singular values hold; 0 where nothing has changed."""
    squares = np.cumsum(singular.astype(np.float64) ** 2)
    return squares / squares[-1] if len(squares) and squares[-1] > 0 else np.zeros(len(singular))


def write(found: Iterable[Change], folder: Path) -> None:
    """Into one file of the folder."""
    tensors: dict[str, npt.NDArray[np.generic]] = {}
    for one in found:
        place = f"{one.layer}.{one.target}"
        tensors[f"{place}.shape"] = np.array(one.shape, dtype=np.int64)
        tensors[f"{place}.singular"] = np.ascontiguousarray(one.singular)
        tensors[f"{place}.cells"] = np.ascontiguousarray(one.cells)
    save_file(tensors, folder / CHANGES)


@lru_cache(maxsize=64)
def read(folder: Path, layer: int, target: str) -> Change | None:
    """Of one matrix, as ``write`` left it, once; None where it has not changed, or nothing can be read."""
    place = f"{layer}.{target}"
    try:
        with safe_open(folder / CHANGES, "numpy") as file:
            shape, singular, cells = (file.get_tensor(f"{place}.{part}") for part in ("shape", "singular", "cells"))
    except (OSError, SafetensorError):
        return None
    return Change(layer, target, (int(shape[0]), int(shape[1])), singular, cells)


@lru_cache(maxsize=64)
def there(folder: Path) -> tuple[tuple[str, int], ...]:
    """The matrices, and layers, that have changed: in the order of ``MATRICES``, from the first layer up."""
    try:
        with safe_open(folder / CHANGES, "numpy") as file:
            stored = [name for name in file.keys() if name.endswith(".shape")]  # noqa: SIM118 - it is no dictionary
    except (OSError, SafetensorError):
        return ()
    names = [name.removesuffix(".shape").partition(".") for name in stored]
    found = [(target, int(layer)) for layer, _, target in names]
    return tuple(sorted(found, key=lambda one: (MATRICES.index(one[0]), one[1])))
