"""A teacher who goes between the room and other pages: the room opened from any of them, and what their class sees.

While a room follows, each picture's link goes there: page, prompt, head, step, and the lesson that is open.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st

from gptviz.errors import RoomError
from gptviz.i18n import translate
from gptviz.room import ROOMS, Follow
from gptviz.room.limits import MAX_LINK
from gptviz.ui import pages
from gptviz.ui.layout import FIRST, PAGES
from gptviz.ui.links import encode
from gptviz.ui.page import Context, Page
from gptviz.ui.web.conversation import Conversation

ROOM = "room"
_STATE = f"{ROOM}_state"  # as its page names it; that page is not imported for those who never open it
_FROM, _WISH = "room_from", "room_wish"


def button(lang: str, name: str, *, projector: bool) -> None:
    """In the toolbar: from any page into the room, which is opened where none is, and from there back again."""
    before = st.session_state.get(_FROM)
    if name == ROOM and before is None:
        return
    if name == ROOM:
        label, to = translate("toolbar.room_back", lang, title=translate(f"nav.{before}", lang)), str(before)
    else:
        label, to = translate("toolbar.room_go" if _has_room() else "toolbar.room_open", lang), ROOM
    icon = ":material/groups:" if to == ROOM else ":material/arrow_back:"
    if st.button(label, key="toolbar_room", icon=icon):
        if to == ROOM:
            st.session_state[_FROM], st.session_state[_WISH] = name, True
        st.switch_page(f"pages/{to}_page.py", query_params={"lang": lang} | ({"projector": "1"} if projector else {}))


def _has_room() -> bool:
    teacher = st.session_state.get(_STATE)
    return teacher is not None and teacher.room() is not None


def arrive(page: Page[Any, Any], state: Any, context: Context) -> None:
    """Tell the room's page, where its teacher has come by the button, that a room is wanted, and from where."""
    if page.name != ROOM or not st.session_state.pop(_WISH, False):
        return
    name = st.session_state[_FROM]
    before: Conversation | None = st.session_state.get(pages.declared(name).state_name)
    state.wish = state.room() is None
    state.seen = seen_on(name, before, context) if before is not None else None


def publish(page: Page[Any, Any], state: Any, context: Context) -> None:
    """Tell this visitor's room, if it follows, what they look at now."""
    teacher = st.session_state.get(_STATE)
    if teacher is None or not teacher.token or page.name == ROOM:
        return
    room = teacher.room()
    asked = room.snapshot(ROOMS.clock()).asked if room else None
    if room is None or not isinstance(asked, Follow):
        return
    follow = seen_on(page.name, state, context)
    if follow is not None and follow != asked:
        with suppress(RoomError):  # the next picture tries again
            room.start(follow)


def seen_on(name: str, state: Conversation, context: Context) -> Follow | None:
    """A page as those who follow are told of it; None where its link is too long."""
    lesson = context.course.to_query() if context.course else {}
    query = encode(state, context.lm, lang=context.lang, more=lesson)
    link = f"/{'' if name == FIRST else PAGES[name]}?{query}"
    return Follow(translate(f"nav.{name}", context.lang), link, state.text) if len(link) <= MAX_LINK else None
