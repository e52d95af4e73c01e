"""The first screen: a prompt, and everything the model does with it down to the drawn token."""

from __future__ import annotations

import logging

import streamlit as st

from gptviz.ui import cache, session, toolbar
from gptviz.ui.pages.next_token import picture
from gptviz.ui.pages.next_token.component import SCREEN
from gptviz.ui.web.component import client

KEY = "next_token"
lang = toolbar.language()
lm = toolbar.chosen_model(lang)


@st.fragment
def live() -> None:
    """One keystroke: what the browser said → one cached trace → one picture for all panels."""
    state = session.screen(lm, lang)
    tracer = session.tracer(lm, cache.traces())
    try:
        session.take_in(client(KEY), state, lm, tracer)
        message = picture.build(state, lm, tracer, lang=lang, projector=toolbar.projector())
    except Exception as error:  # whatever it is: the text stays on the screen, and the log has the rest
        logging.getLogger("gptviz").exception("the picture of %r failed", state.text)
        message = picture.sorry(state, lm, error, lang=lang)
    SCREEN.show(message, key=KEY)


live()
