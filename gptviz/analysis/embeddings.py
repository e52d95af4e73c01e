"""What the rows of a model's embedding matrices say: which tokens are near each other, a map of all, and positions.

C = n_embd, V = the tokens. Nearness is the cosine of two rows: their product over their lengths. A map is a principal
component analysis (Pearson 1901; Hotelling 1933): rows less their mean, seen from the directions in which they vary
most. All rows are used, nothing is sampled; only blocks of rows are held at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.language_model import Array, LanguageModel, Matrix
from gptviz.numbers import top_ids

_BLOCK = 4096  # rows at a time
_TINY = 1e-12  # a row shorter than that is near nothing


class Neighbour(NamedTuple):
    """One token, and the cosine of its row with that of the token asked for."""

    id: int
    cosine: float


def lengths(lm: LanguageModel, matrix: Matrix = "tokens") -> Array:
    """(V,) Euclidean length of each token's row."""
    found = [np.linalg.norm(lm.rows(matrix, block), axis=1) for block in _blocks(lm.n_tokens)]
    return np.concatenate(found).astype(np.float32)


def cosines(lm: LanguageModel, token: int, *, matrix: Matrix = "tokens", norms: Array | None = None) -> Array:
    """(V,) cosine of a token's row with that of every token; ``norms``: the rows' ``lengths``, where they are known.

    Raises PromptError for an id that is no token.
    """
    own = lm.rows(matrix, [token])
    norms = lengths(lm, matrix) if norms is None else norms
    both = np.maximum(norms * norms[token], _TINY)
    return np.asarray(lm.products(matrix, own)[0] / both, dtype=np.float32)


def neighbours(lm: LanguageModel, token: int, *, count: int = 12, matrix: Matrix = "tokens",
               norms: Array | None = None) -> tuple[Neighbour, ...]:  # fmt: skip
    """The ``count`` tokens nearest to ``token`` by cosine, of the whole vocabulary, without itself; nearest first.

    ``matrix`` is the token embedding, or ``output``, the matrix that logits are read from. Raises PromptError for an id
    that is no token.

    >>> from gptviz import load
    >>> lm = load()
    >>> near = neighbours(lm, lm.tokenizer.encode(" cat")[0], count=3)
    >>> len(near), near[0].cosine >= near[1].cosine
    (3, True)
    """
    found = cosines(lm, token, matrix=matrix, norms=norms)
    best = [number for number in top_ids(found, count + 1).tolist() if number != token][:count]
    return tuple(Neighbour(number, float(found[number])) for number in best)


class VocabularyMap(NamedTuple):
    """Every token's place along the directions in which the rows vary most."""

    places: Array  # (V, n): along each direction, from the mean row
    shares: npt.NDArray[np.float64]  # (n,) of the variance that lies along each, falling
    directions: Array  # (n, C) unit vectors; the largest number of each is positive
    mean: Array  # (C,) the mean row


def vocabulary_map(lm: LanguageModel, *, components: int = 6, matrix: Matrix = "tokens") -> VocabularyMap:
    """The principal components of all tokens' rows (V, C): exact, and the same each time.

    >>> from gptviz import load
    >>> vocabulary_map(load("small"), components=2).places.shape
    (2048, 2)
    """
    *_, found = mapping(lm, components=components, matrix=matrix)
    assert isinstance(found, VocabularyMap)
    return found


def mapping(lm: LanguageModel, *, components: int = 6, matrix: Matrix = "tokens") -> Iterator[float | VocabularyMap]:
    """The same a block of rows at a time: the share of the work that is done, and at last the map."""
    blocks = [*_blocks(lm.n_tokens)]
    width, steps = lm.config.n_embd, 3 * len(blocks) + 1
    total = np.zeros(width)
    for done, block in enumerate(blocks):
        total += lm.rows(matrix, block).sum(0, dtype=np.float64)
        yield (done + 1) / steps
    mean: Array = (total / lm.n_tokens).astype(np.float32)
    scatter = np.zeros((width, width))  # Σ x xᵀ of x less the mean
    for done, block in enumerate(blocks, start=len(blocks)):
        x = lm.rows(matrix, block) - mean
        scatter += x.T @ x
        yield (done + 1) / steps
    values, vectors = np.linalg.eigh(scatter)  # rising
    count = min(components, width)
    found = vectors[:, ::-1][:, :count].T
    largest = np.take_along_axis(found, np.abs(found).argmax(1)[:, None], axis=1)
    directions = (found * np.where(largest < 0, -1.0, 1.0)).astype(np.float32)
    shares = values[::-1][:count].clip(0) / max(float(values.clip(0).sum()), _TINY)
    yield (2 * len(blocks) + 1) / steps
    places: list[Array] = []
    for done, block in enumerate(blocks, start=2 * len(blocks) + 1):
        places.append(np.asarray((lm.rows(matrix, block) - mean) @ directions.T, dtype=np.float32))
        yield (done + 1) / steps
    yield VocabularyMap(np.concatenate(places), shares, directions, mean)


def _blocks(count: int) -> Iterator[range]:
    return (range(at, min(at + _BLOCK, count)) for at in range(0, count, _BLOCK))
