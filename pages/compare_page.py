"""Strategies side by side: one prompt, the same chances, two to eight columns."""

from __future__ import annotations

import logging

import streamlit as st

from gptviz.ui import session, toolbar
from gptviz.ui.pages.compare import actions, link, message, writing
from gptviz.ui.pages.compare.component import COMPARE
from gptviz.ui.prompts import examples
from gptviz.ui.web.component import client

KEY = "compare"
lang = toolbar.language()
lm = toolbar.chosen_model(lang)


@st.fragment
def live() -> None:
    """What the browser said → what is wanted → a little more of what is under way → one picture."""
    first = examples(lang)[1]
    state = session.state_of("compare_state", lm, lambda query: link.decode(query, default_text=first))
    try:
        for action in state.receive(client(KEY) or {}):
            actions.carry_out(action, state, lm, lang)
        session.remember(state)
        writing.advance(state, lm)
        picture = message.build(state, lm, lang=lang, projector=toolbar.projector())
    except Exception as error:  # whatever it is: the text stays on the screen, and the log has the rest
        logging.getLogger("gptviz").exception("the comparison of %r failed", state.text)
        state.stop()
        picture = message.sorry(state, lm, error, lang=lang)
    COMPARE.show(picture, key=KEY)


live()
