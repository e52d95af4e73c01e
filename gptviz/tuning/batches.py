"""Texts as ids, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from gptviz.tokens.tokenizer import Tokenizer

MOST_TOKENS = 8192  # of one batch, padding included, where nothing is learnt


class Batch(NamedTuple):
    """Texts side by side: each at the left, zeros behind it, which no token before them sees."""

    ids: Tensor  # (B, T)
    lengths: Tensor  # (B,)


def encode(tokenizer: Tokenizer, texts: Sequence[str], most: int) -> list[list[int]]:
    """The ids of each text, its first ``most``; of one that has none, the end mark or id 0."""
    return [tokenizer.encode(text)[:most] or [tokenizer.end_of_text or 0] for text in texts]


def padded(rows: Sequence[Sequence[int]]) -> Batch:
    """Rows of ids (at least one each) as one batch."""
    lengths = torch.tensor([len(row) for row in rows])
    ids = torch.zeros(len(rows), int(lengths.max()), dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
    return Batch(ids, lengths)


def batches_by_length(rows: Sequence[Sequence[int]], most_tokens: int) -> Iterator[list[int]]:
    """Places of rows, those of like length together, in batches of so many tokens (one row at least)."""
    order = sorted(range(len(rows)), key=lambda i: (len(rows[i]), i))
    taken: list[int] = []
    for i in order:
        if taken and (len(taken) + 1) * len(rows[i]) > most_tokens:
            yield taken
            taken = []
        taken.append(i)
    if taken:
        yield taken
