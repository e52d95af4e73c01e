"""Prefix tuning: keys and values that stand before every text, in each layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptviz.errors import ConfigError
from gptviz.tuning.method import Method, freeze, require
from gptviz.tuning.trunk import Trunk


class Prefixed(nn.Module):
    """Causal attention over ``length`` learnt keys and values, which all see, and then over the text's own."""

    def __init__(self, length: int, n_kv_head: int, head_dim: int, group: int) -> None:
        super().__init__()
        self.kv = nn.Parameter(torch.empty(2, n_kv_head, length, head_dim).normal_(std=0.02))
        self.group = group

    def forward(self, q: Tensor, k: Tensor, v: Tensor, dropout: float) -> Tensor:
        """Each (B, n_head, T, head_dim) → (B, n_head, T, head_dim)."""
        B, T, m = len(q), q.shape[2], self.kv.shape[2]
        keys, values = self.kv.repeat_interleave(self.group, dim=1).unsqueeze(1).expand(-1, B, -1, -1, -1)
        k, v = torch.cat((keys, k), dim=2), torch.cat((values, v), dim=2)  # (B, n_head, m + T, head_dim)
        seen = torch.ones(T, m + T, dtype=torch.bool).tril(m)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=seen, dropout_p=dropout)


@dataclass(frozen=True)
class Prefix(Method):
    """Li & Liang 2021, without their MLP over the table: n_layer · 2 · length · width numbers.

    The text keeps its positions, from 0: the prefix has none, as its keys are learnt as they are.
    """

    length: int = 10
    name: ClassVar[str] = "prefix"
    learning_rate: ClassVar[float] = 1e-2
    merges: ClassVar[bool] = False

    def __post_init__(self) -> None:
        require("length", self.length, 1, 512)

    def prepare(self, trunk: Trunk) -> None:
        config = trunk.model.config
        if any(config.windows):
            raise ConfigError("tune.windows", method=self.name)
        freeze(trunk)
        for block in trunk.model.blocks:
            prefix = Prefixed(self.length, config.kv_heads, config.head_dim, block.attn.group)
            block.attn.fused = prefix  # what multiplies while nothing is traced
