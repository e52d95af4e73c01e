"""What the panels of the page of changes are made of: one text read twice, and long work as far as it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from gptviz.errors import GptvizError
from gptviz.gpt.trace import Trace
from gptviz.jobs import Slice
from gptviz.ui.page import Context, Note, Scene, left_out_note
from gptviz.ui.pages.what_if.changes import Change, parse
from gptviz.ui.pages.what_if.state import View, WhatIf
from gptviz.ui.pages.what_if.work import LONGEST, SLICE, Curve, Patch
from gptviz.ui.prompts import how, prompt_ids, window
from gptviz.views.change import ChangeView, change


@dataclass(kw_only=True)
class Changed(Scene):
    """The page at one moment; ``after`` is None where there is no text, or the changes cannot be carried out."""

    state: WhatIf
    context: Context
    view: View
    changes: list[Change]
    idle: list[Change] = field(default_factory=list)  # those that this model or text has no place for
    after: Trace | None = None
    patch: Patch | None = None
    curve: Curve | None = None

    @cached_property
    def before(self) -> Trace:
        """The text as the model reads it."""
        return self.context.trace(self.ids)

    @property
    def pos(self) -> int:
        """The position looked at."""
        return len(self.ids) - 1 if self.view.pos is None else self.view.pos

    @cached_property
    def change(self) -> ChangeView | None:
        """The next token and the loss, before and after."""
        if self.after is None:
            return None
        return change(self.before, self.after, self.context.lm.tokenizer)


def scene(state: WhatIf, context: Context) -> Changed:
    """The page, after going on with what is under way."""
    lm, c = context.lm, context.lm.config
    ids, left_out = prompt_ids(lm, state.text, how(state.view))
    changes, bad = parse(state.view.edits)
    pos = state.view.pos if state.view.pos is not None and state.view.pos < len(ids) else None
    view = replace(state.view, layer=min(state.view.layer, c.n_layer - 1), head=min(state.view.head, c.n_head - 1),
                   pos=pos)  # fmt: skip
    notes: list[Note] = left_out_note(len(ids), left_out, window(lm))
    if bad:
        notes.append(("warn", "what_if.note.bad", {"count": bad}))
    fitting = [one for one in changes if one.fits(c, len(ids))]
    found = Changed(state=state, context=context, view=view, changes=changes, ids=ids, read=bool(ids), notes=notes,
                    idle=[one for one in changes if one not in fitting])  # fmt: skip
    if not ids:
        return found
    found.after = _run(found, fitting)
    _work(found)
    return found


def _run(found: Changed, changes: list[Change]) -> Trace | None:
    """The changed run."""
    if not changes:
        return found.before
    try:
        return found.context.trace(found.ids, edits=tuple(one.edit() for one in changes))
    except GptvizError as error:
        found.said.append({"level": "error", "text": error.say(found.context.lang)})
        return None


def _work(found: Changed) -> None:
    """Go on with the maps, then with the curve."""
    state, lm, time = found.state, found.context.lm, Slice(SLICE, pressed=found.context.pressed)
    other = prompt_ids(lm, state.view.other, how(state.view))[0]
    if other and max(len(other), len(found.ids)) <= LONGEST:
        found.patch = state.patching(lm, found.ids, other)
        if found.patch.open:
            found.patch.advance(time)
    elif other:
        found.notes.append(("warn", "what_if.note.long", {"most": LONGEST}))
    if state.view.curve:
        found.curve = state.breaking(lm, found.ids)
        if not time.over:
            found.curve.advance(time)
    found.running = bool((found.patch and found.patch.open) or (found.curve and found.curve.open))
