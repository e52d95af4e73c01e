"""One head's attention as a matrix at each of its four stages, the causal mask, and one cell's own arithmetic.

Rows are the query (``query_pos``), columns the key (``key_pos``). The stages are Vaswani et al. 2017, equation 1, from
inside out: ``raw`` = q·k, ``scores`` = q·k/√d, ``masked`` = the same where the mask lets it through, ``pattern`` =
softmax of that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.tokens.labels import label
from gptviz.views.chips import labels as labels_of
from gptviz.views.sources import Bools, TraceLike

STAGES = ("raw", "scores", "masked", "pattern")
#: Beyond this size of a row's largest score, e^score is shown after taking that score off; the quotient is the same.
SHIFT_ABOVE = 30.0


class AttentionView(NamedTuple):
    """One head at one stage."""

    n_layer: int
    n_head: int
    head_dim: int
    layer: int
    head: int
    stage: str
    labels: tuple[str, ...]
    values: npt.NDArray[np.float32]  # (T, T), NaN where masked
    min: float  # over what is not masked
    max: float


class MaskView(NamedTuple):
    """Which key each query may look at."""

    labels: tuple[str, ...]
    allowed: Bools  # (T, T)


class CellView(NamedTuple):
    """How one weight comes about: ``weight = exp / sum_exp``, ``exp = e^(score − shift)``, ``score = dot / sqrt_d``.

    The last four are None where the key is masked: its score counts as −∞ and its weight is 0.
    """

    layer: int
    head: int
    query: int
    key: int
    query_label: str
    key_label: str
    masked: bool
    head_dim: int
    q: tuple[float, ...]
    k: tuple[float, ...]
    products: tuple[float, ...]  # q_i · k_i
    dot: float  # their sum
    sqrt_d: float
    score: float
    shift: float | None  # 0, or the row's largest score where e^ of it would be unwieldy
    exp: float | None
    sum_exp: float | None  # over the keys that the query may look at
    weight: float | None


def attention(trace: TraceLike, layer: int, head: int, stage: str = "pattern") -> AttentionView:
    """One head's matrix at ``stage``; raises ValueError for another stage, IndexError for a head that is not there."""
    if stage not in STAGES:
        raise ValueError(f"stage must be one of {', '.join(STAGES)}, not {stage!r}")
    n_layer, n_head, T, head_dim = trace.q.shape
    _within(layer=(layer, n_layer), head=(head, n_head))
    if stage == "raw":
        q, k = trace.q[layer, head].astype(np.float64), _keys(trace, layer, head).astype(np.float64)
        values = (q @ k.T).astype(np.float32)  # (T, T)
    else:
        of = trace.pattern_of if stage == "pattern" else trace.scores_of
        values = np.array(of(layer, head), dtype=np.float32)
    allowed = _allowed(T, window_of(trace, layer))
    if stage in ("masked", "pattern"):
        values[~allowed] = np.nan
        shown = values[allowed]
    else:
        shown = values
    low, high = (float(shown.min()), float(shown.max())) if T else (0.0, 0.0)
    return AttentionView(n_layer, n_head, head_dim, layer, head, stage, labels_of(trace), values, low, high)


def window_of(trace: TraceLike, layer: int) -> int:
    """How many positions a layer's queries see, themselves and those before; 0: all."""
    return trace.windows[layer] if trace.windows else 0


def mask(of: TraceLike | Sequence[str] | int, *, window: int = 0) -> MaskView:
    """The causal mask of a trace, of a list of labels, or of so many positions; where a ``window`` is seen, of that."""
    if isinstance(of, int):
        named = tuple(str(pos) for pos in range(of))
    else:
        named = tuple(of) if isinstance(of, Sequence) else labels_of(of)
    return MaskView(named, _allowed(len(named), window))


def cell(trace: TraceLike, layer: int, head: int, query_pos: int, key_pos: int) -> CellView:
    """The arithmetic of one weight, in float64 from the trace's own queries and keys.

    Raises IndexError for a layer, head or position that is not there.
    """
    n_layer, n_head, T, head_dim = trace.q.shape
    _within(layer=(layer, n_layer), head=(head, n_head), query_pos=(query_pos, T), key_pos=(key_pos, T))
    q = trace.q[layer, head, query_pos].astype(np.float64)  # (head_dim,)
    keys = _keys(trace, layer, head)[: max(query_pos, key_pos) + 1].astype(np.float64)
    k = keys[key_pos]
    products = q * k
    dot, sqrt_d = math.fsum(products), math.sqrt(head_dim)
    window = window_of(trace, layer)
    first = max(0, query_pos - window + 1) if window else 0
    masked = not first <= key_pos <= query_pos
    shift = exp = total = weight = None
    if not masked:
        row = keys[first:] @ q / sqrt_d  # (query_pos + 1 - first,)
        row[key_pos - first] = dot / sqrt_d  # to the last bit, so that the quotient of one key alone is 1
        largest = float(row.max())
        shift = largest if abs(largest) > SHIFT_ABOVE else 0.0
        exp, total = math.exp(dot / sqrt_d - shift), math.fsum(np.exp(row - shift))
        weight = exp / total
    return CellView(
        layer, head, query_pos, key_pos, label(trace.tokens[query_pos]), label(trace.tokens[key_pos]), masked, head_dim,
        tuple(q.tolist()), tuple(k.tolist()), tuple(products.tolist()),
        dot, sqrt_d, dot / sqrt_d, shift, exp, total, weight,
    )  # fmt: skip


def _keys(trace: TraceLike, layer: int, head: int) -> npt.NDArray[np.float32]:
    """(T, head_dim): the keys that a head's queries meet; where heads share keys, several meet the same."""
    keys = trace.k[layer]
    return keys[head * len(keys) // trace.q.shape[1]]  # type: ignore[no-any-return]


def _allowed(T: int, window: int = 0) -> Bools:
    allowed = np.tri(T, dtype=np.bool_)
    return allowed & ~np.tri(T, k=-window, dtype=np.bool_) if window else allowed


def _within(**given: tuple[int, int]) -> None:
    for name, (value, count) in given.items():
        if not 0 <= value < count:
            raise IndexError(f"{name} must be from 0 to {count - 1}, not {value}")
