"""The training loop, as a generator of small records: a page, a notebook and the command line share it.

Needs only torch, numpy, tiktoken and safetensors. Closing the generator (or breaking out of the loop over it) stops the
run cleanly; ``checkpoint.save`` writes all that is needed to go on exactly where it stopped.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional as F

from gptviz.gpt.config import TrainConfig
from gptviz.gpt.model import GPT
from gptviz.training import key_bias
from gptviz.training.compiled import Compiled
from gptviz.training.data import Batches, BatchSpec, Mixture
from gptviz.training.device import usable
from gptviz.training.looking import Look
from gptviz.training.loss import cross_entropy
from gptviz.training.mixed_precision import MixedPrecision
from gptviz.training.objectives import at, objective_of
from gptviz.training.on_device import DeviceMixture
from gptviz.training.optimizer import make_optimizers
from gptviz.training.schedule import learning_rate

EVAL_SEED = 20_000_003  # held-out batches are the same at every evaluation
SMALLEST_MIXED = 1_000_000  # parameters; below, where nanoGPT's own figures are compared with, a CPU stays in float32


#: What ended a run before its last step: its time, or a held-out loss that no longer fell; empty: nothing has.
Early: TypeAlias = Literal["", "seconds", "patience"]


@dataclass
class SoFar:
    """What a run knows of itself beside its weights, kept with its state."""

    seconds: float = 0.0  # that it has taken, in all its sittings
    lowest: float | None = None  # held-out loss, nats per token
    since: int = 0  # evaluations that were not lower, since then
    early: Early = ""


@dataclass(frozen=True)
class TrainRecord:
    """``log_every`` optimiser steps, or those since the record before."""

    step: int  # steps done, from 1
    loss: float  # nats per token, mean over these steps' tokens
    learning_rate: float  # of the last of them
    grad_norm: float  # of the last, before clipping; not finite where float16 overflowed and the step was left out
    tokens: int  # read so far
    seconds: float  # a step took, on average
    valid_loss: float | None  # nats per token, where this step was an evaluation


class _Taken(NamedTuple):
    """One step's figures, still where they were computed: looking at them would wait for a GPU."""

    loss: Tensor  # scalar, nats per token
    grad_norm: Tensor  # scalar
    learning_rate: float


class Trainer:
    """A model, its optimiser and its place in the run.

    On CUDA the text lies on the device and a step's loss is compiled, which takes half a minute when a run begins;
    where it cannot be, ``not_compiled`` says why after the first step, and steps are taken as they are.
    """

    def __init__(self, config: TrainConfig, train: Mixture, valid: Mixture | None = None, *,
                 device: str | None = None, compiled: bool | None = None) -> None:  # fmt: skip
        self.config, self.objective = config, objective_of(config)
        self.look: Look | None = None  # looks at the next step, where somebody sets one
        self.device = usable(device)
        on_cuda = self.device.startswith("cuda")
        self.train: Batches = DeviceMixture(train, self.device) if on_cuda else train
        self.valid: Batches | None = DeviceMixture(valid, self.device) if on_cuda and valid else valid
        torch.manual_seed(config.seed)
        self.model = GPT(config.model).to(self.device)
        if config.sinusoids:
            self.model.start_positions(config.sinusoids)
        self.model.recompute = config.recompute
        self.dtype = multiplied_in(self.device, config)
        self.optimizers = make_optimizers(self.model, config, fused=True, dtype=self._iterated_in)
        narrow_on_cpu = self.device == "cpu" and self.dtype is torch.bfloat16
        self.mixed = MixedPrecision(self.model) if narrow_on_cpu else None
        self.scaler = torch.amp.GradScaler(self.device.split(":")[0], enabled=self.dtype is torch.float16)
        compiled = on_cuda if compiled is None else compiled
        self.step_loss = Compiled(self._loss, self.model.parameters()) if compiled else self._loss
        self.step = 0
        self.so_far, self._began = SoFar(), time.monotonic()
        self._measured, self._measuring = (-1, math.nan), 0.0  # (step, held-out loss), and the seconds that took

    @property
    def _iterated_in(self) -> torch.dtype:
        """What Muon's iteration multiplies in: a CPU is slow in float16."""
        return torch.float32 if self.device == "cpu" and self.dtype is torch.float16 else self.dtype

    def begin_at(self, began: float) -> None:
        """Count this sitting's seconds from ``began`` (of ``time.monotonic``): reading the text takes time, too."""
        self._began = began

    @property
    def elapsed(self) -> float:
        """Seconds that the run has taken, in all its sittings."""
        return self.so_far.seconds + time.monotonic() - self._began

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do: all steps are taken, or something has ended it early."""
        return self.step >= self.config.steps or bool(self.so_far.early)

    @property
    def not_compiled(self) -> str | None:
        """Why steps are not compiled, where that was tried in vain."""
        return self.step_loss.failure if isinstance(self.step_loss, Compiled) else None

    def run(self, *, until: int | None = None) -> Iterator[TrainRecord]:
        """Take steps up to ``until`` (by default the end of the schedule), yielding a record after ``log_every``."""
        config = self.config
        last = min(config.steps, until if until is not None else config.steps)
        key_bias.set_to_zero(self.model)
        losses: list[Tensor] = []  # of the steps since the last record
        began = time.perf_counter()
        while self.step < last and not self.so_far.early:
            taken = self._take_step()
            self.step += 1
            losses.append(taken.loss)
            if config.seconds is not None and self.step < config.steps and self._time_is_over(config.seconds):
                self.so_far.early = "seconds"
            due = self.step % config.eval_every == 0 or self.finished
            if not due and self.step % config.log_every and self.step < last:
                continue
            loss = torch.stack(losses).mean().item()
            seconds = (time.perf_counter() - began) / len(losses)
            valid_loss = self.measured() if due and self.valid else None
            if valid_loss is not None:
                self._note(valid_loss)
            tokens = self.step * config.tokens_per_step
            yield TrainRecord(self.step, loss, taken.learning_rate, float(taken.grad_norm), tokens, seconds, valid_loss)
            losses, began = [], time.perf_counter()

    def _time_is_over(self, seconds: float) -> bool:
        """Whether the last look at the held-out text would end beyond it: on a slow machine that takes seconds, too."""
        return self.elapsed + self._measuring >= seconds

    def measured(self) -> float:
        """The held-out loss as the model stands, which may be known already; how long it took is noted."""
        if self._measured[0] != self.step:
            began = time.monotonic()
            self._measured = self.step, self.evaluate()
            self._measuring = time.monotonic() - began
        return self._measured[1]

    @property
    def measuring(self) -> float:
        """Seconds that the last look at the held-out text took; 0 before the first."""
        return self._measuring

    def _note(self, valid_loss: float) -> None:
        """Whether the held-out loss still falls; where it has not for ``patience`` evaluations, the run is over."""
        far, patience = self.so_far, self.config.patience
        if far.lowest is None or valid_loss < far.lowest:
            far.lowest, far.since = valid_loss, 0
            return
        far.since += 1
        if patience and far.since >= patience and self.step < self.config.steps:
            far.early = far.early or "patience"

    def _take_step(self) -> _Taken:
        config = self.config
        rate = learning_rate(self.step, config, self.elapsed if config.seconds is not None else 0.0)
        for group in (group for optimizer in self.optimizers for group in optimizer.param_groups):
            group["lr"] = rate
        self.model.train()
        if self.mixed:
            self.mixed.refresh()
        torch.manual_seed((config.seed << 24) + self.step)  # dropout, too, is a function of the step alone
        later = config.is_later(self.step)
        spec = self._spec(repeat=config.later_repeat if later else config.repeat, later=later)
        total = torch.zeros((), device=self.device)
        for part in range(config.accumulate):
            batch = self.train.batch(config.seed, self.step * config.accumulate + part, spec)
            asked = self.objective.asked(batch.to(self.device), config.seed, self.step * config.accumulate + part)
            loss = self.step_loss(asked) / config.accumulate
            self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        return _Taken(total, self._apply_gradients(), rate)

    def _apply_gradients(self) -> Tensor:
        """One step of the optimisers; the norm of the gradient before it was clipped."""
        if self.mixed:
            self.mixed.hand_over()
        key_bias.hold(self.model)
        for optimizer in self.optimizers:
            self.scaler.unscale_(optimizer)
        if self.look is not None and self.look.found is None:
            self.look.before(self.model)
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.grad_clip)
        left_out = self.scaler.is_enabled() and not torch.isfinite(norm)  # of all optimisers, not of one alone
        for optimizer in self.optimizers:
            if not left_out:
                self.scaler.step(optimizer)
            optimizer.zero_grad(set_to_none=True)
        self.scaler.update()
        if self.look is not None and self.look.found is None:
            self.look.after(self.model, self.config.grad_clip)
        return norm

    def _spec(self, *, repeat: float = 0.0, later: bool = False) -> BatchSpec:
        config = self.config
        return BatchSpec(config.batch_size, config.model.block_size, config.line_start, config.document_start, repeat,
                         self.model.n_tokens, later, config.passage)  # fmt: skip

    def _loss(self, batch: Tensor) -> Tensor:
        """Mean cross-entropy (nats per token that is asked for) of one batch, as the objective asks it."""
        inputs, targets, places = self.objective.apart(batch)
        if self.mixed and self.model.training:
            return self.mixed.loss(inputs, targets, places)
        if self.dtype is torch.float32 or self.mixed:  # held-out losses on a CPU are those of the weights as they are
            return cross_entropy(at(self.model(inputs), places), self.model.output_rows, targets)
        with torch.autocast(self.device.split(":")[0], dtype=self.dtype):
            logits = self.model.logits(at(self.model(inputs), places))  # (B, T or K, vocab_size)
            return F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())

    @torch.no_grad()
    def evaluate(self) -> float:
        """Mean loss on the held-out mixture, the same batches each time (nats per token)."""
        if self.valid is None:
            raise ValueError("evaluate() needs held-out data: give Trainer a valid mixture.")
        self.model.eval()
        batches = (self.valid.batch(EVAL_SEED, n, self._spec()) for n in range(self.config.eval_batches))
        asked = (self.objective.asked(batch.to(self.device), EVAL_SEED, n) for n, batch in enumerate(batches))
        losses = [self._loss(batch) for batch in asked]
        return torch.stack(losses).double().mean().item()


def multiplied_in(device: str, config: TrainConfig) -> torch.dtype:
    """The type matrices are multiplied in: what ``config.precision`` names, or with "auto" the fastest of the device.

    That is bf16 (else fp16) on CUDA, bf16 on a CPU that multiplies it (AMX, AVX512-BF16) for models from
    ``SMALLEST_MIXED`` on, and float32 everywhere else. Measured against float32: with AMX 1.8 times as fast with a
    million parameters and 1.5 times with 0.8 million; with AVX512-BF16 2.2 times with 17 million, 1.6 with one.
    """
    if config.precision != "auto":
        return {"bfloat16": torch.bfloat16, "float16": torch.float16}.get(config.precision, torch.float32)
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    large = config.model.n_parameters >= SMALLEST_MIXED
    return torch.bfloat16 if large and _cpu_multiplies_bfloat16() else torch.float32


def _cpu_multiplies_bfloat16() -> bool:
    asked = (getattr(torch.cpu, f"_is_{name}_supported", None) for name in ("amx_tile", "avx512_bf16"))
    return any(ask() for ask in asked if ask)
