"""What the surprise page's panels are made of: both texts as far as they are read, and the token looked at. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.ui.page import Context, Note, Scene, text_notes
from gptviz.ui.pages.surprise.state import AUTO, Surprise
from gptviz.ui.prompts import chats, how
from gptviz.views import surprise as views


@dataclass(kw_only=True)
class Read(Scene):
    """The two texts at one moment."""

    state: Surprise
    context: Context
    made: list[views.SurpriseView | None]
    token: int  # the one looked at


def scene(state: Surprise, context: Context) -> Read:
    """The page, after going on with what is under way."""
    read = how(state.view)
    running = state.advance(context.lm, context.trace, pressed=context.pressed)
    made = [None if reading is None else reading.view() for reading in state.readings]
    view, token = _looked_at(state, made)
    own = state.readings[0]
    notes = _notes(made, context.lm, asked=chats(context.lm, read))
    found = Read(state=state, context=context, made=made, token=token, running=running, view=view,
                 ids=own.ids if own else (), notes=notes, read=made[0] is not None)  # fmt: skip
    other, beyond = state.view.other, state.beyond.get("other", 0)
    if other and (beyond or made[1] is None):
        said = text_notes(other, context, read=made[1] is not None, beyond=beyond, how=read)
        found.said = [note | {"text": translate("surprise.of_b", context.lang, note=note["text"])} for note in said]
    return found


def _looked_at(state: Surprise, made: list[views.SurpriseView | None]) -> tuple[object, int]:
    """(the controls as shown, the token looked at: by itself where the texts part, else what surprised most)."""
    side = state.view.side if made[state.view.side] is not None else 0
    view = made[side]
    if view is None or not view.n_scored:
        return replace(state.view, side=side, token=AUTO), AUTO
    wanted = state.view.token
    if 0 <= wanted < len(view.words):
        return replace(state.view, side=side), wanted
    parted = _parted(made)
    if parted is not None and view.words[parted].score:
        return replace(state.view, side=side, token=AUTO), parted
    bits = [-1.0 if word.score is None else word.score.bits for word in view.words]
    return replace(state.view, side=side, token=AUTO), int(np.argmax(bits))


def _parted(made: list[views.SurpriseView | None]) -> int | None:
    """The first token of A that B does not have in its place; None where there is none, or no B."""
    one, other = made
    if one is None or other is None:
        return None
    both = enumerate(zip(one.words, other.words, strict=False))
    return next((pos for pos, (a, b) in both if a.id != b.id), None)


def _notes(made: list[views.SurpriseView | None], lm: LanguageModel, *, asked: bool) -> list[Note]:
    found: list[Note] = []
    longest = max((view for view in made if view), key=lambda view: view.windows, default=None)
    if longest is not None and longest.windows > 1:
        rest = longest.window - longest.stride
        found.append(("info", "surprise.windows", {"window": longest.window, "stride": longest.stride, "rest": rest}))
    if asked and made[0] is not None:
        found.append(("info", "surprise.asked", {}))
    elif made[0] is not None and made[0].start is None:
        mark = views.start_label(lm)
        found.append(("info", "surprise.no_start" if mark is None else "surprise.start_off", {"mark": mark or ""}))
    return found
