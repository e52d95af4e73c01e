"""What a way of tuning has to say: which numbers of the model are learnt, and which are put beside them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast

from torch import Tensor, nn

from gptviz.errors import ConfigError
from gptviz.gpt.attention import CausalSelfAttention
from gptviz.gpt.layers import Conv1D
from gptviz.gpt.model import GPT
from gptviz.tuning.trunk import Trunk


def require(name: str, value: float, low: float, high: float) -> None:
    """Raise ConfigError where a setting lies outside its bounds (NaN does)."""
    if not low <= value <= high:
        raise ConfigError("config.range", name=name, value=value, low=low, high=high)


@dataclass(frozen=True)
class Method(ABC):
    """A way of tuning; its fields are its settings."""

    name: ClassVar[str]
    learning_rate: ClassVar[float]  # at its peak, where no other is asked for
    merges: ClassVar[bool] = True  # whether what was learnt can become part of the model's own matrices

    @abstractmethod
    def prepare(self, trunk: Trunk) -> None:
        """Put in what is learnt, and say of all numbers whether they are.

        At first what comes out is what the model says, to the bit, but for what stands before a text.
        """

    def penalty(self, trunk: Trunk) -> Tensor | None:
        """What the loss is added to; None: nothing."""
        return None

    def after_step(self, trunk: Trunk, step: int, steps: int) -> None:  # noqa: B027  # most have nothing to do
        """After ``step`` of ``steps`` (from 1) has been taken, while its gradients are still there."""

    def merge(self, trunk: Trunk) -> None:
        """Make what was learnt part of the model's matrices, where that can be. Raises ConfigError where it cannot."""
        if not self.merges:
            raise ConfigError("tune.no_merge", method=self.name)


def freeze(trunk: Trunk) -> None:
    """None of the model's own numbers is learnt."""
    for parameter in trunk.parameters():
        parameter.requires_grad_(False)


def matrices(model: GPT, targets: tuple[str, ...]) -> Iterator[tuple[nn.Module, str, Conv1D]]:
    """The matrices of these names (``attn.c_attn``, ``attn.c_proj``, ``mlp.c_fc``, ``mlp.c_proj``) in every block:
    whose part they are, under which name, and they themselves."""
    for block in model.blocks:
        for target in targets:
            part, _, name = target.partition(".")
            owner = cast("CausalSelfAttention", getattr(block, part))
            yield owner, name, cast("Conv1D", getattr(owner, name))


MATRICES = ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")


def check_targets(targets: tuple[str, ...]) -> None:
    """Raise ConfigError where a matrix is named that no block has."""
    for target in targets:
        if target not in MATRICES:
            raise ConfigError("config.choice", name="targets", value=target, choices=", ".join(MATRICES))
    if not targets:
        raise ConfigError("config.choice", name="targets", value="()", choices=", ".join(MATRICES))
