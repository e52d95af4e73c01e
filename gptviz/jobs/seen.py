"""What a training says of its model's inside at a moment: every head's pattern on one fixed text, and its positions.

Both are kept small, for there are many moments: a pattern is the rows of its lower triangle, 255 for all of a token's
attention; a similarity is the same of a symmetric matrix, from −127 to 127.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gptviz.analysis.positions import position_similarity
from gptviz.evaluation.induction import head_scores, sequences
from gptviz.language_model import LocalModel
from gptviz.tokens.labels import label

TOKENS = 32  # of the fixed text, at most
_LARGEST = 40_000  # bytes of all patterns of a moment: of a model of many heads a shorter text is shown
_SEQUENCES, _LENGTH = 2, 24  # on which heads are scored
_WHOLE, _ALIKE = 255, 127

Matrix = npt.NDArray[np.float32]


def scores(lm: LocalModel) -> list[list[float]]:
    """(n_layer, n_head): prefix matching of each head, as ``gptviz.evaluation.induction`` defines it."""
    rows = sequences(lm, count=_SEQUENCES, length=_LENGTH)
    half = rows.shape[1] // 2
    found = np.mean([head_scores(lm.trace(row.tolist()).pattern, half)[0] for row in rows], axis=0)
    return [[round(float(score), 4) for score in layer] for layer in found]


def fixed(text: Sequence[int], lm: LocalModel) -> list[int]:
    """The first tokens of a text: so many as fit into the context, and into a record with all heads' patterns."""
    heads = lm.config.n_layer * lm.config.n_head
    most = int((2 * _LARGEST / heads) ** 0.5)
    return [int(i) for i in text[: min(TOKENS, most, lm.config.block_size)]]


def attention(lm: LocalModel, ids: Sequence[int]) -> dict[str, Any]:
    """The record of all heads' patterns on ``ids``."""
    pattern = lm.trace(ids).pattern  # (n_layer, n_head, T, T)
    rows, columns = np.tril_indices(len(ids))
    values = np.rint(pattern[:, :, rows, columns].astype(np.float64) * _WHOLE).astype(np.uint8)
    labels = [label(lm.tokenizer.token_bytes(i)) for i in ids]
    return {"ids": list(ids), "labels": labels, "pattern": _packed(values)}


def pattern_of(record: Mapping[str, Any], layer: int, head: int, n_head: int) -> Matrix:
    """(T, T) of one head, rows are queries; what may not be looked at is 0.

    >>> record = {"labels": ["a", "b"], "pattern": base64.b64encode(bytes([255, 51, 204])).decode()}
    >>> [[round(float(p), 1) for p in row] for row in pattern_of(record, 0, 0, 1)]
    [[1.0, 0.0], [0.2, 0.8]]
    """
    T = len(record["labels"])
    size = T * (T + 1) // 2
    at = (layer * n_head + head) * size
    values = np.frombuffer(base64.b64decode(record["pattern"]), dtype=np.uint8)[at : at + size]
    found = np.zeros((T, T), dtype=np.float32)
    found[np.tril_indices(T)] = values / _WHOLE
    return found


def positions(lm: LocalModel) -> dict[str, Any]:
    """The record of how alike positions are, two by two, as ``gptviz.analysis.positions`` says it."""
    found = position_similarity(lm)
    lower = np.tril_indices(len(found.positions))
    values = np.rint(np.clip(found.values[lower].astype(np.float64), -1, 1) * _ALIKE).astype(np.int8)
    return {"scheme": found.scheme, "places": list(found.positions), "values": _packed(values)}


def similarity_of(record: Mapping[str, Any]) -> Matrix:
    """(n, n) from −1 to 1, symmetric."""
    n = len(record["places"])
    found = np.zeros((n, n), dtype=np.float32)
    rows, columns = np.tril_indices(n)
    found[rows, columns] = np.frombuffer(base64.b64decode(record["values"]), dtype=np.int8) / _ALIKE
    found[columns, rows] = found[rows, columns]
    return found


def _packed(values: npt.NDArray[np.uint8] | npt.NDArray[np.int8]) -> str:
    return base64.b64encode(values.tobytes()).decode()
