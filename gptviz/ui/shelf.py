"""The models that are loaded, shared by all visitors: one that somebody looks at is never thrown out. Pure.

Room is made by letting go of models that nobody who is there looks at, the least recently taken first. Where that is
not enough, whoever asks for one more is told so; nobody else loses theirs.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import RLock
from typing import Generic, TypeVar

from gptviz.errors import WeightsError
from gptviz.rounding import gigabytes

M = TypeVar("M")


@dataclass
class _Place(Generic[M]):
    """A model on the shelf, or on its way there."""

    size: int  # bytes, estimated
    model: Future[M] = field(default_factory=Future)


class Shelf(Generic[M]):
    """At most ``most()`` models and ``most_bytes()`` bytes (None: no bound) beside the one called ``kept``.

    ``there`` says of a visitor whether they are still; ``free`` how many bytes the machine has to spare, where that is
    known; ``gone`` is told of each model that was let go of.
    """

    def __init__(self, kept: str, there: Callable[[str], bool], most: Callable[[], int],
                 most_bytes: Callable[[], int | None] = lambda: None, free: Callable[[], int | None] = lambda: None,
                 gone: Callable[[M], None] = lambda model: None) -> None:  # fmt: skip
        self._kept, self._there, self._most, self._most_bytes = kept, there, most, most_bytes
        self._free, self._gone = free, gone
        self._places: dict[str, _Place[M]] = {}  # the least recently taken first
        self._looks: dict[str, str] = {}  # visitor → the model they look at
        self._lingering: list[tuple[weakref.ref[object], int]] = []  # let go of, and perhaps still held by a page
        self._lock = RLock()

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def take(self, name: str, who: str, load: Callable[[], M], *, size: int = 0) -> M:
        """The model called ``name``, for ``who``, who looks at no other from now on.

        Loaded once, by whoever comes first; others wait for it. Raises WeightsError where there is no room, and what
        ``load`` raises, to all who waited.
        """
        with self._lock:
            place = self._places.get(name)
            first = place is None
            if place is None:
                self._make_room(name, who, size)
                place = self._places[name] = _Place(size)
            self._looks[who] = name
            self._places[name] = self._places.pop(name)
        if first:
            self._load(name, place, load)
        return place.model.result()

    def _load(self, name: str, place: _Place[M], load: Callable[[], M]) -> None:
        try:
            place.model.set_result(load())
        except BaseException as error:
            with self._lock:
                self._places.pop(name, None)
                self._looks = {who: looked for who, looked in self._looks.items() if looked != name}
            place.model.set_exception(error)

    def __len__(self) -> int:
        return len(self._places)

    def idle_bytes(self, who: str) -> int:
        """Memory of the models that would be let go of for one that ``who`` asks for."""
        with self._lock:
            return sum(self._places[name].size for name in self._idle(who))

    def clear(self) -> None:
        """Let go of all."""
        with self._lock:
            for name in list(self._places):
                self._let_go(name)
            self._looks.clear()

    def _idle(self, who: str) -> list[str]:
        """Those that nobody else who is there looks at, and that are loaded."""
        self._looks = {one: name for one, name in self._looks.items() if one == who or self._there(one)}
        looked_at = {name for one, name in self._looks.items() if one != who}
        return [name for name, place in self._places.items()
                if name not in looked_at and name != self._kept and place.model.done()]  # fmt: skip

    def _make_room(self, name: str, who: str, size: int) -> None:
        """Let go of idle models until one more fits; WeightsError where it cannot, and then of none."""
        if name == self._kept:
            return
        most, most_bytes, idle = self._most(), self._most_bytes(), self._idle(who)
        if most_bytes is not None and size > most_bytes:
            raise WeightsError("weights.over_limit", name=name, size=gigabytes(size), most=gigabytes(most_bytes))

        def too_many(held: list[str]) -> bool:
            bytes_held = sum(self._places[one].size for one in held) + self._still_held()
            return len(held) >= most or (most_bytes is not None and bytes_held + size > most_bytes)

        held = [one for one in self._places if one != self._kept]
        looked_at = [one for one in held if one not in idle]
        if too_many(looked_at):
            raise WeightsError("weights.in_use", name=name, names=", ".join(looked_at))
        while idle and (too_many(held) or self._is_tight(size)):
            held.remove(idle[0])
            self._let_go(idle.pop(0))

    def _is_tight(self, size: int) -> bool:
        free = self._free()
        return free is not None and size > free

    def _let_go(self, name: str) -> None:
        place = self._places.pop(name)
        if place.model.done() and place.model.exception() is None:
            model = place.model.result()
            self._lingering.append((weakref.ref(model), place.size))
            self._gone(model)

    def _still_held(self) -> int:
        """Bytes of models that were let go of and that a page has not yet."""
        self._lingering = [(ref, size) for ref, size in self._lingering if ref() is not None]
        return sum(size for _, size in self._lingering)
