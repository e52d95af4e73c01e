"""What a run will cost, worked out before it begins. Pure.

FLOPs of training per token: 6N by the usual rule (Kaplan et al. 2020, section 2.1: two for each parameter's
multiplication and addition, backward twice as many), and counted exactly: the matrices, the embedding's output side,
and attention's scores and sums, which 6N leaves out; looking a token up costs nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from gptviz.gpt.config import GPTConfig

_BYTES = 4  # of a number in float32
#: Weights, gradients and AdamW's two averages.
_COPIES = 4
#: Multiplications and additions a second that a core does in models of this size; measured once it runs.
FLOPS = 4.5e10


class Cost(NamedTuple):
    """Numbers of one run."""

    n_parameters: int
    parts: dict[str, int]
    n_bytes: int  # that training it takes, about
    flops_rule: float  # per token, 6N
    flops: float  # per token, counted
    n_tokens: int  # read in all
    seconds: float  # about, on one core


def cost(shape: GPTConfig, *, batch_size: int, steps: int) -> Cost:
    """Of ``steps`` steps of ``batch_size`` rows."""
    parts, T = shape.parameters, shape.block_size
    n = sum(parts.values())
    matrices = (
        n - parts.get("positions", 0) - parts.get("norms", 0)
    )  # tied: the embedding counts as the output's matrix
    attention = 2 * shape.n_layer * shape.n_embd * T  # half of T on average, for scores and for the sum of values
    flops = 3.0 * (2 * matrices + attention)
    activations = 14 * shape.n_layer * shape.n_embd + 2 * shape.n_layer * shape.n_head * T + 2 * (shape.n_tokens or 1)
    n_bytes = _BYTES * (_COPIES * n + batch_size * T * activations)
    n_tokens = batch_size * T * steps
    return Cost(n, parts, n_bytes, 6.0 * n, flops, n_tokens, n_tokens * flops / FLOPS)
