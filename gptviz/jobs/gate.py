"""One picture at a time: visitors take turns, in the order in which they came.

Threads that compete for the interpreter lose more than they share. At thirty visitors the server was at the edge of a
collapse: a picture that takes 10 ms alone took seconds, because dozens were being made at once.

Work that goes on for seconds (strategies compared, beams) has a lane of its own: whoever types goes first, but for one
turn in a few, so that it goes on too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import NamedTuple

MOST_BEFORE_HEAVY = 6  # turns that others may have while heavy work waits


class _Waiting(NamedTuple):
    who: str
    called: Event


class Gate:
    """A lock that serves whoever waits longest; who had to give a turn back comes first next time."""

    def __init__(self) -> None:
        self._lock = Lock()  # held for a look at the queues only
        self._busy = False
        self._light: deque[_Waiting] = deque()
        self._heavy: deque[_Waiting] = deque()
        self._passed = 0  # turns since heavy work has had one, while it waited
        self._owed: set[str] = set()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._light) + len(self._heavy)

    @property
    def pressed(self) -> bool:
        """Whether somebody waits whom a long turn would keep from typing."""
        return bool(self._light)

    @property
    def sharing(self) -> int:
        """How many others have long work here that waits for its next turn."""
        return len(self._heavy)

    @contextmanager
    def turn(self, who: str, still_wanted: Callable[[], None], *, heavy: bool = False) -> Iterator[None]:
        """Wait for a turn and keep it for the block.

        ``still_wanted`` is called when it comes, and raises where what was to be done has been overtaken meanwhile:
        then the turn goes to the next, and ``who`` is called first when it comes back.
        """
        self._enter(who, self._heavy if heavy else self._light)
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

    def _enter(self, who: str, lane: deque[_Waiting]) -> None:
        with self._lock:
            if not self._busy:
                self._busy = True
                self._owed.discard(who)
                return
            mine = _Waiting(who, Event())
            if who in self._owed:
                self._owed.discard(who)
                lane.appendleft(mine)
            else:
                lane.append(mine)
        mine.called.wait()

    def _leave(self) -> None:
        with self._lock:
            lane = self._next_lane()
            if lane:
                lane.popleft().called.set()  # the gate stays busy: it is theirs now
            else:
                self._busy = False
                self._owed.clear()  # nobody waits, so nobody is owed anything; and who has left is forgotten

    def _next_lane(self) -> deque[_Waiting]:
        heavy = bool(self._heavy) and (not self._light or self._passed >= MOST_BEFORE_HEAVY)
        self._passed = 0 if heavy or not self._heavy else self._passed + 1
        return self._heavy if heavy else self._light
