"""Measurements that are heavy, done once for all who wait for them: what one visitor's turn gets done is done for all.

As ``gptviz.ui.measured``, but a task that holds copies of a model is never there twice: visitors who want the same see
it grow by the turns of each. Where nobody has asked for more for a while, it is let go of, copies and all; so is the
one that nobody has gone on with for longest where there would be too many. Pure.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from gptviz.errors import GptvizError
from gptviz.jobs import Slice, Task

MOST_OPEN = 2  # tasks under way: one model's two measurements
MOST = 32  # finished ones
IDLE = 60.0  # seconds after which nobody is thought to wait any longer

Later = Callable[[float, Callable[[], None]], None]


@dataclass
class _Work:
    wanted: int
    records: list[Any] = field(default_factory=list)
    task: Task[Any] | None = None
    error: GptvizError | None = None
    last: float = 0.0


class Board:
    """What is under way and what is done, by key."""

    def __init__(self, clock: Callable[[], float] = monotonic, later: Later | None = None) -> None:
        self._works: OrderedDict[Hashable, _Work] = OrderedDict()
        self._lock, self._clock, self._later = threading.RLock(), clock, later or _later
        self._looking = False

    def want(self, key: Hashable, wanted: int, make: Callable[[], Iterator[Any]]) -> _Work:
        """The measurement of this key, begun where there is none."""
        with self._lock:
            work = self._works.get(key)
            if work is None:
                work = self._works[key] = _Work(wanted, task=Task(make()))
            work.last = self._clock()
            self._works.move_to_end(key)
            self._make_room()
            if work.task is not None and not self._looking:
                self._looking = True
                self._later(IDLE, self._look)
            return work

    def advance(self, work: _Work, slice_: Slice) -> None:
        """Measure on until the time is up."""
        with self._lock:
            if work.task is None:
                return
            work.last = self._clock()
            try:
                work.records += work.task.go_on(slice_)
            except GptvizError as error:
                work.error, work.task = error, None
                return
            if work.task.finished:
                work.task = None

    def _make_room(self) -> None:
        under_way = [key for key, work in self._works.items() if work.task is not None]
        for key in under_way[: max(0, len(under_way) - MOST_OPEN)]:
            del self._works[key]
        while len(self._works) > MOST:
            self._works.popitem(last=False)

    def _look(self) -> None:
        with self._lock:
            now = self._clock()
            for key in [key for key, work in self._works.items() if work.task is not None and now - work.last >= IDLE]:
                del self._works[key]
            self._looking = any(work.task is not None for work in self._works.values())
            if self._looking:
                self._later(IDLE, self._look)


def _later(seconds: float, then: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, then)
    timer.daemon = True  # keeps no server from ending
    timer.start()


#: That of this server.
BOARD = Board()


@dataclass
class Common:
    """The measurement that one panel of one visitor shows; it holds a key and records, never a model."""

    board: Board = field(default_factory=lambda: BOARD)
    key: tuple[Any, ...] | None = None
    records: list[Any] = field(default_factory=list)
    wanted: int = 0
    error: GptvizError | None = None
    open: bool = False  # whether there is something left to do
    begun: bool = False  # this run is the first

    def go_on(self, key: tuple[Any, ...], wanted: int, make: Callable[[], Iterator[Any]], slice_: Slice) -> None:
        """Measure this until the time is up, or read what others have had measured."""
        self.begun = key != self.key
        if not self.begun and not self.open:
            return
        self.key, self.wanted = key, wanted
        work = self.board.want(key, wanted, make)
        self.board.advance(work, slice_)
        self.records, self.error, self.open = list(work.records), work.error, work.task is not None

    def rest(self) -> None:
        """Nothing is wanted."""
        self.key, self.records, self.wanted, self.error, self.open = None, [], 0, None, False
