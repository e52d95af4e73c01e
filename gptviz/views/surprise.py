"""A text and what a model made of each of its tokens, as numbers for a picture.

Sums follow from the scores (``gptviz.analysis.surprisal``): *perplexity* is e^(mean nats) (Jelinek et al. 1977), *bits
per byte* divides by the bytes of UTF-8, so that texts and vocabularies of different kinds compare. The training loss of
the text is the mean of its nats. N = tokens of the text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from gptviz.analysis.surprisal import Score, scores, windows
from gptviz.numbers import bits, perplexity
from gptviz.tokens.labels import hex_bytes, label
from gptviz.tokens.pieces import Token
from gptviz.views.chips import Piece, pieces
from gptviz.views.distribution import token_label
from gptviz.views.sources import TokenizerLike

if TYPE_CHECKING:
    from gptviz.language_model import LanguageModel


class Expected(NamedTuple):
    """A token that the model expected."""

    id: int
    label: str
    p: float


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


def read(lm: LanguageModel, text: str | Sequence[int], *, window: int | None = None, stride: int | None = None,
         start: bool = True) -> SurpriseView:  # fmt: skip
    """All of it in one call, for notebooks. ``start``: after the start mark, so that all tokens have a score.

    Of ids (``lm.chat(…)``) as of a text; a mark that is the first of them has no score.

    >>> read(lm, "The cat sat on the mat.").bits_per_byte  # doctest: +SKIP
    2.31
    """
    ids = lm.tokenizer.encode(text, start=False) if isinstance(text, str) else [int(i) for i in text]
    found = list(scores(lm, ids, window=window, stride=stride, start=start))
    mark = start_label(lm) if start else None
    return surprise(lm.tokenizer.tokens(ids), found, start=mark, window=window or lm.config.block_size, stride=stride)


def versus(one: SurpriseView, other: SurpriseView) -> Versus:
    """Which text the model would rather say, and by how much."""
    return Versus(other.bits - one.bits, other.log10 - one.log10, other.bits_per_byte - one.bits_per_byte)


def start_label(lm: LanguageModel) -> str | None:
    """How the token read before the text is written; None where the model has none."""
    start = lm.tokenizer.start
    return None if start is None else token_label(lm.tokenizer, start)


def expected(score: Score, tokenizer: TokenizerLike) -> tuple[Expected, ...]:
    """The model's first choices, as they are shown."""
    return tuple(Expected(i, token_label(tokenizer, i), p) for i, p in score.expected)
