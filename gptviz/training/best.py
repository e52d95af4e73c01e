"""The weights of the lowest held-out loss: a run that goes on for too long learns its text by heart and gets worse.

nanoGPT keeps these too (``always_save_checkpoint = False``), so that what it publishes is a run's best loss, not its
last: its preset ``shakespeare-gpu`` is at its best after two fifths of its steps.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch

from gptviz.gpt.weights import save_model
from gptviz.training.trainer import Trainer, TrainRecord

FILE = "best.json"


class Best:
    """Writes a run's weights whenever its held-out loss is lower than ever; a run that goes on knows what it was."""

    def __init__(self, trainer: Trainer, model_folder: Path, state: Path) -> None:
        self.trainer, self.folder, self.file = trainer, model_folder, state / FILE
        found = json.loads(self.file.read_text(encoding="utf-8")) if self.file.is_file() else {}
        self.step: int | None = found.get("step")
        self.valid_loss: float = found.get("valid_loss", float("inf"))  # nats per token

    def heard(self, record: TrainRecord) -> None:
        """After each record: keep the weights if they are the best so far."""
        if record.valid_loss is None or record.valid_loss >= self.valid_loss:
            return
        self.step, self.valid_loss = record.step, record.valid_loss
        save_model(self.trainer.model, self.folder, dtype=torch.float16)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps({"step": self.step, "valid_loss": self.valid_loss}), encoding="utf-8")
