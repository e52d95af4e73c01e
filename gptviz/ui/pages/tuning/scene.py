"""What the tuning page is made of: the data, the job looked at so far, what it says of the text. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from gptviz.errors import GptvizError
from gptviz.jobs.folder import Job
from gptviz.jobs.runner import Status
from gptviz.tuning import sets
from gptviz.ui.jobs import RUNNER, failure, goes_on
from gptviz.ui.page import Context, Scene
from gptviz.ui.pages.tuning import tried
from gptviz.ui.pages.tuning.facts import Facts, facts_of
from gptviz.ui.pages.tuning.own import Own
from gptviz.ui.pages.tuning.state import Asked, Tuning


@dataclass(kw_only=True)
class Tuned(Scene):
    """The page at one moment."""

    state: Tuning
    context: Context
    job: Job | None
    status: Status | None
    tried: tried.Tried | None = None
    tried_problem: GptvizError | None = None

    @cached_property
    def own(self) -> Own | None:
        """The file that is learnt from, where it is the visitor's."""
        return self.state.file()

    @cached_property
    def data(self) -> sets.Data:
        """The rows that a run would learn from; none where the file cannot be used."""
        own = self.own
        return shipped(self.state.view.task, self.context.lang) if own is None else own.data

    @property
    def facts(self) -> Facts:
        """What is counted of them."""
        own = self.own
        return shipped_facts(self.state.view.task, self.context.lang) if own is None else own.facts

    @property
    def done(self) -> bool:
        """Whether the job looked at has come to something."""
        return self.job is not None and self.status in ("done", "stopped") and bool(self.state.heard.report)


@lru_cache(maxsize=8)
def shipped(task: str, lang: str) -> sets.Data:
    """The set that ships."""
    path = sets.shipped(task, lang)
    return sets.parsed(task, path.read_text(encoding="utf-8"), path.name)


@lru_cache(maxsize=8)
def shipped_facts(task: str, lang: str) -> Facts:
    """What is counted of it."""
    return facts_of(shipped(task, lang))


def scene(state: Tuning, context: Context) -> Tuned:
    """Read on in the job's records, and try it on the text."""
    state.meet(context.lm.name)
    job = state.looked_at()
    status = None if job is None else RUNNER.status(job)
    if job is not None:
        state.heard.follow(job)
    found = Tuned(state=state, context=context, job=job, status=status, running=goes_on(status, state.heard))
    if found.done and job is not None:
        _try(found, state, job, context)
    state.wants_answer = False
    problem = state.error or failure(job)
    if problem is not None:
        found.said = [{"level": "error", "text": problem.say(context.lang)}]
    return found


def _try(found: Tuned, state: Tuning, job: Job, context: Context) -> None:
    """On what is typed; an answer only where one was asked for, as that takes a moment."""
    lm, text = context.lm, state.text
    try:
        if not tried.is_its(lm, job, state.heard.begun.get("fingerprint", "")):
            raise GptvizError("tune.another", base=str(state.heard.begun.get("model", "")))
        if tried.answers(job.ask.source):
            if state.wants_answer and text.strip():
                state.replied = Asked((job.id, text), *tried.answered(lm, job, text))
        elif text.strip():
            found.tried = tried.tried(lm, job, text)
    except GptvizError as error:
        found.tried_problem = error
