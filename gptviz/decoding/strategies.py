"""Strategies: how the next token is chosen. Each is a small frozen dataclass, checked when it is made.

``Strategy`` is what all share; here are those that look one token ahead. ``beam`` and ``contrastive`` hold the others.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from gptviz.decoding import filters
from gptviz.decoding.chance import draw
from gptviz.decoding.checks import number, whole
from gptviz.decoding.filters import Array, Filter
from gptviz.decoding.steps import Job, Read, Run, Stage, frozen


class Strategy(ABC):
    """A way to choose tokens. ``run`` is all that a new one must define; ``filters`` is what its chain shows."""

    name: ClassVar[str]

    @abstractmethod
    def run(self, job: Job) -> Run:
        """Write one text: a generator of records, which asks for forward passes as ``steps`` describes."""

    @property
    def filters(self) -> tuple[Filter, ...]:
        """The active filters, in order."""
        return ()

    def filtered(self, logits: Array, previous_ids: Sequence[int]) -> Array:
        """(V,) logits after all filters."""
        for apply in self.filters:
            logits = apply(logits, previous_ids)
        return logits

    def stages(
        self, logits: Array, previous_ids: Sequence[int] = (), *, chosen: int | None = None
    ) -> tuple[Stage, ...]:
        """The model's own distribution, then that after each active filter.

        ``chosen`` is the token that was taken, for strategies whose choice needs more than the logits.
        """
        found = [stage("model", logits)]
        for apply in self.filters:
            logits = apply(logits, previous_ids)
            found.append(stage(apply.name, logits))
        return tuple(found)


class OneByOne(Strategy):
    """A strategy that settles each token before it looks at the next."""

    @abstractmethod
    def choose(self, logits: Array, previous_ids: Sequence[int], u: float) -> tuple[int, float | None]:
        """The token chosen where the model says ``logits`` (V,), and ``u`` if it was used."""

    def run(self, job: Job) -> Run:
        """Choose, read what was chosen, and so on."""
        rows = job.first
        generated: tuple[int, ...] = ()
        while True:
            logits = rows.logits[0]  # (V,)
            token, drawn = self.choose(logits, job.ids + generated, job.u[len(generated)])
            generated = (*generated, token)
            step = job.step(self, generated, logits, draw=drawn)
            yield step
            if step.finish:
                return
            rows = yield Read([0], [token])


@dataclass(frozen=True)
class Greedy(OneByOne):
    """Always the likeliest token (of equal ones the lowest id)."""

    name: ClassVar[str] = "greedy"

    @property
    def filters(self) -> tuple[Filter, ...]:
        """One: only the best is kept."""
        return (filters.Best(),)

    def choose(self, logits: Array, previous_ids: Sequence[int], u: float) -> tuple[int, float | None]:
        """The largest logit; nothing is drawn."""
        return int(logits.argmax()), None


@dataclass(frozen=True)
class Sample(OneByOne):
    """Draw from the model's distribution after the filters that are set, in the order of ``filters``.

    temperature          from 0 (the limit: the likeliest) up; 1 is off
    top_k                whole number from 1; None is off
    top_p, min_p         from 0 to 1; None is off, and so is top_p = 1
    typical_p            above 0, up to 1; None is off, and so is 1
    repetition_penalty   above 0; 1 is off

    Raises DecodingError where one is none of these.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    typical_p: float | None = None
    repetition_penalty: float = 1.0
    name: ClassVar[str] = "sample"

    def __post_init__(self) -> None:
        checked = {
            "temperature": number("temperature", self.temperature, low=0),
            "top_k": None if self.top_k is None else whole("top_k", self.top_k, low=1),
            "top_p": None if self.top_p is None else number("top_p", self.top_p, low=0, high=1),
            "min_p": None if self.min_p is None else number("min_p", self.min_p, low=0, high=1),
            "typical_p": None if self.typical_p is None
            else number("typical_p", self.typical_p, low=0, high=1, above=True),
            "repetition_penalty": number("repetition_penalty", self.repetition_penalty, low=0, above=True),
        }  # fmt: skip
        for field, value in checked.items():
            object.__setattr__(self, field, value)

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """Repetition penalty, temperature, top-k, top-p, min-p, typical: those that are on."""
        chain: list[Filter] = []
        if self.repetition_penalty != 1:
            chain.append(filters.RepetitionPenalty(self.repetition_penalty))
        if self.temperature != 1:
            chain.append(filters.Temperature(self.temperature))
        if self.top_k is not None:
            chain.append(filters.TopK(self.top_k))
        if self.top_p is not None and self.top_p < 1:
            chain.append(filters.TopP(self.top_p))
        if self.min_p is not None:
            chain.append(filters.MinP(self.min_p))
        if self.typical_p is not None and self.typical_p < 1:
            chain.append(filters.Typical(self.typical_p))
        return tuple(chain)

    def choose(self, logits: Array, previous_ids: Sequence[int], u: float) -> tuple[int, float | None]:
        """Filter, then take the token under ``u``."""
        return draw(filters.softmax(self.filtered(logits, previous_ids)), u), u


def stage(name: str, logits: Array) -> Stage:
    """The distribution that ``logits`` (V,) stand for; cut tokens are those at -inf."""
    kept = logits > -np.inf
    kept.setflags(write=False)
    return Stage(name, kept, frozen(filters.softmax(logits)))


def stages(logits: Array, strategy: Strategy, previous_ids: Sequence[int] = ()) -> tuple[Stage, ...]:
    """The chain for one step: the model's own distribution, then that after each active filter of ``strategy``.

    ``logits`` (V,) float32; ``previous_ids``: the prompt and all generated so far (for the repetition penalty).

    >>> stages(np.log(np.float32([0.5, 0.3, 0.2])), Sample(top_k=2))[1].probs.round(3).tolist()
    [0.625, 0.375, 0.0]
    """
    return strategy.stages(np.asarray(logits, dtype=np.float32), previous_ids)
