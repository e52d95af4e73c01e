"""Snapshots: a model's weights at a few moments of its training, to watch it learn.

They lie in a model folder beside the finished weights, each a folder of its own without the vocabulary, which is the
finished model's: ``snapshots/step-000100/``; ``snapshots/index.json`` lists them and holds the curve, the loss of every
step taken. The last moment is the finished model itself, and lies nowhere twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from gptviz.errors import WeightsError
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import load_model, save_model
from gptviz.training.trainer import Trainer, TrainRecord

FOLDER, INDEX = "snapshots", "index.json"
FINISHED = ""


@dataclass(frozen=True)
class Snapshot:
    """One moment: optimiser steps taken, tokens read, and the held-out loss there (nats per token)."""

    step: int
    tokens: int
    valid_loss: float | None
    name: str  # of its folder; FINISHED for the model itself


@dataclass(frozen=True)
class Snapshots:
    """All of a folder, first to last, and the loss of each step between them (nats per token, from step 1)."""

    folder: Path
    moments: tuple[Snapshot, ...]
    losses: tuple[float, ...]

    def model(self, moment: Snapshot) -> GPT:
        """The model as it was then; the tokenizer is that of the finished model."""
        return load_model(self.folder.parent if moment.name == FINISHED else self.folder / moment.name)


def grid(steps: int, count: int, first: int = 1) -> tuple[int, ...]:
    """About ``count`` steps from 0 to ``steps``: 0 itself, then ``first`` … ``steps`` at equal ratios.

    >>> grid(1000, 8)
    (0, 1, 3, 10, 32, 100, 316, 1000)
    >>> grid(4000, 8, first=62)
    (0, 62, 124, 249, 498, 997, 1997, 4000)
    """
    first, last = max(1, min(first, steps)), max(1, count - 2)
    points = [round(first * (steps / first) ** (i / last)) for i in range(last + 1)]
    return tuple(sorted({0, *points, steps}))


class Writer:
    """Writes snapshots while a run goes on; a run that was stopped goes on with the index it finds."""

    def __init__(self, trainer: Trainer, model_folder: Path, count: int, first: int = 1) -> None:
        self.trainer, self.folder = trainer, model_folder / FOLDER
        self.due = set(grid(trainer.config.steps, count, first))
        found = read(model_folder) if (self.folder / INDEX).is_file() else None
        self.moments = list(found.moments) if found else []
        self.losses = list(found.losses[: trainer.step]) if found else []
        self.take()

    def heard(self, record: TrainRecord) -> None:
        """After each step: note its loss, and take a snapshot where one is due."""
        self.losses.append(round(record.loss, 4))
        self.take()

    def take(self) -> None:
        """Write the weights as they stand, if this is a moment for it and has not been done."""
        step = self.trainer.step
        if step not in self.due or any(moment.step == step for moment in self.moments):
            return
        name = FINISHED if step == self.trainer.config.steps else f"step-{step:06d}"
        save_model(self.trainer.model, self.folder / name if name else self.folder.parent, dtype=torch.float16)
        loss = self.trainer.evaluate() if self.trainer.valid else None
        tokens = step * self.trainer.config.tokens_per_step
        self.moments.append(Snapshot(step, tokens, None if loss is None else round(loss, 4), name))
        self.note()

    def note(self) -> None:
        """Write the index: with each snapshot, and whenever the run's state is saved, so that no loss is lost."""
        write_index(self.folder.parent, self.moments, self.losses)


def write_index(model_folder: Path, moments: Sequence[Snapshot], losses: Sequence[float]) -> None:
    """Say which snapshots a model folder has, and the loss of each step."""
    folder = model_folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    index = {"moments": [asdict(moment) for moment in moments], "losses": list(losses)}
    (folder / INDEX).write_text(json.dumps(index) + "\n", encoding="utf-8")


def read(model_folder: Path) -> Snapshots:
    """The snapshots of a model folder. Raises WeightsError where it has none, or their index cannot be read."""
    path = model_folder / FOLDER / INDEX
    if not path.is_file():
        raise WeightsError("weights.no_snapshots", folder=str(model_folder))
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        moments = tuple(Snapshot(**moment) for moment in index["moments"])
        losses = tuple(float(loss) for loss in index["losses"])
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError("weights.damaged", file=str(path), reason=str(error)) from error
    return Snapshots(path.parent, moments, losses)
