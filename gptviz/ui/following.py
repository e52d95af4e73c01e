"""The teacher's page as their class sees it: while a room follows, each picture's link goes there."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gptviz.i18n import translate
from gptviz.room import ROOMS, Follow
from gptviz.room.limits import MAX_LINK
from gptviz.ui.layout import FIRST, PAGES
from gptviz.ui.links import encode
from gptviz.ui.page import Context, Page

ROOM = "room"
_STATE = f"{ROOM}_state"  # as its page names it; that page is not imported for those who never open it


def publish(page: Page[Any, Any], state: Any, context: Context) -> None:
    """Tell this visitor's room, if it follows, what they look at now."""
    teacher = st.session_state.get(_STATE)
    if teacher is None or not teacher.token or page.name == ROOM:
        return
    room = teacher.room()
    asked = room.snapshot(ROOMS.clock()).asked if room else None
    if room is None or not isinstance(asked, Follow):
        return
    query = encode(state, context.lm, lang=context.lang)
    link = f"/{'' if page.name == FIRST else PAGES[page.name]}?{query}"
    if link != asked.link and len(link) <= MAX_LINK:
        room.start(Follow(translate(f"nav.{page.name}", context.lang), link, state.text))
