"""Learning to answer: the loss is that of the answers' tokens alone (Ouyang et al. 2022, step 1; Taori et al. 2023)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from gptviz.errors import ConfigError
from gptviz.language_model import LocalModel
from gptviz.tuning.batches import batches_by_length
from gptviz.tuning.pairs import Answered, asked, token_logprobs
from gptviz.tuning.tuner import TuneConfig, Tuning

_TOKENS = 2048  # of one batch that is only measured: each has a row of logits


class Instruction(Tuning):
    """Questions with answers, a model, and the one that answers."""

    def __init__(self, lm: LocalModel, examples: Sequence[Answered], config: TuneConfig | None = None, *,
                 source: str = "") -> None:  # fmt: skip
        """Raises ConfigError where there is nothing to learn from, or the method does not fit the model."""
        if not examples:
            raise ConfigError("tune.nothing", file=source)
        super().__init__(lm, config or TuneConfig())
        self.learner = self.trunk
        rows = [asked(lm, x.prompt, x.answer, self.most) for x in examples]
        self.asked = [[rows[i] for i in part] for part in held_apart(len(rows), self.config)]
        self.rows = [[row.ids for row in part] for part in self.asked]

    def loss(self, places: Sequence[int]) -> Tensor:
        found, there = token_logprobs(self.trunk, [self.asked[0][i] for i in places])
        return -found.sum() / there.sum()

    @torch.no_grad()
    def held_out(self) -> tuple[float, float] | None:
        """Nats per token of the answers held out, and the part of them that is likelier than all else together."""
        if not self.asked[1]:
            return None
        self.learner.eval()
        total, sure, tokens = 0.0, 0, 0
        for places in batches_by_length(self.rows[1], _TOKENS):
            found, there = token_logprobs(self.trunk, [self.asked[1][i] for i in places])
            total -= float(found.sum())
            sure += int((found[there] > np.log(0.5)).sum())
            tokens += int(there.sum())
        return total / tokens, sure / tokens


def held_apart(count: int, config: TuneConfig) -> tuple[list[int], list[int]]:
    """Places that are learnt from, and those held out, drawn by the run's seed."""
    order = np.random.default_rng(config.seed).permutation(count).tolist()
    held = sorted(order[: min(count - 1, round(config.valid_share * count))])
    return sorted(set(order) - set(held)), held
