"""What a model is asked in training: the next token as before, or hidden ones, by a model that sees both ways."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import gptviz
from gptviz import edits
from gptviz.errors import ConfigError, PromptError
from gptviz.gpt.config import GPTConfig, TrainConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import load_model, save_model
from gptviz.language_model import LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training.data import from_ids, mixture
from gptviz.training.loss import cross_entropy
from gptviz.training.objectives import Masked, NextToken, objective_of
from gptviz.training.run import Begun, Plan, train
from gptviz.training.trainer import Trainer, TrainRecord
from tests.plain import everything

pytestmark = pytest.mark.slow

SHAPE = GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=40, vocab_size=32, causal=False)
IDS = tuple(n * n % 29 for n in range(40))
CHARACTERS = "".join(chr(0x4E00 + n) for n in range(32))
MASK = 31


def random(shape: GPTConfig = SHAPE) -> LocalModel:
    """Weights large enough that every position matters."""
    torch.manual_seed(3)
    model = GPT(shape)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(8) if parameter.ndim == 2 else parameter.add_(torch.randn_like(parameter) / 5)
    return LocalModel(model, Tokenizer.characters(CHARACTERS))


def test_berts_rule_holds_in_every_row() -> None:
    """15 % of the positions, of these 80 % hidden, 10 % drawn anew, 10 % left; nothing else is touched."""
    rows = torch.randint(0, 30, (500, 41), generator=torch.manual_seed(1))  # no row holds the mask itself
    objective = Masked(MASK, 32, 40)
    inputs, targets, places = objective.apart(objective.asked(rows, 7, 11))
    assert places is not None
    assert places.shape == targets.shape == (500, 6)  # 15 % of 40
    assert (places.diff(dim=1) > 0).all()  # none twice
    assert (targets == rows[:, :40].gather(1, places)).all()
    chosen = torch.zeros(500, 40, dtype=torch.bool).scatter(1, places, True)
    assert (inputs[~chosen] == rows[:, :40][~chosen]).all()
    seen = inputs.gather(1, places)
    hidden, kept = (seen == MASK).float().mean(), (seen == targets).float().mean()
    other = ((seen != MASK) & (seen != targets)).float().mean()
    assert hidden == pytest.approx(0.8 + 0.1 / 32, abs=0.03)  # of 3,000; a drawn one may be any of the 32
    assert kept == pytest.approx(0.1 + 0.1 / 32, abs=0.025)
    assert other == pytest.approx(0.1 * 30 / 32, abs=0.025)
    counts = Counter(places.flatten().tolist())
    assert set(counts) == set(range(40))
    assert max(counts.values()) < 75 + 5 * 75**0.5  # each about 75 times, the last as well as the first
    assert min(counts.values()) > 75 - 5 * 75**0.5


def test_questions_are_a_function_of_seed_and_step() -> None:
    rows = torch.randint(0, 30, (4, 41), generator=torch.manual_seed(1))
    objective = Masked(MASK, 32, 40)
    asked = [objective.asked(rows, seed, step).tolist() for seed, step in ((1, 2), (1, 2), (1, 3), (2, 2))]
    assert asked[0] == asked[1]
    assert asked[0] not in asked[2:]


def test_the_next_token_is_asked_for_as_ever() -> None:
    rows = torch.tensor([IDS])
    assert isinstance(objective_of(TrainConfig()), NextToken)
    inputs, targets, places = NextToken().apart(NextToken().asked(rows, 1, 2))
    assert (inputs.tolist(), targets.tolist(), places) == ([list(IDS[:-1])], [list(IDS[1:])], None)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_loss_and_gradient_are_of_the_hidden_tokens_alone(precision: str) -> None:
    """-log softmax at the places, and its derivative (softmax - onehot) ⊗ hidden / N, by numpy in float64."""
    config = TrainConfig(model=replace(SHAPE, tied=False), steps=2, warmup=0, batch_size=3, mask_token=MASK,
                         precision=precision)  # fmt: skip
    data = mixture({"squares": from_ids("squares", [n * n % 29 for n in range(400)])})
    trainer = Trainer(config, data, data, device="cpu")
    trainer.model.load_state_dict(random(config.model).model.state_dict())
    trainer.model.train()
    if trainer.mixed:
        trainer.mixed.refresh()
    asked = trainer.objective.asked(data.batch(1, 0, trainer._spec()), 1, 0)
    loss = trainer._loss(asked)
    loss.backward()  # type: ignore[no-untyped-call]
    if trainer.mixed:
        trainer.mixed.hand_over()
    inputs, targets, places = trainer.objective.apart(asked)
    assert places is not None
    wanted, grad = [], np.zeros((32, 16))
    for row, ids in enumerate(inputs.tolist()):
        hidden = everything(trainer.model, ids)["hidden"]  # (T, C)
        for place, target in zip(places[row].tolist(), targets[row].tolist(), strict=True):
            logits = trainer.model.lm_head.weight.detach().double().numpy() @ hidden[place]
            probs = np.exp(logits - logits.max())
            probs /= probs.sum()
            wanted.append(-np.log(probs[target]))
            grad += np.outer(probs - np.eye(32)[target], hidden[place]) / places.numel()
    exact = precision == "float32"
    assert loss.item() == pytest.approx(np.mean(wanted), rel=1e-4 if exact else 0.02)
    found = trainer.model.lm_head.weight.grad
    assert found is not None
    assert np.linalg.norm(found.numpy() - grad) < (1e-4 if exact else 0.05) * np.linalg.norm(grad)
    assert trainer.evaluate() == trainer.evaluate()  # the same questions each time


def test_the_pass_without_a_mask_is_numpys_and_transformers() -> None:
    """Every tap against plain numpy; logits and attentions against transformers' GPT-2 with its mask taken out."""
    transformers = pytest.importorskip("transformers")
    lm = random()
    trace, plain = lm.trace(IDS), everything(lm.model, IDS)
    for name, wanted in plain.items():
        np.testing.assert_allclose(getattr(trace, name), wanted, atol=2e-4 * np.abs(wanted).max(), err_msg=name)
    assert (trace.pattern[:, :, 0, -1] > 0).all()  # the first sees the last
    made = transformers.GPT2Config(vocab_size=32, n_positions=40, n_embd=16, n_layer=2, n_head=2)
    theirs = transformers.GPT2LMHeadModel._from_config(made, attn_implementation="eager").eval()
    theirs.load_state_dict(lm.model.state_dict(), strict=False)
    for block in theirs.transformer.h:
        if hasattr(block.attn, "bias"):
            block.attn.bias.fill_(True)
    with torch.inference_mode():
        out = theirs(torch.tensor([IDS]), attention_mask=torch.zeros(1, 1, 40, 40), output_attentions=True)
    np.testing.assert_allclose(trace.logits, out.logits[0], atol=1e-4 * out.logits.abs().max().item())
    for layer in range(2):
        np.testing.assert_allclose(trace.pattern_of(layer, 1), out.attentions[layer][0, 1], atol=1e-4)
    with torch.inference_mode():  # and the fused way of training
        fused = lm.model.logits(lm.model(torch.tensor([IDS])))[0]
    np.testing.assert_allclose(fused, trace.logits, atol=1e-4 * np.abs(trace.logits).max())


def test_a_causal_model_is_what_it_was() -> None:
    """To the bit: the flag left out and said are one model, and its loss is that of its own tokens."""
    shape = replace(SHAPE, causal=True)
    assert shape == GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=40, vocab_size=32)
    assert shape.unlike_gpt2() == {}
    lm, both = random(shape), random()
    assert (lm.trace(IDS).logits[:-1] == lm.trace((*IDS[:-1], 5)).logits[:-1]).all()
    assert (both.trace(IDS).logits[0] != both.trace((*IDS[:-1], 5)).logits[0]).any()
    assert lm.fingerprint != both.fingerprint
    masked = both.trace(IDS, edits=[edits.mask("causal")])
    np.testing.assert_allclose(masked.logits, lm.trace(IDS).logits, atol=1e-4 * np.abs(masked.logits).max())
    data = mixture({"squares": from_ids("squares", list(IDS) * 3)})
    trainer = Trainer(TrainConfig(model=shape, precision="float32"), data, device="cpu")
    rows = data.batch(1, 0, trainer._spec())
    wanted = cross_entropy(trainer.model(rows[:, :-1]), trainer.model.output_rows, rows[:, 1:])
    assert trainer._loss(rows).item() == wanted.item()


def test_nothing_is_taken_over_and_nothing_continued() -> None:
    lm = random()
    first = lm.trace(IDS[:20])
    longer = lm.trace(IDS, reuse=first)
    assert longer.start == 0
    assert (longer.logits == lm.trace(IDS).logits).all()
    assert lm.trace(IDS[:20], reuse=first) is first
    for ask in (lambda: lm.prefill(IDS[:5]), lambda: lm.score([IDS]), lambda: list(lm.generate(IDS[:5]))):
        with pytest.raises(PromptError, match="fill blanks"):
            ask()


def test_it_is_written_and_read_back(tmp_path: Path) -> None:
    lm = random()
    save_model(lm.model, tmp_path, dtype=torch.float32)
    raw = json.loads((tmp_path / "config.json").read_text())
    assert (raw["causal"], raw["architectures"]) == (False, ["gptviz"])  # others must not run it with a mask
    again = LocalModel(load_model(tmp_path), lm.tokenizer)
    assert again.config == lm.config
    assert (again.trace(IDS).logits == lm.trace(IDS).logits).all()


def test_what_does_not_go_together_is_said() -> None:
    with pytest.raises(ConfigError, match="together with"):
        TrainConfig(model=SHAPE)
    with pytest.raises(ConfigError, match="together with"):
        TrainConfig(model=replace(SHAPE, causal=True), mask_token=3)
    with pytest.raises(ConfigError, match="mask_token"):
        TrainConfig(model=SHAPE, mask_token=32)
    with pytest.raises(ConfigError, match="looks back only"):
        replace(SHAPE, windows=(4, 0))


def test_a_run_of_hidden_tokens_stops_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("the cat sat on the mat_\n" * 60, encoding="utf-8")
    plan = Plan(path, tmp_path / "out", changes={"steps": 6, "batch_size": 2, "eval_every": 3}, characters=True,
                mask="_", device="cpu")  # fmt: skip
    records = train(plan)
    first = [next(records) for _ in range(4)]
    records.close()
    begun, *rest = train(plan)
    assert isinstance(begun, Begun)
    assert (begun.step, begun.config.model.causal) == (3, False)
    whole = list(train(replace(plan, out=tmp_path / "whole")))
    losses = [[r.loss for r in run if isinstance(r, TrainRecord)] for run in ([*first, *rest], whole)]
    assert losses[0] == losses[1]
    lm = gptviz.load(tmp_path / "whole" / "model")
    assert not lm.config.causal
    with pytest.raises(ConfigError, match="one token"):
        next(train(replace(plan, out=tmp_path / "other", mask="__")))
