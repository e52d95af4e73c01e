"""The router: page configuration, language and model choice, navigation. Nothing else."""

from __future__ import annotations

import streamlit as st

from gptviz.ui import layout, toolbar

st.set_page_config(page_title="gptviz", page_icon=layout.icon(), layout="wide", initial_sidebar_state="collapsed")
lang = toolbar.language()
layout.dress(lang)
toolbar.show(lang)
if toolbar.projector():
    layout.widen()
page = st.navigation(layout.pages(lang), position="top")
layout.show_place(page)
page.run()
layout.show_next(page, lang)
