"""One head at one query, from the residual stream back to it: every vector on the way.

The words are those of Vaswani et al. 2017, section 3.2, with the norm before attention (as GPT-2 has it): the query's
stream ``x`` is normalised and multiplied into q, those of all positions into k and v; q·k, ÷√d, mask and softmax make
weights; the values, weighted, add up to z; the z of all heads side by side times W_O are added to the stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from gptviz.gpt.trace import Trace

Floats = npt.NDArray[np.float32]


class HeadSteps(NamedTuple):
    """All that one head computes for one query; T positions, C = n_embd, d = head_dim."""

    layer: int
    head: int
    kv_head: int  # the head of keys and values that it reads: another number where several share one
    query: int
    first: int  # the first key that the query may look at: 0, unless the layer has a window
    x: Floats  # (C,) the residual stream before the block
    norm: Floats  # (C,) the same normalised
    q_plain: Floats  # (d,) as the matrix gives it
    q_unit: Floats | None  # (d,) normalised, where the model does that to queries and keys
    q: Floats  # (d,) as it meets the keys: turned, where positions are rotary
    k_plain: Floats  # (T, d)
    k_unit: Floats | None  # (T, d)
    k: Floats  # (T, d)
    v: Floats  # (T, d)
    raw: Floats  # (T,) q·k
    scores: Floats  # (T,) q·k/√d
    masked: Floats  # (T,) the same, -inf where the mask is
    pattern: Floats  # (T,) softmax of that
    weighted: Floats  # (T, d) each value times its weight
    z: Floats  # (d,) their sum
    concat: Floats  # (n_head · d,) z of all heads, side by side
    own: Floats  # (C,) what this head adds: z W_O, its rows
    out: Floats  # (C,) what all heads add, with the bias
    mid: Floats  # (C,) the residual stream after that


def attend(trace: Trace, layer: int, head: int, query: int) -> HeadSteps:
    """The steps of ``head`` in ``layer`` at position ``query``, from the trace and the model's weights.

    Raises IndexError for a layer, head or position that is not there. Of a run with edits the numbers of the trace are
    those that went on, which need not follow from one another.
    """
    c, T = trace.config, len(trace)
    for name, at, count in (("layer", layer, c.n_layer), ("head", head, c.n_head), ("query", query, T)):
        if not 0 <= at < count:
            raise IndexError(f"{name} must be from 0 to {count - 1}, not {at}")
    kv, inner = head * c.kv_heads // c.n_head, trace.inner(layer)
    norm = inner.normed(trace.resid[layer])  # (T, C)
    q_plain, k_plain = inner.projected(norm, "q", head)[query], inner.projected(norm, "k", kv)
    q_unit = inner.unit(q_plain[None], "q")
    q, k, v = trace.q[layer, head, query], trace.k[layer, kv], trace.v[layer, kv]
    window = trace.windows[layer] if trace.windows else 0
    first = max(0, query - window + 1) if window else 0
    scores, pattern = trace.scores_of(layer, head)[query], trace.pattern_of(layer, head)[query]
    masked = np.full_like(scores, -np.inf)
    masked[first : query + 1] = scores[first : query + 1]
    z = trace.z[layer, :, query]  # (n_head, d)
    return HeadSteps(
        layer, head, kv, query, first, trace.resid[layer, query], norm[query], q_plain,
        None if q_unit is None else q_unit[0], q, k_plain, inner.unit(k_plain, "k"), k, v, k @ q, scores, masked,
        pattern, pattern[:, None] * v, z[head], z.reshape(-1), z[head] @ inner.output()[head],
        trace.layer("attn_out", layer)[query], trace.layer("resid_mid", layer)[query],
    )  # fmt: skip
