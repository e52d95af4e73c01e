"""What the scaling page's panels are made of: the runs, the law as far as it is fitted, a table of one's own. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gptviz.errors import GptvizError
from gptviz.evaluation.scaling.bootstrap import Fitted
from gptviz.evaluation.scaling.runs import Run
from gptviz.jobs import Slice
from gptviz.training.bench import WORLD, Plan
from gptviz.ui.page import Context, Scene
from gptviz.ui.pages.scaling.state import Scaling, View
from gptviz.ui.pages.scaling.work import Work, work_on

SLICE = 0.1  # seconds of work in one run


@dataclass(kw_only=True)
class Measured(Scene):
    """The runs at one moment, and the law that is fitted to those chosen."""

    state: Scaling
    context: Context
    work: Work  # on the runs that are fitted
    ours: Work  # on our own
    other: Work  # on our own, counted the other way
    own: tuple[Run, ...]  # a table's
    refused: GptvizError | None  # why a table is none, or why no law can be fitted to it

    @property
    def chosen(self) -> View:
        """The controls."""
        return self.state.view

    @property
    def is_ours(self) -> bool:
        """Whether the law is of our own runs."""
        return self.work is self.ours

    @property
    def found(self) -> Fitted | None:
        """The law, as soon as there is one."""
        return self.work.found


def floor() -> float:
    """The entropy of our runs' world, in nats per token: no model can do better."""
    return Plan(world=WORLD).floor


def scene(state: Scaling, context: Context) -> Measured:
    """The page, after going on with the fits by one slice: the one looked at first, then the other countings."""
    view = state.view
    ours, other = (work_on(None, embeddings) for embeddings in (view.embeddings, not view.embeddings))
    own, refused = _own(view)
    work = own if own is not None and view.whose == "own" else ours
    time = Slice(SLICE, pressed=context.pressed)
    wanted = {one for one in (work, ours) if one.open} | {one for one in (other,) if one.law is None}
    for one in (work, ours, other):
        if one in wanted and not time.over:
            one.advance(time)
    running = bool(wanted)
    return Measured(state=state, context=context, work=work, ours=ours, other=other, refused=refused,
                    own=() if own is None else own.runs, running=running)  # fmt: skip


def _own(view: View) -> tuple[Work | None, GptvizError | None]:
    """The work on the visitor's table, where there is one, or what is wrong with it."""
    if not view.table.strip():
        return None, None
    try:
        return work_on(view.table, view.embeddings), None
    except GptvizError as error:
        return None, error
