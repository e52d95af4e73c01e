"""LoRA: what is added to a matrix is a product of two thin ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from gptviz.gpt.layers import Conv1D, Plain
from gptviz.tuning.method import Method, check_targets, freeze, matrices, require
from gptviz.tuning.trunk import Trunk


class LowRank(Plain):
    """x W + b + x Aᵀ Bᵀ · scale, with A (rank, n_in) and B (n_out, rank): Hu et al. 2021, equation 3."""

    def __init__(self, base: Conv1D, rank: int, scale: float) -> None:
        super().__init__()
        self.base, self.scale = base, scale
        self.A = nn.Parameter(torch.empty(rank, base.n_in))
        self.B = nn.Parameter(torch.zeros(base.n_out, rank))
        nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        return self.base(x) + (x @ self.A.T) @ self.B.T * self.scale  # (N, n_in) → (N, n_out)

    @torch.no_grad()
    def delta(self) -> Tensor:
        """What is added to the matrix, as that lies: (n_in, n_out)."""
        return (self.B @ self.A).T * self.scale


@dataclass(frozen=True)
class LoRA(Method):
    """Hu et al. 2021: A as torch starts a linear layer (Kaiming, a = √5), B = 0, their product times alpha / rank.

    Where W is (n_in, n_out) it learns rank · (n_in + n_out) numbers in place of n_in · n_out.
    """

    rank: int = 8
    alpha: float = 16.0
    targets: tuple[str, ...] = ("attn.c_attn",)
    name: ClassVar[str] = "lora"
    learning_rate: ClassVar[float] = 2e-3

    def __post_init__(self) -> None:
        require("rank", self.rank, 1, 1024)
        require("alpha", self.alpha, 1e-6, 1e6)
        check_targets(self.targets)

    def prepare(self, trunk: Trunk) -> None:
        freeze(trunk)
        for owner, name, base in list(matrices(trunk.model, self.targets)):
            setattr(owner, name, LowRank(base, self.rank, self.alpha / self.rank))

    def merge(self, trunk: Trunk) -> None:
        fold(trunk, self.targets)


@torch.no_grad()
def fold(trunk: Trunk, targets: tuple[str, ...]) -> None:
    """Add what was learnt beside each of the matrices to it, and put it back in its place."""
    for owner, name, there in list(matrices(trunk.model, targets)):
        beside = cast("LowRank", there)
        beside.base.weight.add_(beside.delta())
        setattr(owner, name, beside.base)
