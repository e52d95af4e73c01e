"""A head that says of each word what it is: one linear layer where the word ends, and so has been read whole.

What follows a word is hidden from a GPT: it must tell "Washington" without what comes next, as a model that reads both
ways need not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tuning.batches import MOST_TOKENS, Batch, batches_by_length, padded
from gptviz.tuning.trunk import Trunk

NONE = -100  # where no word ends
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u30ff\U00020000-\U0003134f]")
_WORDS = re.compile(rf"{_WIDE.pattern}|\w+(?:['’]\w+)?|[^\w\s]")


class Pieces(NamedTuple):
    """A sentence as ids, and where each of its words ends; words beyond what is read have no place."""

    ids: list[int]
    ends: list[int]


class Tagger(nn.Module):
    """Trunk and head: a logit for each tag at each position. The head starts at 0."""

    def __init__(self, trunk: Trunk, tags: Sequence[str]) -> None:
        super().__init__()
        self.trunk, self.tags = trunk, tuple(tags)
        self.head = nn.Linear(trunk.model.config.n_embd, len(tags))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, batch: Batch) -> Tensor:
        """(B, T, n_tags) logits."""
        return self.head(self.trunk(batch.ids))  # type: ignore[no-any-return]

    @torch.no_grad()
    def find(self, sentences: Sequence[Pieces]) -> list[list[str]]:
        """The likeliest tag of each word; O of one that was not read."""
        self.eval()
        rows = [sentence.ids for sentence in sentences]
        found: list[list[str]] = [[] for _ in rows]
        for places in batches_by_length(rows, MOST_TOKENS):
            best = self(padded([rows[i] for i in places])).argmax(-1)  # (B, T)
            for row, i in zip(best.tolist(), places, strict=True):
                found[i] = ["O" if end == NONE else self.tags[row[end]] for end in sentences[i].ends]
        return found


def words_of(text: str) -> list[str]:
    """Words and marks of a text, Chinese characters one by one.

    >>> words_of("Ann's dog likes 北京.")
    ["Ann's", 'dog', 'likes', '北', '京', '.']
    """
    return _WORDS.findall(text)


def joined(words: Sequence[str]) -> str:
    """Words as a text, as ``pieces`` reads them.

    >>> joined(["I", "like", "北", "京"]), joined(["北", "京"])
    ('I like北京', '北京')
    """
    return "".join((" " if _apart(words, i) else "") + word for i, word in enumerate(words))


def _apart(words: Sequence[str], i: int) -> bool:
    """Whether a space stands before a word: unless it or the one before it is Chinese."""
    return i > 0 and not _WIDE.match(words[i]) and not _WIDE.match(words[i - 1][-1])


def pieces(tokenizer: Tokenizer, words: Sequence[str], most: int) -> Pieces:
    """Each word's ids one after another, with a space before a word unless it or the one before it is Chinese."""
    ids: list[int] = []
    ends: list[int] = []
    for i, word in enumerate(words):
        ids += tokenizer.encode((" " if _apart(words, i) else "") + word)
        ends.append(len(ids) - 1 if 0 < len(ids) <= most else NONE)
    return Pieces(ids[:most] or [tokenizer.end_of_text or 0], ends)


def targets(sentence: Pieces, tags: Sequence[int]) -> list[int]:
    """For each of its ids the tag of the word that ends there, else ``NONE``."""
    found = [NONE] * len(sentence.ids)
    for end, tag in zip(sentence.ends, tags, strict=True):
        if end != NONE:
            found[end] = tag
    return found
