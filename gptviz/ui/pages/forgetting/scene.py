"""What the page of forgetting is made of: the tasks, the job looked at so far, and what the sentence costs the model
now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from gptviz.errors import GptvizError
from gptviz.jobs import forgetting
from gptviz.jobs.folder import OWN, Job
from gptviz.jobs.forgetting import MOST_CHARS, Task
from gptviz.jobs.runner import Status
from gptviz.numbers import bits
from gptviz.ui.jobs import RUNNER, failure, goes_on
from gptviz.ui.page import Context, Scene
from gptviz.ui.pages.forgetting.state import SAID, SENTENCES, Forgetting

Costs = tuple[list[int], list[float | None]]  # ids, and what each costs, bits


@dataclass(kw_only=True)
class Forgot(Scene):
    """The page at one moment."""

    state: Forgetting
    context: Context
    job: Job | None
    status: Status | None

    def task(self, name: str) -> Task:
        """What a run would learn from and measure on. Raises ConfigError."""
        view = self.state.view
        if name != OWN:
            return drawn(name, view.n_texts, view.run_seed)
        return forgetting.task(self.state.rows(), view.n_texts, view.run_seed)

    @property
    def sentence(self) -> str:
        """The one looked at: that of the job, where there is one."""
        said = self.state.view.said
        if said == SAID[0]:
            asked = self.job.ask.changes.get("sentences") if self.job is not None and self.looked else None
            return str(asked[0]) if asked else self.state.text.strip()[:MOST_CHARS]
        return SENTENCES[said]

    @property
    def looked(self) -> bool:
        """Whether the job has looked at its sentences."""
        return bool(self.state.heard.looked)

    @cached_property
    def now(self) -> Costs:
        """What the sentence costs the model that is open; nothing where it cannot be read."""
        lm, text = self.context.lm, self.sentence
        mark = lm.tokenizer.begin_of_text
        try:
            row = lm.tokenizer.encode(text, add_special_tokens=False)
            row = [*([] if mark is None else [mark]), *row][: lm.config.block_size]
            if len(row) < 2:
                return [], []
            logprobs = self.context.trace(tuple(row)).logprobs.tolist()
        except GptvizError:
            return [], []
        found = [None if i == 0 else bits(x) for i, x in enumerate(logprobs)]
        return (row, found) if mark is None else (row[1:], found[1:])


@lru_cache(maxsize=16)
def drawn(name: str, texts: int, seed: int) -> Task:
    """Of a set that ships."""
    return forgetting.task(forgetting.shipped(name), texts, seed)


def scene(state: Forgetting, context: Context) -> Forgot:
    """Read on in the job's records."""
    state.sync()
    job = state.looked_at()
    status = None if job is None else RUNNER.status(job)
    if job is not None:
        state.heard.follow(job)
    elif state.heard.job:
        state.heard = type(state.heard)()
    found = Forgot(state=state, context=context, job=job, status=status, running=goes_on(status, state.heard))
    problem = state.error or failure(job)
    if problem is not None:
        found.said = [{"level": "error", "text": problem.say(context.lang)}]
    return found
