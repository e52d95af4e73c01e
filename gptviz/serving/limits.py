"""What one request may cost, and how many one caller may make: every bound in one place."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic


@dataclass(frozen=True)
class Limits:
    """All of it."""

    body: int = 2**20  # bytes
    body_seconds: float = 10.0  # in which a body must have come
    chars: int = 20_000  # of a text
    texts: int = 64  # in one request
    tokens: int = 1_024  # of a text, where the model reads as many
    scored: int = 16_384  # of the texts of one request together
    new_tokens: int = 512
    strategies: int = 16  # side by side
    top: int = 1_000
    answer: int = 2**26  # bytes of arrays
    seconds: float = 60.0  # for the whole request
    waiting: int = 256  # requests that wait to be computed
    batch: int = 32  # that are computed together; 1: each alone
    rate: float = 200.0  # requests a second of one key, and of one address; 0: any number
    burst: float = 2.0  # seconds' worth of requests that may come at once
    connections: int = 1_000


_MOST_CALLERS = 10_000  # that are remembered


class Rates:
    """A bucket for each caller, into which ``rate`` drops fall a second, up to ``burst`` seconds' worth of them."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = monotonic) -> None:
        self._rate, self._most, self._clock = rate, max(1.0, rate * burst), clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # drops left, and when
        self._lock = threading.Lock()

    def take(self, caller: str) -> float:
        """Take one drop: 0 where there is one, else in how many seconds there will be."""
        if not self._rate:
            return 0.0
        with self._lock:
            now = self._clock()
            left, then = self._buckets.pop(caller, (self._most, now))
            left = min(self._most, left + (now - then) * self._rate)
            waits = 0.0 if left >= 1.0 else (1.0 - left) / self._rate
            self._buckets[caller] = left - 1.0 if not waits else left, now
            while len(self._buckets) > _MOST_CALLERS:
                self._buckets.popitem(last=False)
            return waits
