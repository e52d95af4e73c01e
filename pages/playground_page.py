"""The distribution playground: what temperature does to the softmax, what top-p keeps of it, and the die rolled."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import streamlit as st

from gptviz.ui import cache, session, toolbar
from gptviz.ui.pages.playground import message
from gptviz.ui.pages.playground.component import PLAYGROUND
from gptviz.ui.pages.playground.state import Playground, from_link
from gptviz.ui.prompts import examples
from gptviz.ui.web.component import client

KEY = "playground"
lang = toolbar.language()
lm = toolbar.chosen_model(lang)


def first(query: Mapping[str, str]) -> Playground:
    """The state of a first visit: as the link says."""
    return from_link(query, default_text=examples(lang)[0])


@st.fragment
def live() -> None:
    """One keystroke, one step of a slider, or some more rolls."""
    state = session.state_of("playground_state", lm, first)
    try:
        said = client(KEY)
        for action in state.receive(said) if said else ():
            state.carry_out(action)
        session.remember(state)
        picture = message.build(state, lm, session.tracer(lm, cache.traces()), lang=lang, projector=toolbar.projector())
    except Exception as error:  # whatever it is: the text stays on the screen, and the log has the rest
        logging.getLogger("gptviz").exception("the playground of %r failed", state.text)
        picture = message.sorry(state, lm, error, lang=lang)
    PLAYGROUND.show(picture, key=KEY)


live()
