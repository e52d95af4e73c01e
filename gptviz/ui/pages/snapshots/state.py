"""What one visitor's page of snapshots stands at, and what its buttons do. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.ui.controls import count, text
from gptviz.ui.learner import SMALL
from gptviz.ui.page import Action, Context, word
from gptviz.ui.web.conversation import Conversation

MOMENTS = 64  # of a run, at most
PRESETS = ("story", "induction")
_SELDOM = {"seldom": True}


@dataclass(frozen=True)
class View:
    """The controls. ``at`` counts moments; ``layer`` and ``head`` None: the best prefix matching of the last one."""

    at: int = count(MOMENTS, 0, MOMENTS)
    run: str = text(SMALL, 40, **_SELDOM)
    layer: int | None = count(None, 0, 100, nullable=True)
    head: int | None = count(None, 0, 100, nullable=True)


@dataclass
class SnapshotsPage(Conversation):
    """One visitor's page; ``owner`` is the token by which their trainings are told from others'."""

    view: View = field(default_factory=View)
    owner: str = ""
    sampled: object = None  # of which moment and text a sample is wanted: it is written in the run after the picture

    def adopt(self, changes: dict[str, object]) -> None:
        if "run" in changes and changes["run"] != self.view.run:  # other heads, other moments
            changes = {"layer": None, "head": None, "at": MOMENTS, **changes}
        super().adopt(changes)


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
