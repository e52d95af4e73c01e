"""What one visitor's page of origins stands at, and what its buttons do. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Job
from gptviz.ui.controls import count, text
from gptviz.ui.page import Action, Context, word
from gptviz.ui.web.conversation import Conversation

PRESETS = ("common", "far", "new")


@dataclass(frozen=True)
class View:
    """The controls: which model's text (empty: the newest), and the token looked at (None: the likeliest)."""

    run: str = text("", 40, seldom=True)
    token: int | None = count(None, 0, 2**20, nullable=True)


@dataclass
class Origins(Conversation):
    """One visitor's page; ``owner`` is the token by which their trainings are told from others'."""

    view: View = field(default_factory=View)
    owner: str = ""

    def follow(self) -> None:
        """Another text has another next token."""
        self.view = replace(self.view, token=None)

    def jobs(self) -> list[Job]:
        """The trainings of this visitor that came to a model."""
        return [job for job in folder.jobs_of(self.owner, folder.TRAINING) if job.has_model]


def begin(state: Origins, lang: str) -> None:
    """A first visit: what stands in the text many times."""
    state.set_text(translate(f"origins.text.{PRESETS[0]}", lang))


def _preset(action: Action, state: Origins, context: Context) -> None:
    name = word(action, "name")
    if name in PRESETS:
        state.set_text(translate(f"origins.text.{name}", context.lang))


def _own(action: Action, state: Origins, context: Context) -> None:
    token = action.get("token")
    if folder.is_token(token):
        state.owner = str(token)


ACTIONS: dict[str, Callable[[Action, Origins, Context], None]] = {"preset": _preset, "owner": _own}
