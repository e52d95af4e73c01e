"""What the comparison's panels are made of: the columns as they stand, and the step looked at. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gptviz.decoding.compare import diverge
from gptviz.decoding.records import Run
from gptviz.ui.page import Context, Note, Scene
from gptviz.ui.pages.compare import writing
from gptviz.ui.pages.compare.state import AUTO, Compare, Slot
from gptviz.views import decoding as views
from gptviz.views.decoding import ColumnView, ComparisonView


@dataclass(kw_only=True)
class Comparison(Scene):
    """The comparison at one moment."""

    state: Compare
    context: Context

    @cached_property
    def run(self) -> Run | None:
        """What has been written; None where there is nothing yet."""
        return self.state.run(self.context.lang)

    @cached_property
    def shown(self) -> ComparisonView | None:
        """The same for the eye."""
        return views.comparison(self.run) if self.run else None

    @cached_property
    def names(self) -> dict[int, str]:
        """Slot number → its name."""
        return self.state.names(self.context.lang)

    @cached_property
    def drawn(self) -> dict[str, ColumnView]:
        """Name → what that column wrote."""
        return {} if self.shown is None else {column.name: column for column in self.shown.columns}

    @property
    def stale(self) -> bool:
        """Whether the columns were written for something else than what is asked for now."""
        return self.state.stale(self.context.lm)

    @property
    def forks(self) -> list[int]:
        """The steps at which columns leave their neighbours."""
        return [step for slot in self.state.slots if (step := self.leaves(slot)) is not None]

    @cached_property
    def step(self) -> int:
        """The step looked at: the one chosen, else the first at which a column leaves its neighbour."""
        return min(self.forks, default=0) if self.state.view.step == AUTO else self.state.view.step

    def leaves(self, slot: Slot) -> int | None:
        """Where ``slot`` leaves the one to its left, as far as both have come."""
        at = self.state.slots.index(slot)
        left = self.state.slots[at - 1].column if at else None
        return diverge(left.steps, slot.column.steps) if left and slot.column else None


def scene(state: Compare, context: Context) -> Comparison:
    """The comparison, after going on with what is under way."""
    writing.advance(state, context.lm, pressed=context.pressed)
    return still(state, context)


def still(state: Compare, context: Context) -> Comparison:
    """The comparison as it stands."""
    found = Comparison(state=state, context=context, ids=state.ran.ids if state.ran else (), running=state.running,
                       notes=_notes(state))  # fmt: skip
    if state.error:
        found.said.append({"level": "error", "text": state.error.say(context.lang)})
    return found


def _notes(state: Compare) -> list[Note]:
    ran = state.ran
    if ran is None or not ran.left_out or ran.text != state.text:
        return []
    counts = {"tokens": len(ran.ids) + ran.left_out, "limit": len(ran.ids), "left_out": ran.left_out}
    return [("warn", "compare.note.left_out", counts)]
