"""Learning a task, as a generator of small records: a page, a notebook and the command line share it.

A task (``tasks``) says what is learnt from and what the loss is.

>>> tuning = Classification(lm, examples, TuneConfig(method=method("lora")))  # doctest: +SKIP
>>> for record in tuning.run():  # doctest: +SKIP
...     print(record.step, record.loss)
>>> tuning.classifier.logits(…)  # the best by the held-out loss  # doctest: +SKIP

Closing the generator, or breaking out of the loop over it, stops cleanly: the best so far stays.
"""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from gptviz.errors import ConfigError
from gptviz.language_model import LocalModel
from gptviz.tuning.method import Method, require
from gptviz.tuning.methods.lora import LoRA
from gptviz.tuning.trunk import Trunk

_CHUNK = 32  # batches within which texts of like length come together


@dataclass(frozen=True)
class TuneConfig:
    """One run of tuning: a linear warm-up, then straight down to 0."""

    method: Method = field(default_factory=LoRA)
    epochs: int = 3
    batch_size: int = 16
    learning_rate: float | None = None  # at its peak; None: the method's own
    weight_decay: float = 0.01
    warmup: float = 0.06  # part of the run
    grad_clip: float = 1.0
    pooling: str = "last"
    valid_share: float = 0.1
    patience: int = 2  # epochs without a lower held-out loss after which it stops; 0: never
    most_tokens: int = 256  # of one text that are read
    seconds: float | None = None  # stop after so long, with the best so far
    seed: int = 0

    def __post_init__(self) -> None:
        require("epochs", self.epochs, 1, 1000)
        require("batch_size", self.batch_size, 1, 4096)
        require("learning_rate", self.rate, 1e-9, 1e3)
        require("weight_decay", self.weight_decay, 0, 1e3)
        require("warmup", self.warmup, 0, 1)
        require("grad_clip", self.grad_clip, 1e-9, 1e9)
        require("valid_share", self.valid_share, 0, 0.9)
        require("patience", self.patience, 0, 1000)
        require("most_tokens", self.most_tokens, 1, 2**20)
        if self.seconds is not None:
            require("seconds", self.seconds, 0, 1e9)

    @property
    def rate(self) -> float:
        """The learning rate at its peak."""
        return self.method.learning_rate if self.learning_rate is None else self.learning_rate


class TuneRecord(NamedTuple):
    """One step, and after the last of an epoch what it has come to."""

    step: int  # from 1; 0: before the first
    steps: int
    epoch: float  # times that the texts have been read
    loss: float  # nats per text, of this step's batch; at step 0 the held-out loss
    learning_rate: float
    valid_loss: float | None  # nats per text held out
    valid_accuracy: float | None
    seconds: float  # since the run began


class Tuning(ABC):
    """A model, a head over it, texts to learn from and texts held out; what the loss is, each task says."""

    def __init__(self, lm: LocalModel, config: TuneConfig) -> None:
        """Raises ConfigError where the method does not fit the model."""
        self.config = config
        torch.manual_seed(config.seed)
        self.trunk = Trunk.of(lm)
        config.method.prepare(self.trunk)
        self.most = min(config.most_tokens, self.trunk.most)
        self.best_loss = math.inf

    #: Whether a head starts that knows nothing. It says the same of every text and so is never kept as the best, though
    #: one that has learnt, and is at times wrong with great confidence, may cost more than its ln n_labels.
    starts_blank: ClassVar[bool] = False
    #: The trunk with its head.
    learner: nn.Module
    #: Token ids of each text: of those that are learnt from, of those held out.
    rows: list[list[list[int]]]

    @abstractmethod
    def loss(self, places: Sequence[int]) -> Tensor:
        """Nats per label, of the texts at ``places`` among those that are learnt from."""

    @abstractmethod
    def held_out(self) -> tuple[float, float] | None:
        """Loss (nats per label) and accuracy on what is held out; None where nothing is."""

    @property
    def trainable(self) -> int:
        """How many numbers are learnt, the head's included."""
        return sum(parameter.numel() for parameter in self.learner.parameters() if parameter.requires_grad)

    @property
    def steps(self) -> int:
        """Steps in all."""
        return self.config.epochs * math.ceil(len(self.rows[0]) / self.config.batch_size)

    def run(self) -> Generator[TuneRecord, None, None]:
        """Learn; at the end the learner is the best by the held-out loss, or by the last step where none is held out.

        What the model was before it learnt anything is one of those to choose from, unless it ``starts_blank``.
        Raises ConfigError where the loss is no number any more.
        """
        config, began, step = self.config, time.perf_counter(), 0
        optimizer = self._optimizer()
        best: dict[str, Tensor] = {} if self.starts_blank else self._learnt()
        valid = self.held_out()
        if valid:
            self.best_loss = math.inf if self.starts_blank else valid[0]
            yield TuneRecord(0, self.steps, 0.0, valid[0], 0.0, valid[0], valid[1], 0.0)
        worse = 0
        try:
            for epoch in range(config.epochs):
                batches = self._batches(epoch)
                for place, batch in enumerate(batches, start=1):
                    step += 1
                    rate = self._rate(step)
                    loss = self._step(batch, optimizer, rate, step)
                    ends = place == len(batches)
                    late = config.seconds is not None and time.perf_counter() - began >= config.seconds
                    valid = self._valid(step) if ends or late else None
                    if valid and valid[0] < self.best_loss:
                        self.best_loss, best, worse = valid[0], self._learnt(), 0
                    elif valid:
                        worse += 1
                    elif not self.rows[1]:
                        best = {}
                    held_out, accuracy = valid or (None, None)
                    yield TuneRecord(step, self.steps, epoch + place / len(batches), loss, rate, held_out, accuracy,
                                     time.perf_counter() - began)  # fmt: skip
                    if late:
                        return
                if config.patience and worse >= config.patience:
                    return
        finally:
            self._restore(best)
            self.learner.eval()

    def _valid(self, step: int) -> tuple[float, float] | None:
        """What is held out. Raises ConfigError where its loss is no number any more."""
        valid = self.held_out()
        if valid and not math.isfinite(valid[0]):
            raise ConfigError("tune.nan", step=step, rate=self.config.rate)
        return valid

    def learn(self) -> None:
        """``run`` to its end, without looking on."""
        for _ in self.run():
            pass

    def _optimizer(self) -> torch.optim.AdamW:
        learnt = [parameter for parameter in self.learner.parameters() if parameter.requires_grad]
        groups = [{"params": [p for p in learnt if p.ndim >= 2], "weight_decay": self.config.weight_decay},
                  {"params": [p for p in learnt if p.ndim < 2], "weight_decay": 0.0}]  # fmt: skip
        return torch.optim.AdamW([group for group in groups if group["params"]], lr=self.config.rate)

    def _step(self, places: Sequence[int], optimizer: torch.optim.Optimizer, rate: float, step: int) -> float:
        """One step on the texts at ``places``; the loss before it."""
        trunk, method = self.trunk, self.config.method
        for group in optimizer.param_groups:
            group["lr"] = rate
        self.learner.train()
        loss = self.loss(places)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise ConfigError("tune.nan", step=step, rate=self.config.rate)
        penalty = method.penalty(trunk)
        (loss if penalty is None else loss + penalty).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.learner.parameters(), self.config.grad_clip)
        optimizer.step()
        method.after_step(trunk, step, self.steps)
        optimizer.zero_grad(set_to_none=True)
        return value

    def _rate(self, step: int) -> float:
        """Of ``step``, from 1."""
        warm = max(1, round(self.config.warmup * self.steps))
        left = min(1.0, (self.steps - step + 1) / max(1, self.steps - warm + 1))
        return self.config.rate * min(step / warm, left)

    def _batches(self, epoch: int) -> list[list[int]]:
        """The places of one epoch's batches: in a new order each time, texts of like length together."""
        rng = np.random.default_rng([self.config.seed, epoch])
        order, size = rng.permutation(len(self.rows[0])).tolist(), self.config.batch_size
        batches: list[list[int]] = []
        for at in range(0, len(order), size * _CHUNK):
            chunk = sorted(order[at : at + size * _CHUNK], key=lambda i: len(self.rows[0][i]))
            batches += [chunk[i : i + size] for i in range(0, len(chunk), size)]
        return [batches[i] for i in rng.permutation(len(batches))]

    def _learnt(self) -> dict[str, Tensor]:
        """A copy of all that is learnt, by name."""
        learnt = {name: p for name, p in self.learner.named_parameters() if p.requires_grad}
        return {name: p.detach().clone() for name, p in learnt.items()}

    @torch.no_grad()
    def _restore(self, best: dict[str, Tensor]) -> None:
        named = dict(self.learner.named_parameters())
        for name, value in best.items():
            named[name].copy_(value)
