"""All rooms of a server: opened with a code, found by it, swept away when they are over.

One process holds them in memory; several, each told of the same Redis by ``GPTVIZ_REDIS``, hold them together.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from time import monotonic

from gptviz.errors import ConfigError, RoomError
from gptviz.room import limits, words
from gptviz.room.keys import begun
from gptviz.room.room import Room

REDIS = "GPTVIZ_REDIS"


class Rooms:
    """The rooms, with one lock for the list of them; ``clock`` gives seconds.

    ``remote``: what a room is asked may take as long as a network does, and is not asked in an event loop.
    """

    remote = False

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._rooms: dict[str, Room] = {}  # by id

    def open(self, lang: str) -> Room:
        """A new room. Raises RoomError where there are as many as may be."""
        with self._lock:
            self._sweep()
            if len(self._rooms) >= limits.MAX_ROOMS:
                raise RoomError("room.many", most=limits.MAX_ROOMS)
            taken = {words.plain(room.code) for room in self._rooms.values()}
            code = next(code for _ in range(100) if words.plain(code := words.code(lang)) not in taken)
            room = Room(*begun(code, lang, self.clock()))
            self._rooms[room.id] = room
            return room

    def by_code(self, said: str) -> Room:
        """The room with that code. Raises RoomError where there is none."""
        with self._lock:
            self._sweep()
            wanted = words.plain(said)
            found = next((room for room in self._rooms.values() if words.plain(room.code) == wanted), None)
        if found is None:
            raise RoomError("room.code")
        return found

    def by_id(self, id_: str) -> Room:
        """The room of that name, as those who are in it know it. Raises RoomError where it is over."""
        with self._lock:
            self._sweep()
            found = self._rooms.get(id_)
        if found is None:
            raise RoomError("room.ended")
        return found

    def of_teacher(self, token: str) -> Room | None:
        """The room that this token opens; all of them are compared, so that none is told by how long it takes."""
        with self._lock:
            self._sweep()
            found = [room for room in self._rooms.values() if room.is_teacher(token)]
        return found[0] if found else None

    def end_all(self) -> None:
        """End every room, as at the end of a day."""
        with self._lock:
            for room in self._rooms.values():
                room.end()
            self._rooms.clear()

    def refresh(self, rooms: Sequence[Room]) -> bool:
        """See to it that these are as they are elsewhere; whether that could be done. Here there is no elsewhere."""
        return True

    def sweep(self) -> None:
        """End those whose time is up."""
        with self._lock:
            self._sweep()

    def _sweep(self) -> None:
        now = self.clock()
        for room in list(self._rooms.values()):
            if now - room.born >= limits.LIFETIME:
                room.end()
            if room.ended:
                del self._rooms[room.id]


def rooms_here() -> Rooms:
    """Those in the Redis that the environment names, else in this process's memory.

    Raises ConfigError for what is no address of one.
    """
    address = os.environ.get(REDIS, "").strip()
    if not address:
        return Rooms()
    from gptviz.room.shared import SharedRooms  # its library is loaded only where it is used

    return SharedRooms(address)


def _rooms() -> Rooms:
    try:
        return rooms_here()
    except ConfigError:  # gptviz.ui.serve says so, and does not start
        return Rooms()


#: Those of this server: one for the process, whatever caches are cleared.
ROOMS = _rooms()
