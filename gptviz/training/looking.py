"""One step looked at from inside: how far it moves each layer, and how large its gradients are.

The *update-to-weight ratio* of a layer is ‖Δw‖/‖w‖ of one step, over all tensors of the layer; about 1e-3 is a rule of
thumb for a rate that suits (Karpathy, "Building makemore, part 3", 2022). Gradients are counted by powers of two: what
is below 2^-25 is rounded to nothing in float16, and what is below 2^-14 has lost digits there (IEEE 754 binary16), so
that it needs a loss scaler (Micikevicius et al. 2018, arXiv 1710.03740).
"""

from __future__ import annotations

import re
import time
from typing import NamedTuple

import torch
from torch import Tensor, nn

#: Powers of two that are told apart: what is smaller or larger is counted with the first or the last.
LOWEST, HIGHEST = -40, 4
#: Below, a number is zero in float16; below the other one, it is held with fewer digits.
FLOAT16_ZERO, FLOAT16_NORMAL = -25, -14
_BLOCK = re.compile(r"\.h\.(\d+)\.")


class Looked(NamedTuple):
    """What one step did. Norms are of the whole gradient; ``ratios`` by layer, embeddings first, the rest last."""

    norm: float  # before clipping
    clipped: float  # after it
    ratios: list[tuple[str, float]]  # (embeddings, 0, 1, …, out), ‖Δw‖ / ‖w‖
    counts: list[int]  # gradients of size 2^LOWEST ≤ |g| < 2^(LOWEST + 1), and so on
    zeros: int  # gradients that are exactly 0


class Look:
    """Is shown a model's gradients before they are clipped, then the weights after the step."""

    def __init__(self) -> None:
        self._before: dict[str, Tensor] = {}
        self._seen: tuple[float, list[int], int] | None = None
        self.found: Looked | None = None
        self.seconds = 0.0  # that looking took

    @torch.no_grad()
    def before(self, model: nn.Module) -> None:
        """The gradients as they came out of the backward pass, and the weights that they will move."""
        began = time.perf_counter()
        counts = torch.zeros(HIGHEST - LOWEST + 1, dtype=torch.int64)
        zeros, squares = 0, 0.0
        for name, parameter in model.named_parameters():
            if parameter.grad is None:
                continue
            gradient = parameter.grad.detach().float()
            squares += float(gradient.double().pow(2).sum())
            size = gradient.abs().flatten()
            some = size[size > 0]
            zeros += size.numel() - some.numel()
            power = torch.frexp(some)[1].sub_(1).clamp_(LOWEST, HIGHEST)  # |g| = m · 2^e with ½ ≤ m < 1
            counts += torch.bincount((power - LOWEST).long().cpu(), minlength=len(counts))
            self._before[name] = parameter.detach().clone()
        self._seen = squares**0.5, counts.tolist(), zeros
        self.seconds += time.perf_counter() - began

    @torch.no_grad()
    def after(self, model: nn.Module, grad_clip: float) -> None:
        """The weights after the step; then ``found`` is there."""
        if self._seen is None:
            return
        began = time.perf_counter()
        moved: dict[str, float] = {}
        whole: dict[str, float] = {}
        for name, parameter in model.named_parameters():
            if name in self._before:
                layer = layer_of(name)
                old = self._before[name]
                moved[layer] = moved.get(layer, 0.0) + float((parameter.detach() - old).double().pow(2).sum())
                whole[layer] = whole.get(layer, 0.0) + float(old.double().pow(2).sum())
        norm, counts, zeros = self._seen
        order = sorted(moved, key=_place)
        ratios = [(layer, (moved[layer] / whole[layer]) ** 0.5 if whole[layer] else 0.0) for layer in order]
        self.found = Looked(norm, min(norm, grad_clip), ratios, counts, zeros)
        self._before = {}
        self.seconds += time.perf_counter() - began


def layer_of(name: str) -> str:
    """The layer that a tensor belongs to: its block's number, ``embeddings``, or ``out`` for what follows the blocks.

    >>> layer_of("transformer.h.3.mlp.c_fc.weight"), layer_of("transformer.wte.weight")
    ('3', 'embeddings')
    """
    block = _BLOCK.search(name)
    if block:
        return block[1]
    return "embeddings" if ".wte." in name or ".wpe." in name else "out"


def _place(layer: str) -> int:
    return {"embeddings": -1, "out": 10**6}[layer] if not layer.isdigit() else int(layer)
