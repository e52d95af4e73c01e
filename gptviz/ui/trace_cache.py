"""Traces that all visitors share, bounded: in a class many type the same sentence, and each goes on with their own."""

from __future__ import annotations

import ctypes
import os
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from time import monotonic
from typing import NamedTuple

from gptviz.gpt.editing import EditLike
from gptviz.gpt.store import Store
from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel


def total_memory() -> int:
    """Bytes of this machine's memory; where the system does not say, as if it were 2 GiB."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 2**31


USUAL_BYTES = 48 * 2**20  # kept however old
#: Kept while visitors are at work: a last trace of a long text takes 15 to 25 MB, so this is a class of them.
MOST_BYTES = min(2**30, total_memory() // 4)
IDLE = 40.0  # seconds after which a visitor's last trace is no longer kept for them
_WORTH_TRIMMING = 16 * 2**20  # bytes let go of, from which on the system is given back what is free

Later = Callable[[float, Callable[[], None]], None]  # do this in so many seconds

_Key = tuple[LanguageModel, tuple[int, ...], tuple[EditLike, ...]]


class _Kept(NamedTuple):
    """A trace, and by what it is told from others: keys are long, and take long to compare."""

    number: int
    trace: Trace


class TraceCache:
    """Traces by (model, ids, edits). Whoever is at work finds their last one again, so that a key costs one token only.

    Beyond ``usual`` bytes the least recently used go, but for the last one of each visitor heard within ``IDLE``
    seconds; beyond ``most`` those too, the newest first: all come round in turn, so that with the oldest gone nobody at
    all would find theirs. Where nobody comes any more, what was kept for visitors goes by itself.
    """

    def __init__(self, usual: int = USUAL_BYTES, most: int = MOST_BYTES, clock: Callable[[], float] = monotonic,
                 later: Later | None = None) -> None:  # fmt: skip
        self.usual, self.most, self._clock, self._later = usual, most, clock, later or _later
        self._looking = False  # whether what is kept will be looked through without anybody asking
        self._traces: OrderedDict[_Key, _Kept] = OrderedDict()
        self._numbers = count()
        self._keys: dict[int, _Key] = {}  # by number
        self._stores: Counter[Store] = Counter()  # behind how many of them each is: a growing text has one
        self._held = 0  # bytes of all stores
        # visitor, edited → their last trace, and when; who was heard last stands last
        self._last: OrderedDict[tuple[str, bool], tuple[int, float]] = OrderedDict()
        self._wanted: Counter[int] = Counter()  # for how many of them each trace is kept
        self._idle: OrderedDict[int, None] = OrderedDict()  # the others, longest so first
        self._lock = threading.Lock()  # held for look-ups only, never while computing
        self._freed = 0

    def trace(self, lm: LanguageModel, ids: tuple[int, ...], *, near: tuple[int, ...] = (), who: str = "",
              edits: tuple[EditLike, ...] = ()) -> Trace:  # fmt: skip
        """The trace of ``ids`` with ``edits``; computed, where it must be, from that of ``near``: what ``who`` saw
        last. Of each visitor the last one without edits is kept, and the last one with some."""
        key = (lm, ids, edits)
        with self._lock:
            found = self._traces.get(key)
            reuse = self._traces.get((lm, near, edits))
        trace = found.trace if found else lm.trace(ids, reuse=reuse.trace if reuse else None, edits=edits)
        with self._lock:
            self._want((who, bool(edits)), self._keep(key, trace))
            self._look_again(self._let_go())
        return trace

    def forget(self, lm: LanguageModel) -> None:
        """Let go of all traces of a model."""
        with self._lock:
            for key in [key for key in self._traces if key[0] is lm]:
                self._drop(key)

    def _look_again(self, held: int) -> None:
        if not self._looking and (held > self.usual or self._freed >= _WORTH_TRIMMING):
            self._looking = True
            self._later(IDLE / 2, self._look)

    def _look(self) -> None:
        with self._lock:
            self._looking = False
            self._look_again(self._let_go())
            freed, self._freed = self._freed, 0
        if freed >= _WORTH_TRIMMING:
            give_back()  # here and not at each key: who types on wants the same memory again

    def _let_go(self) -> int:
        """Let go of what is not kept; gives the bytes that are left."""
        now = self._clock()
        while self._last and now - next(iter(self._last.values()))[1] > IDLE:
            self._forgo(self._last.popitem(last=False)[1][0])
        before = self._held
        while self._held > self.usual and self._idle and len(self._traces) > 1:
            self._drop(self._keys[next(iter(self._idle))])
        while self._held > self.most and len(self._traces) > 1:
            self._drop(next(reversed(self._traces)))
        self._freed += before - self._held
        return self._held

    def _want(self, who: tuple[str, bool], number: int) -> None:
        """Note that it is the last one of ``who``, in the place of another."""
        before = self._last.pop(who, None)
        self._last[who] = number, self._clock()
        self._wanted[number] += 1
        self._idle.pop(number, None)
        if before is not None:
            self._forgo(before[0])

    def _forgo(self, number: int) -> None:
        """One visitor fewer wants it."""
        if number in self._keys:  # else it is gone already
            self._wanted[number] -= 1
            if not self._wanted[number]:
                del self._wanted[number]
                self._idle[number] = None

    def _keep(self, key: _Key, trace: Trace) -> int:
        """Have it, or the same that another made meanwhile, as the one used last; gives its number."""
        kept = self._traces.get(key)
        if kept is None:
            kept = self._traces[key] = _Kept(next(self._numbers), trace)
            self._keys[kept.number] = key
            self._held += 0 if self._stores[trace.store] else trace.nbytes
            self._stores[trace.store] += 1
        self._traces.move_to_end(key)
        return kept.number

    def _drop(self, key: _Key) -> None:
        """Let go of the trace of ``key``, and of its store where no other trace reads it."""
        number, trace = self._traces.pop(key)
        del self._keys[number]
        del self._wanted[number]  # a Counter misses nothing
        self._idle.pop(number, None)
        self._stores[trace.store] -= 1
        if not self._stores[trace.store]:
            del self._stores[trace.store]
            self._held -= trace.nbytes

    def size(self) -> int:
        """Bytes that are held, for whoever asks from outside."""
        with self._lock:
            return self._held

    @property
    def nbytes(self) -> int:
        """Memory of all traces; those of a growing text share one store, which counts once."""
        return self._held


def _later(seconds: float, then: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, then)
    timer.daemon = True  # keeps no server from ending
    timer.start()


def give_back() -> None:
    """Have the C library return free memory to the system, where it can: by itself it keeps what lies between."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
