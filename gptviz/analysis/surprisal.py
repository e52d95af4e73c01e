"""How a model takes a text that is already there: the chain rule, token by token.

p(w1 … wN) = Π p(wi | w1 … wi−1) (the chain rule of probability; Shannon 1951, section 3, measures text by it). With
logarithms the product is a sum: bits are −log2 p, nats −ln p. *Surprisal* of a token are its bits.

Where the model has a token that texts start after, a text can be read after it: then the first token has a probability
too. Without it the chain begins at the second token, given the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.numbers import bits, rank_of, top_ids, weigh

if TYPE_CHECKING:
    from gptviz.gpt.trace import Trace
    from gptviz.language_model import LanguageModel

Array = npt.NDArray[np.float32]
_ROWS = 32  # rows of logits held at a time


class Score(NamedTuple):
    """What the model made of one token, given those before it."""

    logprob: float  # nats
    rank: int  # 1 = the model's first choice
    entropy: float  # bits: how surprised it expected to be
    expected: tuple[tuple[int, float], ...]  # ids and probabilities of its first choices

    @property
    def prob(self) -> float:
        """e^logprob; 0 where that is below the smallest float."""
        return math.exp(self.logprob)

    @property
    def bits(self) -> float:
        """Surprisal."""
        return bits(self.logprob)


class Window(NamedTuple):
    """Inputs ``begin : stop`` are read; the tokens that follow inputs ``first : stop`` are scored."""

    begin: int
    first: int
    stop: int


def windows(n: int, size: int, stride: int) -> list[Window]:
    """Windows of at most ``size`` inputs over ``n``, each ``stride`` ahead; every input is scored once.

    From the second window on each token is scored after at least ``size − stride`` others.

    >>> windows(10, 4, 2)
    [Window(begin=0, first=0, stop=4), Window(begin=2, first=4, stop=6), Window(begin=4, first=6, stop=8), \
Window(begin=6, first=8, stop=10)]
    """
    found: list[Window] = []
    done = begin = 0
    while done < n:
        stop = min(n, begin + size)
        found.append(Window(begin, done, stop))
        done, begin = stop, begin + stride
    return found


def inputs(lm: LanguageModel, ids: Sequence[int], *, start: bool = True) -> tuple[tuple[int, ...], int]:
    """(what the model reads to score ``ids``, how many of ``ids`` have no score): the mark first, the last left out.

    Without ``start``, or without a token that texts start after, the first cannot be scored, nor where it is that
    token itself.
    """
    mark = lm.tokenizer.start if start else None
    if mark is None or list(ids[:1]) == [mark]:
        return tuple(ids[:-1]), min(1, len(ids))
    return (mark, *ids[:-1]) if ids else (), 0


def score_row(logits: Array, token: int, *, top: int = 5) -> Score:
    """The score of ``token`` where the model says ``logits`` (V,). Sums are in float64."""
    row = weigh(logits)
    best = tuple((i, float(row.exp[i]) / row.total) for i in top_ids(logits, top).tolist())
    return Score(row.logprob(token), rank_of(logits, token), row.entropy, best)


def scores(lm: LanguageModel, ids: Sequence[int], *, window: int | None = None, stride: int | None = None,
           top: int = 5, done: int = 0, trace: Callable[[tuple[int, ...]], Trace] | None = None,
           start: bool = True) -> Iterator[Score]:  # fmt: skip
    """The score of each of ``ids`` that can have one, in order; a long text is read in windows (see ``windows``).

    ``window`` is by default the model's context, ``stride`` half of it. The first ``done`` scores are left out: they
    depend on nothing that comes later, so those of a text that has only grown still hold. ``trace`` reads the first
    window (by default ``lm.trace``); ``start``: the text is read after the mark, see ``inputs``.
    """
    read, skipped = inputs(lm, ids, start=start)
    size = window or lm.config.block_size
    for begin, first, stop in windows(len(read), size, stride or max(1, size // 2)):
        if stop <= done:
            continue
        seen = (lm.trace if trace is None or begin else trace)(read[begin:stop])
        for at in range(max(first, done), stop, _ROWS):
            end = min(stop, at + _ROWS)
            rows = seen.logits_between(at - begin, end - begin)
            for pos, row in zip(range(at, end), rows, strict=True):
                yield score_row(row, ids[pos + skipped], top=top)


def one_by_one(lm: LanguageModel, ids: Sequence[int], *, start: bool = True) -> Iterator[float]:
    """The log-probability (nats) of each of ``ids`` that can have one, the model reading one token at a time.

    What ``scores`` computes in one pass over all positions, in as many passes as there are tokens.
    """
    read, skipped = inputs(lm, ids, start=start)
    if not read:
        return
    reader = lm.prefill(read[:1])
    for place, token in enumerate(ids[skipped:]):
        yield weigh(reader.logits[0]).logprob(token)
        if place + 1 < len(read):
            reader.append(read[place + 1 : place + 2])
