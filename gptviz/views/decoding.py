"""Generated texts: strategies side by side (``comparison``), and many draws of one of them (``spread``).

A *word* is what is coloured as one: a token, or the tokens that only together make whole characters. Bits throughout.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.tokens.labels import NEWLINE, label
from gptviz.tokens.pieces import groups, locate

if TYPE_CHECKING:
    from gptviz.decoding.draws import Spread
    from gptviz.decoding.measures import Measures
    from gptviz.decoding.records import Column, Run
    from gptviz.decoding.strategy import Strategy

_BREAKS = re.compile(r"([ \n])")


class Word(NamedTuple):
    """The tokens ``first`` to ``stop`` (not included) of a text."""

    first: int
    stop: int
    text: str  # to be read in a line: spaces are spaces, and what is invisible can be seen
    surprisal: float  # bits, of its tokens together
    leaves: bool  # here the column leaves its left neighbour
    loops: bool  # part of a passage that repeats


class ColumnView(NamedTuple):
    """One strategy's text."""

    name: str
    strategy: Strategy
    words: tuple[Word, ...]
    measures: Measures
    leaves: int | None  # step
    passes: int | None
    seconds: float | None


class ComparisonView(NamedTuple):
    """All of them; ``steps`` and ``most`` are the ends of the axes that their lines share."""

    prompt: str
    columns: tuple[ColumnView, ...]
    steps: int  # of the longest
    most: float  # bits, the highest entropy or 1


class Bin(NamedTuple):
    """How many values lie from ``low`` to ``high`` (not included, save in the last)."""

    low: float
    high: float
    count: int  # type: ignore[assignment]  # hides the method of tuple, which nobody calls here


class SpreadView(NamedTuple):
    """Many draws."""

    n: int
    lengths: tuple[Bin, ...]  # tokens
    logprobs: tuple[Bin, ...]  # nats per token
    texts: tuple[tuple[str, int], ...]  # the most frequent, in a line each, and how often
    distinct_texts: int
    mean_length: float
    mean_logprob: float  # nats per token, mean over the texts
    distinct_1: float | None
    distinct_2: float | None


def comparison(run: Run) -> ComparisonView:
    """The columns of a run (``gptviz.decoding.records``)."""
    columns = tuple(_column(name, column, run.leaves[name]) for name, column in run.columns.items())
    highest = max((max(c.measures.entropies) for c in columns), default=0.0)
    return ComparisonView(run.prompt, columns, max((c.measures.length for c in columns), default=0), max(1.0, highest))


def spread(drawn: Spread, *, bins: int = 20, texts: int = 8) -> SpreadView:
    """Histograms of a ``Spread`` (``gptviz.decoding.draws``). Raises ValueError where it is empty."""
    if not drawn.draws:
        raise ValueError("no draws")
    lengths = np.array(drawn.lengths, dtype=np.float64)
    per_token = np.array(drawn.logprobs) / lengths  # (n,)
    most = int(lengths.max())
    width = -(-(most - int(lengths.min()) + 1) // bins)  # whole numbers share bins of equal width
    edges = np.arange(int(lengths.min()), most + width + 1, width) - 0.5
    levels = np.histogram_bin_edges(per_token, bins)
    return SpreadView(
        n=len(drawn.draws),
        lengths=_bins(lengths, edges),
        logprobs=_bins(per_token, levels),
        texts=tuple((flowing(text.encode()), count) for text, count in drawn.counts[:texts]),
        distinct_texts=drawn.distinct_texts,
        mean_length=float(lengths.mean()),
        mean_logprob=float(per_token.mean()),
        distinct_1=drawn.distinct_1,
        distinct_2=drawn.distinct_2,
    )


def words(pieces: Sequence[bytes], bits: Sequence[float]) -> list[tuple[int, int, str, float]]:
    """First token, one past the last, the text in a line, and the bits of each word."""
    tokens = locate(range(len(pieces)), pieces)
    return [
        (g.first, g.stop, flowing(b"".join(pieces[g.first : g.stop])), float(sum(bits[g.first : g.stop])))
        for g in groups(tokens)
    ]


def flowing(data: bytes) -> str:
    """Bytes as text to be read in a line: as ``labels.label``, but spaces stay spaces and a newline also breaks.

    >>> flowing(b" the\\n"), flowing(b"\\xe6")
    (' the↵\\n', 'E6')
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return label(data)
    parts = (part if part == " " else f"{NEWLINE}\n" if part == "\n" else label(part.encode())
             for part in _BREAKS.split(text) if part)  # fmt: skip
    return "".join(parts)


def _column(name: str, column: Column, leaves: int | None) -> ColumnView:
    measures = column.measures
    looped = {pos for loop in measures.loops for pos in range(loop.start, loop.stop)}
    found = tuple(
        Word(first, stop, text, bits, leaves is not None and first <= leaves < stop,
             not looped.isdisjoint(range(first, stop)))
        for first, stop, text, bits in words([step.piece for step in column.steps], measures.surprisals)
    )  # fmt: skip
    return ColumnView(name, column.strategy, found, measures, leaves, column.passes, column.seconds)


def _bins(values: npt.NDArray[np.floating[Any]], edges: npt.NDArray[np.floating[Any]]) -> tuple[Bin, ...]:
    counts, found = np.histogram(values, edges)
    return tuple(Bin(float(found[i]), float(found[i + 1]), int(count)) for i, count in enumerate(counts))
