"""The classical baseline: a Kneser-Ney 5-gram model over the same tokens, trained on the same text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.errors import ConfigError
from gptviz.evaluation.held_out import Ids, Part, part_files, read_part
from gptviz.evaluation.kneser_ney import KneserNey
from gptviz.numbers import BIT
from gptviz.tokens.tokenizer import Tokenizer

ORDER = 5


class Baseline(NamedTuple):
    """A trained 5-gram model and what it has read."""

    model: KneserNey
    n_tokens: int
    n_bytes: int

    def bits(self, part: Part, *, skip_first: bool) -> float:
        """Surprisal of a part's tokens, in bits, the ends of its documents left out; the first tokens too if asked."""
        joined = join(part.documents, self.model.boundary)
        counted = joined != self.model.boundary
        if skip_first:
            counted[np.cumsum([0, *(len(document) + 1 for document in part.documents[:-1])])] = False
        return -float(self.model.logprobs(joined)[counted].sum()) / BIT


def train_baseline(folder: Path, tokenizer: Tokenizer, *, tokens: int | None = None,
                   weights: Mapping[str, float] | None = None, seed: int = 0) -> Baseline:  # fmt: skip
    """Read every ``<part>.train.txt[.xz]`` of ``folder`` once; with ``tokens``, about so many of them.

    Those are whole documents drawn at random without repetition, from each part its share: ``weights`` (of the tokens,
    as in training), or without any its share of all text. A part that has fewer gives all it has. With weights, parts
    that they leave out are not read at all. Raises ConfigError where there is no text.
    """
    files = part_files(folder, "train")
    if weights is not None:
        files = {name: path for name, path in files.items() if weights.get(name, 0.0) > 0}
    parts = [read_part(name, path, tokenizer) for name, path in files.items()]
    if tokens is not None:
        parts = sampled(parts, tokens, weights, seed)
    n_tokens = sum(part.n_tokens for part in parts)
    if not n_tokens:
        raise ConfigError("train.no_text", folder=str(folder))
    boundary = boundary_of(tokenizer)
    joined = join((document for part in parts for document in part.documents), boundary)
    n_bytes = sum(sum(part.n_bytes) for part in parts)
    del parts
    size = max(tokenizer.vocab_size, boundary + 1)
    return Baseline(KneserNey.train(joined, vocab_size=size, boundary=boundary, order=ORDER), n_tokens, n_bytes)


def sampled(parts: list[Part], tokens: int, weights: Mapping[str, float] | None, seed: int) -> list[Part]:
    """Documents of each part in random order, up to its share of ``tokens``; the last one is cut."""
    share = weights or {part.name: float(part.n_tokens) for part in parts}
    total = sum(share.get(part.name, 0.0) for part in parts)
    return [_sample(part, round(tokens * share.get(part.name, 0.0) / total), np.random.default_rng((seed, number)))
            for number, part in enumerate(parts)]  # fmt: skip


def _sample(part: Part, tokens: int, rng: np.random.Generator) -> Part:
    chosen, left = Part(part.name, [], []), tokens
    for place in rng.permutation(len(part.documents)):
        if left <= 0:
            break
        document = part.documents[place][:left]
        chosen.documents.append(document)
        chosen.n_bytes.append(round(part.n_bytes[place] * len(document) / len(part.documents[place])))
        left -= len(document)
    return chosen


def boundary_of(tokenizer: Tokenizer) -> int:
    """The id between documents: end-of-text, or one more than the vocabulary has."""
    return tokenizer.vocab_size if tokenizer.end_of_text is None else tokenizer.end_of_text


def join(documents: Iterable[Ids], boundary: int) -> npt.NDArray[np.uint32]:
    """The documents one after another, each ended by ``boundary``."""
    pieces = [np.append(document, boundary).astype(np.uint32) for document in documents]
    return np.concatenate(pieces) if pieces else np.empty(0, dtype=np.uint32)
