"""What a visitor sees who is one too many: their place in the queue, until the page opens by itself."""

from __future__ import annotations

import os
from collections.abc import Callable

import streamlit as st

from gptviz.i18n import translate
from gptviz.rounding import setting
from gptviz.ui.limits import VISITORS, idle_seconds, most_visitors
from gptviz.ui.plain import plain
from gptviz.ui.public import ENVIRONMENT

_OFTEN, _LOOKS = 3.0, 5.0  # seconds between two looks of one who waits; looks a second of all


def show(lang: str, has_room: Callable[[], bool], in_queue: Callable[[], tuple[int, int]]) -> None:
    """Say so, and look again now and then whether there is room. The address, which says text and page, stays."""

    @st.fragment(run_every=every(in_queue()[1]))
    def place() -> None:
        if has_room():
            st.rerun()
        mine, waiting = in_queue()
        st.markdown(plain(str(mine)))
        st.markdown(plain(translate("queue.place", lang, waiting=waiting)))

    with st.container(key="queue"):
        st.subheader(plain(translate("queue.title", lang)), anchor=False)
        with st.container(key="queue_place"):
            place()
        for line in lines(lang):
            st.markdown(plain(line))


def lines(lang: str) -> list[str]:
    """How it goes on, in a few sentences; what could be changed is for those who may know who runs the server."""
    said = [translate("queue.wait", lang, most=most_visitors())]
    if idle_seconds():
        said.append(translate("queue.idle", lang, minutes=setting(idle_seconds() / 60)))
    if os.environ.get(ENVIRONMENT) != "1":
        said.append(translate("queue.more", lang, setting=VISITORS))
    return said


def every(waiting: int) -> float:
    """Seconds after which who waits is looked for again: all of them together a few times a second."""
    return max(_OFTEN, waiting / _LOOKS)
