"""How a model takes a text that is already there: the chain rule, token by token.

p(w1 … wN) = Π p(wi | w1 … wi−1) (the chain rule of probability; Shannon 1951, section 3, measures text by it). With
logarithms the product is a sum: bits are −log2 p, nats −ln p. *Surprisal* of a token are its bits; *perplexity* is
e^(mean nats) (Jelinek et al. 1977); *bits per byte* divides by the bytes of UTF-8, so that texts and vocabularies of
different kinds compare. The training loss of the text is the mean of its nats.

Where the model has an end-of-text token the text is read after it, so that the first token has a probability too.
N = tokens of the text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.numbers import bits, perplexity, rank_of, top_ids, weigh
from gptviz.tokens.labels import hex_bytes, label
from gptviz.tokens.pieces import Token
from gptviz.views.chips import Piece, pieces
from gptviz.views.distribution import token_label
from gptviz.views.sources import TokenizerLike

if TYPE_CHECKING:
    from gptviz.gpt.trace import Trace
    from gptviz.language_model import LanguageModel

Array = npt.NDArray[np.float32]
_ROWS = 32  # rows of logits held at a time


class Expected(NamedTuple):
    """A token that the model expected."""

    id: int
    label: str
    p: float


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


class Word(NamedTuple):
    """A token of the text and its score; None for the first one where nothing precedes it."""

    id: int
    label: str
    bytes: str  # hex
    score: Score | None
    piece: Piece | None
    newline: bool  # ends a line


class SurpriseView(NamedTuple):
    """A whole text. All sums are over the tokens that have a score."""

    words: tuple[Word, ...]
    start: str | None  # label of the token read before the text; None where the model has none
    n_scored: int
    n_bytes: int  # of UTF-8, of the tokens that have a score
    logprob: float  # nats
    windows: int  # how many times the model read: more than one where the text is longer than its context
    window: int  # tokens read at a time
    stride: int  # by which each window is ahead of the one before

    @property
    def bits(self) -> float:
        """Of the whole text: its probability is 2^−bits."""
        return bits(self.logprob)

    @property
    def log10(self) -> float:
        """The probability is 1 in 10^log10."""
        return max(0.0, -self.logprob / math.log(10))

    @property
    def loss(self) -> float:
        """Mean of the tokens' nats, which training makes small; nan where no token has a score."""
        return -self.logprob / self.n_scored if self.n_scored else math.nan

    @property
    def mean_bits(self) -> float:
        """Mean surprisal."""
        return self.bits / self.n_scored if self.n_scored else math.nan

    @property
    def perplexity(self) -> float:
        """e^loss: as uncertain as among so many equally likely tokens, per token."""
        return perplexity(-self.loss) if self.n_scored else math.nan

    @property
    def bits_per_byte(self) -> float:
        """Comparable between texts of different tokens."""
        return self.bits / self.n_bytes if self.n_bytes else math.nan


class Versus(NamedTuple):
    """Two texts against each other; positive numbers speak for the first."""

    bits: float  # how many more the second one costs
    log10_odds: float  # the first is 10^log10_odds times as probable
    per_byte: float  # difference of bits per byte


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


def inputs(lm: LanguageModel, ids: Sequence[int]) -> tuple[tuple[int, ...], int]:
    """(what the model reads to score ``ids``, how many of ``ids`` have no score): end-of-text first, the last left out.

    A model without an end-of-text token cannot score the first.
    """
    start = lm.tokenizer.end_of_text
    if start is None:
        return tuple(ids[:-1]), min(1, len(ids))
    return (start, *ids[:-1]) if ids else (), 0


def score_row(logits: Array, token: int, *, top: int = 5) -> Score:
    """The score of ``token`` where the model says ``logits`` (V,). Sums are in float64."""
    row = weigh(logits)
    best = tuple((i, float(row.exp[i]) / row.total) for i in top_ids(logits, top).tolist())
    return Score(row.logprob(token), rank_of(logits, token), row.entropy, best)


def scores(lm: LanguageModel, ids: Sequence[int], *, window: int | None = None, stride: int | None = None,
           top: int = 5, done: int = 0, trace: Callable[[tuple[int, ...]], Trace] | None = None,
           ) -> Iterator[Score]:  # fmt: skip
    """The score of each of ``ids`` that can have one, in order; a long text is read in windows (see ``windows``).

    ``window`` is by default the model's context, ``stride`` half of it. The first ``done`` scores are left out: they
    depend on nothing that comes later, so those of a text that has only grown still hold. ``trace`` reads the first
    window (by default ``lm.trace``).
    """
    read, skipped = inputs(lm, ids)
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


def one_by_one(lm: LanguageModel, ids: Sequence[int]) -> Iterator[float]:
    """The log-probability (nats) of each of ``ids`` that can have one, the model reading one token at a time.

    What ``scores`` computes in one pass over all positions, in as many passes as there are tokens.
    """
    read, skipped = inputs(lm, ids)
    if not read:
        return
    reader = lm.prefill(read[:1])
    for place, token in enumerate(ids[skipped:]):
        yield weigh(reader.logits[0]).logprob(token)
        if place + 1 < len(read):
            reader.append(read[place + 1 : place + 2])


def surprise(tokens: Sequence[Token], found: Sequence[Score], *, start: str | None, window: int,
             stride: int | None = None) -> SurpriseView:  # fmt: skip
    """The view of a text from its tokens and their scores; the scores of the last tokens may still be missing."""
    skipped = 0 if start is not None else min(1, len(tokens))
    given = [None] * skipped + list(found)
    given += [None] * (len(tokens) - len(given))
    split = pieces(tokens)
    words = tuple(
        Word(int(token.id), label(token), hex_bytes(token.bytes), score, piece, token.bytes.endswith(b"\n"))
        for token, score, piece in zip(tokens, given, split, strict=True)
    )
    n_bytes = sum(len(token.bytes) for token, score in zip(tokens, given, strict=True) if score is not None)
    step = stride or max(1, window // 2)
    read = len(windows(max(0, len(tokens) - skipped), window, step))
    return SurpriseView(words, start, len(found), n_bytes, math.fsum(s.logprob for s in found), read, window, step)


def read(lm: LanguageModel, text: str, *, window: int | None = None, stride: int | None = None) -> SurpriseView:
    """All of it in one call, for notebooks.

    >>> read(lm, "The cat sat on the mat.").bits_per_byte  # doctest: +SKIP
    2.31
    """
    ids = lm.tokenizer.encode(text)
    found = list(scores(lm, ids, window=window, stride=stride))
    return surprise(lm.tokenizer.tokens(ids), found, start=start_label(lm), window=window or lm.config.block_size,
                    stride=stride)  # fmt: skip


def versus(one: SurpriseView, other: SurpriseView) -> Versus:
    """Which text the model would rather say, and by how much."""
    return Versus(other.bits - one.bits, other.log10 - one.log10, other.bits_per_byte - one.bits_per_byte)


def start_label(lm: LanguageModel) -> str | None:
    """How the token read before the text is written; None where the model has none."""
    start = lm.tokenizer.end_of_text
    return None if start is None else token_label(lm.tokenizer, start)


def expected(score: Score, tokenizer: TokenizerLike) -> tuple[Expected, ...]:
    """The model's first choices, as they are shown."""
    return tuple(Expected(i, token_label(tokenizer, i), p) for i, p in score.expected)
