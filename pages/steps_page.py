"""The step machine: one choice stage by stage, and the branches that other choices open."""

from __future__ import annotations

import logging

import streamlit as st

from gptviz.ui import cache, session, toolbar
from gptviz.ui.pages.steps import message, state
from gptviz.ui.pages.steps.component import STEPS
from gptviz.ui.prompts import vocabulary
from gptviz.ui.web.component import client

KEY = "steps"
_OWN = "steps_own"
lang = toolbar.language()
lm = toolbar.chosen_model(lang)


@st.fragment
def live() -> None:
    """What the browser said → the path and what is looked at → one picture for all parts."""
    screen = session.screen(lm, lang)
    if _OWN not in st.session_state:
        query = {name: st.query_params[name] for name in st.query_params}
        st.session_state[_OWN] = state.first(query, screen.tree(vocabulary(lm)))
    steps = st.session_state[_OWN]
    tracer = session.tracer(lm, cache.traces())
    try:
        state.take_in(client(KEY), steps, screen, lm, tracer)
        session.remember(screen)
        picture = message.build(steps, screen, lm, tracer, lang=lang, projector=toolbar.projector())
    except Exception as error:  # whatever it is: the text stays on the screen, and the log has the rest
        logging.getLogger("gptviz").exception("the picture of %r failed", screen.text)
        picture = message.sorry(screen, lm, error, lang=lang)
    STEPS.show(picture, key=KEY)


live()
