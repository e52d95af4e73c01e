"""What is worked out once for a model or a vocabulary, for all visitors, and goes when that goes. Pure."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

K = TypeVar("K")
T = TypeVar("T")


class Kept(Generic[K, T]):
    """A function of an object whose value is kept as long as the object lives."""

    def __init__(self, make: Callable[[K], T]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._found: WeakKeyDictionary[K, T] = WeakKeyDictionary()

    def of(self, owner: K) -> T:
        """The value for ``owner``: made at the first call, which others wait for."""
        with self._lock:
            if owner not in self._found:
                self._found[owner] = self._make(owner)
            return self._found[owner]
