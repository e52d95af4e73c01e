"""What the alignment page is made of: the two answers offered, the job looked at so far. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

from gptviz.errors import GptvizError, ServiceError
from gptviz.jobs.folder import Job
from gptviz.jobs.runner import Status
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tuning import sets
from gptviz.tuning.pairs import Pair
from gptviz.tuning.sampling import sampled
from gptviz.ui.jobs import RUNNER, failure, goes_on
from gptviz.ui.kept import remembered
from gptviz.ui.page import Context, Scene
from gptviz.ui.pages.alignment.state import Alignment, Choice
from gptviz.ui.pages.tuning.scene import shipped

SEED = 1000  # of the first answers that are offered
TRIES = 6  # seeds that are tried until two answers differ


@dataclass(kw_only=True)
class Aligned(Scene):
    """The page at one moment."""

    state: Alignment
    context: Context
    job: Job | None
    status: Status | None

    @cached_property
    def pairs(self) -> list[Pair]:
        """Those that a run would learn from; with a rule, those whose questions it is asked on."""
        view, own = self.state.view, self.state.own
        if view.source == "mine":
            return self.state.mine
        if view.source == "file":
            return [] if own is None else cast("list[Pair]", own.data)
        return cast("list[Pair]", shipped(sets.PAIRS, self.context.lang))


def scene(state: Alignment, context: Context) -> Aligned:
    """Read on in the job's records; draw two answers where they are wanted."""
    job = state.looked_at()
    status = None if job is None else RUNNER.status(job)
    if job is not None:
        state.heard.follow(job)
    found = Aligned(state=state, context=context, job=job, status=status, running=goes_on(status, state.heard))
    problem = state.error or failure(job)
    try:
        if state.wants and state.text.strip():
            offer(state, context.lm)
    except GptvizError as error:
        problem = error
    state.wants = False
    if problem is not None:
        found.said = [{"level": "error", "text": problem.say(context.lang)}]
    return found


def offer(state: Alignment, lm: LanguageModel) -> None:
    """Two answers to the text that differ, where a few tries give such. Raises GptvizError."""
    if not isinstance(lm, LocalModel):
        raise ServiceError("remote.weights")
    prompt = state.text.strip()
    number = state.offered.number if state.offered.prompt == prompt else 0
    one = drawn(lm, prompt, SEED + number * (TRIES + 1))
    others = (drawn(lm, prompt, SEED + number * (TRIES + 1) + 1 + i) for i in range(TRIES))
    other = next((answer for answer in others if answer != one), one)
    state.offered = Choice(prompt, number, (one, other), lm.fingerprint)


@remembered(maxsize=64)
def drawn(lm: LanguageModel, prompt: str, seed: int) -> str:
    """An answer, drawn once for all visitors who ask the same."""
    return sampled(cast("LocalModel", lm), prompt, seed=seed)
