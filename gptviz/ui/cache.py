"""What all visitors share: loaded models and traces, both bounded, both read-only."""

from __future__ import annotations

import gc
import os

import torch
from streamlit import runtime

from gptviz import catalogue, memory
from gptviz.jobs import folder
from gptviz.jobs.gate import Gate
from gptviz.language_model import LanguageModel
from gptviz.ui import limits, vitals
from gptviz.ui.guests import Guests
from gptviz.ui.shelf import Shelf
from gptviz.ui.trace_cache import TraceCache

catalogue.also_at(folder.place)  # models that were trained here; who may open one is asked in ``model_choice``


def traces() -> TraceCache:
    """The one trace cache of this server."""
    return _TRACES


def gate() -> Gate:
    """Through which all pictures of this server go, one at a time."""
    return _GATE


def guests() -> Guests:
    """Who is there, as far as they were let in."""
    return _GUESTS


def models() -> Shelf[LanguageModel]:
    """The models that are loaded."""
    return _MODELS


def model(name: str, who: str = "", *, size: int = 0) -> LanguageModel:
    """The model called ``name``, loaded once for all visitors; a Hugging Face id has been downloaded before.

    ``who`` looks at it from now on; ``size``: the bytes that it is thought to take. Raises WeightsError where others
    need the room.
    """
    return models().take(name, who, lambda: load(name), size=size)


def load(name: str) -> LanguageModel:
    """Load it. ``gc.freeze`` afterwards: Streamlit collects garbage after every run, and going through all of torch's
    objects each time costs more than the run itself.
    """
    torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))
    lm = catalogue.load(name, weights=os.environ.get(catalogue.WEIGHTS_ENVIRONMENT) or "auto")
    lm.trace([0, 1]).logits_at(-1)  # the first pass sets up torch's kernels: not on a visitor's keystroke
    gc.collect()
    gc.freeze()
    return lm


def _gone(lm: LanguageModel) -> None:
    """Nothing here holds a model any longer that was let go of; what was frozen with it can be collected again."""
    traces().forget(lm)
    gc.unfreeze()


def _is_there(who: str) -> bool:
    return runtime.exists() and runtime.get_instance().is_active_session(who)


def _shelf() -> Shelf[LanguageModel]:
    """An empty one."""
    return Shelf(catalogue.DEFAULT, _is_there, limits.most_models, limits.most_model_bytes, memory.available, _gone)


# Streamlit runs a page's script anew each time, but a module once: what lies here is there for all.
_TRACES, _GATE, _GUESTS, _MODELS = TraceCache(), Gate(), Guests(_is_there), _shelf()


def _shared() -> vitals.Shared:
    """How busy this server is."""
    held = len(models()), traces().size()
    return vitals.Shared(guests().count, gate().waiting, gate().sharing, *held, torch.get_num_threads())


vitals.watch(_shared)
