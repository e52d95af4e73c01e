"""What can be asked of a GPT itself, without another program to compare with: its numbers, and other ways to run it.

The questions, and what their answers must be, are in ``gptviz.analysis.passport``; here is what needs tensors for it.
The model is never changed: many threads may be reading with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gptviz.gpt.model import GPT

Array = npt.NDArray[np.float32]


class NotFinite(NamedTuple):
    """Numbers among the weights that are NaN or infinite."""

    number: int
    first: str  # the first tensor that holds one; "" where there is none


def weights(model: GPT) -> Iterator[tuple[str, Tensor]]:
    """Every tensor that the model computes with, once, under its name; of a tied output matrix only the embedding.

    One part at a time: what is held narrow is made wide on the way, and all at once would be the model a second time.
    """
    shared = shares_output(model)
    for name, module in model.named_modules(remove_duplicate=False):
        if next(module.children(), None) is None and not (shared and name == "lm_head"):
            yield from module.state_dict(prefix=f"{name}.").items()


@torch.inference_mode()
def not_finite(model: GPT) -> NotFinite:
    """How many numbers are not finite, and where the first stand. Sound tensors are read once, and nothing is kept."""
    count, first = 0, ""
    for name, tensor in weights(model):
        if tensor.numel() and not all(torch.isfinite(edge) for edge in torch.aminmax(tensor)):  # NaN comes through
            count += int((~torch.isfinite(tensor)).sum())
            first = first or name
    return NotFinite(count, first)


def stored(model: GPT) -> int:
    """How many numbers the weights are."""
    return sum(tensor.numel() for _, tensor in weights(model))


@torch.inference_mode()
def shares_output(model: GPT) -> bool:
    """Whether the output matrix is the token embedding: one tensor, or where both are held narrow, equal numbers."""
    head, embedding = model.lm_head.weight, model.transformer["wte"].weight
    if head is embedding:
        return True
    return model.config.tied and torch.equal(torch.as_tensor(head), torch.as_tensor(embedding))


@torch.inference_mode()
def plain(model: GPT, ids: Sequence[int]) -> tuple[Array, Array]:
    """(T, C) and (T, n_tokens): last hidden states and logits of the pass that keeps nothing, in its fused kernels."""
    hidden = model(torch.tensor([list(ids)]))[0]
    return hidden.numpy(), model.logits(hidden)[:, : model.n_tokens].numpy()


@torch.inference_mode()
def logprobs(model: GPT, ids: Sequence[int]) -> Array:
    """(T, n_tokens) nats: what the model says after each of ``ids``."""
    hidden = model(torch.tensor([list(ids)]))[0]
    return model.logits(hidden)[:, : model.n_tokens].log_softmax(-1).numpy()


def other_layout(model: GPT) -> GPT:
    """The model that turns queries and keys in pairs of the other kind: halves for neighbours, or the other way round.

    It has the same tensors, not copies, and all else as it is.
    """
    kept: dict[int, Any] = {}
    for module in model.modules():
        for value in (*module._parameters.values(), *vars(module).values()):
            if isinstance(value, Tensor | torch.ScriptObject):
                kept[id(value)] = value
    twin = deepcopy(model, kept)
    for block in twin.blocks:
        block.attn.halves = not block.attn.halves
    return twin
