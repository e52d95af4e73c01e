"""How many visitors are there at a time: each costs memory, and a server that takes everybody serves nobody. Pure.

Who is one too many stands in a queue: whoever came first goes in first. A place in it is kept for who asks for it now
and then, as an open page does by itself; where it is asked for, one who has done nothing for long gives way to others.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic

PATIENCE = 90.0  # seconds for which a place in the queue is kept for who does not ask: hidden tabs ask once a minute


class Guests:
    """Those who were let in, as long as ``there`` says that they are, and those who wait."""

    def __init__(self, there: Callable[[str], bool], clock: Callable[[], float] = monotonic) -> None:
        self._there, self._clock, self._lock = there, clock, Lock()
        self._known: dict[str, float] = {}  # when they did something last
        self._queue: dict[str, float] = {}  # in the order in which they came: when they asked last
        self._gave_way: set[str] = set()

    def let_in(self, who: str, most: int, *, again: bool = False, idle: float = 0.0) -> bool:
        """Whether ``who`` may come in, so that no more than ``most`` are there; ``again``: was in before, and is.

        ``idle``: seconds after which who does nothing gives way to those who wait; 0: never.
        """
        with self._lock:
            now = self._clock()
            self._sweep(now)
            if who not in self._known and not (again and who not in self._gave_way):
                self._queue[who] = now
                if idle:
                    self._make_room(now - idle, len(self._queue) - max(0, most - len(self._known)))
                first = list(self._queue)[: max(0, most - len(self._known))]
                if who not in first:
                    return False
            self._queue.pop(who, None)
            self._gave_way.discard(who)
            self._known[who] = now
            return True

    def acts(self, who: str) -> bool:
        """Note that ``who`` does something now; whether they are in, as far as is known without looking around."""
        with self._lock:
            inside = who in self._known
            if inside:
                self._known[who] = self._clock()
            return inside

    def place(self, who: str) -> tuple[int, int]:
        """(which one of those who wait this is, from 1, or 0 for who does not; how many wait)."""
        with self._lock:
            waiting = list(self._queue)
            return (waiting.index(who) + 1 if who in self._queue else 0, len(waiting))

    @property
    def count(self) -> int:
        """How many are there."""
        with self._lock:
            return sum(self._there(one) for one in self._known)

    def _sweep(self, now: float) -> None:
        """Away with those who have gone."""
        self._known = {one: last for one, last in self._known.items() if self._there(one)}
        self._queue = {one: last for one, last in self._queue.items() if now - last <= PATIENCE and self._there(one)}
        self._gave_way = {one for one in self._gave_way if self._there(one)}

    def _make_room(self, before: float, wanted: int) -> None:
        """Up to ``wanted`` of those who have done nothing since ``before`` give way, the longest idle first."""
        idle = sorted((last, one) for one, last in self._known.items() if last < before)
        for _, one in idle[: max(0, wanted)]:
            del self._known[one]
            self._gave_way.add(one)
