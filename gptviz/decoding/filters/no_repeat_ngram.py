"""No n-gram twice: what would repeat a run of tokens is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gptviz.decoding.filter import Array, Filter, keep
from gptviz.decoding.parameter import Parameter


@dataclass(frozen=True)
class NoRepeatNGram(Filter):
    """Tokens that would make ``n`` tokens in a row which are already there (Paulus et al. 2018, section 2.5).

    The prompt counts. With n = 1 no token comes twice. Where nothing else is left, nothing is cut: a model that must
    go on may repeat itself.
    """

    n: int
    place: ClassVar[int] = 20
    parameter: ClassVar[Parameter] = Parameter(
        "no_repeat_ngram_size", "whole", None, low=0, shown=(0, 10), neutral=0, start=3, link="ngram", optional=True
    )

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        ids = np.asarray(previous_ids, dtype=np.int64)
        if not self.n or len(ids) < self.n:
            return logits
        windows = np.lib.stride_tricks.sliding_window_view(ids, self.n)  # (T - n + 1, n)
        repeats = (windows[:, :-1] == ids[len(ids) - self.n + 1 :]).all(axis=1)
        banned = windows[repeats, -1]
        kept = np.ones(len(logits), dtype=bool)
        kept[banned[banned < len(logits)]] = False
        return keep(logits, kept) if (logits[kept] > -np.inf).any() else logits
