"""What the page of snapshots is made of: one run or two, a step, and a text read by the models as they were. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gptviz.ui.page import Context, Note, Scene
from gptviz.ui.pages.snapshots import opened, steps
from gptviz.ui.pages.snapshots.opened import Run
from gptviz.ui.pages.snapshots.side import Side, side
from gptviz.ui.pages.snapshots.state import SnapshotsPage, View


@dataclass(kw_only=True)
class Moment(Scene):
    """The page at one moment of the run ``one``, and of ``other`` beside it."""

    state: SnapshotsPage
    context: Context
    runs: list[Run]
    steps: list[int]  # of the slider
    at: int  # on it
    one: Side
    other: Side | None
    view: View

    @property
    def sides(self) -> list[Side]:
        """Those that are looked at."""
        return [self.one, self.other] if self.other is not None else [self.one]


def scene(state: SnapshotsPage, context: Context) -> Moment:
    """Open the runs that are wished for, where they are this visitor's, at their moments."""
    view, runs = state.view, opened.runs(state.owner)
    run = next((one for one in runs if one.name == view.run), runs[0])
    beside = next((one for one in runs if one.name == view.beside and one != run), None)
    taken = [[moment.step for moment in opened.kept(one.path).moments] for one in (run, beside) if one]
    slider = steps.shared(*taken)
    at = min(view.at, len(slider) - 1)
    stand = [steps.standing(of, slider[at]) for of in taken]
    one = side(run, stand[0], state.text, view.layer, view.head)
    other = side(beside, stand[1], state.text, view.other_layer, view.other_head) if beside else None
    sides = [one, other] if other else [one]
    if state.owner:  # else what is wished for may still turn out to be there
        view = replace(view, run=run.name, beside=beside.name if beside else "")
    return Moment(state=state, context=context, runs=runs, steps=slider, at=at, one=one, other=other, ids=one.ids,
                  notes=_notes(sides), running=_waits(state, sides), view=replace(view, at=at))  # fmt: skip


def _notes(sides: Sequence[Side]) -> list[Note]:
    """What of the text is not read: of two runs, by which."""
    two, notes = len(sides) > 1, list[Note]()
    alike = two and len({(len(one.ids), one.beyond) for one in sides}) == 1
    if alike and sides[0].beyond:
        notes.append(("info", "snapshots.left_out_both", {"most": len(sides[0].ids), "left_out": sides[0].beyond}))
    for name, one in zip("AB", sides, strict=False):
        who = {"run": name} if two else {}
        if one.beyond and not alike:
            key = "snapshots.left_out_by" if two else "snapshots.left_out"
            notes.append(("info", key, {"most": len(one.ids), "left_out": one.beyond, **who}))
        if one.unknown:
            key = "snapshots.unknown_by" if two else "snapshots.unknown"
            notes.append(("info", key, {"count": one.unknown, **who}))
    return notes


def _waits(state: SnapshotsPage, sides: Sequence[Side]) -> bool:
    """Whether a sample is still to be written: who drags the slider or types does not wait for one at each place.

    The first picture of a moment has none, and each one after it one more.
    """
    keys = [(one.run.path, one.at, one.ids) for one in sides if one.ids]
    if state.sampled == keys:
        missing = next((key for key in keys if opened.known_sample(*key) is None), None)
        if missing is not None:
            opened.sample(*missing)
    state.sampled = keys
    return any(opened.known_sample(*key) is None for key in keys)
