"""All numbers of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gptviz.tuning.method import Method, freeze, require
from gptviz.tuning.trunk import Trunk


@dataclass(frozen=True)
class Full(Method):
    """Everything is learnt, or the last ``last_layers`` blocks and the final norm (Howard & Ruder 2018 unfreeze so)."""

    last_layers: int | None = None  # None: all
    name: ClassVar[str] = "full"
    # The largest that Devlin et al. 2019 (A.3) try. At 2e-4 the bundled model forgot both languages, and on some seeds
    # learnt nothing (assets/tuning/README.md).
    learning_rate: ClassVar[float] = 5e-5

    def __post_init__(self) -> None:
        if self.last_layers is not None:
            require("last_layers", self.last_layers, 1, 512)

    def prepare(self, trunk: Trunk) -> None:
        if self.last_layers is None:
            return
        freeze(trunk)
        blocks = list(trunk.model.blocks)[-self.last_layers :]
        for part in (*blocks, trunk.model.transformer["ln_f"]):
            for parameter in part.parameters():
                parameter.requires_grad_(True)
