"""``python -m gptviz.jobs.tuned FOLDER``: a tuning in a process of its own; what it says goes into the job's folder.

Told to stop by SIGTERM, it keeps the best so far, measures and saves that. A tuning that is broken off by the end of
the server begins anew: it takes a minute or two. It writes each step, the lights (``gptviz.tuning.lights``), and at the
end a report (``gptviz.jobs.reports``) with what was forgotten (``gptviz.jobs.forgotten``), and leaves what
``gptviz.tuning.saved`` writes, of full tuning what ``gptviz.tuning.changes`` does too. Where a budget moves between
layers (AdaLoRA), ``ranks`` says what each has left.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gptviz import catalogue
from gptviz.errors import ConfigError, ServiceError
from gptviz.jobs import child_process
from gptviz.jobs.child_process import Stops, Write
from gptviz.jobs.folder import SUMMARY, Ask, Job
from gptviz.jobs.forgotten import forgotten
from gptviz.jobs.reports import report
from gptviz.jobs.settings import settings
from gptviz.language_model import LocalModel
from gptviz.tuning import sets
from gptviz.tuning.changes import changes
from gptviz.tuning.changes import write as write_changes
from gptviz.tuning.instructions import Instruction
from gptviz.tuning.lights import Light, first_lights, frozen, last_lights, learning
from gptviz.tuning.methods import method
from gptviz.tuning.methods.adalora import AdaLoRA
from gptviz.tuning.methods.full import Full
from gptviz.tuning.saved import save
from gptviz.tuning.tasks import Classification, Labelling
from gptviz.tuning.tuner import TuneConfig, TuneRecord, Tuning

VALID = 0.2  # part of the texts that is held out
MOST_RECORDS = 1500


def main(path: Path) -> int:
    """Tune until the end, or until told to stop; 0 where the job is over, 3 where it waits to begin anew."""
    return child_process.run(path, tune)


def tune(job: Job, write: Write, stops: Stops) -> str:
    """Go through the run, measure and save; how it came to its end: "", "told" or "gone". Raises GptvizError."""
    ask = job.ask
    lm, data = base(ask), data_of(job)
    write({"record": "read", "texts": len(data)})
    run = task_of(ask, lm, data)
    before, learnt = frozen(run), learning(run)
    write({"record": "begun", "steps": run.steps, "trainable": run.trainable, "parameters": lm.config.n_parameters,
           "model": lm.name, "fingerprint": lm.fingerprint, "train": len(run.rows[0]), "valid": len(run.rows[1]),
           "cut": _cut(run), "most": run.most})  # fmt: skip
    began, used = time.perf_counter(), time.process_time()
    how, steps = follow(run, lm, write, stops)
    if how == "gone":
        return how
    spent = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - used,
             "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}  # fmt: skip
    for one in last_lights(run, before, learnt, steps):
        write(light(one))
    found = report(run, lm, data) | spent | {"trainable": run.trainable, "steps": steps,
                                             "forgotten": forgotten(lm, run.trunk)}  # fmt: skip
    write({"record": "report", **found})
    save(run, lm, job.path, model=run.config.method.name != "head")  # which leaves the model as it is
    if isinstance(run.config.method, Full):  # of others it is made of what was learnt
        write_changes(changes(lm.model, run.trunk.model), job.path)
    few = ("measure", "value", "low", "high", "n", "macro_f1", "majority", "words", "trainable", "forgotten", *spent)
    (job.path / SUMMARY).write_text(json.dumps({name: found.get(name) for name in few}), encoding="utf-8")
    return how


def follow(run: Tuning, lm: LocalModel, write: Write, stops: Stops) -> tuple[str, int]:
    """The steps, written as they come; how it ended, and after how many."""
    every, step, left = max(1, run.steps // MOST_RECORDS), 0, list[int]()
    with closing(run.run()) as records:
        for record in records:
            step = record.step
            if step == 0:
                for one in first_lights(run, lm, record.valid_loss):
                    write(light(one))
            if record.valid_loss is not None or step % every == 0:
                write(said_of(record))
            now = _ranks(run)
            if now != left:
                left = now
                write({"record": "ranks", "step": step, "ranks": now})
            how = stops()
            if how:
                return how, step
    return "", step


def _ranks(run: Tuning) -> list[int]:
    """How many triplets each matrix has left, where a budget moves between them."""
    method = run.config.method
    return method.ranks(run.trunk) if isinstance(method, AdaLoRA) else []


def base(ask: Ask) -> LocalModel:
    """The model that is tuned, in float32. Raises GptvizError for one that computes elsewhere, or is too large."""
    lm = catalogue.load(ask.changes.get("model") or catalogue.DEFAULT, weights="float32")
    if not isinstance(lm, LocalModel):
        raise ServiceError("remote.weights")
    most = settings().tuned_parameters
    if lm.config.n_parameters > most:
        raise ConfigError("train.too_large", count=lm.config.n_parameters, most=most)
    return lm


def data_of(job: Job) -> sets.Data:
    """What is learnt from: the file that came with the job, or the set that ships. Raises ConfigError."""
    ask = job.ask
    path = job.path / ask.given if ask.given else sets.shipped(ask.source, ask.changes.get("lang", "en"))
    name = str(ask.changes.get("file") or path.name)
    return sets.parsed(ask.source, path.read_text(encoding="utf-8"), name, ask.changes.get("columns") or ())


def config_of(ask: Ask) -> TuneConfig:
    """What was chosen of the run. Raises ConfigError."""
    changes = ask.changes
    rate = changes.get("learning_rate") or None
    return TuneConfig(method=method(ask.preset, **changes.get("settings", {})), epochs=changes.get("epochs", 3),
                      batch_size=changes.get("batch_size", 16), learning_rate=rate, seed=changes.get("seed", 0),
                      pooling=changes.get("pooling", "last"), valid_share=VALID,
                      seconds=60.0 * settings().minutes)  # fmt: skip


def task_of(ask: Ask, lm: LocalModel, data: Sequence[Any]) -> Tuning:
    """The task on these texts. Raises ConfigError where they cannot be learnt from."""
    config, source = config_of(ask), str(ask.changes.get("file") or "")
    if ask.source == sets.SENTIMENT:
        return Classification(lm, data, config, source=source)
    if ask.source == sets.ENTITIES:
        return Labelling(lm, data, config, source=source)
    if not config.method.merges or config.method.name == "head":
        raise ConfigError("tune.no_model", method=config.method.name)
    return Instruction(lm, data, config, source=source)


def _cut(run: Tuning) -> int:
    """How many texts are as long as what is read of one: of those the rest is not."""
    return sum(len(row) >= run.most for part in run.rows for row in part)


def said_of(record: TuneRecord) -> dict[str, Any]:
    """A step, as it is written."""
    return {"record": "step", **record._asdict()}


def light(found: Light) -> dict[str, Any]:
    """An invariant, as it is written."""
    return {"record": "light", **found._asdict()}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
