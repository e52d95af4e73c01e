"""What the first page's panels are made of: the views of one trace, each made when it is asked for. Pure.

One message carries one picture, so no panel can show another text than its neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gptviz import views
from gptviz.recipes import python_call
from gptviz.ui.page import Context
from gptviz.ui.walk.actions import next_token
from gptviz.ui.walk.scene import WalkScene, common, filters_elsewhere
from gptviz.ui.walk.state import View, Walk
from gptviz.views.attention import window_of


@dataclass(kw_only=True)
class NextToken(WalkScene):
    """The walk with what is looked at filled in."""

    @cached_property
    def _there(self) -> View:
        """The view with what exists in this model and text."""
        shape = self.context.lm.config
        return self.walk.view.clamped(n_layer=shape.n_layer, n_head=shape.n_head, T=len(self.ids))

    @cached_property
    def look(self) -> View:
        """The same with its position filled in, and the key looked at."""
        view, last = self._there, len(self.ids) - 1
        pos = last if view.pos is None else view.pos
        return replace(view, pos=pos, key=self._strongest(pos) if view.key is None else view.key)

    def _strongest(self, pos: int) -> int:
        """The position that ``pos`` looks at most: of the pattern on the screen, where that is what is on it."""
        view = self._there
        shown = self.attention.values if view.stage == "pattern" else self.trace.pattern_of(view.layer, view.head)
        return int(np.nan_to_num(shown[pos, : pos + 1]).argmax())  # NaN where masked, which is a weight of 0

    @property
    def pos(self) -> int:
        """The position looked at."""
        return self.look.pos or 0

    @property
    def key(self) -> int:
        """The position that it looks at."""
        return self.look.key or 0

    @property
    def last(self) -> bool:
        """Whether the position looked at is that before the next token."""
        return self.pos == len(self.ids) - 1

    @cached_property
    def attention(self) -> views.AttentionView:
        """Scores or pattern of the head looked at."""
        return views.attention(self.trace, self._there.layer, self._there.head, self._there.stage)

    @cached_property
    def mosaic(self) -> views.MosaicView:
        """All heads."""
        return views.mosaic(self.trace)

    @cached_property
    def mask(self) -> views.MaskView:
        """Which position may look where, in the layer that is looked at."""
        return views.mask(self.attention.labels, window=window_of(self.trace, self.look.layer))

    @cached_property
    def distribution(self) -> views.DistributionView:
        """What follows ``pos``; at the end of the text also the draw, before it the token that does follow."""
        trace, pos = self.trace, self.pos
        logits, tokenizer = trace.logits_at(pos), self.context.lm.tokenizer
        chain, u, drawn = next_token(logits, self.look, trace.ids[: pos + 1], self.tree.depth)
        if self.last:
            return views.distribution(logits, chain, tokenizer, pos=pos, u=u, draw=drawn)
        return views.distribution(logits, chain, tokenizer, pos=pos, actual_id=trace.ids[pos + 1])

    def python(self, kind: str, **values: object) -> str:
        """The Python that makes one panel's picture."""
        return python_call(kind, self.quoted, self.context.lm.name, **values)


def scene(walk: Walk, context: Context) -> NextToken:
    """The walk as the first page shows it."""
    found = NextToken(**common(walk, context))
    found.said = filters_elsewhere(walk.view, context.lang)
    found.view = found.look if found.ready else walk.view
    return found
