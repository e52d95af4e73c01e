"""Remembering what was worked out of a model without keeping the model: one that is let go of shall be gone. Pure."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

from gptviz.language_model import LanguageModel

P = ParamSpec("P")
R = TypeVar("R")
OfModel = Callable[Concatenate[LanguageModel, P], R]


def kept(maxsize: int) -> Callable[[OfModel[P, R]], OfModel[P, R]]:
    """As ``functools.lru_cache``, for a function of a model and more; what is returned must not hold the model."""

    def decorate(function: OfModel[P, R]) -> OfModel[P, R]:
        @lru_cache(maxsize=maxsize)
        def of(model: weakref.ref[LanguageModel], *args: P.args, **kwargs: P.kwargs) -> R:
            lm = model()
            assert lm is not None  # whoever asks has it
            return function(lm, *args, **kwargs)

        @wraps(function)
        def asked(lm: LanguageModel, /, *args: P.args, **kwargs: P.kwargs) -> R:
            return of(weakref.ref(lm), *args, **kwargs)  # type: ignore[arg-type]  # all can be hashed, as lru_cache asks

        return asked

    return decorate
