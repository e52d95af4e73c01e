"""``python -m gptviz.jobs.child FOLDER``: a training job in a process of its own; what it says goes into its folder.

It is told to stop by SIGTERM, or by the end of the server that started it: then the run's state is saved, and the same
command goes on from there. Beside the trainer's records it writes, at each evaluation and within a twentieth of the
time, a sample, the scores of the heads, and the model as it is now (``now``), so that it can be asked while it learns.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from gptviz.errors import ConfigError, GptvizError, PromptError
from gptviz.evaluation.induction import head_scores, sequences
from gptviz.gpt.weights import CONFIG
from gptviz.jobs.folder import LOST, MODEL, NOW, PYTHON, RECORDS, Job
from gptviz.jobs.settings import settings
from gptviz.jobs.texts import TEXT
from gptviz.language_model import LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training import checkpoint
from gptviz.training.lines import as_line
from gptviz.training.looking import Look
from gptviz.training.moments import Moments
from gptviz.training.run import Begun, Plan, train
from gptviz.training.standard_library import standard_library
from gptviz.training.trainer import Trainer, TrainRecord
from gptviz.training.watched import save_exactly, undisturbed, use_threads
from gptviz.training.worlds import WORLDS, World

SAMPLE_CHARACTERS, SHOWN_EVERY = 240, 3.0  # seconds between two states that can be asked
SHARE = 0.04  # of the time that may go into what is only to be looked at
SEQUENCES = 2
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
                    watch.write(json.loads(as_line(record)))
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


class Watch:
    """What is to be looked at while a model learns, written beside the trainer's records."""

    def __init__(self, job: Job, file: TextIO, world: World | None) -> None:
        self._job, self._file, self._world = job, file, world
        self._began, self._spent, self._shown = time.monotonic(), 0.0, 0.0
        self._moments: Moments | None = None
        self._armed = 0  # the step after which the next one was to be looked at

    def write(self, said: Mapping[str, Any]) -> None:
        """One line more."""
        self._file.write(json.dumps(said) + "\n")
        self._file.flush()

    def __call__(self, trainer: Trainer, tokenizer: Tokenizer, record: TrainRecord) -> None:
        """At an evaluation a sample and the heads, every few seconds the model, as long as it costs next to nothing."""
        now = time.monotonic()
        if self._moments is None:
            self._moments = Moments(self._job.path / MODEL)
            self._moments.begin(trainer)
            tokenizer.save(self._job.path / MODEL)  # by which its moments are read, whatever becomes of it
        self._moments.take(trainer, record)
        self._tell_look(trainer)
        due = record.valid_loss is not None or record.step == 1
        if not due and now - self._shown < SHOWN_EVERY:
            return
        if self._spent > SHARE * (now - self._began) + 0.3:
            return
        if self._shown == 0.0:
            self.write({"record": "levels", **levels(trainer)})
        with undisturbed(trainer.model):  # a run that is watched is the run that is not
            lm = LocalModel(trainer.model, tokenizer)
            save_now(self._job, lm, record.step)
            self._shown, self._armed, trainer.look = now, record.step, Look()
            if due:
                self.write({"record": "sample", "step": record.step, **self._sample(lm)})
                self.write({"record": "heads", "step": record.step, "scores": heads(lm)})
        self._spent += time.monotonic() - now

    def _tell_look(self, trainer: Trainer) -> None:
        """What a step did that was looked at since the last record."""
        found = trainer.look.found if trainer.look else None
        if found is not None:
            trainer.look = None
            self.write({"record": "look", "step": self._armed + 1, **found._asdict()})

    def _sample(self, lm: LocalModel) -> dict[str, Any]:
        """A document as the model would write it, and whether it is one of the world's."""
        world, newline = self._world, begin(lm.tokenizer)
        most = min(SAMPLE_CHARACTERS, lm.config.block_size - 1) if world else lm.config.block_size // 2
        ids: list[int] = []
        for step in lm.generate([newline], max_new_tokens=most, seed=0):
            if world and step.token == newline:
                text = lm.tokenizer.decode(ids)
                return {"text": text, "valid": world.log_probability(text + "\n") > -math.inf}
            ids.append(step.token)
        return {"text": lm.tokenizer.decode(ids), "valid": None}  # of half a document it cannot be told


def begin(tokenizer: Tokenizer) -> int:
    """The token that a sample begins with: a line end, or the first there is where the text has none."""
    try:
        return tokenizer.encode("\n")[0]
    except PromptError:
        return 0


def levels(trainer: Trainer) -> dict[str, float]:
    """What a model pays that knows nothing, single characters, or pairs of them: entropies of the text, in nats."""
    ids, n = np.asarray(trainer.train.parts[0].ids), trainer.model.n_tokens  # type: ignore[attr-defined]
    _, pairs = np.unique(ids[:-1].astype(np.int64) * n + ids[1:], return_counts=True)
    single = _nats(np.bincount(ids, minlength=n))
    return {"uniform": math.log(n), "unigram": single, "bigram": _nats(pairs) - single}


def _nats(counts: npt.NDArray[np.int64]) -> float:
    p = counts[counts > 0] / counts.sum()
    return float(-(p * np.log(p)).sum())


def heads(lm: LocalModel) -> list[list[float]]:
    """(n_layer, n_head): prefix matching of each head, as ``gptviz.evaluation.induction`` defines it."""
    rows = sequences(lm, count=SEQUENCES, length=24)
    half = rows.shape[1] // 2
    found = np.mean([head_scores(lm.trace(row.tolist()).pattern, half)[0] for row in rows], axis=0)
    return [[round(float(score), 4) for score in layer] for layer in found]


def save_now(job: Job, lm: LocalModel, step: int) -> None:
    """The model as it is, in a folder of its own that is there as a whole or not at all; the last two are kept."""
    root = job.path / NOW
    partial = root / ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    save_exactly(lm.model, partial)
    lm.tokenizer.save(partial)
    target = root / f"{step:08d}"
    shutil.rmtree(target, ignore_errors=True)
    os.replace(partial, target)
    for old in sorted(path for path in root.iterdir() if path != partial)[:-2]:
        shutil.rmtree(old, ignore_errors=True)


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
