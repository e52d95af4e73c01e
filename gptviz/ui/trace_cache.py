"""Traces that all visitors share, bounded: in a class many type the same sentence, and each goes on with their own."""

from __future__ import annotations

import ctypes
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic

from gptviz.gpt.editing import EditLike
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
        self._traces: OrderedDict[_Key, Trace] = OrderedDict()
        self._last: dict[tuple[str, bool], tuple[_Key, float]] = {}  # visitor, edited → their last trace, and when
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
        trace = found if found is not None else lm.trace(ids, reuse=reuse, edits=edits)
        with self._lock:
            self._traces[key] = trace
            self._traces.move_to_end(key)
            self._last[who, bool(edits)] = key, self._clock()
            self._look_again(self._let_go())
        return trace

    def forget(self, lm: LanguageModel) -> None:
        """Let go of all traces of a model."""
        with self._lock:
            for key in [key for key in self._traces if key[0] is lm]:
                del self._traces[key]
            self._last = {who: (key, at) for who, (key, at) in self._last.items() if key[0] is not lm}

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
        self._last = {who: (key, at) for who, (key, at) in self._last.items() if now - at <= IDLE}
        kept = {key for key, _ in self._last.values()}
        before = held = self.nbytes
        order = list(self._traces)
        held = self._down_to(self.usual, [key for key in order if key not in kept], held)
        held = self._down_to(self.most, [key for key in reversed(order) if key in kept], held)
        self._freed += before - held
        return held

    def _down_to(self, bound: int, keys: Sequence[_Key], held: int) -> int:
        """Let go of the traces of ``keys``, in order, while more than ``bound`` bytes are held."""
        for key in keys:
            if held <= bound or len(self._traces) == 1:
                break
            del self._traces[key]
            held = self.nbytes
        return held

    def size(self) -> int:
        """Bytes that are held, for whoever asks from outside."""
        with self._lock:
            return self.nbytes

    @property
    def nbytes(self) -> int:
        """Memory of all traces; those of a growing text share one store, which counts once."""
        return sum(store.nbytes for store in {id(trace.store): trace.store for trace in self._traces.values()}.values())


def _later(seconds: float, then: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, then)
    timer.daemon = True  # keeps no server from ending
    timer.start()


def give_back() -> None:
    """Have the C library return free memory to the system, where it can: by itself it keeps what lies between."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
