"""Two models of one vocabulary on the held-out passages: what the second makes of them, beside the first."""

from __future__ import annotations

from typing import NamedTuple

import torch

from gptviz.compression.passes import logits, nats_of
from gptviz.compression.texts import passages
from gptviz.language_model import LocalModel
from gptviz.numbers import BIT


class Compared(NamedTuple):
    """Over all passages."""

    before: float  # bits per byte
    after: float
    agreement: float  # share of positions whose likeliest token is the same
    mean: float  # |logit difference|
    largest: float


@torch.inference_mode()
def compare(lm: LocalModel, other: LocalModel) -> Compared:
    """Raises ConfigError where ``lm`` cannot read the passages."""
    sums = torch.zeros(4, dtype=torch.float64)  # nats, nats, same, differences
    n_bytes = n_pos = n_logits = 0
    largest = 0.0
    for passage in passages(lm):
        ours, theirs = (logits(one.model, passage.ids) for one in (lm, other))
        apart = (ours - theirs).abs()
        same = (ours.argmax(-1) == theirs.argmax(-1)).sum()
        sums += torch.stack([nats_of(ours, passage), nats_of(theirs, passage), same.double(),
                             apart.sum(dtype=torch.float64)])  # fmt: skip
        largest = max(largest, float(apart.max()))
        n_bytes, n_pos, n_logits = n_bytes + passage.n_bytes, n_pos + len(ours), n_logits + apart.numel()
    before, after, same_, apart_ = sums.tolist()
    return Compared(before / BIT / n_bytes, after / BIT / n_bytes, same_ / n_pos, apart_ / n_logits, largest)
