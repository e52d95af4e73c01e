"""Batches drawn on a GPU, where all the text lies: nothing is copied or waited for between two steps.

A corpus of 55 million tokens takes 220 MB there. As on the CPU, a batch is a function of (seed, step) alone; it is not
the same function, since the two draw their random numbers in another way.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gptviz.errors import ConfigError
from gptviz.training.data import BatchSpec, Mixture, lengths


class DeviceMixture:
    """A mixture's parts end to end on a device."""

    def __init__(self, data: Mixture, device: str) -> None:
        sizes = np.array([len(part.ids) for part in data.parts], dtype=np.int64)
        begins = np.cumsum(sizes) - sizes
        self.data, self.device = data, device
        self.ids = self._moved(np.concatenate([part.ids.astype(np.int32) for part in data.parts]))  # (n_tokens,)
        self.sizes, self.begins = self._moved(sizes), self._moved(begins)  # each (n_parts,)
        self.starts, self.documents = (
            self._moved(np.concatenate([getattr(p, kind) + b for p, b in zip(data.parts, begins, strict=True)]))
            for kind in ("starts", "documents")
        )
        self.cumulative = [self._moved(np.cumsum(data.shares(later=later))) for later in (False, True)]  # (n_parts,)
        self.shortest = min(data.parts, key=lambda part: len(part.ids))
        self.generator = torch.Generator(device)

    def _moved(self, array: npt.NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(array).to(self.device)

    def _uniform(self, n: int) -> Tensor:
        """(n,) from [0, 1), fine enough to name any place in a corpus."""
        return torch.rand(n, generator=self.generator, device=self.device, dtype=torch.float64)

    def batch(self, seed: int, step: int, spec: BatchSpec) -> Tensor:
        """(size, length + 1) ids, as ``Mixture.batch`` makes them; no step of it waits for the device."""
        if len(self.shortest.ids) <= spec.length:
            raise ConfigError("train.short", name=self.shortest.name, tokens=len(self.shortest.ids),
                              needed=spec.length + 1)  # fmt: skip
        self.generator.manual_seed(int(np.random.SeedSequence((seed, step)).generate_state(1, np.uint64)[0] >> 1))
        along = torch.arange(spec.length + 1, device=self.device)
        rows = self.ids[self._places(spec)[:, None] + along].long()  # (B, T + 1)
        return self._repeated(rows, along, spec) if spec.repeat else rows

    def _places(self, spec: BatchSpec) -> Tensor:
        """(B,): where each row begins."""
        B, last = spec.size, len(self.sizes) - 1
        part = torch.searchsorted(self.cumulative[spec.later], self._uniform(B), right=True).clamp(max=last)
        room = self.sizes[part] - spec.length
        place = self.begins[part] + (self._uniform(B) * room).long()
        kind, marked = self._uniform(B), self._uniform(B) < 0.5
        line, document = self._at_or_before(self.starts, place), self._at_or_before(self.documents, place)
        document -= (marked & (document > self.begins[part])).long()
        begun = torch.where(kind < spec.line_start + spec.document_start, document, place)
        return torch.where(kind < spec.line_start, line, begun)

    @staticmethod
    def _at_or_before(places: Tensor, place: Tensor) -> Tensor:
        return places[torch.searchsorted(places, place, right=True) - 1]  # each part begins with a place of each kind

    def _repeated(self, rows: Tensor, along: Tensor, spec: BatchSpec) -> Tensor:
        """Some rows as their beginning said again and again; in half of these it is of random tokens.

        Unlike on the CPU, random tokens are drawn one by one, so that a passage may hold one twice.
        """
        B, length = rows.shape
        short, long = lengths(length, spec.passage)
        period = (short * (long / short) ** self._uniform(B)).long()[:, None]  # even on a logarithmic scale
        chosen, random = (self._uniform(B)[:, None] < share for share in (spec.repeat, 0.5))
        drawn = torch.randint(spec.vocab_size, rows.shape, generator=self.generator, device=self.device)
        passage = torch.where(random, drawn, rows)
        return torch.where(chosen, passage.gather(1, along % period), rows)
