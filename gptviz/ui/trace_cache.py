"""Traces that all visitors share, bounded: in a class many type the same sentence, and each goes on with their own."""

from __future__ import annotations

import ctypes
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import NamedTuple

from gptviz.gpt.editing import EditLike
from gptviz.gpt.trace import Trace, common_prefix
from gptviz.language_model import LanguageModel, LocalModel


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

_FEW = 8  # new tokens of a text that is read along with another's
_MOST_TOGETHER = 8  # texts of a pass: with more, all would wait for what one of them needs

_Key = tuple[LanguageModel, tuple[int, ...], tuple[EditLike, ...]]


class _Wish(NamedTuple):
    """What is read along for a visitor who waits."""

    who: str
    ids: tuple[int, ...]
    reuse: Trace


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
        self._wishes: dict[str, tuple[LanguageModel, tuple[int, ...]]] = {}  # by visitor
        self._lock = threading.Lock()  # held for look-ups only, never while computing
        self._freed = 0

    def trace(self, lm: LanguageModel, ids: tuple[int, ...], *, near: tuple[int, ...] = (), who: str = "",
              edits: tuple[EditLike, ...] = ()) -> Trace:  # fmt: skip
        """The trace of ``ids`` with ``edits``; computed, where it must be, from that of ``near``: what ``who`` saw
        last. Of each visitor the last one without edits is kept, and the last one with some."""
        key = (lm, ids, edits)
        with self._lock:
            self._wishes.pop(who, None)
            found = self._traces.get(key)
            reuse = self._nearest(key, near, who)
            others = self._wished(lm) if found is None and not edits else []
        if found is not None:
            made = [found]
        elif others and isinstance(lm, LocalModel):
            made = lm.traces([(ids, reuse), *((other.ids, other.reuse) for other in others)])
        else:
            made = [lm.trace(ids, reuse=reuse, edits=edits)]
        with self._lock:
            for other, trace in zip(others, made[1:], strict=True):
                self._keep((lm, other.ids, ()), trace, other.who)
            self._keep(key, made[0], who)
            self._look_again(self._let_go())
        return made[0]

    def wish(self, lm: LanguageModel, ids: tuple[int, ...], who: str) -> None:
        """Say which trace ``who`` will want next: whoever has one made before has it made too, in one pass.

        Tokens of several texts read together cost little more than one, as the weights are read once.
        """
        if isinstance(lm, LocalModel) and lm.config.causal:
            with self._lock:
                self._wishes[who] = lm, ids

    def _wished(self, lm: LanguageModel) -> list[_Wish]:
        """What others wish of this model that is read along: a few tokens each, so that nobody waits for it."""
        taken: list[_Wish] = []
        for who, (wanted, ids) in list(self._wishes.items()):
            reuse = self._nearest((lm, ids, ()), (), who)
            if wanted is not lm or reuse is None or (lm, ids, ()) in self._traces:
                continue
            if len(ids) - common_prefix(ids, reuse.ids) <= _FEW:
                del self._wishes[who]
                taken.append(_Wish(who, ids, reuse))
            if len(taken) == _MOST_TOGETHER - 1:
                break
        return taken

    def _nearest(self, key: _Key, near: tuple[int, ...], who: str) -> Trace | None:
        """What there is that the trace can go on from: what ``who`` saw last, or what was last made for them."""
        lm, ids, edits = key
        last = self._last.get((who, bool(edits)))
        keys = [(lm, near, edits), *([last[0]] if last and (last[0][0], last[0][2]) == (lm, edits) else [])]
        there = [self._traces[one] for one in dict.fromkeys(keys) if one in self._traces]
        return max(there, key=lambda trace: common_prefix(ids, trace.ids), default=None)

    def _keep(self, key: _Key, trace: Trace, who: str) -> None:
        self._traces[key] = trace
        self._traces.move_to_end(key)
        self._last[who, bool(key[2])] = key, self._clock()

    def forget(self, lm: LanguageModel) -> None:
        """Let go of all traces of a model."""
        with self._lock:
            for key in [key for key in self._traces if key[0] is lm]:
                del self._traces[key]
            self._last = {who: (key, at) for who, (key, at) in self._last.items() if key[0] is not lm}
            self._wishes = {who: wish for who, wish in self._wishes.items() if wish[0] is not lm}

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
