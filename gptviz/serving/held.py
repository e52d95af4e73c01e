"""Traces and readers kept between requests, so that whoever goes on with a text has only what is new computed.

A trace has a handle, made of all that it was made of and a secret of this process: nobody comes by one who was not told
it. A reader, which stands somewhere in texts being written, is found by what was read and chosen since, which its owner
says each time: what was let go of is read again, step by step, to the very same numbers.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeAlias

from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel, Reader
from gptviz.serving.metrics import Metrics

MOST_TRACES, TRACE_BYTES = 256, 256 * 2**20
READER_BYTES = 256 * 2**20
Moves: TypeAlias = Sequence[tuple[Sequence[int], Sequence[int]]]  # rows of the reader before, and a token for each
_Log: TypeAlias = tuple[tuple[int, ...], tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]]


class Traces:
    """The newest."""

    def __init__(self, lm: LanguageModel, metrics: Metrics) -> None:
        self._lm, self._lookups = lm, metrics.lookups
        self._secret, self._lock = secrets.token_bytes(32), threading.Lock()
        self._kept: OrderedDict[str, Trace] = OrderedDict()

    def trace(self, ids: tuple[int, ...], reuse: str = "") -> tuple[str, Trace, bool]:
        """(its handle, the trace, whether it goes on from ``reuse``, which then is still here)."""
        with self._lock:
            earlier = self._kept.get(reuse)
            handle = reuse if earlier is not None and earlier.ids == ids else self._handle(earlier, reuse, ids)
            found = self._kept.get(handle)
        self._lookups.labels("trace", "yes" if found or earlier else "no").inc()
        if found is None:
            found = self._lm.trace(ids, reuse=earlier)
        with self._lock:
            self._kept[handle] = found
            self._kept.move_to_end(handle)
            while len(self._kept) > MOST_TRACES or (len(self._kept) > 1 and self._bytes() > TRACE_BYTES):
                self._kept.popitem(last=False)
        return handle, found, earlier is not None

    @property
    def nbytes(self) -> int:
        """Memory of all; those of a growing text share one store, which counts once."""
        with self._lock:
            return self._bytes()

    def _bytes(self) -> int:
        return sum({id(trace.store): trace.nbytes for trace in self._kept.values()}.values())

    def _handle(self, earlier: Trace | None, reuse: str, ids: tuple[int, ...]) -> str:
        before = reuse if earlier is not None else ""
        return blake2b(repr((before, ids)).encode(), key=self._secret, digest_size=16).hexdigest()


class Readers:
    """The newest."""

    def __init__(self, lm: LanguageModel, metrics: Metrics) -> None:
        self._lm, self._lookups = lm, metrics.lookups
        self._kept: OrderedDict[_Log, Reader] = OrderedDict()
        self._lock = threading.Lock()
        c = lm.config
        self._row = 4 * (2 * c.n_layer * c.kv_heads * c.head_dim + c.n_embd)  # bytes of a token

    def read(self, ids: tuple[int, ...], moves: Moves) -> Reader:
        """The reader that has read ``ids`` and made ``moves``. Raises PromptError and IndexError."""
        done = tuple((tuple(rows), tuple(tokens)) for rows, tokens in moves)
        with self._lock:
            reader = self._kept.pop((ids, done[:-1]), None) if done else None
        self._lookups.labels("reader", "yes" if reader else "no").inc()
        left = done[-1:] if reader is not None else done
        if reader is None:
            reader = self._lm.prefill(ids)
        for rows, tokens in left:
            if list(rows) != list(range(len(reader.logits))):
                reader = reader.select(list(rows))
            reader.append(list(tokens))
        with self._lock:
            self._kept[ids, done] = reader
            while len(self._kept) > 1 and sum(map(self._size, self._kept.values())) > READER_BYTES:
                self._kept.popitem(last=False)
        return reader

    def _size(self, reader: Reader) -> int:
        return len(reader.logits) * (reader.length * self._row + int(reader.logits.shape[1]) * 4)
