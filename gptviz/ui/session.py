"""One visitor's state between runs: that of each page, and what goes with them from page to page.

What goes with them: the prompt, and the controls that are declared as shared (temperature, seed, position, layer, …).
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gptviz.gpt.editing import EditLike
from gptviz.gpt.trace import Trace
from gptviz.jobs.folder import is_token
from gptviz.language_model import LanguageModel
from gptviz.ui import cache, limits
from gptviz.ui.lessons.course import Course
from gptviz.ui.page import Context, Page, Scene, Tracer, arrive, restore
from gptviz.ui.trace_cache import TraceCache
from gptviz.ui.web.conversation import Conversation

S = TypeVar("S", bound=Conversation)
X = TypeVar("X", bound=Scene)
_LAST, _CHANGED, _CARRIED, _LET_IN, _COURSE, _OWNER = "last_ids", "last_changed", "carried", "let_in", "course", "owner"
OWNER = "gptviz_owner"  # the cookie in which a browser keeps its token


@dataclass
class Carried:
    """What goes with a visitor from page to page."""

    page: str = ""  # the one seen last
    text: str | None = None
    own: bool = False  # the text is not merely the one that a page begins with
    controls: dict[str, Any] = field(default_factory=dict)
    # by page: the model that it was drawn for last, which is not kept in memory for that
    models: dict[str, weakref.ref[LanguageModel]] = field(default_factory=dict)


def carried() -> Carried:
    """That of this visitor."""
    found: Carried = st.session_state.setdefault(_CARRIED, Carried())
    return found


def course(lang: str) -> Course:
    """What this visitor stands at in the lessons: at first as the link says."""
    found: Course | None = st.session_state.get(_COURSE)
    if found is None:
        found = st.session_state[_COURSE] = Course()
        found.arrive({name: st.query_params[name] for name in st.query_params}, lang)
    return found


def visitor() -> str:
    """Who this is, for as long as the session lasts."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""


def has_room() -> bool:
    """Whether this visitor is one of as many as may be there at a time; whoever was let in stays so."""
    again = bool(st.session_state.get(_LET_IN))
    most, idle = limits.most_visitors(), limits.idle_seconds()
    st.session_state[_LET_IN] = cache.guests().let_in(visitor(), most, again=again, idle=idle)
    return bool(st.session_state[_LET_IN])


def still_in() -> bool:
    """The same of who does something on a page: it keeps them from being thought idle. Streamlit runs the page alone
    then, and ``has_room`` is not asked."""
    return cache.guests().acts(visitor()) or has_room()


def in_queue() -> tuple[int, int]:
    """(this visitor's place among those who wait, how many do)."""
    return cache.guests().place(visitor())


def owner() -> str:
    """By what this visitor's trainings are told from others': what the browser has said, or its cookie; or nothing."""
    said = st.session_state.get(_OWNER) or st.context.cookies.get(OWNER)
    return str(said) if is_token(said) else ""


def state_of(page: Page[S, X], context: Context) -> S:
    """This visitor's state of ``page``: as the link says on the first visit, then as it was left.

    The prompt and the shared controls are as on the page before; with another model the page is told anew.
    """
    with_them = carried()
    state: S | None = st.session_state.get(page.state_name)
    arrived = with_them.page != page.name
    if state is None:
        state = arrive(page, {name: st.query_params[name] for name in st.query_params}, context)
        st.session_state[page.state_name] = state
    if arrived:
        bring(state, with_them, context.lm)
    before = with_them.models.get(page.name)
    other = before is None or before() is not context.lm
    if arrived or other:  # the browser's side begins anew, or must be told of the model
        state.rev += 1
    if before is not None and other:
        state.follow()
    with_them.models[page.name] = weakref.ref(context.lm)
    with_them.page = page.name
    return state


def bring(state: Conversation, with_them: Carried, lm: LanguageModel) -> None:
    """Give a page what the visitor brings from the one before."""
    if state.reads and with_them.text is not None and with_them.text != state.text:
        state.set_text(with_them.text)
    state.take_over(with_them.controls, lm)


def remember(state: Conversation, lm: LanguageModel) -> None:
    """Note the prompt and the shared controls for the other pages: after a page has taken in what the browser said."""
    said = getattr(state, "owner", "")
    if said:
        st.session_state[_OWNER] = said
    with_them = carried()
    if state.reads:
        with_them.text = state.text
        with_them.own = with_them.own or not state.fresh
    with_them.controls |= state.hand_over(lm)


def take_back(page: Page[S, X], state: S, query: Mapping[str, str], context: Context, *, text: bool) -> S:
    """The state that a query says in the place of a new one: what the browser kept of an earlier visit.

    Without ``text``, what the visitor has typed and set meanwhile, on other pages, goes with them to this one too.
    """
    found = restore(page, state, query, context)
    with_them = carried()
    if with_them.own and not text:
        bring(found, with_them, context.lm)
    st.session_state[page.state_name] = found
    return found


def tracer(lm: LanguageModel, traces: TraceCache) -> Tracer:
    """ids → trace, taking over from what this visitor saw last."""

    who = visitor()

    def trace(ids: tuple[int, ...], /, *, edits: tuple[EditLike, ...] = ()) -> Trace:
        last = _CHANGED if edits else _LAST
        found = traces.trace(lm, ids, near=st.session_state.get(last, ()), who=who, edits=edits)
        st.session_state[last] = ids
        return found

    return functools.lru_cache(maxsize=4)(trace)


def set_to(page: Page[S, X], state: S, query: Mapping[str, str], context: Context) -> S:
    """The state that a lesson's step asks for, in the place of the visitor's."""
    found = restore(page, state, query, context)
    st.session_state[page.state_name] = found
    return found
