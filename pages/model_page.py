"""The page about the model: facts, training, evaluation, limits."""

from __future__ import annotations

import streamlit as st

from gptviz.ui import session, toolbar
from gptviz.ui.pages.model import message
from gptviz.ui.pages.model.component import MODEL
from gptviz.ui.web.component import client

KEY = "model_page"
lang = toolbar.language()
lm = toolbar.chosen_model(lang)


@st.fragment
def card() -> None:
    """One picture; nothing on it can be changed."""
    state = session.state_of(KEY, lm, lambda query: message.ModelPage())
    said = client(f"{KEY}_component")
    if said:
        for action in state.receive(said):
            state.done(action)
    shown = message.build(state, lm, lang=lang, title=toolbar.title(lm.name, lang), projector=toolbar.projector())
    MODEL.show(shown, key=f"{KEY}_component")


card()
