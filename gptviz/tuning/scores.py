"""How well labels are found: accuracy with its interval, precision, recall and F1 of each, which is taken for which.

The sums are scikit-learn's; the interval is Wilson's (1927).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Z = 1.959963984540054  # of a 95 % interval


class LabelScore(NamedTuple):
    """One label: of those called so, the part that is (precision); of those that are, the part called so (recall)."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int  # texts that are


class Scores(NamedTuple):
    """``confusion`` (n_labels, n_labels): texts of the row's label that were called the column's."""

    accuracy: float
    low: float  # of the 95 % interval
    high: float
    macro_f1: float
    labels: tuple[LabelScore, ...]
    confusion: npt.NDArray[np.int64]
    report: str  # as scikit-learn writes it


def scores(truth: Sequence[str], found: Sequence[str], labels: Sequence[str]) -> Scores:
    """Compare what texts are with what they are called; one that never occurs counts as 0."""
    from sklearn import metrics

    asked = {"labels": list(labels), "zero_division": 0}
    parts = metrics.precision_recall_fscore_support(truth, found, **asked)
    rows = tuple(LabelScore(label, float(p), float(r), float(f), int(n))
                 for label, p, r, f, n in zip(labels, *parts, strict=True))  # fmt: skip
    accuracy = float(metrics.accuracy_score(truth, found))
    macro = float(metrics.f1_score(truth, found, average="macro", **asked))
    confusion = metrics.confusion_matrix(truth, found, labels=list(labels))
    return Scores(accuracy, *wilson(accuracy, len(truth)), macro, rows, np.asarray(confusion, dtype=np.int64),
                  str(metrics.classification_report(truth, found, digits=3, **asked)))  # fmt: skip


def wilson(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of ``n`` (Wilson 1927, equation 5).

    >>> [round(edge, 3) for edge in wilson(0.5, 100)]
    [0.404, 0.596]
    """
    if n < 1:
        return 0.0, 1.0
    middle, width = share + Z**2 / (2 * n), Z * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return (middle - width) / (1 + Z**2 / n), (middle + width) / (1 + Z**2 / n)
