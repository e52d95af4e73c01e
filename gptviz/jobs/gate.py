"""One picture at a time: visitors take turns, in the order in which they came.

Threads that compete for the interpreter lose more than they share. At thirty visitors the server was at the edge of a
collapse: a picture that takes 10 ms alone took seconds, because dozens were being made at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import NamedTuple


class _Waiting(NamedTuple):
    who: str
    called: Event


class Gate:
    """A lock that serves whoever waits longest; who had to give a turn back comes first next time."""

    def __init__(self) -> None:
        self._lock = Lock()  # held for a look at the queue only
        self._busy = False
        self._queue: deque[_Waiting] = deque()
        self._owed: set[str] = set()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._queue)

    @contextmanager
    def turn(self, who: str, still_wanted: Callable[[], None]) -> Iterator[None]:
        """Wait for a turn and keep it for the block.

        ``still_wanted`` is called when it comes, and raises where what was to be done has been overtaken meanwhile:
        then the turn goes to the next, and ``who`` is called first when it comes back.
        """
        self._enter(who)
        try:
            try:
                still_wanted()
            except BaseException:
                with self._lock:
                    self._owed.add(who)
                raise
            yield
        finally:
            self._leave()

    def _enter(self, who: str) -> None:
        with self._lock:
            if not self._busy:
                self._busy = True
                self._owed.discard(who)
                return
            mine = _Waiting(who, Event())
            if who in self._owed:
                self._owed.discard(who)
                self._queue.appendleft(mine)
            else:
                self._queue.append(mine)
        mine.called.wait()

    def _leave(self) -> None:
        with self._lock:
            if self._queue:
                self._queue.popleft().called.set()  # the gate stays busy: it is theirs now
            else:
                self._busy = False
                self._owed.clear()  # nobody waits, so nobody is owed anything; and who has left is forgotten
