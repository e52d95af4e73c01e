"""The induction test: what a model makes of nonsense that it has read once before.

Random tokens cannot be predicted; said a second time, they can, by looking for the last place where the present token
stood and copying what came after it. Heads that do this are *induction heads* (Elhage et al. 2021; Olsson et al. 2022).
A sequence is the end-of-text token, where the model has one, then ``length`` different tokens drawn uniformly from
those that are neither special nor empty, then the same once more. Scores of a head are means over sequences of:

- *prefix matching*: attention from a token's second place to the token after its first place (the score of that
  name in Olsson et al. 2022);
- *previous token*: attention from each place to the one before it;
- *first token*: attention from each place to the first of the sequence (where heads look that have nothing to do:
  the attention sink of Xiao et al. 2023).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.errors import ConfigError
from gptviz.language_model import LanguageModel
from gptviz.numbers import BIT, top_ids

Array = npt.NDArray[np.float64]
LENGTH, SEQUENCES = 50, 16


class HeadScore(NamedTuple):
    """One head's share of attention; ``layer`` and ``head`` count from 0."""

    layer: int
    head: int
    score: float


class Induction(NamedTuple):
    """What the test found. Both halves are scored without their first token: what it follows is never the same."""

    length: int  # tokens in one half
    sequences: int
    first_bits: float  # per token, in the first half
    second_bits: float  # … in the second
    prefix_matching: Array  # (n_layer, n_head)
    previous_token: Array  # (n_layer, n_head)
    first_token: Array  # (n_layer, n_head)

    @property
    def ratio(self) -> float:
        """Bits of the second half over bits of the first: 1 is no use of what was read."""
        return self.second_bits / self.first_bits


def best(scores: Array, count: int = 3) -> list[HeadScore]:
    """The heads with the highest scores (n_layer, n_head), best first."""
    places = [divmod(place, scores.shape[1]) for place in top_ids(scores.ravel(), count).tolist()]
    return [HeadScore(layer, head, float(scores[layer, head])) for layer, head in places]


def sequences(lm: LanguageModel, *, length: int = LENGTH, count: int = SEQUENCES, seed: int = 0
              ) -> npt.NDArray[np.int64]:  # fmt: skip
    """(count, 2·length) ids, or with the token that texts start after before them (count, 1 + 2·length).

    ``length`` shrinks to what fits into the context and to the number of ordinary tokens. Raises ConfigError where that
    leaves fewer than two.
    """
    tokenizer = lm.tokenizer
    begin = [] if tokenizer.start is None else [tokenizer.start]
    ordinary = [i for i in range(tokenizer.vocab_size) if tokenizer.token_bytes(i) and not tokenizer.is_special(i)]
    length = min(length, (lm.config.block_size - len(begin)) // 2, len(ordinary))
    if length < 2:
        raise ConfigError("eval.context", limit=lm.config.block_size)
    rng = np.random.default_rng(seed)
    drawn = [rng.choice(ordinary, size=length, replace=False) for _ in range(count)]
    return np.array([[*begin, *half, *half] for half in drawn], dtype=np.int64)


def induction_test(lm: LanguageModel, *, length: int = LENGTH, count: int = SEQUENCES, seed: int = 0) -> Induction:
    """Run the test. Raises ConfigError where the context or the vocabulary is too small for it."""
    rows = sequences(lm, length=length, count=count, seed=seed)
    begin = rows.shape[1] % 2  # 1 where end-of-text comes first
    half = rows.shape[1] // 2
    bits = -lm.score(rows)[0].astype(np.float64) / BIT  # (count, T - 1); column i is the token at i + 1
    scores = np.mean([head_scores(lm.trace(row.tolist()).pattern, half) for row in rows], axis=0)
    first, second = bits[:, begin : begin + half - 1], bits[:, begin + half :]
    return Induction(half, len(rows), float(first.mean()), float(second.mean()), *scores)


def head_scores(pattern: npt.NDArray[np.floating], half: int) -> Array:
    """(3, n_layer, n_head) from one pattern (n_layer, n_head, T, T) whose last ``half`` tokens repeat those before.

    The three are prefix matching, previous token and first token.
    """
    T = pattern.shape[-1]
    second = np.arange(T - half, T)
    later = np.arange(1, T)
    matched = pattern[..., second, second - half + 1].mean(-1, dtype=np.float64)  # (n_layer, n_head)
    previous = pattern[..., later, later - 1].mean(-1, dtype=np.float64)
    first = pattern[..., later, 0].mean(-1, dtype=np.float64)
    return np.stack((matched, previous, first))
