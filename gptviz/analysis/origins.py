"""Where a next token may come from: how often its n-grams stand in a text, and what counting alone makes of them.

The n-gram model is Witten and Bell's, by interpolation (Witten & Bell 1991, method C; Chen & Goodman 1999, 2.4): of a
context that stood c times before t different tokens, the share t / (c + t) is left to the context one shorter. It
needs nothing but the counts after the contexts at hand, so that each of its numbers can be worked out by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.numbers import Doubles, top_ids

Ids = npt.NDArray[Any]
LONGEST = 6  # the n of the longest n-gram that is counted
PASSAGE = 24  # tokens of a passage on both sides


class Order(NamedTuple):
    """What follows the last n - 1 tokens wherever they stand in the text."""

    n: int
    context: tuple[int, ...]
    times: int  # that the context stands there with a token after it
    counts: npt.NDArray[np.int64]  # (V,) how often each token comes next


class Passage(NamedTuple):
    """One place where an n-gram stands."""

    start: int  # of the passage, in the text
    before: tuple[int, ...]
    gram: tuple[int, ...]
    after: tuple[int, ...]


def orders(ids: Ids, context: Sequence[int], vocab_size: int) -> list[Order]:
    """Of the text (N,), order 1 first, up to the longest whose context is there at all."""
    following = np.asarray(ids[1:])
    places = np.arange(len(following))  # of the token before the one that follows
    found = [Order(1, (), len(ids), np.bincount(ids, minlength=vocab_size).astype(np.int64))]
    for n in range(2, min(LONGEST, len(context) + 1) + 1):
        places = places[places >= n - 2]
        places = places[np.asarray(ids)[places - (n - 2)] == context[-(n - 1)]]
        if not len(places):
            break
        counts = np.bincount(following[places], minlength=vocab_size).astype(np.int64)
        found.append(Order(n, tuple(context[-(n - 1) :]), len(places), counts))
    return found


def witten_bell(found: Sequence[Order]) -> Doubles:
    """(V,): the mixture of all orders, down to the uniform distribution."""
    V = len(found[0].counts)
    probs = np.full(V, 1.0 / V)
    for order in found:
        kinds = int((order.counts > 0).sum())
        probs = (order.counts + kinds * probs) / (order.times + kinds)
    return probs


def longest(found: Sequence[Order], token: int) -> Order:
    """The longest context that stands before ``token`` somewhere; the first order where none does."""
    return next((order for order in reversed(found) if order.counts[token]), found[0])


def passages(ids: Ids, gram: Sequence[int], most: int = 4) -> list[Passage]:
    """The first places of an n-gram, each with what stands around it."""
    text = np.asarray(ids)
    places = np.flatnonzero(text == gram[-1])
    for back in range(1, len(gram)):
        places = places[places >= back]
        places = places[text[places - back] == gram[-1 - back]]
    made = []
    for place in places[:most].tolist():
        first = place - len(gram) + 1
        start = max(0, first - PASSAGE)
        made.append(Passage(start, tuple(text[start:first].tolist()), tuple(int(i) for i in gram),
                            tuple(text[place + 1 : place + 1 + PASSAGE].tolist())))  # fmt: skip
    return made


def bigrams(ids: Ids, vocab_size: int, rows: Sequence[int], columns: Sequence[int]) -> npt.NDArray[np.int64]:
    """(rows, columns): how often each of ``columns`` follows each of ``rows``."""
    text = np.asarray(ids)
    found = [np.bincount(text[1:][text[:-1] == row], minlength=vocab_size)[list(columns)] for row in rows]
    return np.array(found, dtype=np.int64)


def common(ids: Ids, vocab_size: int, most: int) -> list[int]:
    """The most frequent tokens, the commonest first."""
    found: list[int] = top_ids(np.bincount(ids, minlength=vocab_size).astype(np.float64), most).tolist()
    return found
