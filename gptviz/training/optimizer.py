"""What turns gradients into steps: AdamW for everything, or Muon for the matrices inside the blocks.

Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon) replaces a matrix's averaged gradient by the
nearest matrix whose singular values are all alike, so that rare directions are learnt as fast as common ones. At equal
tokens it is far ahead of AdamW in these small models. Embeddings, biases and LayerNorms stay with AdamW.

torch has a Muon, which iterates in bfloat16: on a CPU without that type, that costs several times more than this, which
takes the type that the device multiplies fastest in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from gptviz.gpt.config import TrainConfig
from gptviz.gpt.model import GPT

#: Of the quintic a·x + b·x³ + c·x⁵, whose iteration drives all singular values towards 1 (Jordan et al. 2024).
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5
MOMENTUM = 0.95
#: An AdamW step's root mean square in units of its learning rate: both can take the same rate (Liu et al. 2025, 2.2).
ADAMW_RMS = 0.2


def make_optimizers(model: GPT, config: TrainConfig, *, fused: bool = False,
                    dtype: torch.dtype = torch.float32) -> list[Optimizer]:  # fmt: skip
    """The optimisers of one run, which share its learning rate. Matrices decay, biases and LayerNorms do not."""
    named = list(model.named_parameters())
    inner = [(name, p) for name, p in named if p.ndim == 2 and ".h." in name] if config.optimizer == "muon" else []
    taken = {id(p) for _, p in inner}
    rest = [p for _, p in named if id(p) not in taken]
    groups = [
        {"params": [p for p in rest if p.ndim >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in rest if p.ndim < 2], "weight_decay": 0.0},
    ]
    adamw = AdamW(groups, lr=config.learning_rate, betas=config.betas, fused=fused or None)
    if not inner:
        return [adamw]
    sides: dict[int, list[nn.Parameter]] = {}
    for name, p in inner:
        sides.setdefault(_side_by_side(name, model), []).append(p)
    parts = [{"params": params, "parts": count} for count, params in sides.items()]
    return [adamw, Muon(parts, lr=config.learning_rate, weight_decay=config.weight_decay, dtype=dtype)]


def _side_by_side(name: str, model: GPT) -> int:
    """How many matrices of one shape one of ours is: queries, keys and values are three, a gate and its neurons two."""
    if name.endswith("attn.c_attn.weight") and model.config.kv_heads == model.config.n_head:
        return 3
    return 2 if name.endswith("mlp.c_fc.weight") and model.config.gated else 1


class Muon(Optimizer):
    """Momentum, made orthogonal. Matrices of one shape are worked on together, as one batch.

    A group's ``parts`` says how many matrices lie side by side in each of its own: each is made orthogonal by itself.
    """

    def __init__(self, params: Iterable[Any], *, lr: float, weight_decay: float,
                 dtype: torch.dtype = torch.float32) -> None:  # fmt: skip
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "parts": 1})
        self.dtype = dtype  # of the iteration, which bears the rounding of bf16 where the device is faster in it

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One step of every matrix that has a gradient."""
        for group in self.param_groups:
            shapes: dict[torch.Size, list[Tensor]] = {}
            for p in group["params"]:
                if p.grad is not None:
                    shapes.setdefault(p.shape, []).append(p)
            for same in shapes.values():
                updates = self._updates(same, group["parts"]).to(same[0].dtype)
                torch._foreach_mul_(same, 1.0 - group["lr"] * group["weight_decay"])
                torch._foreach_add_(same, list(updates.unbind(0)), alpha=-group["lr"])

    def _updates(self, same: list[Tensor], parts: int) -> Tensor:
        """(n, in, out): the direction of each of n equal-shaped matrices, of AdamW's size."""
        for p in same:
            if "momentum" not in self.state[p]:
                self.state[p]["momentum"] = torch.zeros_like(p)
        momenta = [self.state[p]["momentum"] for p in same]
        grads: list[Any] = [p.grad for p in same]
        torch._foreach_lerp_(momenta, grads, 1.0 - MOMENTUM)  # all matrices in one call: a GPU waits for each
        ahead = torch._foreach_lerp(grads, momenta, MOMENTUM)  # Nesterov's look ahead
        stacked = torch.stack(list(ahead)).to(self.dtype)
        n_in, n_out = stacked.shape[1:]
        size = ADAMW_RMS * math.sqrt(max(n_in, n_out // parts))
        if parts == 1:
            return orthogonal(stacked) * size
        apart = orthogonal(torch.cat(stacked.chunk(parts, -1)))  # (parts · n, in, out / parts)
        return torch.cat(apart.chunk(parts), -1) * size


def orthogonal(matrices: Tensor) -> Tensor:
    """(n, rows, columns) → the same with singular values near 1 (0.7 to 1.2), by Newton-Schulz iteration."""
    a, b, c = COEFFICIENTS
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if tall else matrices  # the products below are of the shorter side
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)  # no singular value above 1
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x
