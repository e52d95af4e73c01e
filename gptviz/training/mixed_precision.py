"""Training in bfloat16 on a CPU that multiplies it (AMX, AVX512-BF16): up to several times the speed of float32.

The weights that are stepped stay float32. Each step's losses and gradients come from a bfloat16 copy of the model
(mixed precision with master weights: Micikevicius et al. 2018, section 3.1; bfloat16's range needs no loss scaling).
torch's autocast would keep half of the work in float32 and copy every tensor on its way in and out.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
from torch import Tensor

from gptviz.gpt.model import GPT, fused_attention
from gptviz.training.objectives import at

#: Sums of exponentials from this to its inverse are safe to multiply and to divide by; their type ends at 1e±38.
_SMALLEST = 1e-25


class MixedPrecision:
    """A float32 model, its bfloat16 copy, and what takes the loss of the copy."""

    def __init__(self, model: GPT) -> None:
        self.wide = model
        self.model = copy.deepcopy(model).bfloat16()
        for block in self.model.blocks if model.config.causal else ():  # without a mask torch's own is used
            block.attn.fused = causal_attention
        self.scratch = torch.empty(0, dtype=torch.bfloat16)

    @torch.no_grad()
    def refresh(self) -> None:
        """Take over the model's weights as they are now."""
        self.model.train(self.wide.training)
        for narrow, wide in zip(self.model.parameters(), self.wide.parameters(), strict=True):
            narrow.copy_(wide)

    def loss(self, inputs: Tensor, targets: Tensor, places: Tensor | None = None) -> Tensor:
        """Mean cross-entropy, nats per target: ``inputs`` (B, T); ``targets`` (B, T), or (B, K) at ``places``."""
        hidden, weight = at(self.model(inputs), places).flatten(0, 1), self.model.output_rows
        if self.scratch.shape != (len(hidden), len(weight)):
            self.scratch = torch.empty(len(hidden), len(weight), dtype=torch.bfloat16)
        loss: Tensor = Bfloat16CrossEntropy.apply(  # type: ignore[no-untyped-call]
            hidden, weight, targets.flatten(), self.scratch
        )
        return loss

    def hand_over(self) -> None:
        """Give the copy's gradients to the model, in float32."""
        for narrow, wide in zip(self.model.parameters(), self.wide.parameters(), strict=True):
            wide.grad = None if narrow.grad is None else narrow.grad.float()
            narrow.grad = None


class Bfloat16CrossEntropy(torch.autograd.Function):
    """Mean of ``-log softmax(hidden @ weight.T)[target]`` in nats, for a CPU: as few passes over the logits as can be.

    All that is kept of the logits is their exponentials, in ``scratch``, which outlives the step: fresh memory of that
    size costs as much as the products. Rows are scaled to probabilities where they are narrow: in what is multiplied
    with them. Sums over the vocabulary are taken in float32 and rounded.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor, scratch: Tensor) -> Tensor:
        """``hidden`` (N, C), ``weight`` (vocab_size, C), ``targets`` (N,), ``scratch`` (N, vocab_size) → a scalar."""
        N = len(hidden)
        mean, mass = torch.empty_like(hidden), torch.empty(N, 1)
        total = exponentials(hidden, weight, targets, scratch, mean, mass, shift=False)
        if not (mass.min() > _SMALLEST and mass.max() < 1 / _SMALLEST):  # exp near its limits, as in runs that diverge
            total = exponentials(hidden, weight, targets, scratch, mean, mass, shift=True)
        scale = (1.0 / (N * mass)).to(hidden.dtype)  # (N, 1)
        grad_hidden = mean.mul_(scale).sub_(weight[targets], alpha=1.0 / N)  # (N, C)
        grad_weight = scratch.T @ (hidden * scale)  # (vocab_size, C)
        grad_weight.index_add_(0, targets, hidden, alpha=-1.0 / N)
        ctx.save_for_backward(grad_hidden, grad_weight)
        return torch.tensor(total / N)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None]:
        grad_hidden, grad_weight = ctx.saved_tensors
        scale = grads[0].item()
        if scale != 1.0:
            grad_hidden, grad_weight = grad_hidden * scale, grad_weight * scale
        return grad_hidden, grad_weight, None, None


def exponentials(hidden: Tensor, weight: Tensor, targets: Tensor, scratch: Tensor, mean: Tensor, mass: Tensor, *,
                 shift: bool, chunk: int = 256) -> float:  # fmt: skip
    """Fill ``scratch`` with exp(logits), ``mass`` (N, 1) with its rows' sums, ``mean`` (N, C) with its product with
    ``weight``; return the sum of the losses. With ``shift``, every row's largest logit is taken off first."""
    total = 0.0
    for start in range(0, len(hidden), chunk):
        here = slice(start, start + chunk)
        logits = torch.mm(hidden[here], weight.T, out=scratch[here])  # (chunk, vocab_size)
        if shift:
            logits.sub_(logits.amax(-1, keepdim=True))
        total -= logits.gather(1, targets[here, None]).float().sum().item()
        logits.exp_()
        mass[here] = logits.sum(-1, keepdim=True)
        torch.mm(logits, weight, out=mean[here])
    return total + mass.log().sum().item()


def causal_attention(q: Tensor, k: Tensor, v: Tensor, dropout: float) -> Tensor:
    """Causal attention, (B, n_head, T, head_dim) → the same; torch's own kernel is slow backwards in this type."""
    if dropout:
        return fused_attention(q, k, v, dropout)
    flat = (x.flatten(0, 1).contiguous() for x in (q, k, v))
    z: Tensor = Bfloat16Attention.apply(*flat)  # type: ignore[no-untyped-call]
    return z.view(q.shape)


class Bfloat16Attention(torch.autograd.Function):
    """softmax(q kᵀ / √d + mask) v with its derivative written out: five products, three passes over the pattern."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Three times (B·n_head, T, head_dim) → the same."""
        ctx.scale = 1.0 / math.sqrt(q.shape[-1])
        T = q.shape[1]
        future = torch.full((T, T), -1e9, dtype=q.dtype).triu(1)
        pattern = torch.baddbmm(future.expand(len(q), T, T), q, k.mT, alpha=ctx.scale).softmax(-1)
        z = pattern @ v
        ctx.save_for_backward(q, k, v, pattern, z)
        return z

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q, k, v, pattern, z = ctx.saved_tensors
        grad = grads[0].contiguous()
        grad_v = pattern.mT @ grad
        carried = (grad * z).sum(-1, keepdim=True)  # Dao et al. 2022, appendix B.2: the softmax's Σ p·dp
        grad_scores = (grad @ v.mT).sub_(carried).mul_(pattern)  # (B·n_head, T, T)
        return grad_scores @ (k * ctx.scale), grad_scores.mT @ (q * ctx.scale), grad_v
