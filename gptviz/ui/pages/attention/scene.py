"""What the attention page's panels are made of: one trace, the steps of the head looked at, the chosen number. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gptviz import views
from gptviz.analysis.head import HeadSteps, attend
from gptviz.analysis.mixing import rollout, value_weighted_of
from gptviz.analysis.terms import BY_KEY, Sum, there, width, written_out
from gptviz.gpt.trace import Trace
from gptviz.recipes.builder import Prompt
from gptviz.ui.page import Context, Scene, left_out_note
from gptviz.ui.pages.attention.state import Attention, View
from gptviz.ui.prompts import how, prompt_ids, quoted, window
from gptviz.views.chips import labels
from gptviz.views.sources import Floats
from gptviz.views.worksheet import WorksheetView, worksheet


@dataclass(kw_only=True)
class Attended(Scene):
    """The text at one head and one query."""

    state: Attention
    context: Context
    left_out: int

    @cached_property
    def trace(self) -> Trace:
        """All that the model computed."""
        return self.context.trace(self.ids)

    @cached_property
    def steps(self) -> HeadSteps:
        """The steps of the head looked at, at the query: as they exist in this model and text."""
        view, shape, T = self.state.view, self.context.lm.config, len(self.ids)
        pos = T - 1 if view.pos is None or view.pos >= T else view.pos
        return attend(self.trace, min(view.layer, shape.n_layer - 1), min(view.head, shape.n_head - 1), pos)

    @cached_property
    def look(self) -> View:
        """The view with what exists in this model and text; its position, key, step and number filled in."""
        view, steps = self.state.view, self.steps
        key = int(steps.pattern.argmax()) if view.key is None or view.key >= len(self.ids) else view.key
        step = view.step if view.step in there(steps) else view.step[0]  # of q before its norm: q
        index = min(view.index, width(steps, step) - 1)
        return replace(view, layer=steps.layer, head=steps.head, pos=steps.query, key=key, step=step, index=index)

    @property
    def query(self) -> int:
        """The position that looks."""
        return self.look.pos or 0

    @property
    def key(self) -> int:
        """The position that it looks at."""
        return self.look.key or 0

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The tokens."""
        return labels(self.trace)

    @cached_property
    def sum(self) -> Sum:
        """What the chosen number is the sum of."""
        look = self.look
        key = self.key if look.step in BY_KEY else None
        return written_out(self.trace, look.layer, look.head, self.query, look.step, look.index, key, steps=self.steps)

    @cached_property
    def pattern(self) -> Floats:
        """(T, T) of the head."""
        return self.trace.pattern_of(self.look.layer, self.look.head)

    @cached_property
    def other_map(self) -> Floats:
        """(T, T) beside it: what is moved, or the rollout up to this layer."""
        if self.look.map == "rollout":
            rolled: Floats = rollout(self.trace, layers=self.look.layer + 1)[-1]
            return rolled
        found: Floats = value_weighted_of(self.trace, self.look.layer)[self.look.head]
        return found

    @cached_property
    def mosaic(self) -> views.MosaicView:
        """All heads."""
        return views.mosaic(self.trace)

    @cached_property
    def sheet(self) -> WorksheetView | None:
        """The exercise, where the text is short enough."""
        return worksheet(self.steps, self.labels, self.key)

    @property
    def quoted(self) -> Prompt:
        """What a recipe reads."""
        if self.left_out:
            return list(self.ids)
        return quoted(self.context.lm, self.state.text, how(self.state.view))

    @property
    def strength(self) -> tuple[float, float]:
        """How long what the head adds is, and how long the stream before it."""
        return float(np.linalg.norm(self.steps.own)), float(np.linalg.norm(self.steps.x))


def scene(state: Attention, context: Context) -> Attended:
    """The page as it stands."""
    ids, left_out = prompt_ids(context.lm, state.text, how(state.view))
    found = Attended(state=state, context=context, left_out=left_out, ids=ids, ready=bool(ids), read=bool(ids),
                     notes=left_out_note(len(ids), left_out, window(context.lm)))  # fmt: skip
    found.view = found.look if ids else state.view
    return found
