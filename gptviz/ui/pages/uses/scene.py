"""What the page of uses is made of: the prompt, and what has been written after it so far. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gptviz.ui.measured import slice_of
from gptviz.ui.page import Context, Scene, left_out_note
from gptviz.ui.pages.uses.state import Uses, Wrote, settle, written
from gptviz.ui.prompts import chats, how, prompt_ids, window


@dataclass(kw_only=True)
class Tried(Scene):
    """The page at one moment."""

    state: Uses
    context: Context

    @property
    def wrote(self) -> list[Wrote]:
        """What has been written, token by token."""
        records: list[Wrote] = self.state.work.records
        return records

    @property
    def asked(self) -> bool:
        """Whether the text is read as a message."""
        return chats(self.context.lm, how(self.state.view))


def scene(state: Uses, context: Context) -> Tried:
    """The page, after writing on."""
    settle(state, context)
    view, lm, work = state.view, context.lm, state.work
    ids, left_out = prompt_ids(lm, state.text, how(view))
    if ids and state.wanted:
        key = (lm.fingerprint, "written", ids, view.way, view.length, view.seed)
        work.want(key, view.length, lambda: written(lm, ids, view.way, view.length, view.seed))
        work.advance(slice_of(context.pressed, work))
    elif not ids or (work.key is not None and work.key[:3] != (lm.fingerprint, "written", ids)):
        work.rest()
    found = Tried(state=state, context=context, ids=ids, ready=bool(ids), read=bool(ids),
                  running=state.wanted and work.open, notes=left_out_note(len(ids), left_out, window(lm)))  # fmt: skip
    if work.error is not None:
        found.said.append({"level": "error", "text": work.error.say(context.lang)})
    return found
