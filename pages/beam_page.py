"""Beam search told as a story: the tree of hypotheses, why each was kept or pruned, and whether it was worth it."""

from __future__ import annotations

import logging

import streamlit as st

from gptviz.ui import session, toolbar
from gptviz.ui.pages.beam import link, message
from gptviz.ui.pages.beam.component import BEAM
from gptviz.ui.pages.beam.presets import PRESETS
from gptviz.ui.pages.beam.state import BeamPage
from gptviz.ui.pages.beam.work import Shelf
from gptviz.ui.web.component import client

KEY, STATE = "beam", "beam_page"
lang = toolbar.language()
lm = toolbar.chosen_model(lang)


@st.cache_resource(show_spinner=False)
def shelf() -> Shelf:
    """The finished searches of this server."""
    return Shelf()


@st.fragment
def live() -> None:
    """What the browser said → a slice of the search → one picture for all panels."""
    default = PRESETS["wins"].of(lang)[0]
    page: BeamPage = session.state_of(STATE, lm, lambda query: link.decode(query, default_text=default))
    try:
        for action in page.receive(client(KEY) or {}):
            page.carry_out(action, lang)
        session.remember(page)
        picture = message.build(page, lm, shelf(), lang=lang, projector=toolbar.projector())
    except Exception as error:  # whatever it is: the text stays on the screen, and the log has the rest
        logging.getLogger("gptviz").exception("the beam of %r failed", page.text)
        picture = message.sorry(page, lm, error, lang=lang)
    BEAM.show(picture, key=KEY)


live()
