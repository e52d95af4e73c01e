"""The declaration of the room page: a class on its own devices, against the model."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.room import panels
from gptviz.ui.pages.room.scene import Taught, scene
from gptviz.ui.pages.room.state import ACTIONS, RoomPage, begin

PAGE: Page[RoomPage, Taught] = Page(
    name="room",
    state=RoomPage,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.room, empty={"room": None, "known": True, "wish": False, "votes": None}),
        Panel(panels.ready, empty={"shown": "", "at": 0, "n_tokens": 0, "questions": [], "may_start": False}),
        Panel(panels.round_, empty={"round": None}),
        Panel(panels.score, empty={"score": None}),
    ),
    strings=("room.", "empty.", "path.share"),
)
