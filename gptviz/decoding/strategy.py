"""What all strategies share: how one is made and checked, shown, written down and run.

A strategy is a small frozen dataclass, checked when it is made. Each has its own file in ``strategies``; put a further
one there, and it is found.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from gptviz.decoding.filter import Array, Filter
from gptviz.decoding.parameter import Parameter, Value
from gptviz.decoding.steps import Job, Read, Run, Stage, frozen
from gptviz.numbers import softmax


class Strategy(ABC):
    """A way to choose tokens.

    A new one is a frozen dataclass that sets ``name`` and ``parameters`` (a field of the same name and default for
    each) and defines ``run``; ``filters`` is what its chain shows.
    """

    name: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    place: ClassVar[int] = 100  # where a menu lists it: from low to high

    def __post_init__(self) -> None:
        """Every field is checked by its parameter. Raises DecodingError."""
        for parameter in self.parameters:
            object.__setattr__(self, parameter.name, parameter.check(getattr(self, parameter.name)))

    def to_dict(self, *, brief: bool = False) -> dict[str, Value]:
        """The strategy as plain JSON, which ``strategy_from_dict`` reads; ``brief`` leaves out what is as by default.

        >>> from gptviz.decoding import Beam
        >>> Beam(width=3).to_dict(brief=True)
        {'name': 'beam', 'width': 3}
        """
        values = {p.name: getattr(self, p.name) for p in self.parameters}
        defaults = {p.name: p.default for p in self.parameters}
        kept = {name: value for name, value in values.items() if not brief or value != defaults[name]}
        return {"name": self.name, **kept}

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


def stage(name: str, logits: Array) -> Stage:
    """The distribution that ``logits`` (V,) stand for; cut tokens are those at -inf."""
    kept = logits > -np.inf
    kept.setflags(write=False)
    return Stage(name, kept, frozen(softmax(logits)))


def stages(logits: Array, strategy: Strategy, previous_ids: Sequence[int] = ()) -> tuple[Stage, ...]:
    """The chain for one step: the model's own distribution, then that after each active filter of ``strategy``.

    ``logits`` (V,) float32; ``previous_ids``: the prompt and all generated so far (what repeats depends on them).

    >>> from gptviz.decoding import Sample
    >>> stages(np.log(np.float32([0.5, 0.3, 0.2])), Sample(top_k=2))[1].probs.round(3).tolist()
    [0.625, 0.375, 0.0]
    """
    return strategy.stages(np.asarray(logits, dtype=np.float32), previous_ids)
