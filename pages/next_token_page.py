"""The first screen: a prompt, and everything the model does with it down to the drawn token."""

from __future__ import annotations

import streamlit as st

from gptviz.ui import cache, picture, session, toolbar
from gptviz.ui.screen.component import client, screen

KEY = "next_token"
lang = toolbar.language()
lm = toolbar.chosen_model(lang)


@st.fragment
def live() -> None:
    """One keystroke: what the browser said → one cached trace → one picture for all panels."""
    state = session.screen(lm, lang)
    tracer = session.tracer(lm, cache.traces())
    session.take_in(client(KEY), state, lm, tracer)
    screen(picture.build(state, lm, tracer, lang=lang, projector=toolbar.projector()), key=KEY)


if lm is not None:
    live()
