"""Text files → token files on disk → batches.

A *part* is one kind of text, ``<part>.train.txt`` (or ``.txt.xz``) with documents ended by a line ``<|endoftext|>``.
Its tokens are written once as little-endian uint16 (or uint32 for vocabularies above 65,536) and memory-mapped.
Batches are a pure function of (seed, step), so a resumed run reads exactly what an uninterrupted one would have.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gptviz import texts
from gptviz.errors import ConfigError
from gptviz.tokens.bpe import END_OF_TEXT

Ids = npt.NDArray[np.int64]
KINDS = ("ids", "starts", "documents", "bytes")  # files of a tokenised part
LARGE = 8_000_000  # bytes of files from which tokenising is worth further processes, which take seconds to start


class Encoder(Protocol):
    """What is needed of a tokenizer here."""

    vocab_size: int
    end_of_text: int | None

    def encode(self, text: str) -> list[int]: ...
    def decode_bytes(self, ids: Sequence[int]) -> bytes: ...


@dataclass(frozen=True)
class BatchSpec:
    """What a batch is made of: ``size`` rows of ``length`` + 1 ids, for as many inputs and their targets.

    Rows begin anywhere but for a share ``line_start`` that begins where a line does (a user's text begins there too)
    and a share ``document_start`` that begins with a document, half of these with the mark that ended the one before.
    A share ``repeat`` of the rows says a passage over and over, of ``passage`` tokens or more, in half of them of
    tokens drawn from all ``vocab_size``: nothing but looking back tells what comes next, which induction heads do
    (Olsson et al. 2022).
    """

    size: int
    length: int
    line_start: float = 0.5
    document_start: float = 0.0
    repeat: float = 0.0
    vocab_size: int = 0
    later: bool = False  # whether the mixture's later shares count
    passage: int = 0  # 0: a 32nd of the row


class Batches(Protocol):
    """Where batches come from: a ``Mixture``, or one that lies on a GPU."""

    def batch(self, seed: int, step: int, spec: BatchSpec) -> Tensor: ...


@dataclass(frozen=True)
class Part:
    """The tokens of one part, memory-mapped, and where its lines and its documents start."""

    name: str
    ids: npt.NDArray[np.uint16] | npt.NDArray[np.uint32]  # (n_tokens,)
    starts: npt.NDArray[np.int64]  # (n_lines,)
    documents: npt.NDArray[np.int64]  # (n_documents,)
    n_bytes: int  # of UTF-8 text, the document marks left out


def read_text(path: Path, encoding: str | None = None) -> str:
    """The text of a ``.txt`` or ``.txt.xz`` file, the same of both. Raises ConfigError where it is none."""
    return texts.read(path, encoding)


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
    files = _files(path, folder)
    if not _there(files):
        folder.mkdir(parents=True, exist_ok=True)
        _tokenise(path, tokenizer, files)
    ids = np.memmap(files["ids"], dtype=_dtype(tokenizer.vocab_size), mode="r")
    starts, begun = (np.fromfile(files[kind], dtype=np.int64) for kind in ("starts", "documents"))
    return Part(path.name.split(".txt")[0], ids, starts, begun, int(files["bytes"].read_text()))


def prepare_all(paths: Iterable[Path], tokenizer: Encoder, folder: Path) -> list[Part]:
    """``prepare`` for many files, in processes side by side where there is much to do; largest first."""
    paths = list(paths)
    new = [path for path in paths if not _there(_files(path, folder))]
    workers = min(len(new), os.cpu_count() or 1)
    if workers > 1 and sum(path.stat().st_size for path in new) > LARGE:
        new.sort(key=lambda path: path.stat().st_size, reverse=True)
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for done in [pool.submit(_prepare_quietly, path, tokenizer, folder) for path in new]:
                done.result()
    return [prepare(path, tokenizer, folder) for path in paths]


def from_ids(name: str, ids: Sequence[int], *, n_bytes: int = 0) -> Part:
    """A part from ids in memory, one document, every position a possible start: for small corpora and tests."""
    array = np.asarray(ids, dtype=np.uint32)
    return Part(name, array, np.arange(len(array), dtype=np.int64), np.zeros(1, dtype=np.int64), n_bytes)


def read_shares(path: Path | None) -> dict[str, float] | None:
    """A JSON file ``{"part": share}``; None without a file. Raises ConfigError where it holds something else."""
    if path is None:
        return None
    try:
        shares = {str(name): float(share) for name, share in json.loads(path.read_text(encoding="utf-8")).items()}
        if not all(map(math.isfinite, shares.values())):  # JSON as Python reads it knows NaN and Infinity
            raise ValueError
        return shares
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ConfigError("eval.weights", file=str(path), example='{"part": 1.0}') from error


@dataclass(frozen=True)
class Mixture:
    """Parts with the share of the sequences drawn from each, at first and later in a run."""

    parts: tuple[Part, ...]
    weights: tuple[float, ...]
    later_weights: tuple[float, ...] | None = None  # where they are the same, None

    def __post_init__(self) -> None:
        for weights in (self.weights, self.later_weights or self.weights):
            if not self.parts or len(self.parts) != len(weights) or min(weights) < 0 or not sum(weights):
                raise ConfigError("train.weights")

    def shares(self, *, later: bool = False) -> npt.NDArray[np.float64]:
        """(n_parts,) of sum 1."""
        weights = np.asarray(self.later_weights if later and self.later_weights else self.weights, dtype=np.float64)
        shares: npt.NDArray[np.float64] = weights / weights.sum()
        return shares

    def batch(self, seed: int, step: int, spec: BatchSpec) -> Tensor:
        """(size, length + 1) ids: inputs are all but the last column, targets all but the first."""
        rng = np.random.default_rng((seed, step))
        chosen = rng.choice(len(self.parts), size=spec.size, p=self.shares(later=spec.later))
        rows = [_window(self.parts[c], rng, spec) for c in chosen]
        if spec.repeat:
            rows = [_repeated(row, rng, spec) if rng.random() < spec.repeat else row for row in rows]
        return torch.from_numpy(np.stack(rows))


def _window(part: Part, rng: np.random.Generator, spec: BatchSpec) -> Ids:
    length = spec.length + 1
    room = len(part.ids) - length
    if room < 0:
        raise ConfigError("train.short", name=part.name, tokens=len(part.ids), needed=length)
    place = int(rng.integers(0, room + 1))
    kind = rng.random()
    if kind < spec.line_start:
        place = _at_or_before(part.starts, place)
    elif kind < spec.line_start + spec.document_start:
        place = _at_or_before(part.documents, place)
        place -= int(place > 0 and rng.random() < 0.5)  # what lies before a document is the mark that ended another
    return np.asarray(part.ids[place : place + length], dtype=np.int64)


def _at_or_before(places: npt.NDArray[np.int64], place: int) -> int:
    at = int(np.searchsorted(places, place, side="right")) - 1
    return int(places[at]) if at >= 0 else 0


def lengths(row: int, passage: int) -> tuple[int, int]:
    """(shortest, longest) passage that is repeated in a row of so many tokens: the longest stands twice."""
    longest = max(3, row // 2)
    return min(passage, longest - 1) if passage else max(2, row // 32), longest


def _repeated(row: Ids, rng: np.random.Generator, spec: BatchSpec) -> Ids:
    """A beginning of ``row``, or as many different tokens drawn from all, over and over up to the same length.

    Short passages are as common as long ones: their lengths are even on a logarithmic scale.
    """
    shortest, longest = lengths(len(row), spec.passage)
    period = int(np.exp(rng.uniform(np.log(shortest), np.log(longest))))
    passage = row[:period]
    if rng.random() < 0.5 and spec.vocab_size >= period:
        passage = rng.choice(spec.vocab_size, size=period, replace=False)
    return np.resize(passage, len(row))


def mixture(parts: Mapping[str, Part], weights: Mapping[str, float] | None = None,
            later: Mapping[str, float] | None = None) -> Mixture:  # fmt: skip
    """Parts drawn by ``weights``, and by ``later`` at the end of a run; without any, each by its number of tokens."""
    share = weights or {name: float(len(part.ids)) for name, part in parts.items()}
    named = [name for name in parts if share.get(name, 0.0) > 0 or (later or {}).get(name, 0.0) > 0]
    later_weights = tuple(later.get(name, 0.0) for name in named) if later else None
    return Mixture(tuple(parts[name] for name in named), tuple(share.get(name, 0.0) for name in named), later_weights)


def _dtype(vocab_size: int) -> npt.DTypeLike:
    return np.dtype("<u2") if vocab_size <= 65536 else np.dtype("<u4")


def _files(path: Path, folder: Path) -> dict[str, Path]:
    name = path.name.split(".txt")[0]
    return {kind: folder / f"{name}.{kind}" for kind in KINDS}


def _there(files: Mapping[str, Path]) -> bool:
    return all(file.exists() for file in files.values())


def _tokenise(path: Path, tokenizer: Encoder, files: Mapping[str, Path]) -> None:
    ids: list[int] = []
    starts: list[int] = []
    begun: list[int] = []
    n_bytes = 0
    for document in documents(read_text(path)):
        n_bytes += len(document.encode("utf-8"))
        begun.append(len(ids))
        for line in document.splitlines(keepends=True):
            starts.append(len(ids))
            ids.extend(tokenizer.encode(line))
        if tokenizer.end_of_text is not None:
            ids.append(tokenizer.end_of_text)
    np.asarray(ids, dtype=_dtype(tokenizer.vocab_size)).tofile(files["ids"])
    np.asarray(starts, dtype=np.int64).tofile(files["starts"])
    np.asarray(begun, dtype=np.int64).tofile(files["documents"])
    files["bytes"].write_text(str(n_bytes))


def _prepare_quietly(path: Path, tokenizer: Encoder, folder: Path) -> None:
    """``prepare`` in another process, which has nothing to send back: the files are what is wanted."""
    prepare(path, tokenizer, folder)
