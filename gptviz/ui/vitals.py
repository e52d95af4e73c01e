"""How the running process is: memory, visitors, who waits, what is loaded. Pure: no Streamlit here.

What visitors share lies in ``gptviz.ui.cache``, which says how to look at it; without a server there is nobody.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import NamedTuple

from gptviz import memory

_BEGUN = time.monotonic()


class Shared(NamedTuple):
    """What all visitors share."""

    visitors: int = 0
    waiting: int = 0  # for their turn at the gate
    long: int = 0  # of them with long work
    models: int = 0  # loaded
    traces: int = 0  # bytes kept
    threads: int = 1  # that one product is shared out to


class Vitals(NamedTuple):
    """The process now; None: this system does not say."""

    resident: int | None  # bytes
    available: int | None  # bytes that the machine has to spare
    cores: int
    minutes: float  # since it was started
    shared: Shared


_look: list[Callable[[], Shared]] = []


def watch(look: Callable[[], Shared]) -> None:
    """Have visitors and models counted like that from now on."""
    _look[:] = [look]


def vitals() -> Vitals:
    """The figures of this moment."""
    shared = _look[0]() if _look else Shared()
    minutes = (time.monotonic() - _BEGUN) / 60
    return Vitals(memory.resident(), memory.available(), os.cpu_count() or 1, minutes, shared)
