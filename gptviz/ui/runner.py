"""The runner of every page: what the browser said goes in, one picture comes out."""

from __future__ import annotations

import logging
from typing import Any

import streamlit as st

from gptviz import catalogue
from gptviz.errors import ServiceError
from gptviz.jobs import Slice
from gptviz.ui import cache, following, model_choice, pages, session, toolbar
from gptviz.ui.lessons.course import ACTION, Goto
from gptviz.ui.limits import ACTING
from gptviz.ui.links import query_of
from gptviz.ui.meanwhile import catch_up
from gptviz.ui.page import Context, Page, apology, carry_out, picture
from gptviz.ui.web.component import client, component

RESTORE = "restore"  # the action by which the browser gives back what it kept of an earlier visit


def show(name: str) -> None:
    """Run the page of that name, now and whenever its browser side says something."""
    page = pages.declared(name)
    lang = toolbar.language()
    lm = model_choice.chosen(lang)
    title = model_choice.title(lm.name, lang)
    course = session.course(lang)

    @st.fragment
    def live() -> None:
        gate, trace = cache.gate(), session.tracer(lm, cache.traces())
        context = Context(lm, lang, trace, toolbar.projector(), title, lambda: gate.pressed, lambda: gate.sharing,
                          course)  # fmt: skip
        with gate.turn(session.visitor(), catch_up, heavy=page.heavy):
            component(page.name).show(_message(page, context), key=page.name)
        model_choice.come_back(lm)
        if not session.still_in():  # idle for long, and another came in: what was said just now has been heard
            st.rerun()

    live()


def _message(page: Page[Any, Any], context: Context) -> bytes:
    """The picture after what the browser said."""
    state = session.state_of(page, context)
    following.arrive(page, state, context)
    try:
        state = _follow(page, _hear(page, state, context), context)
        session.remember(state, context.lm)
        following.publish(page, state, context)
        return picture(page, state, context)
    except ServiceError as error:  # a model that computes elsewhere: it is away, or has no such thing
        return apology(page, state, context, error)
    except Exception as error:  # whatever it is: the text stays on the screen, and the log has the rest
        logging.getLogger("gptviz").exception("the page %s of %r failed", page.name, state.text)
        return apology(page, state, context, error)


def _hear(page: Page[Any, Any], state: Any, context: Context) -> Any:
    """Take in what the browser said; gives the state, another one where an earlier visit is restored.

    The actions have their time: those that it is too short for are not done with, and the browser says them again.
    """
    first = state.echo == 0  # only a page that has just been opened is given back what it was
    time = Slice(ACTING, pressed=context.pressed)
    for action in state.receive(client(page.name) or {}):
        if action.get("kind") == ACTION and context.course is not None:
            state.done(action)
            context.course.hear(action, context.lang)
        elif action.get("kind") == RESTORE:
            state.done(action)
            if first:
                query, text = query_of(action.get("query")), action.get("text") is True
                state = session.take_back(page, state, query, context, text=text)
        else:
            carry_out(page, action, state, context)
        if time.over:
            break
    return state


def _follow(page: Page[Any, Any], state: Any, context: Context) -> Any:
    """Show what a lesson's step asks for: on this page its state, on another one by going there."""
    course = context.course
    if course is None or course.goto is None:
        return state
    goto = course.goto
    model = goto.state.get("model", "")
    other = bool(model) and model != context.lm.name and model in catalogue.local_models()
    if goto.page == page.name and not other:
        course.goto = None
        return session.set_to(page, state, _looked_at(state) | dict(goto.state), context)
    if other:  # asked for once: where it cannot be opened, the page says so
        model_choice.choose(model)
        course.goto = Goto(goto.page, {name: value for name, value in goto.state.items() if name != "model"})
    query = {"lang": context.lang, "model": model if other else context.lm.name} | course.to_query()
    st.switch_page(f"pages/{goto.page}_page.py", query_params=query | ({"projector": "1"} if context.projector else {}))


def _looked_at(state: Any) -> dict[str, str]:
    """The head that the visitor found stays chosen where a step names none."""
    shared = session.carried().controls
    here = {control.name for control in state.controls()}
    return {name: str(shared[name]) for name in ("layer", "head") if name in here and name in shared}
