"""Learning what is better from pairs of answers: DPO, and a reward model. Both begin at a loss of ln 2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptviz.errors import ConfigError
from gptviz.language_model import LocalModel
from gptviz.tuning.batches import batches_by_length, padded
from gptviz.tuning.instructions import held_apart
from gptviz.tuning.method import require
from gptviz.tuning.pairs import Asked, Pair, answer_logprobs, asked
from gptviz.tuning.trunk import Trunk
from gptviz.tuning.tuner import TuneConfig, Tuning

_TOKENS = 2048


class Preferred(NamedTuple):
    """Of pairs, means: what the policy says of the chosen and the rejected answers (ln p), and the reference."""

    chosen: float
    rejected: float
    reference_chosen: float
    reference_rejected: float

    @property
    def margin(self) -> float:
        """How far the chosen one has gained on the rejected one, nats."""
        return (self.chosen - self.reference_chosen) - (self.rejected - self.reference_rejected)


def dpo_loss(chosen: Tensor, rejected: Tensor, reference_chosen: Tensor, reference_rejected: Tensor,
             beta: float) -> Tensor:  # fmt: skip
    """Rafailov et al. 2023, equation 7, the mean over pairs; each argument (B,) holds ln p of whole answers."""
    margin = (chosen - reference_chosen) - (rejected - reference_rejected)
    return -F.logsigmoid(beta * margin).mean()


class DPO(Tuning):
    """Pairs, a model, and one that prefers what was chosen, kept near the model that it was by ``beta``."""

    def __init__(self, lm: LocalModel, pairs: Sequence[Pair], config: TuneConfig | None = None, *, beta: float = 0.1,
                 source: str = "") -> None:  # fmt: skip
        """Raises ConfigError where there are no pairs, or the method does not fit the model."""
        if not pairs:
            raise ConfigError("tune.nothing", file=source)
        require("beta", beta, 1e-6, 1e6)
        super().__init__(lm, config or TuneConfig())
        self.learner, self.beta = self.trunk, beta
        parts = held_apart(len(pairs), self.config)
        both = [(asked(lm, x.prompt, x.chosen, self.most), asked(lm, x.prompt, x.rejected, self.most)) for x in pairs]
        self.pairs = [[both[i] for i in part] for part in parts]
        self.rows = [[max(one.ids, other.ids, key=len) for one, other in part] for part in self.pairs]
        reference = Trunk.of(lm).requires_grad_(False).eval()
        self.reference = [reference_logprobs(reference, part) for part in self.pairs]

    def loss(self, places: Sequence[int]) -> Tensor:
        return dpo_loss(*self._logprobs(0, places), beta=self.beta)

    def held_out(self) -> tuple[float, float] | None:
        """The loss of pairs held out, and the part of them of which the chosen answer has gained on the other."""
        return self._measured(1) if self.pairs[1] else None

    @torch.no_grad()
    def preferred(self, part: int = 1) -> Preferred:
        """What both say of the answers held out (with 0: learnt from): both may fall, and only the margin counts."""
        self.learner.eval()
        found = [self._logprobs(part, places) for places in batches_by_length(self.rows[part], _TOKENS)]
        return Preferred(*(float(torch.cat(column).mean()) for column in zip(*found, strict=True)))

    @torch.no_grad()
    def _measured(self, part: int) -> tuple[float, float]:
        self.learner.eval()
        total = right = 0.0
        for places in batches_by_length(self.rows[part], _TOKENS):
            found = self._logprobs(part, places)
            total += float(dpo_loss(*found, beta=self.beta)) * len(places)
            right += float(((found[0] - found[2]) > (found[1] - found[3])).sum())
        return total / len(self.rows[part]), right / len(self.rows[part])

    def _logprobs(self, part: int, places: Sequence[int]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        chosen = answer_logprobs(self.trunk, [self.pairs[part][i][0] for i in places])
        rejected = answer_logprobs(self.trunk, [self.pairs[part][i][1] for i in places])
        known = self.reference[part][list(places)]  # (B, 2)
        return chosen, rejected, known[:, 0], known[:, 1]


@torch.no_grad()
def reference_logprobs(reference: Trunk, pairs: Sequence[tuple[Asked, Asked]]) -> Tensor:
    """ln p of both answers of each pair by the model as it was: (N, 2)."""
    found = torch.zeros(len(pairs), 2)
    for side in (0, 1):
        rows = [pair[side] for pair in pairs]
        for places in batches_by_length([row.ids for row in rows], _TOKENS):
            found[places, side] = answer_logprobs(reference, [rows[i] for i in places])
    return found


class Scorer(nn.Module):
    """Trunk and head: how good an answer is, one number, read at its last token. It starts at 0."""

    def __init__(self, trunk: Trunk) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = nn.Linear(trunk.model.config.n_embd, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """(B,)."""
        batch = padded(rows)
        hidden = self.trunk(batch.ids)
        scores: Tensor = self.head(hidden[torch.arange(len(hidden)), batch.lengths - 1]).view(-1)
        return scores


@dataclass
class _Sides:
    """Ids of the chosen and the rejected answers, each with its question."""

    chosen: list[list[int]]
    rejected: list[list[int]]


class Reward(Tuning):
    """Pairs, a model, and one that says how good an answer is (Ouyang et al. 2022, equation 1)."""

    starts_blank = True

    def __init__(self, lm: LocalModel, pairs: Sequence[Pair], config: TuneConfig | None = None, *,
                 source: str = "") -> None:  # fmt: skip
        """Raises ConfigError where there are no pairs, or the method does not fit the model."""
        if not pairs:
            raise ConfigError("tune.nothing", file=source)
        super().__init__(lm, config or TuneConfig())
        self.learner = self.scorer = Scorer(self.trunk)
        self.sides = []
        for part in held_apart(len(pairs), self.config):
            taken = [pairs[i] for i in part]
            self.sides.append(_Sides([asked(lm, x.prompt, x.chosen, self.most).ids for x in taken],
                                     [asked(lm, x.prompt, x.rejected, self.most).ids for x in taken]))  # fmt: skip
        self.rows = [[max(pair, key=len) for pair in zip(x.chosen, x.rejected, strict=True)] for x in self.sides]

    def loss(self, places: Sequence[int]) -> Tensor:
        return -F.logsigmoid(self._margins(0, places)).mean()

    @torch.no_grad()
    def held_out(self) -> tuple[float, float] | None:
        """The loss of pairs held out, and the part of them of which the chosen answer gets more."""
        if not self.rows[1]:
            return None
        self.learner.eval()
        found = torch.cat([self._margins(1, places) for places in batches_by_length(self.rows[1], _TOKENS)])
        return float(-F.logsigmoid(found).mean()), float((found > 0).double().mean())

    def _margins(self, part: int, places: Sequence[int]) -> Tensor:
        sides = self.sides[part]
        chosen: Tensor = self.scorer([sides.chosen[i] for i in places])
        rejected: Tensor = self.scorer([sides.rejected[i] for i in places])
        return chosen - rejected


def rewards_by(judge: Reward, lm: LocalModel) -> Callable[[Sequence[str], Sequence[str]], list[float]]:
    """What the reward model gives an answer to a question, for PPO."""

    @torch.no_grad()
    def rule(prompts: Sequence[str], answers: Sequence[str]) -> list[float]:
        judge.scorer.eval()
        pairs = zip(prompts, answers, strict=True)
        rows = [asked(lm, prompt, answer, judge.most).ids for prompt, answer in pairs]
        found: list[float] = judge.scorer(rows).tolist()
        return found

    return rule
