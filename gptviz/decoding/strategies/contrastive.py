"""Contrastive search: likely, but unlike what is already there (Su et al. 2022, equation 5).

Of the ``top_k`` likeliest tokens v, take the one with the largest

    (1 - alpha) * p(v) - alpha * max over earlier positions j of cos(h_v, h_j)

where h are hidden states (the normalised residual stream), so each candidate has to be read before one is chosen. That
costs no forward pass more than greedy search: the candidates are rows of one, and the winner's row also says what next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gptviz.decoding.filter import Array, Filter, only
from gptviz.decoding.filters import TopK
from gptviz.decoding.parameter import Parameter
from gptviz.decoding.steps import Candidate, Job, Read, Run, Stage
from gptviz.decoding.strategy import Strategy, stage
from gptviz.numbers import softmax, top_ids

MAX_CANDIDATES = 64  # rows in one forward pass


@dataclass(frozen=True)
class Contrastive(Strategy):
    """``top_k`` candidates from 1 to 64; ``penalty_alpha`` from 0 (greedy) to 1 (only unlikeness counts)."""

    top_k: int = 4
    penalty_alpha: float = 0.6
    name: ClassVar[str] = "contrastive"
    place: ClassVar[int] = 40
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("top_k", "whole", 4, low=1, high=MAX_CANDIDATES, off=1, shown=(1, 16)),
        Parameter("penalty_alpha", "number", 0.6, low=0, high=1, step=0.05, off=0.0),
    )

    @property
    def filters(self) -> tuple[Filter, ...]:
        """One: the candidates."""
        return (TopK(self.top_k),)

    def stages(
        self, logits: Array, previous_ids: Sequence[int] = (), *, chosen: int | None = None
    ) -> tuple[Stage, ...]:
        """The model, the candidates, and (where it is known) the one that the hidden states decided for."""
        chain = super().stages(logits, previous_ids)
        return chain if chosen is None else (*chain, stage(self.name, only(logits, chosen)))

    def run(self, job: Job) -> Run:
        """Read all candidates, choose, go on from the winner's row."""
        context = _directions(job.context)  # (T, C): grows by one row a step
        logits, winner = job.first.logits[0], 0
        generated: tuple[int, ...] = ()
        while True:
            probs = softmax(logits)
            likely = min(self.top_k, int(np.count_nonzero(probs)))  # rows that only pad the vocabulary have none
            tokens: list[int] = top_ids(probs, likely).tolist()
            rows = yield Read([winner] * len(tokens), tokens)
            directions = _directions(rows.hidden)  # (k, C)
            candidates = self.weigh(tokens, probs[tokens], (directions @ context.T).max(1))
            winner = int(np.argmax([c.score for c in candidates]))
            generated = (*generated, tokens[winner])
            step = job.step(self, generated, logits, candidates=candidates)
            yield step
            if step.finish:
                return
            context = np.concatenate([context, directions[winner : winner + 1]])
            logits = rows.logits[winner]

    def weigh(self, tokens: list[int], probs: Array, similarity: Array) -> tuple[Candidate, ...]:
        """The candidates with their scores, from their probabilities and largest similarities, each (k,)."""
        score = (1.0 - self.penalty_alpha) * probs - self.penalty_alpha * similarity
        return tuple(
            Candidate(token, float(p), float(s), float(total))
            for token, p, s, total in zip(tokens, probs, similarity, score, strict=True)
        )


def _directions(hidden: Array) -> Array:
    """(n, C) scaled to length 1; a zero vector stays one."""
    length = np.linalg.norm(hidden, axis=-1, keepdims=True)
    directions: Array = hidden / np.maximum(length, np.finfo(np.float32).tiny)
    return directions
