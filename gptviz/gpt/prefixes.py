"""Keys and values of texts that were read before, so that whoever goes on with one has only what is new to be read."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

MOST_BYTES = 96 * 2**20


class Prefix(NamedTuple):
    """The first tokens of a text, and what attention keeps of them."""

    ids: tuple[int, ...]
    kv: Tensor  # (n_layer, 2, n_kv_head, T, head_dim)


class Prefixes:
    """The texts read last, within so many bytes. Belongs to one model; many threads may share it.

    Whoever asks gets what their own text shares with one that is kept, and the same numbers as without: nothing in an
    answer tells that somebody else typed the same.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most, self._lock = most, threading.Lock()
        self._kept: OrderedDict[tuple[int, ...], tuple[Tensor, Tensor]] = OrderedDict()  # kv and (vocab_size,) logits
        self.nbytes = 0
        self.hits = self.misses = 0  # tokens: taken from here, and read

    def longest(self, row: Sequence[int]) -> tuple[Prefix | None, Tensor | None]:
        """What is known of the beginning of ``row``, without its last token; and its logits where all of it is."""
        ids = tuple(row)
        with self._lock:
            same = self._kept.get(ids)
            if same is not None:
                self._kept.move_to_end(ids)
                self.hits += len(ids)
                return None, same[1]
            best: tuple[int, ...] = ()
            shared = 0
            for kept in self._kept:
                common = _common(ids, kept)
                if common > shared:
                    best, shared = kept, common
            shared = min(shared, len(ids) - 1)  # one token at least must be read, to say what comes next
            self.hits += shared
            self.misses += len(ids) - shared
            if not shared:
                return None, None
            self._kept.move_to_end(best)
            return Prefix(ids[:shared], self._kept[best][0][:, :, :, :shared]), None

    def keep(self, row: Sequence[int], prefix: Prefix | None, new: Sequence[Tensor], logits: Tensor) -> None:
        """Keep a text: what was known of it, and of each layer the new (2, n_kv_head, T_new, head_dim)."""
        read = torch.stack(list(new))
        kv = read.clone() if prefix is None else torch.cat((prefix.kv, read), dim=3)
        ids = tuple(row)
        with self._lock:
            self._drop(ids)
            if prefix is not None and prefix.ids in self._kept:
                self._drop(prefix.ids)  # whoever types on has left it behind; its beginning lies in the longer one
            self._kept[ids] = kv, logits.clone()
            self.nbytes += _size(self._kept[ids])
            while self.nbytes > self._most and self._kept:
                self._drop(next(iter(self._kept)))

    def _drop(self, ids: tuple[int, ...]) -> None:
        gone = self._kept.pop(ids, None)
        self.nbytes -= 0 if gone is None else _size(gone)


def _size(kept: tuple[Tensor, Tensor]) -> int:
    return kept[0].nbytes + kept[1].nbytes


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    for n, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return n
    return min(len(a), len(b))
