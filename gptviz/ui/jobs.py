"""The jobs of this server, one queue for all pages that start some; and what those pages have in common. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from gptviz.errors import GptvizError
from gptviz.jobs import folder
from gptviz.jobs.folder import Job
from gptviz.jobs.runner import Runner, Status
from gptviz.ui.page import Action, Context, index
from gptviz.ui.web.conversation import Conversation

#: That of this server.
RUNNER = Runner()


@dataclass
class WithJobs(Conversation):
    """One visitor's page that starts jobs of one kind, and looks at one of them."""

    KIND: ClassVar[str] = folder.TRAINING

    owner: str = ""  # the token that this browser keeps: nobody else's jobs are shown
    job: str = ""  # the one looked at; empty: the newest
    error: GptvizError | None = None  # why the last press of a button did nothing
    pressed: str = ""  # the last button of a job, and which job

    def jobs(self) -> list[Job]:
        """Those of this visitor, the newest first."""
        return folder.jobs_of(self.owner, self.KIND)

    def looked_at(self) -> Job | None:
        """The one that the page shows."""
        mine = self.jobs()
        return next((job for job in mine if job.id == self.job), mine[0] if mine else None)


class Reading(Protocol):
    """What a page has read of a job's records."""

    behind: bool  # more lies there than is read at a time


def goes_on(status: Status | None, heard: Reading) -> bool:
    """Whether the browser is to ask again: the job is under way, or not all that it left has been read."""
    return status in ("running", "waiting") or heard.behind


Act = Callable[[Action, Any, Context], None]


def _owner(action: Action, state: WithJobs, context: Context) -> None:
    """The browser says by what its jobs are told from others'."""
    token = action.get("token")
    if folder.is_token(token):
        state.owner = str(token)


def _look(action: Action, state: WithJobs, context: Context) -> None:
    mine = state.jobs()
    at = index(action, "index", len(mine))
    if at is not None:
        state.job, state.pressed = mine[at].id, f"look {at}"


def _button(kind: str) -> Act:
    """A button of the job looked at: what the queue calls alike."""

    def press(action: Action, state: WithJobs, context: Context) -> None:
        job = state.looked_at()
        if job is not None:
            state.error, state.pressed = None, f"{kind} {job.id}"
            getattr(RUNNER, kind)(job)

    return press


def job_actions(*buttons: str) -> dict[str, Act]:
    """Whose jobs they are, which is looked at, and the buttons of that one."""
    return {"owner": _owner, "look": _look, **{kind: _button(kind) for kind in buttons}}


def failure(job: Job | None) -> GptvizError | None:
    """Why the job looked at came to nothing."""
    end = job.end if job is not None else None
    return GptvizError(end["key"], **end["values"]) if end and end["how"] == "failed" and end["key"] else None
