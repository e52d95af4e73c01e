"""Several texts in one pass, each kept as a trace of its own.

One more token of a text costs what reading all weights costs, whatever is done with them: tokens of several texts in
one pass share that. All but attention goes row by row and does not know whose row it is; attention is done for each
text by itself, with its own keys and values (Yu et al. 2022, "selective batching"; ``packed`` is the same for texts of
which nothing is kept). Numbers are those of a text read alone, but for the order in which float32 is added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gptviz.gpt.cache import Attend, KVCache
from gptviz.gpt.model import GPT
from gptviz.gpt.store import Recorder
from gptviz.gpt.taps import TAPS
from gptviz.gpt.trace import Trace, begun

if TYPE_CHECKING:
    from gptviz.tokens.tokenizer import Tokenizer


class Together(KVCache):
    """The cache of one such pass: the new positions of all texts, one after another, (1, N)."""

    def __init__(self, model: GPT, recorders: Sequence[Recorder]) -> None:
        self.length = 0
        self._recorders = recorders
        self._counts = [recorder.T - recorder.start for recorder in recorders]
        self._masks = [
            model.masks(recorder.start, count, recorder)
            for recorder, count in zip(recorders, self._counts, strict=True)
        ]

    def reserve(self, T: int) -> None:
        """Nothing to do: the stores have room."""

    def places(self, start: int, T: int) -> Tensor | None:
        return torch.cat([torch.arange(recorder.start, recorder.T) for recorder in self._recorders])

    def masked(self, layer: int, mask: Tensor | None) -> Tensor | None:
        return None  # each text has its own: see ``attend``

    def tap(self, name: str, layer: int, value: Tensor) -> Tensor:
        """Each text keeps its rows (n, …) of what passes here."""
        if TAPS[name].kept:
            for recorder, part in zip(self._recorders, torch.split(value, self._counts), strict=True):
                recorder.tap(name, layer, part)
        return value

    def attend(self, attend: Attend, layer: int, heads: Tensor, mask: Tensor | None) -> Tensor:
        """Heads (1, heads, N, head_dim) → (n_head, N, head_dim), each text among its own positions."""
        parts = zip(torch.split(heads, self._counts, dim=2), self._recorders, self._masks, strict=True)
        return torch.cat([attend(part, recorder, masks[layer]) for part, recorder, masks in parts], dim=1)


def traces(model: GPT, tokenizer: Tokenizer, wanted: Sequence[tuple[tuple[int, ...], Trace | None]]) -> list[Trace]:
    """The trace of each of ``wanted``: (ids, an earlier trace to take over from), in order, of a causal model.

    The logits after each text's last token are there already, as pictures begin with them.
    """
    made = [begun(model, tokenizer, ids, reuse) for ids, reuse in wanted]
    new = [(trace, start) for trace, start in made if start < len(trace)]
    if new:
        with torch.inference_mode():
            recorders = [Recorder(trace.store, start, len(trace)) for trace, start in new]
            ids = [token for trace, start in new for token in trace.ids[start:]]
            model(torch.tensor([ids]), Together(model, recorders))
            last = model.logits(torch.stack([trace.store.kept["hidden"][len(trace) - 1] for trace, _ in new]))
        for (trace, _), row in zip(new, last, strict=True):
            trace.know(len(trace) - 1, row.numpy().copy())  # of its own: the others' go when they go
    return [trace for trace, _ in made]
