"""Learning against the worst that a small step can do: what stands for the tokens is moved so that the loss grows.

*FGM*: one step of length ε along the gradient (Miyato et al. 2017, equation 5; half of the loss is that of the text
as it is). *PGD*: several shorter ones, back into the ball of radius ε after each (Madry et al. 2018, equation 2.1: the
loss is that of the moved text alone). ε counts in mean lengths of a token's row, and is the length of the step over
**one text**: each is moved by all of ε, whatever else is in its batch, and no number of the model is touched for it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import torch
from torch import Tensor

from gptviz.errors import ConfigError
from gptviz.tuning.method import require
from gptviz.tuning.trunk import Trunk

#: (B, T, C) rows → (B,) loss of each text.
Losses: TypeAlias = Callable[[Tensor], Tensor]
#: Mean lengths of a token's row: at 0.1 the bundled model learns half as much of our reviews, at 0.3 nothing.
EPSILON = 0.03
_TINY = 1e-12  # a gradient shorter than that has no direction


@dataclass(frozen=True)
class Adversary(ABC):
    """Who moves the rows."""

    epsilon: float = EPSILON  # mean lengths of a token's row
    name: ClassVar[str]
    clean: ClassVar[float]  # part of the loss that is that of the text as it is

    def __post_init__(self) -> None:
        require("epsilon", self.epsilon, 1e-6, 1e6)

    @abstractmethod
    def step(self, losses: Losses, rows: Tensor, radius: float) -> Tensor:
        """(B, T, C): how each text's rows are moved, by ``radius`` at most."""

    def loss(self, losses: Losses, rows: Tensor, trunk: Trunk) -> Tensor:
        """What is learnt from, the mean over texts."""
        moved = losses(rows + self.step(losses, rows.detach(), self.epsilon * unit(trunk)))
        return self.clean * losses(rows).mean() + (1 - self.clean) * moved.mean() if self.clean else moved.mean()


@torch.no_grad()
def unit(trunk: Trunk) -> float:
    """The mean length of a token's row."""
    every = trunk.tokens(torch.arange(trunk.model.n_tokens)[None])[0]  # (V, C)
    return float(every.norm(dim=1).mean())


@dataclass(frozen=True)
class FGM(Adversary):
    """δ = ε g / ‖g‖, of each text; a text without a gradient stays where it is."""

    name: ClassVar[str] = "fgm"
    clean: ClassVar[float] = 0.5

    def step(self, losses: Losses, rows: Tensor, radius: float) -> Tensor:
        return radius * _direction(losses, rows)


@dataclass(frozen=True)
class PGD(Adversary):
    """``steps`` of ``step_size`` · ε along the gradient where it then is, each brought back into the ball."""

    steps: int = 3
    step_size: float = 0.6
    name: ClassVar[str] = "pgd"
    clean: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require("steps", self.steps, 1, 100)
        require("step_size", self.step_size, 1e-6, 1e3)

    def step(self, losses: Losses, rows: Tensor, radius: float) -> Tensor:
        moved = torch.zeros_like(rows)
        for _ in range(self.steps):
            moved = moved + self.step_size * radius * _direction(losses, rows + moved)
            length = moved.flatten(1).norm(dim=1).clamp_min(_TINY)  # (B,)
            moved = moved * (radius / length).clamp_max(1.0)[:, None, None]
        return moved


ADVERSARIES: dict[str, type[Adversary]] = {kind.name: kind for kind in (FGM, PGD)}


def adversary(name: str, **settings: float) -> Adversary:
    """The one of that name. Raises ConfigError where there is none."""
    if name not in ADVERSARIES:
        raise ConfigError("config.choice", name="adversarial", value=name, choices=", ".join(ADVERSARIES))
    return ADVERSARIES[name](**settings)


def _direction(losses: Losses, rows: Tensor) -> Tensor:
    """The gradient of each text's own loss, of length 1 over all of its tokens (B, T, C); 0 where there is none."""
    with torch.enable_grad():
        given = rows.detach().clone().requires_grad_(True)
        [gradient] = torch.autograd.grad(losses(given).sum(), given)
    length = gradient.flatten(1).norm(dim=1)[:, None, None]
    return torch.where(length > _TINY, gradient / length.clamp_min(_TINY), 0.0)
