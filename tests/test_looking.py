"""A step looked at from inside: its numbers again in numpy, and a run that is looked at is the run that is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gptviz.gpt.config import GPTConfig, TrainConfig
from gptviz.training.data import Mixture, from_ids, mixture
from gptviz.training.looking import HIGHEST, LOWEST, Look
from gptviz.training.trainer import Trainer

SHAPE = GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=16, vocab_size=32)
CONFIG = TrainConfig(model=SHAPE, steps=6, batch_size=4, warmup=1, learning_rate=1e-2, eval_every=3, eval_batches=1,
                     optimizer="adamw", precision="float32", grad_clip=0.05)  # fmt: skip


def text() -> Mixture:
    return mixture({"squares": from_ids("squares", [n * n % 29 for n in range(400)])})


def weights(trainer: Trainer) -> dict[str, np.ndarray]:
    return {name: p.detach().double().numpy().copy() for name, p in trainer.model.named_parameters()}


def test_norms_ratios_and_sizes_are_numpys() -> None:
    trainer = Trainer(CONFIG, text(), text(), device="cpu")
    for _ in trainer.run(until=2):
        pass
    before, trainer.look = weights(trainer), Look()
    grads: dict[str, np.ndarray] = {}
    real = trainer.look.before

    def noted(model: object) -> None:
        grads.update({n: p.grad.double().numpy().copy() for n, p in trainer.model.named_parameters()})  # type: ignore[union-attr]
        real(trainer.model)

    trainer.look.before = noted  # type: ignore[method-assign]
    for _ in trainer.run(until=3):
        pass
    after, found = weights(trainer), trainer.look.found
    assert found is not None
    whole = np.sqrt(sum((grad**2).sum() for grad in grads.values()))
    assert found.norm == pytest.approx(whole, rel=1e-6)
    assert found.clipped == 0.05 < found.norm  # so short a limit is met by every step
    assert [layer for layer, _ in found.ratios] == ["embeddings", "0", "1", "out"]
    for layer, ratio in found.ratios:
        names = [n for n in before if f".h.{layer}." in n or (layer == "embeddings" and (".wte." in n or ".wpe." in n))
                 or (layer == "out" and "ln_f" in n)]  # fmt: skip
        moved = sum(((after[n] - before[n]) ** 2).sum() for n in names)
        assert ratio == pytest.approx(np.sqrt(moved / sum((before[n] ** 2).sum() for n in names)), rel=1e-5)
    every = np.abs(np.concatenate([grad.ravel() for grad in grads.values()]))
    assert found.zeros == int((every == 0).sum())
    powers = np.clip(np.floor(np.log2(every[every > 0])), LOWEST, HIGHEST).astype(int)
    assert found.counts == np.bincount(powers - LOWEST, minlength=HIGHEST - LOWEST + 1).tolist()


def test_a_run_that_is_looked_at_is_the_run_that_is_not() -> None:
    plain = [record.loss for record in Trainer(CONFIG, text(), text(), device="cpu").run()]
    trainer, seen = Trainer(replace(CONFIG), text(), text(), device="cpu"), []
    for record in trainer.run():
        seen.append(record.loss)
        trainer.look = Look()
    assert seen == plain
