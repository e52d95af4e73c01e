"""Adapters: small layers after each part of a block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptviz.gpt.layers import Conv1D, Plain
from gptviz.tuning.method import Method, freeze, matrices, require
from gptviz.tuning.trunk import Trunk

PLACES = ("attn.c_proj", "mlp.c_proj")


class Adapted(Plain):
    """y + W_up · GELU(W_down y + b) + b', of what a matrix gives, y: Houlsby et al. 2019, section 2.1."""

    def __init__(self, base: Conv1D, width: int) -> None:
        super().__init__()
        self.base = base
        self.down = nn.Parameter(torch.empty(base.n_out, width).normal_(std=0.02))
        self.down_bias = nn.Parameter(torch.zeros(width))
        self.up = nn.Parameter(torch.zeros(width, base.n_out))  # so that at first it adds nothing
        self.up_bias = nn.Parameter(torch.zeros(base.n_out))

    def forward(self, x: Tensor) -> Tensor:
        y = self.base(x)
        hidden = F.gelu(torch.addmm(self.down_bias, y, self.down))  # (N, width)
        return y + torch.addmm(self.up_bias, hidden, self.up)


@dataclass(frozen=True)
class Adapter(Method):
    """Houlsby et al. 2019: a bottleneck after attention and after the MLP, and the norms learnt with it."""

    width: int = 16
    name: ClassVar[str] = "adapter"
    learning_rate: ClassVar[float] = 2e-3
    merges: ClassVar[bool] = False

    def __post_init__(self) -> None:
        require("width", self.width, 1, 4096)

    def prepare(self, trunk: Trunk) -> None:
        freeze(trunk)
        for owner, name, base in list(matrices(trunk.model, PLACES)):
            setattr(owner, name, Adapted(base, self.width))
        for name, parameter in trunk.named_parameters():
            if ".ln_" in name:
                parameter.requires_grad_(True)
