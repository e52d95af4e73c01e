"""Many texts of different lengths in one forward pass: laid end to end, each reading only itself.

Nothing is filled up: the rows of all matrix products are the tokens of all texts and no others; a mask keeps the texts
apart, and each token is told its place in its own text. What a text shares with one read before need not be read again:
its keys and values stand before the new ones (``gptviz.gpt.prefixes``). Numbers are those of a text read alone, but for
the order in which float32 is added up. The idea is that of serving engines (Yu et al. 2022, "selective batching", there
for the parts beside attention); here attention is one product too, as texts are short and their cells few.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

import torch
from torch import Tensor

from gptviz.gpt.cache import KVCache
from gptviz.gpt.model import GPT
from gptviz.gpt.prefixes import Prefix, Prefixes

#: Cells of one attention matrix, above which a batch is done in several passes: most of them would only be masked.
MOST_CELLS = 2**20
#: Tokens of one pass of which every one is scored: each is a row as long as the vocabulary.
MOST_SCORED = 512


class Packed(KVCache):
    """The cache of one such pass: it hands attention the keys and values of all texts, old ones before new ones."""

    def __init__(self, model: GPT, prefixes: Sequence[Prefix | None], lengths: Sequence[int]) -> None:
        """``lengths``: of each text, how many tokens are new; they come after its prefix."""
        self.config = model.config
        old = [len(prefix.ids) if prefix else 0 for prefix in prefixes]
        self.length = sum(old)
        self.new: list[Tensor] = []  # by layer: (2, n_kv_head, N, head_dim)
        kept = [prefix.kv for prefix in prefixes if prefix]
        self._past = torch.cat(kept, dim=3) if kept else None  # (n_layer, 2, n_kv_head, P, head_dim)
        text = torch.arange(len(lengths))
        self._text = text.repeat_interleave(torch.tensor(lengths))  # (N,) which text a new token belongs to
        starts = zip(old, lengths, strict=True)
        self._pos = torch.cat([torch.arange(start, start + count) for start, count in starts])  # (N,) its place there
        self._key_text = torch.cat((text.repeat_interleave(torch.tensor(old)), self._text))  # (P + N,)
        self._key_pos = torch.cat([*map(torch.arange, old), self._pos])
        self._masks: dict[int, Tensor] = {}

    def reserve(self, T: int) -> None:
        """Nothing to do: what is new is kept as it comes."""

    def extend(self, layer: int, kv: Tensor) -> Tensor:
        self.new.append(kv)
        return kv if self._past is None else torch.cat((self._past[layer], kv), dim=2)

    def places(self, start: int, T: int) -> Tensor | None:
        return self._pos

    def masked(self, layer: int, mask: Tensor | None) -> Tensor | None:
        """(N, P + N), true where a key is of another text, comes later, or lies outside the layer's window."""
        window = self.config.windows[layer] if self.config.windows else 0
        if window not in self._masks:
            after = self._key_pos - self._pos[:, None]  # how far a key lies after the query
            hidden = (self._key_text != self._text[:, None]) | (after > 0)
            self._masks[window] = hidden | (after <= -window) if window else hidden
        return self._masks[window]


@torch.inference_mode()
def next_logits(model: GPT, rows: Sequence[Sequence[int]], known: Prefixes | None = None) -> Tensor:
    """(n, vocab_size): what comes after each of ``rows``, texts of one token at least.

    With ``known``, what a row shares with one read before is taken from there, and the row is kept there.
    """
    found: dict[int, Tensor] = {}
    prefixes: list[Prefix | None] = [None] * len(rows)
    for number, row in enumerate(rows):
        prefixes[number], logits = known.longest(row) if known else (None, None)
        if logits is not None:
            found[number] = logits
    left = [number for number in range(len(rows)) if number not in found]
    for part in _passes(rows, prefixes, left):
        before = [prefixes[number] for number in part]
        new = [rows[number][len(prefix.ids) if prefix else 0 :] for number, prefix in zip(part, before, strict=True)]
        cache = Packed(model, before, [*map(len, new)])
        hidden = model(torch.tensor([[token for ids in new for token in ids]]), cache)[0]  # (N, C)
        ends = [*accumulate(map(len, new))]
        logits = model.logits(hidden[[end - 1 for end in ends]])
        found |= dict(zip(part, logits, strict=True))
        if known:
            for (start, end), number, prefix in zip(pairwise([0, *ends]), part, before, strict=True):
                known.keep(rows[number], prefix, [layer[:, :, start:end] for layer in cache.new], found[number])
    return torch.stack([found[number] for number in range(len(rows))])


def _passes(rows: Sequence[Sequence[int]], prefixes: Sequence[Prefix | None], left: Sequence[int]
            ) -> Iterator[list[int]]:  # fmt: skip
    """The texts of each pass: as many as there are cells for, one at least; of like lengths together."""
    part: list[int] = []
    queries = keys = 0
    for number in sorted(left, key=lambda number: len(rows[number])):
        length, prefix = len(rows[number]), prefixes[number]
        new = length - (len(prefix.ids) if prefix else 0)
        if part and (queries + new) * (keys + length) > MOST_CELLS:
            yield part
            part, queries, keys = [], 0, 0
        part.append(number)
        queries, keys = queries + new, keys + length
    if part:
        yield part


@torch.inference_mode()
def score_rows(model: GPT, rows: Sequence[Sequence[int]]) -> list[tuple[Tensor, Tensor]]:
    """Of each row (two tokens at least) how well each token but its first is predicted by those before it.

    ((T - 1,) log-probabilities in nats, (T - 1,) ranks: how many tokens come before it, as in ``LanguageModel.score``).
    """
    found: list[tuple[Tensor, Tensor]] = []
    part: list[Sequence[int]] = []
    for row in rows:
        if part and sum(map(len, part)) + len(row) > MOST_SCORED:
            found += _scored(model, part)
            part = []
        part.append(row)
    return found + (_scored(model, part) if part else [])


def _scored(model: GPT, rows: Sequence[Sequence[int]]) -> list[tuple[Tensor, Tensor]]:
    lengths = [len(row) - 1 for row in rows]
    cache = Packed(model, [None] * len(rows), lengths)
    hidden = model(torch.tensor([[token for row in rows for token in row[:-1]]]), cache)[0]
    said = torch.tensor([token for row in rows for token in row[1:]])[:, None]
    logprobs, ranks = judged(model.logits(hidden), said)
    return list(zip(torch.split(logprobs, lengths), torch.split(ranks, lengths), strict=True))


def judged(logits: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
    """(…,) log-probabilities in nats and (…,) ranks of ``ids`` (…, 1) where the model says ``logits`` (…, V)."""
    chosen = logits.gather(-1, ids)
    tied = (logits == chosen) & (torch.arange(logits.shape[-1]) < ids)
    return chosen[..., 0] - logits.logsumexp(-1), ((logits > chosen) | tied).sum(-1)
