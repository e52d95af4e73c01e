"""What textbooks say of GPT and is not so, each with the numbers that say otherwise, computed on the model at hand.

Each function gives ``Evidence``: the facts of one sentence, and rows to be seen as bars.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz import edits
from gptviz.analysis.masks import UnderMask, under_mask
from gptviz.numbers import log_softmax, rank_of, softmax, top_ids

if TYPE_CHECKING:
    from gptviz.language_model import LanguageModel

SHIFT = 10.0  # added to every logit
TEMPERATURES = (1.0, 0.5, 0.1, 0.01)
EDGES = 6  # looked at one by one
TOP = 5
LENGTHS = (16, 32, 64, 128, 256)


class Row(NamedTuple):
    """One bar; ``id`` where it is a token."""

    name: str
    value: float
    id: int | None = None


class Evidence(NamedTuple):
    """Numbers and ids for a sentence, by name, and the bars beside it."""

    facts: dict[str, float]
    rows: tuple[Row, ...]


def encoder(lm: LanguageModel, ids: tuple[int, ...], found: Sequence[UnderMask] | None = None) -> Evidence:
    """No position reads a later one: with another last token, how far the logits before it move; and how without mask.

    An encoder in the sense of Vaswani et al. 2017 reads both ways, and a decoder of theirs looks at it besides.
    ``found`` is the text under both masks, causal first, where that is known.
    """
    kinds = ("causal", "bidirectional")
    causal, both = (one.moved for one in found or [under_mask(lm, ids, kind) for kind in kinds])
    facts = {"layers": float(lm.config.n_layer), "causal": causal, "both": both}
    return Evidence(facts, (Row("causal", causal), Row("bidirectional", both)))


def gan(lm: LanguageModel, ids: tuple[int, ...]) -> Evidence:
    """Nothing is drawn inside: two runs are equal to the bit; all parameters belong to one network."""
    again = float(np.abs(lm.trace(ids).hidden - lm.trace(ids).hidden).max())
    parts = lm.config.parameters
    rows = tuple(Row(name, float(count)) for name, count in parts.items())
    return Evidence({"again": again, "total": float(sum(parts.values()))}, rows)


def masked_word(lm: LanguageModel, ids: tuple[int, ...]) -> Evidence:
    """What is said of a token in the middle is the same whatever follows it."""
    pos = max(1, len(ids) // 2)
    if len(ids) < 3:
        return Evidence({"pos": 0.0}, ())
    other = (*ids[: pos + 1], *reversed(ids[pos + 1 :]))
    probs = [float(softmax(_row(lm, text, pos - 1))[ids[pos]]) for text in (ids, other)]
    rows = (Row("as_it_is", probs[0]), Row("reversed", probs[1]))
    return Evidence({"pos": float(pos), "id": float(ids[pos]), "p": probs[0], "other": probs[1]}, rows)


def beam(lm: LanguageModel, ids: tuple[int, ...]) -> Evidence:
    """Logits add up to anything: with a constant added to all their sum grows, that of log-probabilities does not."""
    logits = np.asarray(lm.trace(ids).logits_between(0, len(ids) - 1), dtype=np.float64)  # (T - 1, V)
    said = np.arange(len(ids) - 1), np.array(ids[1:], dtype=np.int64)
    sums = [float(x[said].sum()) for x in (logits, logits + SHIFT)]
    logprobs = [float(log_softmax(x)[said].sum()) for x in (logits, logits + SHIFT)]
    names = ("logits", "logits_shifted", "logprobs", "logprobs_shifted")
    rows = tuple(Row(name, value) for name, value in zip(names, (*sums, *logprobs), strict=True))
    return Evidence({"shift": SHIFT} | {row.name: row.value for row in rows}, rows)


def temperature(lm: LanguageModel, ids: tuple[int, ...]) -> Evidence:
    """The limit: as T falls to 0 the likeliest token's probability rises to 1, and 0 means: take that one."""
    logits = _row(lm, ids, -1)
    best = int(top_ids(logits, 1)[0])
    rows = tuple(Row(f"{T:g}", float(softmax(logits / T)[best])) for T in TEMPERATURES)
    return Evidence({"best": float(best)}, (*rows, Row("0", 1.0)))


def attention(lm: LanguageModel, ids: tuple[int, ...]) -> Evidence:
    """The strongest edges of the last query, each struck out alone: how far the next token's probability moves."""
    trace = lm.trace(ids)
    last, logits = len(ids) - 1, _row(lm, ids, -1)
    best, before = int(top_ids(logits, 1)[0]), softmax(logits)
    weights = trace.pattern[:, :, last, :last]  # (n_layer, n_head, last): itself must be left to look at
    order = top_ids(weights.ravel(), EDGES)
    found = []
    for layer, head, key in zip(*np.unravel_index(order, weights.shape), strict=True):
        struck = edits.strike(layer=int(layer), head=int(head), query_pos=last, key_pos=int(key))
        after = softmax(np.asarray(lm.trace(ids, edits=[struck]).logits_at(-1), dtype=np.float64))
        found.append(
            (int(layer), int(head), int(key), float(weights[layer, head, key]), float(after[best] - before[best]))
        )
    rows = tuple(Row(f"{layer}.{head}.{key}.{weight:.4f}", moved) for layer, head, key, weight, moved in found)
    return Evidence({"best": float(best), "p": float(before[best])}, rows)


def token(lm: LanguageModel, ids: tuple[int, ...], text: str = "") -> Evidence:
    """How many tokens some words are."""
    found = lm.tokenizer.encode(text, add_special_tokens=False)
    rows = tuple(Row("", float(len(lm.tokenizer.token_bytes(i))), i) for i in found)
    return Evidence({"tokens": float(len(found)), "words": float(len(text.split()))}, rows)


def likeliest(lm: LanguageModel, ids: tuple[int, ...], text: str = "", truth: str = "") -> Evidence:
    """What the model would say after ``text``, and how likely the ``truth`` is to it: its first token."""
    logits = _row(lm, tuple(lm.ids(text)), -1)
    probs, true = softmax(logits), lm.tokenizer.encode(truth, add_special_tokens=False)[0]
    rows = tuple(Row("", float(probs[i]), int(i)) for i in top_ids(logits, TOP))
    facts = {"best": float(rows[0].id or 0), "p": rows[0].value, "true": float(true), "p_true": float(probs[true])}
    return Evidence(facts | {"rank": float(rank_of(logits, true))}, rows)


def cost(lm: LanguageModel, ids: tuple[int, ...], clock: Callable[[], float] = time.perf_counter) -> Evidence:
    """Milliseconds of one pass over texts of growing length, the best of two; and the slope of a line through their
    logarithms: time ∝ length^slope. An exponential would have no such slope: each further token would multiply."""
    return cost_of(tuple(timed(lm, ids, clock)))


def timed(lm: LanguageModel, ids: tuple[int, ...],
          clock: Callable[[], float] = time.perf_counter) -> Iterator[tuple[int, float]]:  # fmt: skip
    """(tokens, seconds) of each pass, two of each length."""
    lengths = [n for n in LENGTHS if n <= lm.config.block_size] or [lm.config.block_size]
    text = list(ids)
    while len(text) < lengths[-1]:
        text += ids
    for n in lengths:
        for _ in range(2):
            yield n, _seconds(lm, text[:n], clock)


def cost_of(passes: Sequence[tuple[int, float]]) -> Evidence:
    """What passes of ``timed`` say."""
    lengths = sorted({n for n, _ in passes})
    best = [min(seconds for n, seconds in passes if n == length) for length in lengths]
    rows = tuple(Row(str(n), 1000 * seconds) for n, seconds in zip(lengths, best, strict=True))
    half = len(lengths) // 2  # a short text's time is that of the program around it
    slope = (
        float(np.polyfit(np.log(lengths[half:]), np.log(best[half:]), 1)[0]) if len(lengths) - half > 1 else math.nan
    )
    return Evidence({"slope": slope, "longest": float(lengths[-1])}, rows)


def _seconds(lm: LanguageModel, text: Sequence[int], clock: Callable[[], float]) -> float:
    start = clock()
    lm.prefill(text)
    return clock() - start


def _row(lm: LanguageModel, ids: tuple[int, ...], pos: int) -> npt.NDArray[np.float64]:
    return np.asarray(lm.trace(ids).logits_at(pos), dtype=np.float64)
