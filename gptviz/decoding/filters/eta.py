"""Eta: a threshold that sinks where the model is unsure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gptviz.decoding.filter import Array, Filter, keep, left
from gptviz.decoding.parameter import Parameter
from gptviz.numbers import entropy_nats, log_softmax, softmax


@dataclass(frozen=True)
class Eta(Filter):
    """Tokens at least as likely as eta = min(epsilon, sqrt(epsilon) * e**-entropy), entropy in nats.

    Eta sampling (Hewitt et al. 2022, section 3.3, with alpha = sqrt(epsilon)): where the model is unsure, less likely
    tokens pass too. The likeliest is always kept, with all that are equal to it.
    """

    epsilon: float
    place: ClassVar[int] = 80
    parameter: ClassVar[Parameter] = Parameter(
        "eta_cutoff",
        "number",
        None,
        low=0,
        high=1,
        below=True,
        step=0.0001,
        shown=(0, 0.01),
        neutral=0,
        start=0.002,
        link="eta",
        optional=True,
    )

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        logprobs = log_softmax(logits[left(logits)])
        entropy = entropy_nats(logprobs)
        epsilon = np.float32(self.epsilon)
        eta = min(epsilon, np.sqrt(epsilon) * np.exp(-entropy))
        return keep(logits, (softmax(logits) >= eta) | (logits >= logits.max()))
