"""One visitor's state between runs: that of each page, and the prompt, which is the same on all of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import streamlit as st

from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel
from gptviz.ui.cache import TraceCache
from gptviz.ui.pages.next_token import link
from gptviz.ui.pages.next_token.actions import Tracer, carry_out, prompt_ids, window
from gptviz.ui.pages.next_token.state import Screen
from gptviz.ui.prompts import examples, vocabulary
from gptviz.ui.web.conversation import Conversation

State = TypeVar("State", bound=Conversation)
_SCREEN, _LAST = "screen", "screen_last_ids"
_PAGE, _PROMPT = "page_last_seen", "prompt_last_typed"


def state_of(page: str, lm: LanguageModel, first: Callable[[Mapping[str, str]], State]) -> State:
    """This visitor's state of ``page``, made by ``first`` from the link's query on the first visit.

    The prompt typed last, on whatever page, is the prompt here too; with another model the page is told anew.
    """
    model = f"{page}_model"
    state: State | None = st.session_state.get(page)
    arrived = st.session_state.get(_PAGE) != page
    if state is None:
        state = first({name: st.query_params[name] for name in st.query_params})
        st.session_state[page], st.session_state[model] = state, lm
    typed = st.session_state.get(_PROMPT)
    if arrived and typed is not None and typed != state.text:
        state.set_text(typed)
    if arrived or st.session_state[model] is not lm:  # the browser's side begins anew, or must be told of the model
        state.rev += 1
    if st.session_state[model] is not lm:
        st.session_state[model] = lm
        state.follow()
    st.session_state[_PAGE] = page
    return state


def remember(state: Conversation) -> None:
    """Note the prompt for the other pages: call it after a page has taken in what the browser said."""
    st.session_state[_PROMPT] = state.text


def screen(lm: LanguageModel, lang: str) -> Screen:
    """This visitor's first screen; on the first visit, as the link says."""

    def first(query: Mapping[str, str]) -> Screen:
        state, path, at = link.decode(query, default_text=examples(lang)[0])
        ids, _ = prompt_ids(lm, state.text)
        room = max(0, window(lm) - len(ids))
        tree = state.tree(vocabulary(lm))
        link.restore_path(tree, path, at, vocab_size=lm.config.vocab_size, room=room)
        link.restore_branches(query, tree, vocab_size=lm.config.vocab_size, room=room)
        return state

    return state_of(_SCREEN, lm, first)


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
    remember(state)
