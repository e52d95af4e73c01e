"""Repetition penalty: what is there already becomes less likely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gptviz.decoding.filter import Array, Filter
from gptviz.decoding.parameter import Parameter

_LARGEST = np.finfo(np.float32).max


@dataclass(frozen=True)
class RepetitionPenalty(Filter):
    """Tokens already there: logit / penalty where positive, logit * penalty where negative.

    Keskar et al. 2019, section 4.1, with the sign dealt with as transformers does. Above 1 they become less likely,
    below 1 more. However often a token occurs, it is changed once.
    """

    penalty: float
    place: ClassVar[int] = 10
    parameter: ClassVar[Parameter] = Parameter(
        "repetition_penalty",
        "number",
        1.0,
        low=0,
        above=True,
        step=0.05,
        off=1.0,
        shown=(1, 2),
        start=1.2,
        link="penalty",
        most=10,
    )

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        seen = np.unique(np.asarray(previous_ids, dtype=np.int64))
        seen = seen[seen < len(logits)]
        out = logits.copy()
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            score = out[seen]
            changed = np.where(score < 0, score * self.penalty, score / self.penalty)
        # An extreme penalty leaves float32's range; the nearest number in it keeps the softmax defined.
        out[seen] = np.clip(np.where(np.isnan(changed), 0, changed), -_LARGEST, _LARGEST)
        return out
