"""What one visitor's page of snapshots stands at, and what its buttons do. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from gptviz.errors import WeightsError
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.ui.controls import count, text
from gptviz.ui.learner import SMALL
from gptviz.ui.page import Action, Context, word
from gptviz.ui.pages.snapshots import opened, steps
from gptviz.ui.web.conversation import Conversation

MOMENTS = 64  # of a run, or of two, at most
PRESETS = ("story", "induction")
_SELDOM = {"seldom": True}


@dataclass(frozen=True)
class View:
    """The controls. ``at`` counts the moments of ``run``, or all those of it and the one ``beside`` it (empty: none).

    ``layer`` and ``head`` None: the best prefix matching of the last moment; ``other_…`` are of the run beside.
    """

    at: int = count(MOMENTS, 0, MOMENTS)
    run: str = text(SMALL, 40, **_SELDOM)
    beside: str = text("", 40, **_SELDOM)
    layer: int | None = count(None, 0, 100, nullable=True)
    head: int | None = count(None, 0, 100, nullable=True)
    other_layer: int | None = count(None, 0, 100, nullable=True)
    other_head: int | None = count(None, 0, 100, nullable=True)


@dataclass
class SnapshotsPage(Conversation):
    """One visitor's page; ``owner`` is the token by which their trainings are told from others'."""

    view: View = field(default_factory=View)
    owner: str = ""
    sampled: object = None  # of which moments and text samples are wanted: written in the runs after the picture

    def adopt(self, changes: dict[str, Any]) -> None:
        was = self.view
        if "run" in changes and changes["run"] != was.run:  # other heads, other moments
            changes = {"layer": None, "head": None, "at": MOMENTS, **changes}
            if was.beside and changes["run"] == was.beside:  # the two change places
                changes = {"beside": was.run, **changes}
        if "beside" in changes and changes["beside"] != was.beside:
            changes = {"other_layer": None, "other_head": None, **changes}
            if "at" not in changes:  # the step stays
                changes["at"] = self._moved(changes["beside"])
        super().adopt(changes)

    def _moved(self, beside: str) -> int:
        """Where the step looked at lies on the slider of this run and the one called ``beside``."""
        if self.view.at >= MOMENTS:
            return MOMENTS
        before, after = (moments(self.owner, self.view.run, other) for other in (self.view.beside, beside))
        return steps.standing(after, before[min(self.view.at, len(before) - 1)])


def moments(owner: str, run: str, beside: str) -> list[int]:
    """The steps of the slider."""
    found = opened.runs(owner)
    named = [one for one in found if one.name == run] or found[:1]
    named += [one for one in found if one.name == beside and one != named[0]]
    try:
        return steps.shared(*([moment.step for moment in opened.kept(one.path).moments] for one in named))
    except WeightsError:
        return [0]


def begin(state: SnapshotsPage, lang: str) -> None:
    """A first visit: the beginning of a story, half of the way."""
    state.set_text(translate("snapshots.text.story", lang))
    state.view = replace(state.view, at=4)


def _preset(action: Action, state: SnapshotsPage, context: Context) -> None:
    name = word(action, "name")
    if name in PRESETS:
        state.set_text(translate(f"snapshots.text.{name}", context.lang))


def _own(action: Action, state: SnapshotsPage, context: Context) -> None:
    token = action.get("token")
    if folder.is_token(token):
        state.owner = str(token)


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, SnapshotsPage, Context], None]] = {"preset": _preset, "owner": _own}
