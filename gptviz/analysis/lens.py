"""The logit lens: what the model would say if it stopped after each block (nostalgebraist 2020).

Each state of the residual stream is normalised by **its own** statistics, as the last one is, and read by the output
matrix. It is no attribution: it says what a state looks like from the exit, not what a part did for the result (for
that, with the scale of the real run held still, see ``gptviz.analysis.attribution``). S = n_layer + 1 stages: before
the first block (the embedding), then after each; V = vocab_size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.numbers import Doubles, logprobs_of, probs_of, rank_of

if TYPE_CHECKING:
    from gptviz.gpt.trace import Trace

Array = npt.NDArray[np.float32]
_ROWS = 64  # states that are read at a time


def logit_lens(t: Trace, pos: int | None = None) -> Array:
    """(n_layer + 1, T, vocab_size) logits after each block, before the first one the embedding's; the last row is t's.

    With ``pos`` those of one position alone, (n_layer + 1, vocab_size): of a large vocabulary all are much. Raises
    IndexError where there is no such position.

    >>> logit_lens(lm.trace("The cat sat")).argmax(-1).shape  # doctest: +SKIP
    (9, 3)
    """
    if pos is not None:
        pos = range(len(t))[pos]
        return np.concatenate([t.unembed(t.resid[:-1, pos]), t.logits_at(pos)[None]])
    S, T, _ = t.resid.shape
    found = np.empty((S, T, t.logits.shape[-1]), dtype=np.float32)
    for stage in range(S - 1):
        for first in range(0, T, _ROWS):
            found[stage, first : first + _ROWS] = t.unembed(t.resid[stage, first : first + _ROWS])
    found[-1] = t.logits
    return found


class Tops(NamedTuple):
    """What each of (S,) stages would say first."""

    ids: npt.NDArray[np.int64]  # (S,) the likeliest token
    probs: Doubles  # (S,) its probability
    totals: Doubles  # (S,) ln Σ e^logit: what all log-probabilities have in common


def tops(logits: Array) -> Tops:
    """Of (S, V) logits."""
    ids = logits.argmax(-1)
    logprobs = logprobs_of(logits, ids)
    return Tops(ids, probs_of(logprobs), logits[np.arange(len(ids)), ids] - logprobs)


class Followed(NamedTuple):
    """One token through the stages."""

    token: int
    logprobs: Doubles  # (S,) nats
    ranks: npt.NDArray[np.int64]  # (S,) 1: the likeliest


def followed(logits: Array, token: int, totals: Doubles | None = None) -> Followed:
    """A token through the stages of (S, V) logits; ``totals`` are theirs, where they are known (``tops``)."""
    known = tops(logits).totals if totals is None else totals
    return Followed(token, logits[:, token] - known, ranks_of(logits, token))


def ranks_of(logits: Array, token: int) -> npt.NDArray[np.int64]:
    """(S,) the rank of ``token`` in each row of (S, V) logits; 1: the likeliest."""
    return np.asarray([rank_of(row, token) for row in logits], dtype=np.int64)
