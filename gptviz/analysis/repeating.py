"""Repetition: one prompt continued by the likeliest token each time, by a draw, and under a repetition penalty.

Greedy text falls into loops (Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration"); the share of
n-grams that were there before is what Welleck et al. 2020 ("Neural Text Generation with Unlikelihood Training",
section 6.1) call seq-rep-n, and the penalty is that of Keskar et al. 2019 (CTRL, section 4.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gptviz.decoding import Greedy, Sample
from gptviz.decoding.measures import Loop, distinct, loops

if TYPE_CHECKING:
    from gptviz.decoding import Strategy
    from gptviz.language_model import LanguageModel

GRAM = 4
PENALTY = 1.3


class Written(NamedTuple):
    """One token of one of the continuations."""

    way: str
    token: int


class Repetition(NamedTuple):
    """What is said of a continuation."""

    loop: Loop | None  # the longest
    repeated: float | None  # share of its n-grams that were there before; None of fewer tokens than n


def ways(penalty: float = PENALTY) -> dict[str, Strategy]:
    """The strategies that are compared: sampling draws from the whole distribution at temperature 1."""
    return {"greedy": Greedy(), "sample": Sample(), "penalty": Sample(top_k=1, repetition_penalty=penalty)}


def continued(lm: LanguageModel, ids: Sequence[int], length: int, *, seed: int = 0,
              penalty: float = PENALTY) -> Iterator[Written]:  # fmt: skip
    """``length`` tokens by each way, one way after another; fewer where a text ends or the context does."""
    for way, strategy in ways(penalty).items():
        for step in lm.generate(ids, strategy, max_new_tokens=length, seed=seed):
            yield Written(way, step.token)


def repetition(tokens: Sequence[int], n: int = GRAM) -> Repetition:
    """Its longest loop, and 1 − distinct-n.

    >>> repetition([1, 2, 1, 2, 1, 2, 1, 2], n=2)
    Repetition(loop=Loop(start=0, period=2, times=4), repeated=0.7142857142857143)
    """
    share = distinct([tokens], n)
    longest = max(loops(tokens), key=lambda loop: loop.stop - loop.start, default=None)
    return Repetition(longest, None if share is None else 1 - share)
