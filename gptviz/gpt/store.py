"""Where a trace's numbers lie, and what writes them there while the model reads."""

from __future__ import annotations

import math
import threading

import torch
from torch import Tensor

from gptviz.gpt.cache import KVCache
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.taps import TAPS

_KEPT = [tap for tap in TAPS.values() if tap.kept]
_KEYS_AND_VALUES = ("k", "v")


class Store:
    """Room for what is kept, with space to grow, so that a trace that continues another writes only what is new.

    Traces of one text as it grows share one store: each reads only its own first T positions, and ``claim`` lets at
    most one of them write the next ones. A store with ``replaced`` values is of one edited run, and never shared.
    """

    def __init__(self, model: GPT, capacity: int) -> None:
        c = model.config
        self.filled, self.capacity = 0, capacity
        self._lock = threading.Lock()
        self.kv = torch.empty(2, *TAPS["k"].size(c, capacity))  # together, as attention reads them
        self.kept: dict[str, Tensor] = dict(zip(_KEYS_AND_VALUES, self.kv, strict=True))
        self.kept |= {tap.name: torch.empty(tap.size(c, capacity)) for tap in _KEPT if tap.name not in self.kept}
        self.shades = torch.zeros(TAPS["pattern"].size(c, capacity), dtype=torch.uint8)  # 0: masked
        self.replaced: dict[tuple[str, int], Tensor] = {}  # what went on from an edited place, by tap and layer
        self._rooms = sum(room.nbytes for room in (*self.kept.values(), self.shades))

    def claim(self, start: int, T: int) -> bool:
        """Whether positions ``start`` … ``T - 1`` are the caller's to write."""
        with self._lock:
            free = self.filled == start and self.capacity >= T and not self.replaced
            self.filled = T if free else self.filled
            return free

    def copied(self, model: GPT, start: int, T: int) -> Store:
        """A store of its own with the first ``start`` positions of this one."""
        new = Store(model, roomy(T))
        new.filled = T
        for name, room in self.kept.items():
            new.kept[name].narrow(-2, 0, start).copy_(room.narrow(-2, 0, start))
        new.shades[:, :, :start, :start] = self.shades[:, :, :start, :start]
        return new

    @property
    def nbytes(self) -> int:
        """Memory, in bytes."""
        return self._rooms + sum(room.nbytes for room in self.replaced.values())


class Recorder(KVCache):
    """A cache that writes what passes through it into a store, from position ``start`` on; its batch is of one."""

    def __init__(self, store: Store, start: int, T: int) -> None:
        self.store, self.length, self.start, self.T = store, start, start, T
        self._rooms = {
            name: [layer.narrow(-2, start, T - start) for layer in (room if TAPS[name].layered else [room])]
            for name, room in store.kept.items()
            if name not in _KEYS_AND_VALUES
        }

    def reserve(self, T: int) -> None:
        """Nothing to do: the store has room."""

    def extend(self, layer: int, kv: Tensor) -> Tensor:
        """Keep the new keys and values (2, n_head, T_new, head_dim); hand back all, (…, T, head_dim)."""
        kept = self.store.kv[:, layer, :, : self.T]
        kept[:, :, self.start :] = kv
        return kept

    def tap(self, name: str, layer: int, value: Tensor) -> Tensor:
        """Keep it where that is to be done: (n_head, T_new, …) or (T_new, …)."""
        room = self._rooms.get(name)
        if room is not None:
            room[layer].copy_(value)
        elif name == "pattern":
            self.shade(layer, value)
        return value

    def shade(self, layer: int, pattern: Tensor) -> None:
        """Keep the pattern (n_head, T_new, T), a byte a cell."""
        steps = pattern.mul(255.0).add_(0.5)  # then cut: rounds to the nearest step
        self.store.shades[layer, :, self.start : self.T, : self.T] = steps


def bytes_needed(config: GPTConfig, T: int) -> int:
    """Memory that the store of a text of ``T`` tokens takes in a model of this shape, without making one."""
    room = roomy(T)
    numbers = sum(math.prod(tap.size(config, room)) for tap in _KEPT)
    return 4 * numbers + math.prod(TAPS["pattern"].size(config, room))


def roomy(T: int) -> int:
    """Room for ``T`` positions and some more, in steps of 64."""
    return 64 * -(-(T + 16) // 64)
