"""What was added to a matrix, ΔW: its two thin matrices where it has some, and its singular values. Without torch."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file

from gptviz.tuning.saved_names import LEARNT, SAID

Array = npt.NDArray[np.float32]
_NAME = ".attn.c_attn.A"


class Delta(NamedTuple):
    """Of one layer's ``attn.c_attn``: x W is changed by x Aᵀ Bᵀ · scale (AdaLoRA's A is multiplied by E already)."""

    layers: int  # that have one
    layer: int
    A: Array  # (rank, n_in)
    B: Array  # (n_out, rank)
    product: Array  # (n_in, n_out), the scale not in it
    singular: Array  # (rank,), of the product, the largest first
    scale: float = 1.0  # by which the product is multiplied


@lru_cache(maxsize=16)
def delta(folder: Path, layer: int) -> Delta | None:
    """Of what lies in ``folder``, written once; None where no thin matrices are, or they cannot be read."""
    try:
        learnt = load_file(folder / LEARNT)
    except (OSError, SafetensorError):
        return None
    stems = [name.removesuffix("A") for name in learnt if name.endswith(_NAME)]
    stems.sort(key=lambda stem: int(next(part for part in stem.split(".") if part.isdigit())))
    if not stems:
        return None
    at = min(max(layer, 0), len(stems) - 1)
    A, B = learnt[stems[at] + "A"], learnt[stems[at] + "B"]
    if stems[at] + "E" in learnt:
        A = A * learnt[stems[at] + "E"]
    return Delta(len(stems), at, A, B, (B @ A).T, thin_singular(A, B), _scale(folder))


def _scale(folder: Path) -> float:
    """As LoRA has it, alpha / rank, and AdaLoRA; 1 where the folder does not say."""
    try:
        chosen = json.loads((folder / SAID).read_text(encoding="utf-8"))["settings"]
        thin = chosen["first_rank"] + 1e-5 if "first_rank" in chosen else chosen["rank"]
        return float(chosen["alpha"] / thin)
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return 1.0


def thin_singular(A: Array, B: Array) -> Array:
    """Singular values of B A, from the small matrix in the middle: of B = Q₁R₁ and Aᵀ = Q₂R₂ those of R₁R₂ᵀ."""
    left = np.asarray(np.linalg.qr(B.astype(np.float64), "r"))
    right = np.asarray(np.linalg.qr(A.T.astype(np.float64), "r"))
    middle = left @ right.T
    return np.linalg.svd(middle, compute_uv=False).astype(np.float32)


def shrunk(matrix: Array, rows: int, columns: int) -> Array:
    """A matrix in at most so many cells: the number of largest size in each, with its sign."""

    def along(x: Array, axis: int, most: int) -> Array:
        if x.shape[axis] <= most:
            return x
        parts = np.array_split(x, most, axis=axis)
        tops = [np.take_along_axis(part, np.abs(part).argmax(axis=axis, keepdims=True), axis) for part in parts]
        return np.concatenate(tops, axis=axis)

    return along(along(matrix, 0, rows), 1, columns)
