"""A bench of runs on one generated world, sizes by tokens: the numbers that a scaling law is fitted to.

Each run is a model of its own, trained by our trainer with a schedule that ends where its tokens do: a loss read off in
the middle of a longer run is too high, which is how exponents came out wrong before (Hoffmann et al. 2022, section 2).
All else is the same for all: two layers, two heads, sixteen tokens of context, 256 tokens a step, Muon at one rate
(which, unlike AdamW's, suits all of these widths), and one held-out text.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from gptviz.gpt.config import GPTConfig, TrainConfig
from gptviz.gpt.model import GPT
from gptviz.training.data import Mixture, Part
from gptviz.training.loss import cross_entropy
from gptviz.training.trainer import Trainer
from gptviz.training.trigrams import Trigrams

#: The world whose runs are shipped.
WORLD = Trigrams(vocab_size=64, zipf=1.0, sharpness=1.5, decay=1.0, seed=16)
#: Width 8 and 100,000 tokens were tried and left out: models that have not learnt yet to look two tokens back stand on
#: a step of the loss, up to 10 % above the law, and no power law has steps.
WIDTHS = (12, 16, 24, 32, 48, 64)
TOKENS = (200_000, 400_000, 800_000, 1_600_000)
#: Rows of text that is trained on: five million tokens, more than a run reads.
ROWS = 312_500
HELD_OUT_ROWS = 40_000
_TRAIN_SEED, _HELD_OUT_SEED = 1, 2
_ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Plan:
    """Which runs: each width with each number of tokens."""

    widths: Sequence[int] = WIDTHS
    tokens: Sequence[int] = TOKENS
    world: Trigrams = WORLD
    n_layer: int = 2
    n_head: int = 2
    context: int = 16
    batch_size: int = 16
    learning_rate: float = 0.015
    rows: int = ROWS
    held_out_rows: int = HELD_OUT_ROWS
    seed: int = 16

    @property
    def runs(self) -> list[tuple[int, int]]:
        """(width, tokens) of each, the cheap ones first."""
        return sorted(((C, D) for C in self.widths for D in self.tokens), key=lambda run: run[0] ** 2 * run[1])

    @property
    def floor(self) -> float:
        """The lowest loss there can be, in nats per token."""
        return self.world.floor(self.context)

    def configure(self, width: int, tokens: int) -> TrainConfig:
        """One run of the bench. Its tokens are whole steps, at least ten."""
        shape = GPTConfig(n_layer=self.n_layer, n_head=self.n_head, n_embd=width, block_size=self.context,
                          vocab_size=self.world.vocab_size)  # fmt: skip
        steps = max(10, round(tokens / (self.batch_size * self.context)))
        return TrainConfig(model=shape, steps=steps, batch_size=self.batch_size, learning_rate=self.learning_rate,
                           min_learning_rate=0.0, warmup=steps // 20, schedule="linear", betas=(0.9, 0.98),
                           optimizer="muon", precision="float32", line_start=1.0, eval_every=steps, log_every=steps,
                           seed=self.seed)  # fmt: skip

    def left(self, done: Collection[tuple[float, float]] = ()) -> list[TrainConfig]:
        """The runs but those whose (parameters with embeddings, tokens) are ``done``."""
        configs = [self.configure(*run) for run in self.runs]
        return [c for c in configs if (c.model.n_parameters, c.steps * c.tokens_per_step) not in done]


class Finished(NamedTuple):
    """One run of the bench."""

    n: int  # parameters without token and position embeddings
    tokens: int
    loss: float  # nats per token, held out
    n_total: int  # with them
    width: int  # n_embd
    seconds: float


def bench(plan: Plan, *, done: Collection[tuple[float, float]] = ()) -> Iterator[Finished]:
    """Train and measure each run that is ``left``, yielding it when it has finished; on the CPU, in float32."""
    text = _text(plan)
    held_out = torch.from_numpy(
        plan.world.rows(plan.held_out_rows, plan.context + 1, seed=_HELD_OUT_SEED).astype(np.int64)
    )
    for config in plan.left(done):
        began = time.perf_counter()
        trainer = Trainer(config, text, device="cpu")
        for _ in trainer.run():
            pass
        loss, shape = held_out_loss(trainer.model, held_out), config.model
        n = without_embeddings(shape)
        seconds = time.perf_counter() - began
        yield Finished(n, config.steps * config.tokens_per_step, loss, shape.n_parameters, shape.n_embd, seconds)


def without_embeddings(shape: GPTConfig) -> int:
    """Parameters but those of token and position embeddings (Kaplan et al. 2020, section 2.1)."""
    parts = shape.parameters
    return shape.n_parameters - parts["tokens"] - parts.get("positions", 0)


@torch.no_grad()
def held_out_loss(model: GPT, rows: torch.Tensor) -> float:
    """Mean nats per token of ``rows`` (n, T + 1), all of them."""
    model.eval()
    total = 0.0
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows[start : start + _ROWS_AT_ONCE]
        total += cross_entropy(model(part[:, :-1]), model.output_rows, part[:, 1:]).double().item() * len(part)
    return total / len(rows)


def _text(plan: Plan) -> Mixture:
    """Rows of one window each, so that every window begins where the chain does."""
    rows = plan.world.rows(plan.rows, plan.context + 1, seed=_TRAIN_SEED)
    starts = np.arange(0, rows.size, plan.context + 1, dtype=np.int64)
    return Mixture((Part("world", rows.ravel(), starts, np.zeros(1, dtype=np.int64), 0),), (1.0,))
