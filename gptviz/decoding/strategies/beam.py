"""Beam search as a strategy; the search itself is in ``decoding.beam``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gptviz.decoding.beam import Search
from gptviz.decoding.parameter import Parameter
from gptviz.decoding.steps import Job, Read, Run
from gptviz.decoding.strategy import Strategy
from gptviz.errors import DecodingError

MAX_WIDTH = 64  # rows in one forward pass


@dataclass(frozen=True)
class Beam(Strategy):
    """The likeliest text as a whole, as far as ``width`` texts side by side find it.

    width               from 1 (greedy) to 64
    length_penalty      from -10 to 10: 0 compares sums of log-probabilities, 1 means, more favours length
    n_groups            1 is plain; more split the width evenly into groups that avoid each other's tokens
    diversity_penalty   from 0 to 100: nats that a token costs a group for each hypothesis of an earlier one that
                        has just chosen it; without groups it does nothing
    early_stopping      False, True or "never": see ``decoding.beam``

    Raises DecodingError where one is none of these, or ``width`` is not a multiple of ``n_groups``.
    """

    width: int = 4
    length_penalty: float = 1.0
    n_groups: int = 1
    diversity_penalty: float = 0.5
    early_stopping: bool | Literal["never"] = False
    name: ClassVar[str] = "beam"
    place: ClassVar[int] = 30
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("width", "whole", 4, low=1, high=MAX_WIDTH, off=1, shown=(1, 16)),
        Parameter("length_penalty", "number", 1.0, low=-10, high=10, step=0.1, off=0.0, shown=(-2, 3), link="length"),
        Parameter("n_groups", "whole", 1, low=1, high=MAX_WIDTH, off=1, shown=(1, 16), link="groups"),
        Parameter(
            "diversity_penalty", "number", 0.5, low=0, high=100, step=0.1, off=0.0, shown=(0, 5), link="diversity"
        ),
        Parameter("early_stopping", "choice", False, off=False, choices=(False, True, "never"), link="stop"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.width % self.n_groups:
            raise DecodingError("decoding.groups", width=self.width, n_groups=self.n_groups)

    def run(self, job: Job) -> Run:
        """The search, a ``BeamStep`` each step; at its end the winner's steps."""
        search, rows = Search(self, job), job.first
        while True:
            step = search.advance(rows.logits)
            yield step
            if step.done:
                break
            rows = yield Read([h.parent for h in step.kept], [h.token for h in step.kept])
        winner = step.finished[0].tokens
        for length, logits in enumerate(search.path(winner), start=1):
            yield job.step(self, winner[:length], logits)
