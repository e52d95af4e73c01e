"""What the heads page's panels are made of: the scores as far as they are known, and the test of one head. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from gptviz import edits
from gptviz.analysis.heads import HeadScores
from gptviz.gpt.trace import Trace
from gptviz.ui.page import Context, Scene, left_out_note
from gptviz.ui.pages.heads.state import Heads, View
from gptviz.ui.pages.heads.work import Work
from gptviz.ui.prompts import how, prompt_ids, window
from gptviz.views.change import ChangeView, change

_TRIED = 6  # induction heads among which the one is looked for that a text needs most


@dataclass(kw_only=True)
class Looked(Scene):
    """The page at one moment."""

    state: Heads
    context: Context
    work: Work
    view: View

    @cached_property
    def heads(self) -> tuple[HeadScores, ...]:
        """The scores of all heads; none as long as they are being measured."""
        return self.work.heads

    @cached_property
    def trace(self) -> Trace:
        """The text as the model reads it."""
        return self.context.trace(self.ids)

    @cached_property
    def tested(self) -> ChangeView | None:
        """The text without the head that is looked at, where that is wished."""
        if not self.ids or not self.view.test:
            return None
        switched = edits.ablate(layer=self.view.layer, head=self.view.head, mode=self.view.mode)
        return change(self.trace, self.context.trace(self.ids, edits=(switched,)), self.context.lm.tokenizer)


def without(scene: Looked, layer: int, head: int) -> ChangeView:
    """Before and after one head is switched off, which nobody looks at for longer."""
    lm = scene.context.lm
    edited = lm.trace(scene.ids, edits=[edits.ablate(layer=layer, head=head, mode=scene.view.mode)])
    return change(scene.trace, edited, lm.tokenizer)


def scene(state: Heads, context: Context) -> Looked:
    """The page, after going on with the measurement."""
    ids, left_out = prompt_ids(context.lm, state.text, how(state.view))
    work, c = state.working(context.lm), context.lm.config
    work.advance(context.pressed)
    layer, head = min(state.view.layer, c.n_layer - 1), min(state.view.head, c.n_head - 1)
    found = Looked(state=state, context=context, work=work, ids=ids, read=bool(ids), running=work.open,
                   view=replace(state.view, layer=layer, head=head),
                   notes=left_out_note(len(ids), left_out, window(context.lm)))  # fmt: skip
    if work.error is not None:
        found.said.append({"level": "error", "text": work.error.say(context.lang)})
    if state.pick and found.heads and ids:
        state.pick = False
        layer, head = _needed(found)
        state.view = replace(state.view, layer=layer, head=head)
        state.rev += 1  # the browser takes over what was found
        found.view = state.view
        found.__dict__.pop("tested", None)
    return found


def _needed(found: Looked) -> tuple[int, int]:
    """Of the heads with the highest induction scores, the one without which the likeliest token loses most."""
    best = sorted(found.heads, key=lambda head: -(head.induction or 0.0))[:_TRIED]
    left = [without(found, head.layer, head.head).first.after for head in best]
    chosen = best[left.index(min(left))]
    return chosen.layer, chosen.head
