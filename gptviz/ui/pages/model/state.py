"""What the Model page keeps. Pure: no Streamlit here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypedDict

from gptviz.jobs import Slice
from gptviz.ui.checkup import CHECKUPS, SLICE, Checkup
from gptviz.ui.page import Context, Scene
from gptviz.ui.web.conversation import Conversation


class Guess(TypedDict):
    """One of the likeliest next tokens."""

    label: str
    p: float


class Next(TypedDict):
    """A prompt and what may follow it."""

    prompt: str
    top: list[Guess]


@dataclass
class ModelPage(Conversation):
    """The page has no text of its own and no controls; the conversation only carries the picture."""

    reads: ClassVar[bool] = False
    #: The next tokens as last computed, and for which model and language: kept here, so that no model outlives its use.
    said: tuple[str, str, list[Next]] | None = None
    seen: str = ""  # the model whose picture was made: its passport is gone through after that


@dataclass(kw_only=True)
class About(Scene):
    """The model at hand."""

    state: ModelPage
    context: Context
    checkup: Checkup


def scene(state: ModelPage, context: Context) -> About:
    """The model, its passport brought forward by one slice; the first picture does not wait for any of it."""
    lm, checkup = context.lm, CHECKUPS.of(context.lm)
    if state.seen == lm.fingerprint:
        checkup.advance(Slice(SLICE, pressed=context.pressed))
    state.seen = lm.fingerprint
    return About(state=state, context=context, checkup=checkup, running=not checkup.finished)


def begin(state: ModelPage, lang: str) -> None:
    """There is no text to begin with."""
