"""``python -m gptviz.jobs.child FOLDER``: a training job in a process of its own; what it says goes into its folder.

It is told to stop by SIGTERM, or by the end of the server that started it: then the run's state is saved, and the same
command goes on from there. Beside the trainer's records it writes what is to be looked at (``gptviz.jobs.watch``), and
the model as it is now (``now``), so that it can be asked while it learns.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from contextlib import closing
from pathlib import Path

from gptviz.errors import ConfigError, GptvizError
from gptviz.gpt.weights import CONFIG
from gptviz.jobs.folder import LOST, MODEL, PYTHON, RECORDS, Job
from gptviz.jobs.settings import settings
from gptviz.jobs.texts import TEXT
from gptviz.jobs.watch import Watch
from gptviz.training import checkpoint
from gptviz.training.run import Begun, Plan, train
from gptviz.training.standard_library import standard_library
from gptviz.training.watched import use_threads
from gptviz.training.worlds import WORLDS

_NICE = 10  # whoever types goes first


def plan_of(job: Job) -> Plan:
    """What to train, in the job's own folder."""
    ask = job.ask
    data = None if ask.source in WORLDS else job.path / TEXT
    return Plan(data, job.path, preset=ask.preset, changes=ask.changes, shape=ask.shape, parts=ask.parts,
                characters=True, learn=ask.learn, world=ask.source if data is None else "", device="cpu",
                keep="best" if ask.changes.get("patience") else "last", minutes=settings().minutes,
                save_every=1, save_seconds=10.0)  # fmt: skip


def main(folder: Path) -> int:
    """Train until the end, or until told to stop; 0 where the job is over, 3 where it waits to go on."""
    os.nice(_NICE)
    use_threads((os.cpu_count() or 2) // 2)
    job, parent = Job(folder), os.getppid()
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    try:
        _lay_out_text(job)
        plan = plan_of(job)
        _forget_after(checkpoint.saved_step(plan.out / "state"), job)
        with (job.path / RECORDS).open("a", encoding="utf-8") as file:
            watch = Watch(job, file, WORLDS.get(job.ask.source))
            with closing(train(plan, watch)) as records:
                for record in records:
                    if isinstance(record, Begun) and record.n_parameters > settings().parameters:
                        raise ConfigError("train.too_large", count=record.n_parameters, most=settings().parameters)
                    watch.say(record)
                    if told or os.getppid() != parent:
                        return 3
    except GptvizError as error:
        _forget_model(job, keep_moments=error.key == LOST)
        job.finish("failed", error.key, error.values)
        return 0
    job.finish("done")
    return 0


def _forget_model(job: Job, *, keep_moments: bool) -> None:
    """Nothing that came of it is to be believed; of a run whose numbers ran away it can be seen how, up to there."""
    model = job.path / MODEL
    if not keep_moments:
        shutil.rmtree(model, ignore_errors=True)
    for path in [model / CONFIG, *model.glob("model*")]:  # of a run that was paused and went on
        path.unlink(missing_ok=True)


def _forget_after(step: int, job: Job) -> None:
    """Of a job that was killed, the records of steps that will be taken again go."""
    path = job.path / RECORDS
    if path.is_file():
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if line.endswith("\n") and json.loads(line).get("step", 0) <= step]
        path.write_text("".join(kept), encoding="utf-8")


def _lay_out_text(job: Job) -> None:
    """Python's standard library as one text, for a job that learns from it."""
    if job.ask.source == PYTHON and not (job.path / TEXT).exists():
        (job.path / TEXT).write_text(standard_library(), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
