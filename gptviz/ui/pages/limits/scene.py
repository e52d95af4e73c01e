"""What the limits page is made of: the text as it is read, and what has been measured so far. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.numbers import softmax
from gptviz.ui.page import Context, Scene, left_out_note
from gptviz.ui.pages.limits.state import Limits
from gptviz.ui.prompts import how, prompt_ids, quoted, window
from gptviz.views.distribution import token_label


@dataclass(kw_only=True)
class Tried(Scene):
    """The page at one moment."""

    state: Limits
    context: Context
    left_out: int  # tokens of the text before those that are read

    @property
    def lm(self) -> LanguageModel:
        """The model that is open."""
        return self.context.lm

    @property
    def prompt(self) -> Any:
        """The text as a recipe quotes it."""
        return quoted(self.lm, self.state.text, how(self.state.view))

    @cached_property
    def probs(self) -> npt.NDArray[np.float64]:
        """(V,): of the token after the text."""
        return next_probs(self.context, self.ids)

    def say(self, key: str, **values: Any) -> str:
        """A string of this page."""
        return translate(f"limits.{key}", self.context.lang, **values)

    def label(self, token: int) -> str:
        """A token as it is shown."""
        return token_label(self.lm.tokenizer, token)

    def key(self, what: str, *more: Any) -> tuple[Any, ...]:
        """By what a measurement of this model is known."""
        return (self.lm.fingerprint, what, *more)


def next_probs(context: Context, ids: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """(V,): of the token after ``ids``."""
    probs: npt.NDArray[np.float64] = softmax(context.trace(ids).logits_at(-1).astype(np.float64))
    return probs


def standing(state: Limits, context: Context) -> Tried:
    """The page as it stands, before anything is measured on."""
    ids, left_out = prompt_ids(context.lm, state.text, how(state.view))
    notes = left_out_note(len(ids), left_out, window(context.lm))
    return Tried(state=state, context=context, ids=ids, left_out=left_out, ready=bool(ids), read=bool(ids), notes=notes)
