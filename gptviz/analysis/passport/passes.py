"""Ways through the model that must agree: the future changed or not, everything kept or nothing, at once or in parts.

On random ids, which every model must treat so, trained or not. *Off* is the largest difference as a part of the scale,
which is the largest number there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from gptviz.analysis.passport.record import TOLERANCE, Check, Name, Said
from gptviz.gpt import soundness
from gptviz.language_model import LocalModel
from gptviz.rounding import scientific

Arrays = list[npt.NDArray[np.float32]]
LENGTH = 16  # tokens read, or as many as the context holds
_LEAST = 4
_WRITTEN = 2  # of them one at a time


def checks(lm: LocalModel) -> Iterator[Check]:
    """Causal, traced, reuse."""
    length, n_tokens = min(LENGTH, lm.config.block_size), lm.model.n_tokens
    if length < _LEAST or n_tokens < 2:
        names: tuple[Name, ...] = ("causal", "traced", "reuse")
        yield from (Check(name, None, None, "small", {}) for name in names)
        return
    random = np.random.Generator(np.random.PCG64(0))
    ids = random.integers(0, n_tokens, length).tolist()
    at = length // 2
    other = ids[:at] + [(token + 1 + int(random.integers(0, n_tokens - 1))) % n_tokens for token in ids[at:]]
    trace, plain = lm.trace(ids), list(soundness.plain(lm.model, ids))
    logits = trace.logits[:, :n_tokens]
    changed = lm.trace(other)
    kept = [trace.resid[:, :at], trace.hidden[:at], logits[:at], *(x[:at] for x in plain)]
    again = [changed.resid[:, :at], changed.hidden[:at], changed.logits[:at, :n_tokens],
             *(x[:at] for x in soundness.plain(lm.model, other))]  # fmt: skip
    yield _causal(_off(again, kept), at, length)
    yield _equal("traced", _off(plain, [trace.hidden, logits]), "traced", "not_traced", count=length)
    yield _equal("reuse", _off(_in_parts(lm, ids, at), [trace.resid, logits, logits[-1]]), "reuse", "not_reuse",
                 count=length, first=at)  # fmt: skip


def _in_parts(lm: LocalModel, ids: list[int], at: int) -> Arrays:
    """Residual streams and logits of a trace that takes over its first part, and logits written token by token."""
    grown = lm.trace(ids, reuse=lm.trace(ids[:at]))
    reader = lm.prefill(ids[:-_WRITTEN])
    for token in ids[-_WRITTEN:]:
        reader.append([token])
    n_tokens = lm.model.n_tokens
    return [grown.resid, grown.logits[:, :n_tokens], reader.logits[0, :n_tokens]]


def _causal(off: float, at: int, length: int) -> Check:
    values = {"off": scientific(off), "first": at, "later": length - at}
    if not off <= TOLERANCE:
        return Check("causal", False, off, "not_causal", values)
    return Check("causal", True, off, "causal" if off == 0 else "causal_near", values)


def _equal(name: Name, off: float, same: Said, differs: Said, **values: Any) -> Check:
    ok = off <= TOLERANCE
    return Check(name, ok, off, same if ok else differs, {"off": scientific(off), **values})


def _off(found: Arrays, wanted: Arrays) -> float:
    """NaN where any number is."""
    parts = [
        float(np.abs(a - b).max() / max(float(np.abs(b).max()), 1e-30)) for a, b in zip(found, wanted, strict=True)
    ]
    return float(np.max(parts))
