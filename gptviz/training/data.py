"""Text files → token files on disk → batches.

A *part* is one kind of text, ``<part>.train.txt`` (or ``.txt.xz``) with documents ended by a line ``<|endoftext|>``.
Its tokens are written once as little-endian uint16 (or uint32 for vocabularies above 65,536) and memory-mapped.
Batches are a pure function of (seed, step), so a resumed run reads exactly what an uninterrupted one would have.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gptviz.bpe import END_OF_TEXT
from gptviz.errors import ConfigError

Ids = npt.NDArray[np.int64]


class Encoder(Protocol):
    """What is needed of a tokenizer here."""

    vocab_size: int
    end_of_text: int | None

    def encode(self, text: str) -> list[int]: ...
    def decode_bytes(self, ids: Sequence[int]) -> bytes: ...


@dataclass(frozen=True)
class Part:
    """The tokens of one part, memory-mapped, and where its lines start."""

    name: str
    ids: npt.NDArray[np.uint16] | npt.NDArray[np.uint32]  # (n_tokens,)
    starts: npt.NDArray[np.int64]  # (n_lines,)
    n_bytes: int  # of UTF-8 text, the document marks left out

    def windows(self, places: Ids, length: int) -> Ids:
        """(len(places), length) token ids from each place on."""
        return np.stack([self.ids[p : p + length].astype(np.int64) for p in places])


def read_text(path: Path) -> str:
    """The text of a ``.txt`` or ``.txt.xz`` file."""
    if path.suffix == ".xz":
        return lzma.decompress(path.read_bytes()).decode("utf-8")
    return path.read_text(encoding="utf-8")


def documents(text: str) -> Iterator[str]:
    """The documents of a part, without their end marks; empty ones are left out."""
    for document in text.split(END_OF_TEXT):
        stripped = document.strip("\n")
        if stripped:
            yield stripped


def prepare(path: Path, tokenizer: Encoder, folder: Path) -> Part:
    """Tokenise one text file into ``folder`` (once: a second call finds the files) and open it.

    The folder is for one tokenizer and one corpus: its files are known by their parts' names.
    """
    name = path.name.split(".txt")[0]
    ids_file, starts_file, size_file = (folder / f"{name}.{kind}" for kind in ("ids", "starts", "bytes"))
    if not (ids_file.exists() and starts_file.exists() and size_file.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        _tokenise(path, tokenizer, ids_file, starts_file, size_file)
    starts = np.fromfile(starts_file, dtype=np.int64)
    n_bytes = int(size_file.read_text())
    return Part(name, np.memmap(ids_file, dtype=_dtype(tokenizer.vocab_size), mode="r"), starts, n_bytes)


def from_ids(name: str, ids: Sequence[int], *, n_bytes: int = 0) -> Part:
    """A part from ids in memory, every position a possible start: for small corpora and tests."""
    array = np.asarray(ids, dtype=np.uint32)
    return Part(name, array, np.arange(len(array), dtype=np.int64), n_bytes)


@dataclass(frozen=True)
class Mixture:
    """Parts with the share of the sequences drawn from each."""

    parts: tuple[Part, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.parts or len(self.parts) != len(self.weights) or min(self.weights) < 0 or not sum(self.weights):
            raise ConfigError("train.weights")

    def batch(
        self, seed: int, step: int, size: int, length: int, *, line_start: float = 0.5, repeat: float = 0.0,
        vocab_size: int = 0,
    ) -> Ids:  # fmt: skip
        """(size, length + 1) ids: inputs are all but the last column, targets all but the first.

        A share ``repeat`` of the rows says a passage over and over, in half of them one of tokens drawn from all
        ``vocab_size``: nothing but looking back tells what comes next, which induction heads do (Olsson et al. 2022).
        """
        rng = np.random.default_rng((seed, step))
        shares = np.asarray(self.weights) / sum(self.weights)
        chosen = rng.choice(len(self.parts), size=size, p=shares)
        rows = [self._window(self.parts[c], rng, length + 1, line_start) for c in chosen]
        if repeat:
            rows = [_repeated(row, rng, vocab_size) if rng.random() < repeat else row for row in rows]
        return np.stack(rows)

    @staticmethod
    def _window(part: Part, rng: np.random.Generator, length: int, line_start: float) -> Ids:
        room = len(part.ids) - length
        if room < 0:
            raise ConfigError("train.short", name=part.name, tokens=len(part.ids), needed=length)
        place = int(rng.integers(0, room + 1))
        if rng.random() < line_start:  # a user's text begins where a line begins; so should half of what is read
            at = int(np.searchsorted(part.starts, place, side="right")) - 1
            place = int(part.starts[at]) if at >= 0 else 0
        return np.asarray(part.ids[place : place + length], dtype=np.int64)


def _repeated(row: Ids, rng: np.random.Generator, vocab_size: int) -> Ids:
    """A beginning of ``row``, or as many different tokens drawn from all, over and over up to the same length.

    Short passages are as common as long ones: their lengths are even on a logarithmic scale.
    """
    shortest, longest = max(2, len(row) // 32), max(3, len(row) // 2)
    period = int(np.exp(rng.uniform(np.log(shortest), np.log(longest))))
    passage = row[:period]
    if rng.random() < 0.5 and vocab_size >= period:
        passage = rng.choice(vocab_size, size=period, replace=False)
    return np.resize(passage, len(row))


def mixture(parts: Mapping[str, Part], weights: Mapping[str, float] | None = None) -> Mixture:
    """Parts drawn by ``weights``; without any, each by its number of tokens."""
    share = weights or {name: float(len(part.ids)) for name, part in parts.items()}
    named = [name for name in parts if share.get(name, 0.0) > 0]
    return Mixture(tuple(parts[name] for name in named), tuple(share[name] for name in named))


def _dtype(vocab_size: int) -> npt.DTypeLike:
    return np.dtype("<u2") if vocab_size <= 65536 else np.dtype("<u4")


def _tokenise(path: Path, tokenizer: Encoder, ids_file: Path, starts_file: Path, size_file: Path) -> None:
    ids: list[int] = []
    starts: list[int] = []
    n_bytes = 0
    for document in documents(read_text(path)):
        n_bytes += len(document.encode("utf-8"))
        for line in document.splitlines(keepends=True):
            starts.append(len(ids))
            ids.extend(tokenizer.encode(line))
        if tokenizer.end_of_text is not None:
            ids.append(tokenizer.end_of_text)
    np.asarray(ids, dtype=_dtype(tokenizer.vocab_size)).tofile(ids_file)
    np.asarray(starts, dtype=np.int64).tofile(starts_file)
    size_file.write_text(str(n_bytes))
