"""What the live picture of a training costs: the same steps with all its records, and without any.

With them means as a job of the Training page takes them: held-out evaluations, samples, heads, patterns, positions, the
step that is looked at from inside, the state that can be asked, all files written. Time is of the processor, on one
thread: on a busy machine the clock measures the others.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import torch

from benchmarks.table import Row, Target
from benchmarks.timing import threads
from gptviz.jobs.child import plan_of
from gptviz.jobs.folder import ASK, RECORDS, Job
from gptviz.jobs.watch import Watch
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training.lines import as_line
from gptviz.training.run import train
from gptviz.training.trainer import Trainer, TrainRecord
from gptviz.training.worlds import WORLDS
from gptviz.ui.pages.training.state import Training, settings_of

BAR = 1.05


class Run(NamedTuple):
    """What is trained, for so many steps: the first preset of the page, and what is changed of it."""

    what: str
    steps: int
    changes: dict[str, object]


SMALL: dict[str, object] = {"source": "names", "n_layer": 2, "n_head": 2, "n_embd": 64, "block_size": 64}
RUNS = (Run("the preset of one minute", 300, {}), Run("a small fast model", 900, SMALL))
QUICK = (Run("a small fast model", 4, SMALL | {"n_layer": 1, "batch_size": 2}),)


def rows(runs: Sequence[Run] = RUNS) -> Iterator[Row]:
    """Seconds a step, with and without."""
    with threads(1), torch.random.fork_rng(devices=[]):
        for run in runs:
            what = f"training with its live picture, {run.what}, {run.steps} steps"
            target = Target(what, "the same steps alone", BAR, "ms a step")
            with tempfile.TemporaryDirectory() as folder:
                job = _job(run, Path(folder))
                before = _alone(job, run.steps // 2)
                shown, note = _shown(job)
                after = _alone(job, run.steps // 2)  # the machine may have become faster or slower meanwhile
            yield target.measured(1e3 * shown, 1e3 * (before + after) / 2, note=note)


def _job(run: Run, folder: Path) -> Job:
    """As the page would ask for it, its time not limited."""
    state = Training()
    state.adopt(settings_of("one-minute") | {"seconds": 0, "steps": run.steps} | run.changes)
    ask = state.asks()[0]
    said = {"source": ask.source, "preset": ask.preset, "shape": dict(ask.shape), "changes": dict(ask.changes),
            "parts": ask.parts}  # fmt: skip
    (folder / ASK).write_text(json.dumps(said), encoding="utf-8")
    return Job(folder)


def _alone(job: Job, steps: int) -> float:
    """Seconds of the processor a step of the trainer, after the first: nothing is measured, nothing written."""
    plan = plan_of(job)
    tokenizer, text, _ = plan.open_text()
    trainer = Trainer(plan.configure(tokenizer.vocab_size), text, device="cpu")
    taken, began = 0, 0.0
    for _ in trainer.run(until=max(2, steps)):
        began = began or time.process_time()
        taken += 1
    return (time.process_time() - began) / max(1, taken - 1)


def _shown(job: Job) -> tuple[float, str]:
    """The same of a job, until its last look; and what its records say went into the picture."""
    began, ended, steps = 0.0, 0.0, 0
    with (job.path / RECORDS).open("w", encoding="utf-8") as file:
        watch = Watch(job, file, WORLDS[job.ask.source])

        def timed(trainer: Trainer, tokenizer: Tokenizer, record: TrainRecord) -> None:
            nonlocal began
            began = began or time.process_time()  # the first look is part of it
            watch(trainer, tokenizer, record)

        with closing(train(plan_of(job), timed)) as records:
            for record in records:
                watch.write(json.loads(as_line(record)))
                if isinstance(record, TrainRecord):
                    ended, steps = time.process_time(), record.step
    said = [record for record in job.records()[0] if record["record"] == "watched"][-1]
    samples = sum(record["record"] == "sample" for record in job.records()[0])
    looks = sum(record["record"] == "attention" for record in job.records()[0])
    share = 100 * said["seconds"] / said["of"] if said["of"] else 0.0
    return (ended - began) / max(1, steps - 1), f"by its own records {share:.1f} %; {looks} looks, {samples} samples"
