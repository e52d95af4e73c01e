"""What the room page's panels are made of: one look at the room, and the text that would be asked. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass

from gptviz.errors import RoomError
from gptviz.room import ROOMS, Room, Snapshot
from gptviz.ui import network
from gptviz.ui.page import Context, Note, Scene, left_out_note
from gptviz.ui.pages.room.door import Door, door
from gptviz.ui.pages.room.state import RoomPage
from gptviz.ui.prompts import how, prompt_ids, window


@dataclass(kw_only=True)
class Taught(Scene):
    """The room at one moment; None where none is open."""

    state: RoomPage
    context: Context
    shot: Snapshot | None
    door: Door | None
    people: list[str]
    votes: str | None  # a file, where it is asked for
    all_ids: tuple[int, ...]
    seen: int  # tokens of the text that the class sees


def scene(state: RoomPage, context: Context) -> Taught:
    """One look at the room."""
    room = state.room()
    ids, seen = state.reading(context.lm)
    votes = None
    if room is not None and state.wants_votes:
        votes = "".join(f"{_json(pair)}\n" for pair in room.pairs())
    state.wants_votes = False
    return Taught(
        state=state, context=context, shot=room.snapshot(ROOMS.clock()) if room else None,
        door=door(state.origin, room.code, room.lang, network.outer()) if room else None,
        people=room.names() if room else [], votes=votes, all_ids=ids, seen=seen, ids=ids[:seen],
        notes=_notes(state, context), said=_problem(state, room, context), read=bool(ids) or not state.text,
    )  # fmt: skip


def _json(pair: dict[str, object]) -> str:
    return json.dumps(pair, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def _problem(state: RoomPage, room: Room | None, context: Context) -> list[dict[str, str]]:
    problem = RoomError("room.store") if room is not None and room.lost else state.problem
    return [{"level": "error", "text": problem.say(context.lang)}] if problem else []


def _notes(state: RoomPage, context: Context) -> list[Note]:
    _, left_out = prompt_ids(context.lm, state.text, how(state.view))
    return left_out_note(window(context.lm), left_out, window(context.lm)) if left_out else []
