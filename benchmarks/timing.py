"""Taking times so that they can be compared: the arms in turn, the median of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import torch

THREADS = 2  # of torch, in all rows about the model


class Arm(NamedTuple):
    """One of the things compared: ``run(*prepare())``, of which only ``run`` is timed."""

    run: Callable[..., Any]
    prepare: Callable[[], tuple[Any, ...]] = tuple


def in_turn(arms: Mapping[str, Arm], *, repeats: int, warm_up: int = 2) -> dict[str, float]:
    """Seconds that each arm takes, the median of ``repeats``: A B A B …, so that a busy spell strikes all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in arms}
    for _ in range(warm_up + repeats):
        for name, arm in arms.items():
            prepared = arm.prepare()
            start = perf_counter()
            arm.run(*prepared)
            seconds[name].append(perf_counter() - start)
    return {name: median(found[warm_up:]) for name, found in seconds.items()}


@contextmanager
def threads(count: int = THREADS) -> Iterator[None]:
    """torch on ``count`` threads; afterwards on as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def lacking(*modules: str) -> str | None:
    """What is not installed of ``modules``, as a reason; None where all is there."""
    missing = [name for name in modules if find_spec(name) is None]
    return f"{', '.join(missing)} not installed" if missing else None
