"""What the Embeddings page's panels are made of: the rows of the text's tokens, and the map as far as it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

from gptviz.analysis.embeddings import Neighbour, neighbours
from gptviz.analysis.positions import Scheme, own_scheme, position_rows
from gptviz.analysis.tsne import NeighbourMap
from gptviz.jobs import Slice
from gptviz.language_model import Array, Matrix
from gptviz.ui.page import Context, Scene, left_out_note
from gptviz.ui.pages.embeddings.atlas import ATLASES, SLICE, Atlas
from gptviz.ui.pages.embeddings.state import NONE, OWN, Embeddings
from gptviz.ui.prompts import how, prompt_ids, window

MOST_ROWS = 12  # rows of numbers that are drawn
MOST_COLUMNS = 1024
NEAREST = 14


@dataclass(kw_only=True)
class Embedded(Scene):
    """The page at one moment."""

    state: Embeddings
    context: Context
    pos: int  # looked at
    token: int  # whose neighbours are looked for
    matrix: Matrix

    @property
    def atlas(self) -> Atlas:
        """The map of the matrix that is looked at."""
        return ATLASES.of(self.context.lm)[self.matrix]

    @property
    def near_map(self) -> NeighbourMap | None:
        """The map of near tokens, where that is asked for and there."""
        return self.atlas.near if self.view.map == "neighbours" else None

    @cached_property
    def near(self) -> tuple[Neighbour, ...]:
        """The tokens nearest to the one looked at."""
        return neighbours(self.context.lm, self.token, count=NEAREST, matrix=self.matrix, norms=self.atlas.norms)

    @property
    def scheme(self) -> Scheme:
        """How positions are told, as it is shown."""
        wanted, own = self.state.view.scheme, own_scheme(self.context.lm)
        there = wanted != "learned" or own == "learned"
        return cast("Scheme", wanted) if wanted != OWN and there else own

    @cached_property
    def shown(self) -> range:
        """The positions whose rows are drawn, that looked at among them."""
        stop = min(len(self.ids), max(self.pos + MOST_ROWS // 2, MOST_ROWS))
        return range(max(0, stop - MOST_ROWS), stop)

    @cached_property
    def rows(self) -> Array:
        """(n, C) rows of the tokens shown, as they go into the stream."""
        scale = self.context.lm.config.embedding_scale
        return self.context.lm.rows("tokens", [self.ids[pos] for pos in self.shown]) * scale

    @cached_property
    def added(self) -> Array | None:
        """(n, C) what is added for their positions; None where nothing is, as with rotary positions."""
        lm = self.context.lm
        return None if lm.config.position == "rotary" else position_rows(lm, self.shown)


def scene(state: Embeddings, context: Context) -> Embedded:
    """The page, after going on with the map."""
    lm, view = context.lm, state.view
    ids, left_out = prompt_ids(lm, state.text, how(view))
    held = view.pos if view.pos is not None and view.pos < len(ids) else None
    pos = len(ids) - 1 if held is None else held
    token = view.token if NONE < view.token < lm.n_tokens else ids[pos] if ids else 0
    matrix: Matrix = "output" if view.matrix == "output" and not lm.config.tied else "tokens"
    found = Embedded(state=state, context=context, ids=ids, ready=bool(ids), read=bool(ids), pos=pos, token=token,
                     matrix=matrix, notes=left_out_note(len(ids), left_out, window(lm)))  # fmt: skip
    found.view = replace(view, matrix=matrix, pos=held)
    time = Slice(SLICE, pressed=context.pressed)
    found.running = found.atlas.advance(time)
    if view.map == "neighbours":
        found.running |= found.atlas.lay_out(lm, matrix, time)
        if found.atlas.error is not None:
            found.said.append({"level": "error", "text": found.atlas.error.say(context.lang)})
    return found
