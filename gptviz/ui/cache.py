"""What all visitors share: loaded models and traces, both bounded, both read-only."""

from __future__ import annotations

import gc
import os
import threading
from collections import OrderedDict

import streamlit as st
import torch

from gptviz import catalogue
from gptviz.gpt.trace import Trace
from gptviz.jobs.gate import Gate
from gptviz.language_model import LanguageModel

TRACE_BYTES = 48 * 2**20
MAX_MODELS = 3


class TraceCache:
    """Traces by (model, ids), least recently used out first; in class many type the same sentence."""

    def __init__(self, max_bytes: int = TRACE_BYTES) -> None:
        self.max_bytes = max_bytes
        self._traces: OrderedDict[tuple[LanguageModel, tuple[int, ...]], Trace] = OrderedDict()
        self._lock = threading.Lock()  # held for look-ups only, never while computing

    def trace(self, lm: LanguageModel, ids: tuple[int, ...], *, near: tuple[int, ...] = ()) -> Trace:
        """The trace of ``ids``; computed, where it must be, from that of ``near`` (what this visitor saw last)."""
        key = (lm, ids)
        with self._lock:
            found = self._traces.get(key)
            reuse = self._traces.get((lm, near))
            if found is not None:
                self._traces.move_to_end(key)
                return found
        trace = lm.trace(ids, reuse=reuse)
        with self._lock:
            self._traces[key] = trace
            self._traces.move_to_end(key)
            while len(self._traces) > 1 and self._nbytes() > self.max_bytes:
                self._traces.popitem(last=False)
        return trace

    def _nbytes(self) -> int:
        """Memory of all traces; those of a growing text share one store, which counts once."""
        return sum({id(trace.store): trace.nbytes for trace in self._traces.values()}.values())


@st.cache_resource(show_spinner=False)
def traces() -> TraceCache:
    """The one trace cache of this server."""
    return TraceCache()


@st.cache_resource(show_spinner=False)
def gate() -> Gate:
    """Through which all pictures of this server go, one at a time."""
    return Gate()


@st.cache_resource(show_spinner=False, max_entries=MAX_MODELS)
def model(name: str) -> LanguageModel:
    """The model called ``name``, loaded once for all visitors; a Hugging Face id has been downloaded before.

    ``gc.freeze`` afterwards: Streamlit collects garbage after every run, and going through all of torch's objects each
    time costs more than the run itself.
    """
    torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))
    lm = catalogue.load(name, weights=os.environ.get(catalogue.WEIGHTS_ENVIRONMENT) or "auto")
    lm.trace([0, 1]).logits_at(-1)  # the first pass sets up torch's kernels: not on a visitor's keystroke
    gc.collect()
    gc.freeze()
    return lm
