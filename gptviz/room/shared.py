"""Rooms that several processes hold together, by way of one Redis (``GPTVIZ_REDIS``).

Each process has a copy of every room that it was asked about, and reads that. A change is made to the copy of a copy;
the result takes the place of what is in Redis only where nobody was faster, else it is made anew from what is there
now: so every answer counts once, whichever process took it in. Copies are looked after whenever a room is asked for,
and several times a second while phones listen. Where Redis is lost, reading goes on and changing is refused in words.

How often an address may be wrong is counted by each process for itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import time
from typing import TypeVar

from gptviz.errors import RoomError
from gptviz.room import limits, stored, words
from gptviz.room.keys import begun, digest
from gptviz.room.records import State
from gptviz.room.room import Room
from gptviz.room.rooms import Rooms
from gptviz.room.store import Found, Names, Store

ATTEMPTS = 100  # at one change; each fails only because another process made one
_R = TypeVar("_R")


class SharedRoom(Room):
    """One process's copy of a room; ``edition`` is the name of what it copies."""

    def __init__(self, store: Store, text: str, edition: str, token: str = "") -> None:
        super().__init__(_read(text), token)
        self._store, self._text, self.edition = store, text, edition
        self._changing = threading.Lock()  # never held by who only reads: Redis may take its time
        self.names_in_store = _names(self._state)

    @property
    def lost(self) -> bool:
        """Whether Redis did not answer the last time."""
        return self._store.lost

    def take(self, found: Found | None, asked: str) -> None:
        """Go on with what was found when edition ``asked`` was known here; None: it is over."""
        with self._lock:
            if self.edition != asked:
                return
            if found is None:
                if not self.ended:
                    self._forget()
            elif found.text is not None:
                self._state, self._text, self.edition = _read(found.text), found.text, found.edition

    def refresh(self) -> None:
        """Be what is in Redis now. Raises RoomError where it does not answer."""
        asked = self.edition
        self.take(self._store.fetch(self.id, asked), asked)

    def _change(self, make: Callable[[], _R]) -> _R:
        with self._changing:
            for _ in range(ATTEMPTS):
                self.refresh()
                result, state, before = self._tried(make)
                text = stored.write(state)
                if text == before.text or self._replaced(before.edition, text, state):
                    return result
        raise RoomError("room.store")

    def _tried(self, make: Callable[[], _R]) -> tuple[_R, State, Found]:
        """What a change gives and makes of a copy of the state, and what it was made from."""
        with self._lock:
            kept, text, edition = self._state, self._text, self.edition
            self._state = _read(text)
            try:
                return make(), self._state, Found(edition, text)
            finally:
                self._state = kept

    def _replaced(self, before: str, text: str, state: State) -> bool:
        edition = self._store.replace(self.names_in_store, before, text, over=state.ended)
        if edition is None:
            return False
        with self._lock:
            if self.edition == before:
                self._state, self._text, self.edition = state, text, edition
                return True
        self.refresh()  # a look in between has brought something else
        return True


class SharedRooms(Rooms):
    """The rooms of all processes that name the same Redis. Raises ConfigError for what is no address of one."""

    remote = True

    def __init__(self, url: str, clock: Callable[[], float] = time) -> None:
        super().__init__(clock)
        self._store = Store(url)
        self._copies: dict[str, SharedRoom] = {}  # by id

    def open(self, lang: str) -> Room:
        """A new room. Raises RoomError where there are as many as may be, or Redis does not answer."""
        for _ in range(100):
            state, token = begun(words.code(lang), lang, self.clock())
            text = stored.write(state)
            said, edition = self._store.open(_names(state), text, now=self.clock(), lifetime=limits.LIFETIME,
                                             most=limits.MAX_ROOMS)  # fmt: skip
            if said == "open":
                return self._kept(SharedRoom(self._store, text, edition, token))
            if said == "many":
                break
        raise RoomError("room.many", most=limits.MAX_ROOMS)

    def by_code(self, said: str) -> Room:
        """The room with that code. Raises RoomError where there is none."""
        found = self._store.id_of("code", words.plain(said))
        if found is None:
            raise RoomError("room.code")
        return self.by_id(found)

    def by_id(self, id_: str) -> Room:
        """The room of that name, as it was last seen where Redis does not answer. Raises RoomError where it is over."""
        with self._lock:
            room = self._copies.get(id_)
        try:
            if room is not None:
                room.refresh()
            else:
                found = self._store.fetch(id_)
                if found is not None and found.text is not None:
                    room = self._kept(SharedRoom(self._store, found.text, found.edition))
        except RoomError:
            if room is None:
                raise
        if room is None or room.ended:
            self.sweep()
            raise RoomError("room.ended")
        return room

    def of_teacher(self, token: str) -> Room | None:
        """The room that this token opens, as it was last seen where Redis does not answer."""
        try:
            found = self._store.id_of("teacher", digest(token).hex())
        except RoomError:
            with self._lock:
                known = [room for room in self._copies.values() if room.is_teacher(token) and not room.ended]
            if not known:
                raise
            return known[0]
        try:
            return self.by_id(found) if found is not None else None
        except RoomError as error:
            if error.key != "room.ended":
                raise
            return None

    def end_all(self) -> None:
        """End every room, those of other processes too."""
        for id_ in self._store.ids():
            try:
                self.by_id(id_).end()
            except RoomError as error:
                if error.key != "room.ended":
                    raise

    def refresh(self, rooms: Sequence[Room]) -> bool:
        """Look after copies. Whether Redis answered."""
        copies = [room for room in rooms if isinstance(room, SharedRoom)]
        asked = [(room.id, room.edition) for room in copies]
        try:
            found = self._store.fetch_all(asked)
            for room, news, (_, edition) in zip(copies, found, asked, strict=True):
                room.take(news, edition)
        except RoomError:
            return False
        return True

    def sweep(self) -> None:
        """Forget the copies of those whose time is up: Redis does so by itself."""
        now = self.clock()
        with self._lock:
            for room in list(self._copies.values()):
                if now - room.born >= limits.LIFETIME:
                    room.take(None, room.edition)
                if room.ended:
                    del self._copies[room.id]

    def _kept(self, room: SharedRoom) -> SharedRoom:
        """The one copy that this process has."""
        self.sweep()
        with self._lock:
            return self._copies.setdefault(room.id, room)


def _names(state: State) -> Names:
    return Names(state.id, words.plain(state.code), state.teacher.hex())


def _read(text: str) -> State:
    """Raises RoomError for what another edition of this program may have written."""
    try:
        return stored.read(text)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RoomError("room.store") from None
