"""Steps of two runs on one slider: all at which either has a moment, and which moment stands for a step. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence


def shared(*runs: Iterable[int]) -> list[int]:
    """All steps, in order.

    >>> shared([0, 62, 100], [1, 10, 62])
    [0, 1, 10, 62, 100]
    """
    return sorted({step for run in runs for step in run})


def standing(steps: Sequence[int], step: int) -> int:
    """Which of ``steps`` (rising) is the nearest at or before ``step``; the first where none is.

    >>> [standing([1, 10, 30], step) for step in (0, 1, 9, 10, 31)]
    [0, 0, 0, 1, 2]
    """
    return max(0, bisect_right(steps, step) - 1)
