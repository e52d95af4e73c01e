"""What a run says of itself besides its weights: what was chosen, its losses, and where its numbers ran away. Pure."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any, NamedTuple

from gptviz.gpt.config import PRESETS
from gptviz.gpt.weights import read_config
from gptviz.jobs.folder import Job
from gptviz.training.differing import choices
from gptviz.training.snapshots import Snapshots
from gptviz.ui.learner import SMALL
from gptviz.ui.pages.snapshots import opened
from gptviz.ui.pages.snapshots.opened import Run

Losses = tuple[tuple[int, float], ...]  # (step, nats per token)


class Lost(NamedTuple):
    """Where the numbers of a run ran away, as the trainer wrote it: the loss is NaN or far above knowing nothing."""

    step: int
    loss: str
    rate: str


class Told(NamedTuple):
    """Of a run that is over."""

    chosen: dict[str, Any]  # as ``gptviz.training.differing.choices`` has it
    train: Losses
    valid: Losses  # held out
    lost: Lost | None


@lru_cache(maxsize=32)
def told(run: Run) -> Told:
    """Of the bundled run what its preset and its index say, of a job its records. Raises WeightsError."""
    kept = opened.kept(run.path)
    if run.job is None:
        config = replace(PRESETS[SMALL], model=read_config(run.path))
        return Told(choices(asdict(config), ""), _of_index(kept), _of_moments(kept), None)
    return _of_job(run.job, kept)


def _of_job(job: Job, kept: Snapshots) -> Told:
    ask = job.ask
    chosen: dict[str, Any] = {}
    train: dict[int, float] = {}
    valid: dict[int, float] = {}
    offset, before = 0, -1
    while offset != before:
        before = offset
        records, offset = job.records(offset)
        for record in records:
            kind = record.get("record")
            if kind == "begun":
                chosen = choices(record["config"], ask.source)
            elif kind == "known":
                valid.setdefault(0, record["start"])
            elif kind == "step" and record["loss"] is not None:
                train[record["step"]] = record["loss"]
                if record["valid_loss"] is not None:
                    valid[record["step"]] = record["valid_loss"]
    if not train:  # its records are gone
        return Told(chosen, _of_index(kept), _of_moments(kept), _lost(job))
    return Told(chosen, tuple(train.items()), tuple(valid.items()), _lost(job))


def _lost(job: Job) -> Lost | None:
    end = job.end
    if end is None or not job.lost:
        return None
    values = end["values"]
    return Lost(int(values["step"]), str(values["loss"]), str(values["rate"]))


def _of_index(kept: Snapshots) -> Losses:
    return tuple(enumerate(kept.losses, start=1))


def _of_moments(kept: Snapshots) -> Losses:
    return tuple((moment.step, moment.valid_loss) for moment in kept.moments if moment.valid_loss is not None)
