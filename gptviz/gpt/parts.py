"""The residual stream as the sum that it is, and how a logit is read from it. Numpy comes out, nothing is kept.

Every block only adds, so that the last stream at a position is embedding + position + what each head and each MLP
wrote there + their biases (Elhage et al. 2021, "the residual stream"). A head's part is its slice of ``z`` times its
rows of the matrix W_O; what all heads of a layer share is that matrix' bias. (A bias of the values lies within z: rows
of the pattern sum to 1, so that it would come out as a constant, and it is counted with the head that carries it.)

The final norm makes of a stream x, for LayerNorm, γ ⊙ (x − mean x) · r + β with r = 1/√(var x + ε), for RMSNorm
γ ⊙ x · r with r = 1/√(mean x² + ε). With r held at what it was in the run, the rest is linear: the logit of a token,
whose row of the output matrix is w, is r · (d · x) + w · β, where d = γ ⊙ w less its mean (RMSNorm: as it is).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gptviz.gpt.layers import LayerNorm
from gptviz.gpt.model import GPT, Block
from gptviz.gpt.positions import sinusoids

if TYPE_CHECKING:
    from gptviz.gpt.derived import Reading

Array = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


class Parts(NamedTuple):
    """What was written into the residual stream at one position; float64. C = n_embd."""

    token: Doubles  # (C,) the token's embedding
    position: Doubles | None  # (C,) the position's; None where positions turn queries and keys (rotary)
    heads: Doubles  # (n_layer, n_head, C)
    attn_bias: Doubles | None  # (n_layer, C) of attention's output matrix; None where it has none
    mlps: Doubles  # (n_layer, C) what the neurons write, without the bias
    mlp_bias: Doubles | None  # (n_layer, C)
    stream: Doubles  # (C,) the last residual stream: their sum, as the model rounded it on the way
    scale: float  # r, the final norm's at this position

    @property
    def total(self) -> Doubles:
        """(C,) their sum in float64."""
        found = self.token + self.heads.sum((0, 1)) + self.mlps.sum(0)
        for part in (self.position, self.attn_bias, self.mlp_bias):
            found = found if part is None else found + part.reshape(-1, len(found)).sum(0)
        return np.asarray(found)


class Direction(NamedTuple):
    """How the logit of one token is read: ``scale`` · (``read`` · stream) + ``shift``."""

    read: Doubles  # (C,) d
    shift: float  # w · β: what the final norm's own shift gives; 0 for RMSNorm


@torch.inference_mode()
def written(reading: Reading, pos: int, ids: Sequence[int]) -> Parts:
    """The parts of the stream at ``pos``."""
    model, at = reading.model, slice(pos, pos + 1)
    n_layer = model.config.n_layer
    token, position = _embedded(model, ids[pos], pos)
    blocks = [reading.block(layer) for layer in range(n_layer)]
    heads = torch.stack([_heads(block, reading.layer("z", layer)[:, pos]) for layer, block in enumerate(blocks)])
    biases = [block.attn.c_proj.bias for block in blocks], [block.mlp.c_proj.bias for block in blocks]
    attn_bias, mlp_bias = (None if of[0] is None else _doubles(torch.stack(cast("list[Tensor]", of))) for of in biases)
    mlps = _doubles(torch.cat([reading.rows("mlp_out", layer, at) for layer in range(n_layer)]))
    stream = _doubles(reading.layer("resid", n_layer)[pos])
    return Parts(
        token=token, position=position, heads=_doubles(heads), attn_bias=attn_bias,
        mlps=mlps if mlp_bias is None else mlps - mlp_bias, mlp_bias=mlp_bias, stream=stream,
        scale=mean_and_scale(model, stream)[1],
    )  # fmt: skip


def mean_and_scale(model: GPT, stream: Doubles) -> tuple[float, float]:
    """(what the final norm takes off a stream (C,), r: what it multiplies the rest with)."""
    norm = model.transformer["ln_f"]
    mean = float(stream.mean()) if isinstance(norm, LayerNorm) else 0.0
    return mean, float(1.0 / np.sqrt(((stream - mean) ** 2).mean() + cast("float", norm.eps)))


@torch.inference_mode()
def direction(model: GPT, token: int) -> Direction:
    """How the logit of ``token`` is read from the stream."""
    norm = model.transformer["ln_f"]
    row = _doubles(_output_row(model, token))
    read = _doubles(cast("Tensor", norm.weight)) * row
    if not isinstance(norm, LayerNorm):
        return Direction(read, 0.0)
    return Direction(read - read.mean(), float(row @ _doubles(norm.bias)))


@torch.inference_mode()
def unembedded(model: GPT, states: Array) -> Array:
    """(…, C) → (…, vocab_size) logits: each state normalised by its own statistics, then read."""
    flat = torch.from_numpy(np.ascontiguousarray(states).reshape(-1, states.shape[-1]).copy())
    logits: Array = model.logits(model.transformer["ln_f"](flat)).numpy()
    return logits.reshape(*states.shape[:-1], logits.shape[-1])


@torch.inference_mode()
def read_out(model: GPT, vectors: Array) -> Array:
    """(…, C) → (…, vocab_size): what each would add to the logits with the final norm's r at 1; padding is -inf."""
    norm = model.transformer["ln_f"]
    flat = torch.from_numpy(np.ascontiguousarray(vectors).reshape(-1, vectors.shape[-1]).copy())
    centred = flat - flat.mean(-1, keepdim=True) if isinstance(norm, LayerNorm) else flat
    logits: Array = model.logits(centred * cast("Tensor", norm.weight)).numpy()
    return logits.reshape(*vectors.shape[:-1], logits.shape[-1])


@torch.inference_mode()
def neuron_rows(block: Block, neurons: Sequence[int]) -> Tensor:
    """(n, C): the rows of the matrix by which an MLP writes."""
    return cast("Tensor", block.mlp.c_proj.weight)[list(neurons)]


def _embedded(model: GPT, token: int, pos: int) -> tuple[Doubles, Doubles | None]:
    """(C,) of the token, as it is scaled, and (C,) of the position or None."""
    config = model.config
    row = _doubles(model.transformer["wte"](torch.tensor([token]))[0]) * config.embedding_scale
    if config.position == "learned":
        return row, _doubles(cast("Tensor", model.transformer["wpe"].weight)[pos])
    if config.position == "sinusoidal":
        return row, _doubles(sinusoids(pos, 1, config.n_embd)[0])
    return row, None


def _heads(block: Block, z: Tensor) -> Tensor:
    """(n_head, head_dim), what the heads say at one position → (n_head, C), what each writes."""
    n_head, width = z.shape
    alone = z.new_zeros(n_head, n_head, width)  # row h: only head h says something
    alone[range(n_head), range(n_head)] = z
    out = block.attn.c_proj(alone.flatten(1))
    return out if block.attn.c_proj.bias is None else out - block.attn.c_proj.bias


def _output_row(model: GPT, token: int) -> Tensor:
    """(C,) of the output matrix; where that is the embedding, its row there: a narrow matrix is widened as a whole."""
    if model.config.tied:
        return cast("Tensor", model.transformer["wte"](torch.tensor([token]))[0])
    return cast("Tensor", model.lm_head.weight)[token]


def _doubles(x: Tensor) -> Doubles:
    return cast("Doubles", x.detach().double().numpy())
