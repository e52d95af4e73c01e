"""One visitor's state between runs."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import streamlit as st

from gptviz.language_model import LanguageModel
from gptviz.tracing import Trace
from gptviz.ui import link
from gptviz.ui.actions import Tracer, carry_out, prompt_ids, window
from gptviz.ui.cache import TraceCache
from gptviz.ui.prompts import examples, vocabulary
from gptviz.ui.state import Screen

_SCREEN, _MODEL, _LAST = "screen", "screen_model", "screen_last_ids"


def screen(lm: LanguageModel, lang: str) -> Screen:
    """This visitor's screen; on the first visit, as the link says."""
    state: Screen | None = st.session_state.get(_SCREEN)
    if state is None:
        query = {name: st.query_params[name] for name in st.query_params}
        state, path, at = link.decode(query, default_text=examples(lang)[0])
        ids, _ = prompt_ids(lm, state.text)
        tree = state.tree(vocabulary(lm))
        room = max(0, window(lm) - len(ids))
        link.restore_path(tree, path, at, vocab_size=lm.config.vocab_size, room=room)
        st.session_state[_SCREEN], st.session_state[_MODEL] = state, lm
    if st.session_state[_MODEL] is not lm:  # another model: the prompt stays, the browser is told anew
        st.session_state[_MODEL] = lm
        state.rev += 1
        state.follow()
    return state


def tracer(lm: LanguageModel, traces: TraceCache) -> Tracer:
    """ids → trace, taking over from what this visitor saw last."""

    def trace(ids: tuple[int, ...]) -> Trace:
        found = traces.trace(lm, ids, near=st.session_state.get(_LAST, ()))
        st.session_state[_LAST] = ids
        return found

    return functools.lru_cache(maxsize=4)(trace)


def take_in(message: Mapping[str, Any] | None, state: Screen, lm: LanguageModel, tracer: Tracer) -> None:
    """Carry out what the browser asks for."""
    if isinstance(message, Mapping):
        for action in state.receive(message):
            carry_out(action, state, lm, vocabulary(lm), tracer)
