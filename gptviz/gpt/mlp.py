"""The MLP: what each position makes of what it has read, alone.

Sources: Vaswani et al. 2017 (section 3.3), Hendrycks & Gimpel 2016 (GELU), Shazeer 2020 (gates).
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional as F

from gptviz.gpt.cache import KVCache, tapped
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.layers import Conv1D, Plain


class MLP(Plain):
    """Two matrices with an activation between them, by default a GELU, applied to each position alone.

    Where it is gated, the first is two side by side: what the activation leaves of the one half is multiplied by the
    other, number by number.
    """

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        self.layer, self.gated, bias = layer, config.gated, "mlp" in config.biases
        self.c_fc = Conv1D(config.n_embd, config.mlp_width * (2 if config.gated else 1), bias=bias)
        self.c_proj = Conv1D(config.mlp_width, config.n_embd, bias=bias)
        self.activation = _ACTIVATIONS[config.activation]

    def forward(self, x: Tensor, cache: KVCache | None) -> Tensor:
        return self.c_proj(tapped(cache, "mlp_hidden", self.layer, self.activations(x)))

    def activations(self, x: Tensor) -> Tensor:
        """What goes into the last matrix, (B·T, mlp_width)."""
        if self.gated:
            gate, up = self.c_fc(x).chunk(2, dim=-1)
            return self.activation(gate) * up
        return self.activation(self.c_fc(x))


def gelu_new(x: Tensor) -> Tensor:
    """GPT-2's GELU, the tanh form (Hendrycks & Gimpel 2016, section 2)."""
    return F.gelu(x, approximate="tanh")


_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu_new": gelu_new,
    "gelu": F.gelu,
    "relu": F.relu,
    "silu": F.silu,
}
