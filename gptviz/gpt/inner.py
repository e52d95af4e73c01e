"""The inside of one layer's attention as plain numpy: its weights, and what lies between two taps. Nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gptviz.gpt.config import GPTConfig
from gptviz.gpt.layers import LayerNorm, RMSNorm
from gptviz.gpt.model import Block
from gptviz.gpt.positions import rotary_angles

Array = npt.NDArray[np.float32]


class Norm(NamedTuple):
    """(x − mean x) / √(var x + eps) · weight + bias; without a ``bias`` an RMSNorm, x / √(mean x² + eps) · weight."""

    weight: Array
    bias: Array | None
    eps: float


@dataclass(frozen=True)
class Inner:
    """Attention of one layer. T positions, C = n_embd, d = head_dim."""

    block: Block
    config: GPTConfig

    def normed(self, x: Array) -> Array:
        """(T, C) of the residual stream → what queries, keys and values are made of."""
        with torch.inference_mode():
            return _array(self.block.ln_1(torch.tensor(x)))

    def projected(self, normed: Array, part: str, head: int) -> Array:
        """(T, C) → (T, d): a head's queries ("q"), keys ("k") or values ("v") as the matrix gives them."""
        first = self._column(part, head)
        with torch.inference_mode():
            made = self.block.attn.c_attn(torch.tensor(normed))[:, first : first + self.config.head_dim]
        return _array(made)

    def unit(self, plain: Array, part: str) -> Array | None:
        """(T, d) queries or keys, normalised before they are turned; None where the model does not do that."""
        if not self.config.qk_norm:
            return None
        with torch.inference_mode():
            return _array((self.block.attn.ln_q if part == "q" else self.block.attn.ln_k)(torch.tensor(plain)))

    def column(self, part: str, head: int, index: int) -> tuple[Array, float | None]:
        """(C,) of the matrix, and the bias: what number ``index`` of a head's q, k or v is made with."""
        at = self._column(part, head) + index
        bias = self.block.attn.c_attn.bias
        return _array(self.block.attn.c_attn.weight[:, at]), None if bias is None else float(bias[at])

    def output(self) -> Array:
        """(n_head, d, C): W_O, each head's rows: z of a head times its own is what the head adds to the stream."""
        c = self.config
        return _array(self.block.attn.c_proj.weight).reshape(c.n_head, c.head_dim, c.n_embd)

    def output_bias(self, index: int) -> float | None:
        """What all heads share, of number ``index`` of the stream."""
        bias = self.block.attn.c_proj.bias
        return None if bias is None else float(bias[index])

    def norm(self, part: str) -> Norm:
        """The norm of the stream ("x"), or of a head's queries ("q") or keys ("k")."""
        attn = self.block.attn
        found: LayerNorm | RMSNorm = self.block.ln_1 if part == "x" else attn.ln_q if part == "q" else attn.ln_k
        bias = found.bias if isinstance(found, LayerNorm) else None
        return Norm(_array(found.weight), None if bias is None else _array(bias), found.eps)

    def weights(self) -> dict[str, Array]:
        """All that these are worked out from, by their names in the block."""
        names = ("ln_1.", "attn.")
        return {name: _array(weight) for name, weight in self.block.state_dict().items() if name.startswith(names)}

    def turn(self, pos: int) -> tuple[Array, Array]:
        """(planes,) cosine and sine of the turn of queries and keys at ``pos``; none where positions are not rotary."""
        cos, sin = rotary_angles(pos, 1, self.config.rotary_width, self.config.rotary)
        return _array(cos[0]), _array(sin[0])

    def _column(self, part: str, head: int) -> int:
        """Where a head's columns of the matrix for queries, keys and values begin."""
        attn = self.block.attn
        before = {"q": 0, "k": attn.n_head, "v": attn.n_head + attn.n_kv_head}[part]
        return (before + head) * attn.head_dim


def _array(tensor: Tensor) -> Array:
    """A copy: weights of a model belong to all who read it."""
    made: Array = tensor.detach().float().numpy().copy()
    return made
