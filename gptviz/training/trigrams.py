"""A language of which everything is known: the next token is drawn by the two before it, as often as a table says.

The table is made so that there is always more to learn. Tokens are as unevenly common as words are, and what the two
before say of the next is a sum of patterns of which each counts less than the one before, by a power of its number
(as in the solvable model of scaling laws of Maloney et al. 2022, arXiv 2210.16859): a larger model finds room for more
of them, and a longer text shows more of them above its noise. So the loss falls evenly with both, and the lowest that
any model can have is an entropy, which the table gives exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from gptviz.numbers import Doubles, softmax

#: Rounds of the power iteration that finds how common each pair is: far more than it takes to stand still.
ROUNDS = 200
_AT_ONCE = 20_000  # rows drawn at a time, each of which needs ``vocab_size`` numbers


@dataclass(frozen=True)
class Trigrams:
    """A Markov chain of second order over ``vocab_size`` tokens; equal numbers make equal worlds.

    The logit of token c after (a, b) is -``zipf``·log(c + 1) + ``sharpness``·(f(b, c) + g(a, c) + h(a, b, c)), each of
    the three a sum over k of k^-``decay`` times the product of standard normal numbers, one for each token in it,
    scaled to a variance of 1.
    """

    vocab_size: int = 64
    zipf: float = 1.0
    sharpness: float = 1.0
    decay: float = 1.0
    seed: int = 16

    @cached_property
    def table(self) -> Doubles:
        """(V, V, V): the probability of the third token after the first two."""
        V = self.vocab_size
        rng = np.random.default_rng(self.seed)
        weight = np.arange(1, V + 1) ** -self.decay
        weight /= np.sqrt((weight**2).sum())
        last = -self.zipf * np.log(np.arange(1, V + 1))
        by_one, by_other = (np.einsum("k,kb,kc->bc", weight, *rng.standard_normal((2, V, V))) for _ in range(2))
        both = rng.standard_normal((3, V, V))
        by_both = np.einsum("k,ka,kb,kc->abc", weight, *both, optimize=True)
        return softmax(last + self.sharpness * (by_one[None] + by_other[:, None] + by_both))

    @cached_property
    def pairs(self) -> Doubles:
        """(V, V): how often each pair stands at a place of an endless text, of sum 1 (the stationary distribution)."""
        found = np.full((self.vocab_size, self.vocab_size), 1.0 / self.vocab_size**2)
        for _ in range(ROUNDS):
            found = np.einsum("ab,abc->bc", found, self.table)
        pairs: Doubles = found / found.sum()
        return pairs

    @cached_property
    def entropies(self) -> tuple[float, float, float]:
        """Nats a token, knowing nothing before it, the one before it, the two before it: each at most the one before.

        The last is the chain's entropy rate (Shannon 1948, theorem 5).
        """
        pairs = self.pairs
        triples = pairs[:, :, None] * self.table  # joint probabilities of all that stand side by side
        single, double, triple = (_entropy(joint) for joint in (pairs.sum(0), pairs, triples))
        return single, double - single, triple - double

    def floor(self, length: int) -> float:
        """The lowest mean loss, in nats, over ``length`` positions of a window that starts anywhere.

        At its first position only one token is known, from the second on there are two.
        """
        _, after_one, after_two = self.entropies
        return (after_one + (length - 1) * after_two) / length

    def rows(self, n_rows: int, length: int, *, seed: int) -> npt.NDArray[np.uint32]:
        """(n_rows, length ≥ 2): pieces of endless texts, independent of each other, each begun with a common pair."""
        rng = np.random.default_rng((self.seed, seed))
        V = self.vocab_size
        ids = np.empty((n_rows, length), dtype=np.uint32)
        first = np.minimum(np.searchsorted(np.cumsum(self.pairs), rng.random(n_rows)), V * V - 1)
        ids[:, 0], ids[:, 1] = first // V, first % V
        cumulative = np.cumsum(self.table, axis=-1)
        for place in range(2, length):
            drawn = rng.random(n_rows)
            for start in range(0, n_rows, _AT_ONCE):
                part = slice(start, start + _AT_ONCE)
                known = cumulative[ids[part, place - 2], ids[part, place - 1]]  # (rows, V)
                ids[part, place] = np.minimum((known < drawn[part, None]).sum(-1), V - 1)
        return ids


def _entropy(joint: Doubles) -> float:
    """Nats of one draw from ``joint``, whatever its shape; what never happens adds nothing."""
    return float(-(joint * np.log(np.where(joint > 0, joint, 1.0))).sum())
