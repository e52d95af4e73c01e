"""How guesses are scored: by log2 of the probability that was given to what came, over the whole vocabulary.

A student spreads ``CHIPS`` chips over at most ``MOST_NAMED`` candidates; what is left is on *everything else*, where
one chip always stays. A candidate's probability is its share of the chips. That of everything else is spread over the
tokens not named, in proportion to a fixed *unigram* (how probable each token is without any context), so that the
forecast sums to 1 over the whole vocabulary and can be held against the model's.

The score is the logarithm of the probability of the token that came: a proper rule, so nobody does better, in
expectation, than by saying what they believe (Cover and King, IEEE Trans. Inf. Theory 24, 1978, let people bet on the
next letter in this way). One chip stays because 0 would cost infinitely many bits.

Of single picks the class's distribution is shown and not scored: n picks of u different tokens give each token
count / (n + u), and u / (n + u) to what nobody has said (method C of Moffat, "Implementing the PPM data compression
scheme", IEEE Trans. Commun. 38, 1990).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gptviz.room.limits import CHIPS, MOST_NAMED


class Shares(NamedTuple):
    """What a class expects: the share of each candidate or word, and that of everything else; they sum to 1."""

    named: tuple[float, ...]
    others: float


def may_be_spread(chips: Sequence[int]) -> bool:
    """Whether these chips, one number for each candidate, leave at least one for everything else."""
    return (
        all(count >= 0 for count in chips)
        and sum(chips) <= CHIPS - 1
        and sum(count > 0 for count in chips) <= MOST_NAMED
    )


def chance(chips: Mapping[int, int], actual: int, unigram: Mapping[int, float]) -> float:
    """The probability that a spread (token id → chips) gives to the token ``actual``.

    ``unigram`` has the tokens with chips and the actual one; over the whole vocabulary it sums to 1.
    """
    laid = {token: count for token, count in chips.items() if count > 0}
    if actual in laid:
        return laid[actual] / CHIPS
    others = (CHIPS - sum(laid.values())) / CHIPS
    left = max(1.0 - math.fsum(unigram[token] for token in laid), unigram[actual])
    return others * unigram[actual] / left


def forecast(chips: Mapping[int, int], unigram: Sequence[float]) -> list[float]:
    """A spread as a distribution over the whole vocabulary (V,), which ``chance`` picks one number of."""
    every = dict(enumerate(unigram))
    return [chance(chips, token, every) for token in every]


def bits(probability: float) -> float:
    """What the token that came has cost: minus log2 of the probability that it was given."""
    return -math.log2(probability)


def of_class(chances: Sequence[float]) -> float:
    """The probability that the class as one gave: the mean of its members', which is a distribution too."""
    return math.fsum(chances) / len(chances)


def of_chips(spreads: Sequence[Sequence[int]], candidates: int) -> Shares:
    """The mean of all spreads, of which each has a number for each candidate; nothing said: all is elsewhere."""
    if not spreads:
        return Shares((0.0,) * candidates, 1.0)
    named = tuple(sum(spread[place] for spread in spreads) / (CHIPS * len(spreads)) for place in range(candidates))
    return Shares(named, 1.0 - math.fsum(named))


def of_picks(counts: Sequence[int]) -> Shares:
    """The class's distribution from single picks; nothing said: all is elsewhere."""
    n, different = sum(counts), sum(count > 0 for count in counts)
    if n == 0:
        return Shares((0.0,) * len(counts), 1.0)
    return Shares(tuple(count / (n + different) for count in counts), different / (n + different))
