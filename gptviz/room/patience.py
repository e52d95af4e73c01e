"""How often an address may be wrong: a bucket of tries that fills up again, drop by drop.

A class may share one address, so the bucket is large; guessing a code would still take years.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

TRIES = 30  # wrong codes that an address has to spare
SECONDS = 1.0  # in which one of them comes back
_ADDRESSES = 1_000  # that are remembered, the latest


class Patience:
    """Tries left, by address; used from one thread."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()  # address → (tries spent, when)

    def wait(self, address: str) -> float:
        """Seconds until this address may try again; 0: now."""
        return max(0.0, (self._level(address) - (TRIES - 1)) * SECONDS)

    def wrong(self, address: str) -> None:
        """Note a wrong code."""
        self._spent[address] = (self._level(address) + 1, self._clock())
        self._spent.move_to_end(address)
        while len(self._spent) > _ADDRESSES:
            self._spent.popitem(last=False)

    def _level(self, address: str) -> float:
        spent, when = self._spent.get(address, (0.0, 0.0))
        return max(0.0, spent - (self._clock() - when) / SECONDS)
