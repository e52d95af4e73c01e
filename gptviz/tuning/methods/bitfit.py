"""The biases alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gptviz.errors import ConfigError
from gptviz.tuning.method import Method, freeze
from gptviz.tuning.trunk import Trunk


@dataclass(frozen=True)
class BitFit(Method):
    """Every bias, the norms' too, and no matrix (Ben Zaken et al. 2022). A model without biases has none to learn."""

    name: ClassVar[str] = "bitfit"
    learning_rate: ClassVar[float] = 3e-3

    def prepare(self, trunk: Trunk) -> None:
        freeze(trunk)
        biases = [parameter for name, parameter in trunk.named_parameters() if name.endswith("bias")]
        if not biases:
            raise ConfigError("tune.no_biases")
        for parameter in biases:
            parameter.requires_grad_(True)
