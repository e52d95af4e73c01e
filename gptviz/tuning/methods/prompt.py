"""Prompt tuning: virtual tokens before every text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import nn

from gptviz.errors import ConfigError
from gptviz.tuning.method import Method, freeze, require
from gptviz.tuning.trunk import Trunk


@dataclass(frozen=True)
class Prompt(Method):
    """Lester et al. 2021: ``length`` rows in place of tokens' embeddings, which begin as rows of tokens drawn at random
    (their section 3.1, "sampled vocabulary"). They take the first positions."""

    length: int = 10
    name: ClassVar[str] = "prompt"
    learning_rate: ClassVar[float] = 2e-2
    merges: ClassVar[bool] = False

    def __post_init__(self) -> None:
        require("length", self.length, 1, 512)

    def prepare(self, trunk: Trunk) -> None:
        if self.length >= trunk.model.config.block_size:
            raise ConfigError("config.range", name="length", value=self.length, low=1,
                              high=trunk.model.config.block_size - 1)  # fmt: skip
        freeze(trunk)
        drawn = torch.randint(trunk.model.n_tokens, (1, self.length))
        with torch.no_grad():
            rows = trunk.model.transformer["wte"](drawn)[0] * trunk.model.config.embedding_scale
        trunk.virtual = nn.Parameter(rows.clone())
