"""Held-out text: how many bits per byte a model needs for it, and how often its first choices are right.

*Bits per byte* is the surprisal of the text (bits) over its length in UTF-8 bytes (Gao et al. 2020, The Pile, section
3.1), so that models with different vocabularies can be compared. Every document is read from its start, with the
end-of-text token before it where the model has one; what is scored is the text, the end of a document is not. Without
such a token there is nothing to predict the first token from, and its bytes are not counted either.

Documents longer than the context are read in windows of ``block_size`` tokens, each beginning half a window after the
one before, of which only the new half is scored: every token but those near its document's start is predicted from at
least half a window of text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.errors import ConfigError
from gptviz.language_model import LanguageModel
from gptviz.numbers import BIT
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training.data import documents, read_text

Ids = npt.NDArray[np.int64]
_BATCH = 2048  # tokens read in one forward pass


class Part(NamedTuple):
    """One kind of text: its documents' token ids, without marks of beginning or end."""

    name: str
    documents: list[Ids]
    n_bytes: list[int]  # of each document, in UTF-8

    @property
    def n_tokens(self) -> int:
        """Tokens of all documents together."""
        return sum(map(len, self.documents))


class PartScore(NamedTuple):
    """What one part of the held-out text cost."""

    part: str
    n_bytes: int
    n_tokens: int  # scored
    bits: float  # of all of them together
    top1: float  # share of the tokens that were the model's first choice
    top5: float  # … among its first five
    baseline_bits: float | None = None  # what the n-gram model needed for the same tokens

    @property
    def bits_per_byte(self) -> float:
        """The model's."""
        return self.bits / self.n_bytes

    @property
    def baseline_bits_per_byte(self) -> float | None:
        """The n-gram model's."""
        return None if self.baseline_bits is None else self.baseline_bits / self.n_bytes

    @property
    def ratio(self) -> float | None:
        """The model's bits over the baseline's: 0.8 is a fifth fewer."""
        return None if not self.baseline_bits else self.bits / self.baseline_bits


def part_files(folder: Path, split: str) -> dict[str, Path]:
    """``<part>.<split>.txt`` or ``.txt.xz`` in ``folder`` by part. Raises ConfigError where there is none."""
    files = sorted([*folder.glob(f"*.{split}.txt"), *folder.glob(f"*.{split}.txt.xz")])
    if not files:
        raise ConfigError("train.no_text" if split == "train" else "eval.no_text", folder=str(folder))
    return {path.name.split(f".{split}.txt")[0]: path for path in files}


def read_part(name: str, path: Path, tokenizer: Tokenizer, *, limit_bytes: int | None = None) -> Part:
    """The documents of a file as tokens; with a limit, its first documents up to so many bytes, the last one cut."""
    part, left = Part(name, [], []), limit_bytes
    for document in documents(read_text(path)):
        if left is not None:
            document = document.encode("utf-8")[:left].decode("utf-8", "ignore")
            left -= len(document.encode("utf-8"))
        if document:
            part.documents.append(np.asarray(tokenizer.encode(document, add_special_tokens=False), dtype=np.int64))
            part.n_bytes.append(len(document.encode("utf-8")))
        if left is not None and left <= 0:
            break
    return part


def score_part(lm: LanguageModel, part: Part) -> PartScore:
    """Read a whole part. Raises ConfigError where nothing in it can be scored."""
    logprob, first, fifth, n_tokens = 0.0, 0, 0, 0
    begin = lm.tokenizer.begin_of_text
    rows = [document if begin is None else np.concatenate(([begin], document)) for document in part.documents]
    for logprobs, ranks in score_rows(lm, rows):
        logprob += float(logprobs.sum(dtype=np.float64))
        first, fifth, n_tokens = first + int((ranks < 1).sum()), fifth + int((ranks < 5).sum()), n_tokens + len(ranks)
    n_bytes = sum(part.n_bytes)
    if begin is None:
        n_bytes -= sum(len(lm.tokenizer.token_bytes(int(document[0]))) for document in part.documents)
    if not n_tokens or not n_bytes:
        raise ConfigError("eval.empty", name=part.name)
    return PartScore(part.name, n_bytes, n_tokens, -logprob / BIT, first / n_tokens, fifth / n_tokens)


class Window(NamedTuple):
    """``row[start : stop]``, of which the tokens from ``start + skip`` on are scored."""

    row: int
    start: int
    stop: int
    skip: int


def windows(lengths: Sequence[int], block_size: int) -> Iterator[Window]:
    """Windows in which every token of every row but its first is scored exactly once.

    The model reads ``block_size`` tokens and predicts the one after each, so a window spans one token more.
    """
    step = max(1, block_size // 2)
    for row, length in enumerate(lengths):
        scored, start = 1, 0
        while scored < length:
            stop = min(length, start + block_size + 1)
            yield Window(row, start, stop, scored - start)
            scored, start = stop, start + step


def score_rows(lm: LanguageModel, rows: Sequence[Ids]) -> Iterator[tuple[npt.NDArray[np.float32], Ids]]:
    """(log-probabilities in nats, ranks from 0) of the tokens of all rows but each row's first, window by window.

    Windows of about the same length share a forward pass. The shorter ones are filled up at their end, which no
    prediction before it can see.
    """
    cut = sorted(windows([len(row) for row in rows], lm.config.block_size), key=lambda w: (w.skip, w.stop - w.start))
    batch: list[Window] = []
    for window in cut:
        longest = window.stop - window.start
        if batch and (batch[0].skip != window.skip or (len(batch) + 1) * longest > max(_BATCH, longest)):
            yield from _score_batch(lm, rows, batch)
            batch = []
        batch.append(window)
    if batch:
        yield from _score_batch(lm, rows, batch)


def _score_batch(lm: LanguageModel, rows: Sequence[Ids], batch: list[Window]
                 ) -> Iterator[tuple[npt.NDArray[np.float32], Ids]]:  # fmt: skip
    longest = batch[-1].stop - batch[-1].start
    filled = np.zeros((len(batch), longest), dtype=np.int64)
    for line, (row, start, stop, _) in zip(filled, batch, strict=True):
        line[: stop - start] = rows[row][start:stop]
    skip = batch[0].skip
    logprobs, ranks = lm.score(filled, start=skip)
    for window, of_row, places in zip(batch, logprobs, ranks, strict=True):
        scored = window.stop - window.start - skip
        yield of_row[:scored], places[:scored]
