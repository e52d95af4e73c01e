"""The router: page configuration, language and model choice, navigation, who is let in. Nothing else."""

from __future__ import annotations

import streamlit as st

from gptviz.ui import layout, public, session, toolbar, waiting

public.as_asked()
lang = toolbar.language()
has_room = session.has_room()
page = st.navigation(layout.pages(lang), position="top" if has_room else "hidden")
title = f"{page.title} · gptviz"  # of the window: which page it is, in its language
st.set_page_config(page_title=title, page_icon=layout.icon(), layout="wide", initial_sidebar_state="collapsed")
layout.dress(lang)
if not has_room:
    waiting.show(lang, session.has_room, session.in_queue)
    st.stop()
toolbar.show(lang, layout.name_of(page))
if toolbar.projector():
    layout.widen()
layout.show_place(page)
page.run()
layout.show_next(page, lang)
