"""Top-p: the likeliest that hold a share of the probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from gptviz.decoding.filter import Array, Filter, keep, left, running_sum
from gptviz.decoding.parameter import Parameter
from gptviz.numbers import ascending, softmax

#: Of a large vocabulary most tokens are so unlikely that they are cut together, and only the others need sorting: those
#: with a probability of so many times the share that is cut, divided by their number.
_LIKELY, _FEW = 8.0, 1024
#: Sums that float32 may round to one number, and the order of adding up may tell apart: there all are sorted.
_CLOSE = 2e-7


@dataclass(frozen=True)
class TopP(Filter):
    """The likeliest tokens until they have probability ``p`` together (nucleus sampling; Holtzman et al. 2020, 3.1).

    Computed from the other end, as transformers does: from the least likely up, tokens are cut while their sum is at
    most 1 - p; the likeliest is always kept. Of equal tokens at the boundary the lower ids are cut first (in
    transformers that holds up to 16 tokens; beyond, its sort leaves open which).
    """

    p: float
    place: ClassVar[int] = 50
    parameter: ClassVar[Parameter] = Parameter(
        "top_p", "number", None, low=0, high=1, step=0.01, neutral=1, start=0.9, link="top_p", optional=True
    )

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        ids = left(logits)
        kept = np.zeros(len(logits), dtype=bool)
        kept[ids[_kept(logits[ids], np.float32(1 - self.p))]] = True
        return keep(logits, kept)


def _kept(values: Array, share: np.float32) -> npt.NDArray[np.int64]:
    """Indices of those of ``values`` (n,) that stay: the least likely that hold ``share`` together do not."""
    probs = softmax(values)
    likely = np.flatnonzero(probs >= _LIKELY * share / len(values))
    if len(values) > _FEW and 0 < len(likely) < len(values) // 2:
        least = values[likely].min()
        likely = np.flatnonzero(values >= least)
        rest = float(probs[values < least].sum(dtype=np.float64))
        order = likely[ascending(values[likely])]
        mass = rest + np.cumsum(probs[order], dtype=np.float64)
        # whichever way the rest was added up, it is cut, and of the others each on its side of the bound
        if rest < share - _CLOSE and np.abs(mass - share).min() > _CLOSE:
            return order[_stays(mass.astype(np.float32), share)]
    order = ascending(values)
    return order[_stays(running_sum(probs[order]), share)]


def _stays(mass: Array, share: np.float32) -> npt.NDArray[np.bool_]:
    """Which stay, where ``mass`` is the probability of each and all that are less likely: the likeliest always."""
    cut = mass <= share
    cut[-1] = False
    return ~cut
