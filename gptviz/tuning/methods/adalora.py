"""AdaLoRA: a budget of ranks that moves to where it is worth most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, cast

import torch
from torch import Tensor, nn

from gptviz.gpt.layers import Conv1D, Plain
from gptviz.tuning.method import Method, check_targets, freeze, matrices, require
from gptviz.tuning.methods.lora import fold
from gptviz.tuning.trunk import Trunk

BETA = 0.85  # of both moving averages (Zhang et al. 2023, section 4.1)
_PARTS = ("A", "B", "E")


class Triplets(Plain):
    """x W + b + x (E ∘ A)ᵀ Bᵀ · alpha / (rank + 1e-5): Zhang et al. 2023, equation 3, a rank being a triplet of a row
    of A (rank, n_in), a number of E (rank, 1) and a column of B (n_out, rank)."""

    def __init__(self, base: Conv1D, rank: int, alpha: float) -> None:
        super().__init__()
        self.base, self.scale = base, alpha / (rank + 1e-5)
        self.A = nn.Parameter(torch.empty(rank, base.n_in).normal_(std=0.02))
        self.B = nn.Parameter(torch.empty(base.n_out, rank).normal_(std=0.02))
        self.E = nn.Parameter(torch.zeros(rank, 1))
        self.kept = torch.ones(rank, dtype=torch.bool)  # triplets that the budget has left
        self.sensitivity = {name: torch.zeros_like(getattr(self, name).data) for name in _PARTS}
        self.uncertainty = {name: torch.zeros_like(getattr(self, name).data) for name in _PARTS}

    def forward(self, x: Tensor) -> Tensor:
        return self.base(x) + (x @ (self.A * self.E).T) @ self.B.T * self.scale

    @torch.no_grad()
    def delta(self) -> Tensor:
        """What is added to the matrix, as that lies: (n_in, n_out)."""
        return (self.B @ (self.A * self.E)).T * self.scale

    @torch.no_grad()
    def look(self) -> None:
        """Take this step's |number · gradient| into the averages, and how far it is from them (equations 9 and 10)."""
        for name in _PARTS:
            parameter = cast("Tensor", getattr(self, name))
            if parameter.grad is None:
                continue
            now = (parameter * parameter.grad).abs()
            mean, spread = self.sensitivity[name], self.uncertainty[name]
            mean.mul_(BETA).add_(now, alpha=1 - BETA)
            spread.mul_(BETA).add_((now - mean).abs(), alpha=1 - BETA)

    def scores(self) -> Tensor:
        """How much each triplet is worth, (rank,): equation 8, of sensitivity times uncertainty (11)."""
        s = {name: self.sensitivity[name] * self.uncertainty[name] for name in _PARTS}
        return s["E"][:, 0] + s["A"].mean(1) + s["B"].mean(0)


class Budget(NamedTuple):
    """How many triplets are left in all after a step, and whether the others are cut now."""

    left: int
    cuts: bool


@dataclass(frozen=True)
class AdaLoRA(Method):
    """Zhang et al. 2023: ranks begin at ``first_rank`` and fall to ``rank`` on average, by a cubic schedule (equation
    12), the least important of all matrices first; A and B are drawn to stay orthogonal."""

    rank: int = 4  # of a matrix on average, at the end
    first_rank: int = 8
    alpha: float = 16.0
    targets: tuple[str, ...] = ("attn.c_attn",)
    orthogonal: float = 0.5  # weight of ‖A Aᵀ − I‖ + ‖Bᵀ B − I‖ in the loss
    warm: float = 0.1  # part of the run before the first cut
    settled: float = 0.3  # part of the run after the last
    every: int = 1  # steps between cuts
    name: ClassVar[str] = "adalora"
    learning_rate: ClassVar[float] = 5e-3

    def __post_init__(self) -> None:
        require("rank", self.rank, 1, 1024)
        require("first_rank", self.first_rank, self.rank, 1024)
        require("alpha", self.alpha, 1e-6, 1e6)
        require("orthogonal", self.orthogonal, 0, 1e6)
        require("warm", self.warm, 0, 1)
        require("settled", self.settled, 0, 1 - self.warm)
        require("every", self.every, 1, 10_000)
        check_targets(self.targets)

    def prepare(self, trunk: Trunk) -> None:
        freeze(trunk)
        for owner, name, base in list(matrices(trunk.model, self.targets)):
            setattr(owner, name, Triplets(base, self.first_rank, self.alpha))

    def there(self, trunk: Trunk) -> Iterator[Triplets]:
        """The matrices' triplets, in order."""
        return (cast("Triplets", found) for _, _, found in matrices(trunk.model, self.targets))

    def penalty(self, trunk: Trunk) -> Tensor | None:
        if not self.orthogonal:
            return None
        eye = torch.eye(self.first_rank)
        apart = [torch.linalg.matrix_norm(gram - eye) for found in self.there(trunk)
                 for gram in (found.A @ found.A.T, found.B.T @ found.B)]  # fmt: skip
        return self.orthogonal * torch.stack(apart).mean()

    def budget(self, step: int, steps: int, n: int) -> Budget:
        """Of ``n`` matrices after ``step``, from 1."""
        first, last = n * self.first_rank, n * self.rank
        begin, end = int(self.warm * steps), steps - int(self.settled * steps)
        if step <= begin:
            return Budget(first, cuts=False)
        if step >= end:
            return Budget(last, cuts=True)
        to_go = 1 - (step - begin) / (end - begin)
        return Budget(int(last + (first - last) * to_go**3), cuts=step % self.every == 0)

    @torch.no_grad()
    def after_step(self, trunk: Trunk, step: int, steps: int) -> None:
        found = list(self.there(trunk))
        settled = step > steps - int(self.settled * steps)
        if not settled:
            for triplets in found:
                triplets.look()
        left, cuts = self.budget(step, steps, len(found))
        if not cuts:
            return
        if settled:  # what was cut stays so
            keep = torch.cat([triplets.kept for triplets in found])
        else:
            order = torch.cat([triplets.scores() for triplets in found]).argsort(descending=True, stable=True)
            keep = torch.zeros(len(order), dtype=torch.bool)
            keep[order[:left]] = True
        for triplets, kept in zip(found, torch.split(keep, self.first_rank), strict=True):
            triplets.E[~kept] = 0.0
            triplets.kept = kept

    def ranks(self, trunk: Trunk) -> list[int]:
        """How many triplets of each matrix are left."""
        return [int(found.kept.sum()) for found in self.there(trunk)]

    def merge(self, trunk: Trunk) -> None:
        fold(trunk, self.targets)
