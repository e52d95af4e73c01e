"""The training loop, as a generator of small records: a page, a notebook and the command line share it.

Needs only torch, numpy, tiktoken and safetensors. Closing the generator (or breaking out of the loop over it) stops the
run cleanly; ``checkpoint.save`` writes all that is needed to go on exactly where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from gptviz.config import TrainConfig
from gptviz.model import GPT
from gptviz.training.data import Mixture
from gptviz.training.loss import cross_entropy
from gptviz.training.mixed_precision import MixedPrecision
from gptviz.training.optimizer import make_optimizers
from gptviz.training.schedule import learning_rate

EVAL_SEED = 20_000_003  # held-out batches are the same at every evaluation
SMALLEST_MIXED = 1_000_000  # parameters; below, where nanoGPT's own figures are compared with, a CPU stays in float32


@dataclass(frozen=True)
class TrainRecord:
    """One optimiser step."""

    step: int  # steps done, from 1
    loss: float  # nats per token, mean over the step's tokens
    learning_rate: float
    grad_norm: float  # before clipping
    tokens: int  # read so far
    seconds: float  # this step took
    valid_loss: float | None  # nats per token, where this step was an evaluation


class Trainer:
    """A model, its optimiser and its place in the run."""

    def __init__(self, config: TrainConfig, train: Mixture, valid: Mixture | None = None, *,
                 device: str | None = None) -> None:  # fmt: skip
        self.config, self.train, self.valid = config, train, valid
        self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(config.seed)
        self.model = GPT(config.model).to(self.device)
        if config.sinusoids:
            self.model.start_positions(config.sinusoids)
        self.dtype = multiplied_in(self.device, config)
        self.optimizers = make_optimizers(self.model, config, fused=True, dtype=self.dtype)
        narrow_on_cpu = self.device == "cpu" and self.dtype is torch.bfloat16
        self.mixed = MixedPrecision(self.model) if narrow_on_cpu else None
        self.scaler = torch.amp.GradScaler(self.device.split(":")[0], enabled=self.dtype is torch.float16)
        self.step = 0

    def run(self, *, until: int | None = None) -> Iterator[TrainRecord]:
        """Take steps up to ``until`` (by default the end of the schedule), yielding a record after each."""
        last = min(self.config.steps, until if until is not None else self.config.steps)
        while self.step < last:
            began = time.perf_counter()
            loss, norm, rate = self._take_step()
            self.step += 1
            due = self.step % self.config.eval_every == 0 or self.step == self.config.steps
            valid_loss = self.evaluate() if due and self.valid else None
            tokens = self.step * self.config.tokens_per_step
            yield TrainRecord(self.step, loss, rate, norm, tokens, time.perf_counter() - began, valid_loss)

    def _take_step(self) -> tuple[float, float, float]:
        config = self.config
        rate = learning_rate(self.step, config)
        for group in (group for optimizer in self.optimizers for group in optimizer.param_groups):
            group["lr"] = rate
        self.model.train()
        if self.mixed:
            self.mixed.refresh()
        torch.manual_seed((config.seed << 24) + self.step)  # dropout, too, is a function of the step alone
        total = 0.0
        for part in range(config.accumulate):
            loss = self._loss(self.train, config.seed, self.step * config.accumulate + part) / config.accumulate
            self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
            total += loss.item()
        if self.mixed:
            self.mixed.hand_over()
        for optimizer in self.optimizers:
            self.scaler.unscale_(optimizer)
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.grad_clip)
        for optimizer in self.optimizers:
            self.scaler.step(optimizer)
            optimizer.zero_grad(set_to_none=True)
        self.scaler.update()
        return total, float(norm), rate

    def _loss(self, data: Mixture, seed: int, step: int) -> Tensor:
        """Mean cross-entropy (nats per token) of one batch."""
        config = self.config
        batch = torch.from_numpy(
            data.batch(seed, step, config.batch_size, config.model.block_size, line_start=config.line_start,
                       repeat=config.repeat if data is self.train else 0.0, vocab_size=config.model.vocab_size)
        ).to(self.device)  # (B, T + 1)  # fmt: skip
        inputs, targets = batch[:, :-1], batch[:, 1:]  # each (B, T)
        if self.mixed and self.model.training:
            return self.mixed.loss(inputs, targets)
        if self.dtype is torch.float32 or self.mixed:  # held-out losses on a CPU are those of the weights as they are
            return cross_entropy(self.model(inputs), self.model.lm_head.weight, targets)
        with torch.autocast(self.device.split(":")[0], dtype=self.dtype):
            logits = self.model.logits(self.model(inputs))  # (B, T, vocab_size)
            return F.cross_entropy(logits.flatten(0, 1), targets.flatten())

    @torch.no_grad()
    def evaluate(self) -> float:
        """Mean loss on the held-out mixture, the same batches each time (nats per token)."""
        if self.valid is None:
            raise ValueError("evaluate() needs held-out data: give Trainer a valid mixture.")
        self.model.eval()
        losses = [self._loss(self.valid, EVAL_SEED, n).item() for n in range(self.config.eval_batches)]
        return sum(losses) / len(losses)


def multiplied_in(device: str, config: TrainConfig) -> torch.dtype:
    """The type matrices are multiplied in: what ``config.precision`` names, or with "auto" the fastest of the device.

    That is bf16 (else fp16) on CUDA, bf16 on a CPU that multiplies it (AMX, AVX512-BF16) for models from
    ``SMALLEST_MIXED`` on, and float32 everywhere else. Measured against float32: with AMX 1.8 times as fast with a
    million parameters and 1.5 times with 0.8 million; with AVX512-BF16 2.2 times with 17 million, 1.6 with one.
    """
    if config.precision != "auto":
        return torch.bfloat16 if config.precision == "bfloat16" else torch.float32
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    large = config.model.n_parameters >= SMALLEST_MIXED
    return torch.bfloat16 if large and _cpu_multiplies_bfloat16() else torch.float32


def _cpu_multiplies_bfloat16() -> bool:
    asked = (getattr(torch.cpu, f"_is_{name}_supported", None) for name in ("amx_tile", "avx512_bf16"))
    return any(ask() for ask in asked if ask)
