"""How many visitors are there at a time: each costs memory, and a server that takes everybody serves nobody. Pure."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock


class Guests:
    """Those who were let in, as long as ``there`` says that they are."""

    def __init__(self, there: Callable[[str], bool]) -> None:
        self._there, self._lock = there, Lock()
        self._known: set[str] = set()

    def let_in(self, who: str, most: int, *, again: bool = False) -> bool:
        """Whether ``who`` may come in, so that no more than ``most`` are there; ``again``: was in before, and is."""
        with self._lock:
            self._known = {one for one in self._known if self._there(one)}
            if who not in self._known and not again and len(self._known) >= most:
                return False
            self._known.add(who)
            return True

    @property
    def count(self) -> int:
        """How many are there."""
        with self._lock:
            return sum(self._there(one) for one in self._known)
