"""What a forward pass leaves behind for the next one: keys and values."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from gptviz.gpt.config import GPTConfig


class KVCache:
    """Keys and values of the positions already read: per layer (2, B·n_kv_head, capacity, head_dim), growing as needed.

    The model hands every tensor worth looking at to ``tap``, layer by layer; here it is handed back as it is.
    """

    def __init__(self, config: GPTConfig, *, batch: int = 1, capacity: int = 64) -> None:
        size = (2, batch * config.kv_heads, capacity, config.head_dim)
        self.layers = [torch.empty(size) for _ in range(config.n_layer)]
        self.length, self._n_kv_head = 0, config.kv_heads

    def reserve(self, T: int) -> None:
        """Make room for ``T`` more positions."""
        capacity = self.layers[0].shape[2]
        if self.length + T > capacity:
            size = max(2 * capacity, self.length + T)
            self.layers = [self._moved(old[:, :, : self.length], size) for old in self.layers]

    def extend(self, layer: int, kv: Tensor) -> Tensor:
        """Append a layer's new keys and values (2, B·n_kv_head, T, head_dim); return all, (…, length + T, head_dim)."""
        end = self.length + kv.shape[2]
        kept = self.layers[layer][:, :, :end]
        kept[:, :, self.length :] = kv
        return kept

    def tap(self, name: str, layer: int, value: Tensor) -> Tensor:
        """Hear what passes a place of ``gptviz.gpt.taps``, and say what goes on from there: here, the same.

        Attention's come as (B·n_head, T, …), those of the residual stream as (B·T, …).
        """
        return value

    def places(self, start: int, T: int) -> Tensor | None:
        """Which positions (T,) the model is told for those from ``start`` on; None: ``start``, ``start + 1``, …"""
        return None

    def masked(self, layer: int, mask: Tensor | None) -> Tensor | None:
        """What no query of a layer may look at: here, what the model has it."""
        return mask

    def scaled(self, layer: int, scale: float) -> float:
        """What a layer's q·k is multiplied by: here, the model's 1/√d."""
        return scale

    def select(self, rows: Sequence[int]) -> KVCache:
        """A new cache whose row ``i`` is this one's row ``rows[i]``: how beams fork and die."""
        chosen = object.__new__(KVCache)
        chosen.length, chosen._n_kv_head = self.length, self._n_kv_head
        heads = [row * self._n_kv_head + head for row in rows for head in range(self._n_kv_head)]
        capacity = self.layers[0].shape[2]
        chosen.layers = [self._moved(old[:, heads, : self.length], capacity) for old in self.layers]
        return chosen

    def _moved(self, read: Tensor, capacity: int) -> Tensor:
        new = read.new_empty((*read.shape[:2], capacity, read.shape[3]))
        new[:, :, : self.length] = read
        return new


def tapped(cache: KVCache | None, name: str, layer: int, x: Tensor) -> Tensor:
    """What goes on from the place ``name``: what the cache makes of ``x``; without one (in training) ``x`` itself."""
    return x if cache is None else cache.tap(name, layer, x)
