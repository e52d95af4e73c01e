"""One text under another mask, on the weights of a model that was trained under the causal one.

*causal*: each position sees itself and those before (GPT). *bidirectional*: each sees all (BERT). *prefix*: the first
positions see one another, those after them look back only (the prefix language model of Raffel et al. 2020, section
3.2.1). Nothing is trained here: under another mask than its own the model meets what it has never met, and a low loss
says only that it can look up what it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz import edits
from gptviz.edits import MASKS as KINDS
from gptviz.numbers import bits, softmax, top_ids

if TYPE_CHECKING:
    from gptviz.gpt.trace import Trace
    from gptviz.language_model import LanguageModel

Doubles = npt.NDArray[np.float64]
__all__ = ["KINDS", "UnderMask", "likely_other", "under_mask"]


class UnderMask(NamedTuple):
    """What a model makes of a text under one mask. T positions."""

    kind: str
    prefix: int
    allowed: npt.NDArray[np.bool_]  # (T, T) where a query may look (of a layer without a window)
    bits: Doubles  # (T,) −log2 of each token, as said after the one before it; nan for the first
    mean: float | None  # of these; None for a single token
    leak: Doubles  # (T,) how far what is said after each moves if the last token is ``other``; nan for the last
    other: int
    moved: float  # the largest |logit difference| that ``other`` makes before it; 0.0 of a single token
    best: int  # the likeliest next token
    prob: float


def under_mask(lm: LanguageModel, ids: tuple[int, ...], kind: str = "causal", *, prefix: int = 1,
               causal: Trace | None = None) -> UnderMask:  # fmt: skip
    """Read ``ids`` with the mask ``kind``; ``prefix`` counts positions, the others ignore it.

    ``causal`` is the trace of ``ids`` under the model's own mask, where it is at hand: it need not be made again.

    ``leak`` is the total variation distance (half the summed differences, 0 to 1) between what is said after each
    position in this text and in one with another last token: not 0 exactly where the future shows through. Raises
    EditError for another kind.
    """
    changes = [] if kind == "causal" else [edits.mask(kind, prefix=prefix)]
    own = lm.trace(ids) if causal is None else causal
    trace = lm.trace(ids, edits=changes) if changes else own
    other = likely_other(own)
    changed = lm.trace((*ids[:-1], other), edits=changes) if changes else lm.trace((*ids[:-1], other), reuse=own)
    T = len(ids)
    leak, far = shown_through(trace, changed)
    said = np.full(T, np.nan)
    said[1:] = [bits(float(nats)) for nats in trace.logprobs[1:]]
    probs = softmax(trace.logits_at(-1).astype(np.float64))
    best = int(top_ids(probs, 1)[0])
    mean = float(said[1:].mean()) if T > 1 else None
    return UnderMask(kind, prefix, edits.allowed(kind, T, prefix), said, mean, leak, other, far, best,
                     float(probs[best]))  # fmt: skip


def shown_through(trace: Trace, changed: Trace) -> tuple[Doubles, float]:
    """``leak`` (T,) and ``moved`` of two texts that differ in the last token.

    A position whose last state is the same to the bit says the same, so that only the others are looked at: under the
    causal mask, none. Their softmax is in the model's own float32, which moves a leak by less than 1e-5.
    """
    leak, last = np.full(len(trace), np.nan), len(trace) - 1
    leak[:last] = 0.0
    at = np.flatnonzero((trace.hidden[:last] != changed.hidden[:last]).any(-1))
    if not len(at):
        return leak, 0.0
    start, stop = int(at[0]), int(at[-1]) + 1
    logits, moved = (one.logits_between(start, stop) for one in (trace, changed))  # (n, V)
    leak[start:stop] = np.abs(softmax(logits) - softmax(moved)).sum(-1, dtype=np.float64) / 2
    return leak, apart(logits, moved)


def likely_other(trace: Trace) -> int:
    """What might as well stand last: the model's first choice there that is not there; of one token, its neighbour."""
    ids = trace.ids
    if len(ids) == 1:
        return int(ids[0]) - 1 if ids[0] else 1
    first, second = top_ids(trace.logits_at(len(ids) - 2), 2).tolist()
    return int(second if first == ids[-1] else first)


def apart(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """The largest difference; ids that only pad the vocabulary are -inf in both."""
    said = np.isfinite(one)
    return float(np.abs(one[said] - other[said]).max(initial=0.0))
