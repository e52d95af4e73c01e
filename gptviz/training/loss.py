"""Cross-entropy over a large vocabulary without ever holding all logits at once."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

ON_CPU = 256  # positions whose logits stay in a CPU's cache
ON_GPU = 8192  # that keep a GPU busy: half a gigabyte of logits over 16,384 tokens


class ChunkedCrossEntropy(torch.autograd.Function):
    """Mean of ``-log softmax(hidden @ weight.T)[target]`` in nats, a few hundred positions at a time.

    The logits of a batch are its largest tensor by far (2,048 positions x 16,384 tokens x 4 bytes = 134 MB) and a CPU
    spends longer moving them than multiplying. Each chunk's gradient, (softmax - onehot) / N, is taken at once while
    its logits are still in the cache, so that backward has only to scale it.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor, chunk: int) -> Tensor:
        """``hidden`` (N, C), ``weight`` (vocab_size, C), ``targets`` (N,) → a scalar."""
        total = hidden.new_zeros(())
        grad_hidden, grad_weight = torch.empty_like(hidden), torch.zeros_like(weight)
        N = hidden.shape[0]
        for start in range(0, N, chunk):
            h, target = hidden[start : start + chunk], targets[start : start + chunk, None]
            logits = h @ weight.T  # (chunk, vocab_size)
            largest = logits.amax(-1, keepdim=True)
            total += largest.sum() - logits.gather(1, target).sum()
            grad = logits.sub_(largest).exp_()  # in place: this is the tensor not to copy
            mass = grad.sum(-1, keepdim=True)
            total += mass.log().sum()
            grad.div_(mass * N)
            grad.scatter_add_(1, target, torch.full_like(target, -1.0 / N, dtype=grad.dtype))
            torch.mm(grad, weight, out=grad_hidden[start : start + chunk])
            grad_weight.addmm_(grad.T, h)
        ctx.save_for_backward(grad_hidden, grad_weight)
        return total / N

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None]:
        grad_hidden, grad_weight = ctx.saved_tensors
        return grad_hidden * grads[0], grad_weight * grads[0], None, None


def cross_entropy(hidden: Tensor, weight: Tensor, targets: Tensor, *, chunk: int | None = None) -> Tensor:
    """Mean cross-entropy, nats per position: ``hidden`` (B, T, C), ``weight`` (vocab_size, C), ``targets`` (B, T).

    ``chunk`` positions at a time; None: as many as suit the device.
    """
    if chunk is None:
        chunk = ON_CPU if hidden.is_cpu else ON_GPU
    if not torch.is_grad_enabled():  # then two of its three products would be for nothing
        return _value(hidden.flatten(0, 1), weight, targets.flatten(), chunk)
    flat: Tensor = ChunkedCrossEntropy.apply(  # type: ignore[no-untyped-call]
        hidden.flatten(0, 1), weight, targets.flatten(), chunk
    )
    return flat


def _value(hidden: Tensor, weight: Tensor, targets: Tensor, chunk: int) -> Tensor:
    """The mean alone, of ``hidden`` (N, C) and ``targets`` (N,)."""
    total = hidden.new_zeros(())
    for start in range(0, len(hidden), chunk):
        logits = hidden[start : start + chunk] @ weight.T  # (chunk, vocab_size)
        total += F.cross_entropy(logits, targets[start : start + chunk], reduction="sum")
    return total / len(hidden)
