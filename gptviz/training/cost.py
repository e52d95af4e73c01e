"""What a run will cost, worked out before it begins.

FLOPs of training per token: 6N by the usual rule (Kaplan et al. 2020, section 2.1: two for each parameter's
multiplication and addition, backward twice as many), and counted exactly: the matrices, the embedding's output side,
and attention's scores and sums, which 6N leaves out; looking a token up costs nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from gptviz.gpt.config import GPTConfig, TrainConfig

#: Multiplications and additions a second that a core does in models of this size; measured once it runs.
FLOPS = 4.5e10
_WIDE, _NARROW = 4, 2  # bytes of a number in float32, and in bfloat16 or float16
_BACKWARD = 2.0  # times forward


class Cost(NamedTuple):
    """Numbers of one run."""

    n_parameters: int
    parts: dict[str, int]
    n_bytes: int  # that training it takes, about
    flops_rule: float  # per token, 6N
    flops: float  # per token, counted; what is computed again with gradient checkpointing included
    n_tokens: int  # read in all, where no time limit ends it before
    tokens_a_second: float  # about, on one core
    seconds: float  # about, on one core


def cost(config: TrainConfig) -> Cost:
    """Of one run."""
    shape, T = config.model, config.model.block_size
    blocks, output = _multiplied(shape)
    attention = 2 * shape.n_layer * shape.n_head * shape.head_dim * T  # T / 2 on average, for scores and for the sum
    inner, forward = 2.0 * blocks + attention, 2.0 * (blocks + output) + attention
    flops = forward * (1 + _BACKWARD) + (inner if config.recompute else 0.0)
    n_tokens = config.tokens_per_step * config.steps
    seconds = n_tokens * flops / FLOPS
    return Cost(shape.n_parameters, shape.parameters, _bytes(config, blocks), 6.0 * shape.n_parameters, flops, n_tokens,
                FLOPS / flops, seconds if config.seconds is None else min(seconds, config.seconds))  # fmt: skip


def _multiplied(shape: GPTConfig) -> tuple[int, int]:
    """(in the blocks, at the output): parameters that each token is multiplied with; biases are only added."""
    C, d, F = shape.n_embd, shape.head_dim, shape.mlp_width
    attention = C * (shape.n_head + 2 * shape.kv_heads) * d + shape.n_head * d * C
    mlp = C * F * (3 if shape.gated else 2)
    return shape.n_layer * (attention + mlp), (shape.n_tokens or shape.vocab_size) * C


def _bytes(config: TrainConfig, blocks: int) -> int:
    """Weights, gradients, the optimiser's averages (AdamW two, Muon one of each matrix in the blocks), activations."""
    shape, N = config.model, config.model.n_parameters
    narrow = config.precision in ("bfloat16", "float16")
    averages = 2 * N - (blocks if config.optimizer == "muon" else 0)
    held = _WIDE * (2 * N + averages) + (2 * _NARROW * N if narrow else 0)
    # of one position in one block: about six streams, q, k and v, the neurons before and after, scores and pattern
    C, T = shape.n_embd, shape.block_size
    block = (
        6 * C + 3 * shape.n_head * shape.head_dim + (3 if shape.gated else 2) * shape.mlp_width + 2 * shape.n_head * T
    )
    kept = shape.n_layer * C + block if config.recompute else shape.n_layer * block
    logits = 2 * (shape.n_tokens or shape.vocab_size)
    return held + (_NARROW if narrow else _WIDE) * config.batch_size * T * (kept + logits)
