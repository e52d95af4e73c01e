"""The bias of the keys: no attention depends on it, and so nothing holds it where it is.

q·(k + b) = q·k + q·b moves all scores of a row alike, and softmax takes that off again: the gradient of b is zero but
for rounding. Adam divides a gradient by its own size, which turns rounding into steps of full length, all the more in
bf16. In a run of a billion tokens the biases grew to 20 and the scores of one head to 28,000, where bf16 counts in
steps of 128; a run that went on from there at a rate of 2e-3 diverged. So they are held at zero, which changes no
pattern of a model that is taken over. With rotary positions a key's bias is turned with the key, and does matter.
"""

from __future__ import annotations

import torch

from gptviz.gpt.model import GPT


@torch.no_grad()
def set_to_zero(model: GPT) -> None:
    """Take the keys' biases out of a model whose patterns do not depend on them."""
    for part in _key_biases(model, gradients=False):
        part.zero_()


def hold(model: GPT) -> None:
    """Take them out of the gradients that have just been computed."""
    for part in _key_biases(model, gradients=True):
        part.zero_()


def _key_biases(model: GPT, *, gradients: bool) -> list[torch.Tensor]:
    """(n_kv_head · head_dim,) of each layer: the keys' part of the bias of queries, keys and values."""
    c = model.config
    if c.position == "rotary" or c.qk_norm:
        return []
    start, width = c.n_head * c.head_dim, c.kv_heads * c.head_dim
    biases = [block.attn.c_attn.bias for block in model.blocks]
    whole = [bias.grad if gradients else bias for bias in biases if bias is not None]
    return [bias[start : start + width] for bias in whole if bias is not None]
