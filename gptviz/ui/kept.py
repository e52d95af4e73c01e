"""What is worked out of a model or a vocabulary, for all visitors, and goes when that is let go of. Pure."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, Generic, ParamSpec, TypeVar

from gptviz.language_model import LanguageModel

K = TypeVar("K")
T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")


class Kept(Generic[K, T]):
    """A function of an object whose value is kept as long as the object lives."""

    def __init__(self, make: Callable[[K], T]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._found: weakref.WeakKeyDictionary[K, T] = weakref.WeakKeyDictionary()

    def of(self, owner: K) -> T:
        """The value for ``owner``: made at the first call, which others wait for."""
        with self._lock:
            if owner not in self._found:
                self._found[owner] = self._make(owner)
            return self._found[owner]


def remembered(
    maxsize: int,
) -> Callable[[Callable[Concatenate[LanguageModel, P], R]], Callable[Concatenate[LanguageModel, P], R]]:
    """As ``functools.lru_cache``, for a function of a model and more; what is returned must not hold the model."""

    def decorate(function: Callable[Concatenate[LanguageModel, P], R]) -> Callable[Concatenate[LanguageModel, P], R]:
        @lru_cache(maxsize=maxsize)
        def of(model: weakref.ref[LanguageModel], *args: P.args, **kwargs: P.kwargs) -> R:
            lm = model()
            assert lm is not None  # whoever asks has it
            return function(lm, *args, **kwargs)

        @wraps(function)
        def asked(lm: LanguageModel, /, *args: P.args, **kwargs: P.kwargs) -> R:
            return of(weakref.ref(lm), *args, **kwargs)  # type: ignore[arg-type]  # those that are not are refused

        return asked

    return decorate
