"""What the live picture of a training costs: the same steps with all its records, and without any.

With them means as a job of the Training page takes them: held-out evaluations, samples, heads, patterns, positions, the
step that is looked at from inside, the state that can be asked, all files written. Time is of the processor, on one
thread: on a busy machine the clock measures the others.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import torch

from benchmarks.table import Row, Target
from benchmarks.timing import threads
from gptviz.jobs.child import plan_of
from gptviz.jobs.folder import ASK, RECORDS, Job
from gptviz.jobs.watch import Watch
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training.run import train
from gptviz.training.trainer import Trainer, TrainRecord
from gptviz.training.worlds import WORLDS
from gptviz.ui.pages.training.state import Training, settings_of

BAR = 1.05
BLOCK = 10  # steps of the one, then as many of the other: what else goes on strikes both alike


class Run(NamedTuple):
    """What is trained, for so many steps: the first preset of the page, and what is changed of it."""

    what: str
    steps: int
    changes: dict[str, object]


SMALL: dict[str, object] = {"source": "names", "n_layer": 2, "n_head": 2, "n_embd": 64, "block_size": 64}
RUNS = (Run("the preset of one minute", 300, {}), Run("a small fast model", 1500, SMALL))
QUICK = (Run("a small fast model", 4, SMALL | {"n_layer": 1, "batch_size": 2}),)


class Stopwatch:
    """Seconds within its blocks, by the clock and by the processor; what runs there is told the time by it."""

    def __init__(self) -> None:
        self._before, self._began = (0.0, 0.0), (0.0, 0.0)

    def __call__(self) -> float:
        return self._now()[0]

    @property
    def processor(self) -> float:
        """What is compared: on a busy machine the clock measures the others."""
        return self._now()[1]

    def _now(self) -> tuple[float, float]:
        if not self._began[0]:
            return self._before
        spent = time.perf_counter() - self._began[0], time.process_time() - self._began[1]
        return self._before[0] + spent[0], self._before[1] + spent[1]

    @contextmanager
    def running(self) -> Iterator[None]:
        """It runs in this block, unless it does already."""
        if self._began[0]:
            yield
            return
        self._began = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self._before, self._began = self._now(), (0.0, 0.0)


def rows(runs: Sequence[Run] = RUNS) -> Iterator[Row]:
    """Milliseconds a step, with and without."""
    with threads(1), torch.random.fork_rng(devices=[]):
        for run in runs:
            what = f"training with its live picture, {run.what}, {run.steps} steps"
            with tempfile.TemporaryDirectory() as folder:
                yield _measured(_job(run, Path(folder)), Target(what, "the same steps alone", BAR, "ms a step"))


def _job(run: Run, folder: Path) -> Job:
    """As the page would ask for it, its time not limited."""
    state = Training()
    state.adopt(settings_of("one-minute") | {"seconds": 0, "steps": run.steps} | run.changes)
    ask = state.asks()[0]
    said = {"source": ask.source, "preset": ask.preset, "shape": dict(ask.shape), "changes": dict(ask.changes),
            "parts": ask.parts}  # fmt: skip
    (folder / ASK).write_text(json.dumps(said), encoding="utf-8")
    return Job(folder)


def _measured(job: Job, target: Target) -> Row:
    """Both sides in blocks of steps, from the second step on; of the first, its look is counted."""
    shown, alone = Stopwatch(), Stopwatch()
    with (job.path / RECORDS).open("w", encoding="utf-8") as file:
        watch = Watch(job, file, WORLDS[job.ask.source], clock=shown)
        steps = 0
        with closing(_shown(job, watch, shown)) as ours:
            theirs = _alone(job)
            next(ours), next(theirs)
            while True:
                with shown.running():
                    taken = len(list(islice(ours, BLOCK)))
                with alone.running():
                    deque(islice(theirs, BLOCK), maxlen=0)
                if not taken:
                    break
                steps += taken
    records = job.records()[0]
    said = [record for record in records if record["record"] == "watched"][-1]
    counts = [sum(record["record"] == kind for record in records) for kind in ("attention", "sample")]
    note = f"by its own records {100 * said['seconds'] / said['of']:.1f} %; {counts[0]} looks, {counts[1]} samples"
    return target.measured(1e3 * shown.processor / steps, 1e3 * alone.processor / steps, note=note)


def _shown(job: Job, watch: Watch, stopwatch: Stopwatch) -> Generator[None]:
    """A step at a time of the job, with all that it writes."""

    def timed(trainer: Trainer, tokenizer: Tokenizer, record: TrainRecord) -> None:
        with stopwatch.running():
            watch(trainer, tokenizer, record)

    with closing(train(plan_of(job), timed)) as records:
        for record in records:
            watch.say(record)
            if isinstance(record, TrainRecord):
                yield


def _alone(job: Job) -> Iterator[None]:
    """A step at a time of the trainer: nothing is measured, nothing written."""
    plan = plan_of(job)
    tokenizer, text, _ = plan.open_text()
    for _ in Trainer(plan.configure(tokenizer.vocab_size), text, device="cpu").run():
        yield
