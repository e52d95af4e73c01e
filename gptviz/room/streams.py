"""What is new in a room, sent to all phones at once: server-sent events, one serialisation for all of them.

A stream begins with the whole state, whatever the phone had before; so one that was cut off is whole again. After that
come ``state`` (all of it) where something else is shown, and ``count`` where only answers came in; ``lost`` where the
processes that share a room cannot agree, until the next ``state``. All events of one loop are made by one task, which
looks a few times a second, the less often the more listen.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from gptviz.room.limits import MAX_MEMBERS
from gptviz.room.room import Room

FASTEST = 0.1  # seconds between two looks
LISTENERS_A_SECOND = 1_500  # messages that go out in a second at most, so that votes find the loop free
HEARTBEAT = 15.0  # seconds of silence after which something is sent, lest a proxy hang up
GROUP = 24  # listeners that are told at once: between two groups votes are taken in
_GROUPS = 16
_MOST = 2 * MAX_MEMBERS  # streams of one room: two tabs each


class _Channel:
    """The listeners of one room."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.listeners = 0
        self.seen = (room.version, *room.counts())
        self.lost = False
        self.news = b""  # what came last
        self._whole: tuple[int, bytes] = (0, b"")
        self.turns = [asyncio.Event() for _ in range(_GROUPS)]  # of each group, until it is told the next time

    def whole(self) -> bytes:
        """The event that says all, made once for each version."""
        if self._whole[0] != self.seen[0]:
            self._whole = self.seen[0], whole(self.room)
        return self._whole[1]

    def look(self, lost: bool) -> bool:
        """Whether there is something new, which is then what listeners are told."""
        now = (self.room.version, *self.room.counts())
        if now == self.seen and lost == self.lost:
            return False
        back = self.lost and not lost
        self.seen, self.lost = now, lost
        if lost:
            self.news = _event("lost", self.room.version, {})
        else:
            self.news = whole(self.room) if back else counts(self.room)
        return True

    def wake(self, group: int) -> None:
        """Tell a group of listeners."""
        self.turns[group].set()
        self.turns[group] = asyncio.Event()


class Streams:
    """All streams of one event loop; ``sweep`` is called as often as it looks, to end rooms that are over.

    ``refresh``, where rooms are shared, sees to it that they are what others have made of them, and takes its time.
    """

    def __init__(self, sweep: Callable[[], None], refresh: Callable[[Sequence[Room]], bool] | None = None) -> None:
        self._sweep, self._refresh = sweep, refresh
        self._channels: dict[str, _Channel] = {}
        self._looking: asyncio.Task[None] | None = None

    def full(self, room: Room) -> bool:
        """Whether as many listen to a room as may."""
        channel = self._channels.get(room.id)
        return channel is not None and channel.listeners >= _MOST

    async def of(self, room: Room) -> AsyncIterator[bytes]:
        """The events of one room, until it ends or nobody listens."""
        channel = self._channels.setdefault(room.id, _Channel(room))
        group = channel.listeners // GROUP % _GROUPS
        channel.listeners += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            turn, told = channel.turns[group], room.version
            yield b"retry: 1500\n\n" + whole(room)
            while not room.ended or told != room.version:
                try:
                    await asyncio.wait_for(turn.wait(), HEARTBEAT)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                # whoever was slow to read may have missed a change that the latest count does not tell
                turn, version = channel.turns[group], channel.seen[0]
                news = channel.news if version == told else channel.whole()
                told = version
                yield news
        finally:
            channel.listeners -= 1
            if not channel.listeners:
                self._channels.pop(room.id, None)

    async def _look(self) -> None:
        while self._channels:
            self._sweep()
            lost = self._refresh is not None and not await asyncio.to_thread(
                self._refresh, [channel.room for channel in self._channels.values()]
            )
            new = [channel for channel in list(self._channels.values()) if channel.look(lost)]
            listening = sum(channel.listeners for channel in self._channels.values())
            pause = max(FASTEST, listening / LISTENERS_A_SECOND)
            groups = min(_GROUPS, 1 + max((channel.listeners for channel in new), default=0) // GROUP)
            for group in range(_GROUPS):
                for channel in new:
                    channel.wake(group)
                if group < groups:
                    await asyncio.sleep(pause / groups)


def whole(room: Room) -> bytes:
    """The event that says all."""
    return _event("state", room.version, room.public())


def counts(room: Room) -> bytes:
    """The event that says how many have answered and how many are there."""
    answered, members = room.counts()
    return _event("count", room.version, {"answered": answered, "members": members})


def _event(name: str, version: int, data: dict[str, Any]) -> bytes:
    """Line breaks are escaped in JSON, so the data are one line; a lone surrogate travels as an escape."""
    told = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"event: {name}\nid: {version}\ndata: {told}\n\n".encode("utf-8", "backslashreplace")
