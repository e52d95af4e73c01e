"""Chain rule and surprise: the probability of a whole text, token by token, and which of two is likelier."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import streamlit as st

from gptviz.ui import cache, session, toolbar
from gptviz.ui.pages.surprise import message
from gptviz.ui.pages.surprise.component import SURPRISE
from gptviz.ui.pages.surprise.state import Surprise, from_link
from gptviz.ui.web.component import client

KEY = "surprise"
lang = toolbar.language()
lm = toolbar.chosen_model(lang)


def first(query: Mapping[str, str]) -> Surprise:
    """The state of a first visit: as the link says."""
    return from_link(query, lang=lang)


@st.fragment
def live() -> None:
    """One keystroke, one choice, or some more tokens read."""
    state = session.state_of("surprise_state", lm, first)
    try:
        said = client(KEY)
        for action in state.receive(said) if said else ():
            state.carry_out(action, lang)
        session.remember(state)
        picture = message.build(state, lm, session.tracer(lm, cache.traces()), lang=lang, projector=toolbar.projector())
    except Exception as error:  # whatever it is: the text stays on the screen, and the log has the rest
        logging.getLogger("gptviz").exception("the surprise of %r failed", state.text)
        picture = message.sorry(state, lm, error, lang=lang)
    SURPRISE.show(picture, key=KEY)


live()
