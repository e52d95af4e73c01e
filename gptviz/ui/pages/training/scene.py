"""What the training page is made of: the job looked at as far as it has said, and what the model answers. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gptviz.jobs.folder import Job
from gptviz.jobs.runner import Status
from gptviz.ui.jobs import RUNNER, failure, goes_on
from gptviz.ui.page import Context, Scene
from gptviz.ui.pages.training.state import Training
from gptviz.ui.pages.training.twins import mate_of


@dataclass(kw_only=True)
class Watched(Scene):
    """The page at one moment."""

    state: Training
    context: Context
    job: Job | None
    status: Status | None
    mate: Job | None = None  # the other run of its pair

    @property
    def part(self) -> tuple[int, int]:
        """The first and the last step shown of the loss; (0, 0): all, where no part is chosen that has any."""
        heard, view = self.state.heard, self.state.view
        if not heard.steps or (view.from_step is None and view.to_step is None):
            return 0, 0
        low = view.from_step or 0
        high = heard.steps[-1].step if view.to_step is None else view.to_step
        within = sum(low <= one.step <= high for one in heard.steps)
        return (low, high) if within > 1 else (0, 0)


def scene(state: Training, context: Context) -> Watched:
    """Read on in the job's records, and ask its model.

    Where a job stands is asked once, and before its records are read: one that ends meanwhile is shown as it stood, and
    asked for again.
    """
    job = state.looked_at()
    mate = mate_of(job, state.jobs())
    status, other = (None if one is None else RUNNER.status(one) for one in (job, mate))
    if job is not None:
        state.heard.follow(job)
        if state.text:
            state.answer.follow(job, state.text, state.heard.steps[-1].step if state.heard.steps else 0)
    if mate is not None:
        state.mate_heard.follow(mate)
    under_way = goes_on(status, state.heard) or goes_on(other, state.mate_heard)
    found = Watched(state=state, context=context, job=job, status=status, mate=mate, running=under_way)
    problem = state.error or failure(job)
    if problem is not None:
        found.said = [{"level": "error", "text": problem.say(context.lang)}]
    return found
