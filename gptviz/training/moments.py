"""The weights of a run at a few moments, so that it can be watched again afterwards: see ``gptviz.training.snapshots``.

Unlike its ``Writer`` this measures nothing of its own, so that a run whose moments are kept costs hardly more.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import torch

from gptviz.errors import WeightsError
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import save_model
from gptviz.training.snapshots import FOLDER, Snapshot, Snapshots, grid, read, write_index
from gptviz.training.trainer import Trainer, TrainRecord

COUNT, FIRST = 10, 10  # moments about, and the first after 0: before it a model has hardly begun
#: Of larger models no moments are kept: whoever looks at them holds several in memory.
MOST_PARAMETERS = 3_000_000


class Moments:
    """Keeps them while a run goes on; one that was killed goes on with those up to the step it resumed at."""

    def __init__(self, model_folder: Path) -> None:
        self._model = model_folder
        self._due: set[int] = set()
        self._losses: list[float] = []
        self._moments: list[Snapshot] = []

    def begin(self, trainer: Trainer) -> None:
        """Before the first record of this process."""
        steps = trainer.config.steps
        if trainer.config.model.n_parameters <= MOST_PARAMETERS:
            self._due = set(grid(steps, COUNT, min(FIRST, steps)))
        try:
            found: Snapshots | None = read(self._model)
        except WeightsError:
            found = None
        if found is not None:
            self._losses = list(found.losses[: trainer.step])
            self._moments = [moment for moment in found.moments if moment.step <= trainer.step]

    def take(self, trainer: Trainer, record: TrainRecord) -> None:
        """After each record: note its loss, and keep the weights where a moment was due since the last one.

        A record may stand for several steps: each has its mean.
        """
        self._losses += [round(record.loss, 4)] * (record.step - len(self._losses))
        last = self._moments[-1].step if self._moments else -1
        if not any(last < step <= record.step for step in self._due) or not fits(trainer.model):
            return
        name = f"step-{record.step:06d}"
        target = self._model / FOLDER / name
        shutil.rmtree(target, ignore_errors=True)
        save_model(trainer.model, target, dtype=torch.float16)
        loss = None if record.valid_loss is None else round(record.valid_loss, 4)
        self._moments.append(Snapshot(record.step, record.tokens, loss, name))
        write_index(self._model, self._moments, self._losses)


def fits(model: GPT) -> bool:
    """Whether its weights can be written as they are kept: in float16, which ends at 65,504. Those of a run whose
    numbers are about to run away may not be."""
    return all(float(x.detach().abs().max()) <= torch.finfo(torch.float16).max for x in model.parameters())
