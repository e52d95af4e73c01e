"""One training step under glass: every number again in plain numpy, or by torch's own optimiser."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch

import gptviz
from gptviz.errors import ConfigError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.training import glass
from gptviz.training.glass import After, AtLogits, Backward, Forward, Rule, Update

pytestmark = pytest.mark.slow

IDS = [3, 14, 15, 9, 26, 5, 35, 8]
T = len(IDS) - 1


def stepped(model: GPT, **how: Any) -> tuple[Forward, AtLogits, Backward, Update, After]:
    forward, at_logits, backward, update, after = glass.one_step(model, IDS, **how)
    assert isinstance(forward, Forward)
    assert isinstance(at_logits, AtLogits)
    assert isinstance(backward, Backward)
    assert isinstance(update, Update)
    assert isinstance(after, After)
    return forward, at_logits, backward, update, after


def test_losses_and_the_gradient_at_the_logits_are_numpys(tiny_lm: LanguageModel, tiny_model: GPT) -> None:
    logits = np.asarray(tiny_lm.trace(IDS[:-1]).logits, dtype=np.float64)  # (T, V)
    probs = np.exp(logits - logits.max(-1, keepdims=True))
    probs /= probs.sum(-1, keepdims=True)
    forward, at_logits, _, _, _ = stepped(tiny_model, position=2)
    assert forward.targets == IDS[1:]
    assert forward.losses == pytest.approx(-np.log(probs[range(T), IDS[1:]]), abs=1e-5)
    assert forward.loss == pytest.approx(np.mean(forward.losses))
    assert at_logits.position == 2
    assert at_logits.rows[0].id == IDS[3]
    assert [row.onehot for row in at_logits.rows] == [1] + [0] * glass.TOP
    for row in at_logits.rows:
        assert row.p == pytest.approx(probs[2, row.id], abs=1e-6)
        assert row.gradient == pytest.approx((probs[2, row.id] - (row.id == IDS[3])) / T, abs=1e-6)
    rest = [i for i in range(64) if i not in {row.id for row in at_logits.rows}]
    assert at_logits.rest == pytest.approx(probs[2, rest].sum() / T, abs=1e-6)
    # and it is what moving that logit does to the loss
    moved = logits.copy()
    moved[2, at_logits.rows[1].id] += 1e-5
    by_difference = (_loss(moved) - _loss(logits)) / 1e-5
    assert at_logits.rows[1].gradient == pytest.approx(by_difference, abs=1e-6)


def _loss(logits: np.ndarray) -> float:
    return float(np.mean(np.log(np.exp(logits).sum(-1)) - logits[range(T), IDS[1:]]))


@pytest.mark.parametrize("name", ["transformer.h.1.mlp.c_fc.weight", "transformer.ln_f.bias"])
def test_the_update_is_adamws_by_hand_and_torchs_to_the_last_digit(tiny_model: GPT, name: str) -> None:
    rule = Rule(learning_rate=0.01, betas=(0.8, 0.9), weight_decay=0.5)
    index = (1, 2) if name.endswith("weight") else (3,)
    learner = copy.deepcopy(tiny_model).requires_grad_(True)
    groups = [{"params": [p for p in learner.parameters() if p.ndim >= 2], "weight_decay": 0.5},
              {"params": [p for p in learner.parameters() if p.ndim < 2], "weight_decay": 0.0}]  # fmt: skip
    optimizer = torch.optim.AdamW(groups, lr=0.01, betas=(0.8, 0.9))
    weight = dict(learner.named_parameters())[name]
    m = v = 0.0
    for step in (1, 2, 3):
        optimizer.zero_grad()
        logits = learner.logits(learner(torch.tensor([IDS[:-1]])))[0]
        torch.nn.functional.cross_entropy(logits, torch.tensor(IDS[1:])).backward()
        w, g = weight[index].item(), weight.grad[index].item()
        m, v = 0.8 * m + 0.2 * g, 0.9 * v + 0.1 * g * g
        decay = 0.01 * 0.5 * w if len(index) == 2 else 0.0
        move = 0.01 * (m / (1 - 0.8**step)) / (math.sqrt(v / (1 - 0.9**step)) + 1e-8)
        optimizer.step()
        update = stepped(tiny_model, rule=rule, step=step, weight=(name, index))[3]
        assert (update.name, update.place, update.step) == (name, index, step)
        assert [update.weight, update.gradient, update.m, update.v] == pytest.approx([w, g, m, v], rel=1e-4, abs=1e-9)
        assert [update.decay, update.move] == pytest.approx([decay, move], rel=1e-4, abs=1e-9)
        assert update.after == pytest.approx(weight[index].item(), abs=1e-6)
        assert update.after == update.weight - update.decay - update.move


def test_norms_are_those_of_the_gradient_and_go_down(tiny_model: GPT) -> None:
    _, _, backward, update, _ = stepped(tiny_model)
    names = [norm.name for norm in backward.tensors]
    assert names[:2] == ["transformer.ln_f.bias", "transformer.ln_f.weight"]
    assert set(names[-2:]) == {"transformer.wte.weight", "transformer.wpe.weight"}  # the last that it comes to
    assert len(backward.tensors) == len(list(tiny_model.parameters()))
    assert backward.norm == pytest.approx(math.sqrt(sum(norm.gradient**2 for norm in backward.tensors)))
    learner = copy.deepcopy(tiny_model).requires_grad_(True)
    logits = learner.logits(learner(torch.tensor([IDS[:-1]])))[0]
    torch.nn.functional.cross_entropy(logits, torch.tensor(IDS[1:])).backward()
    for norm in backward.tensors:
        gradient = dict(learner.named_parameters())[norm.name].grad.numpy()
        assert norm.gradient == pytest.approx(np.sqrt((gradient.astype(np.float64) ** 2).sum()), rel=1e-4)
        assert norm.size == gradient.size
    largest = max(abs(p.grad).max() for p in learner.parameters())
    assert abs(update.gradient) == pytest.approx(float(largest), rel=1e-5)  # the weight that is shown by default


def test_a_small_step_does_what_the_line_says_and_a_large_one_does_not(tiny_model: GPT) -> None:
    def fallen(rate: float) -> tuple[float, float]:
        forward, _, _, _, after = stepped(tiny_model, rule=Rule(learning_rate=rate, weight_decay=0.0))
        return forward.loss - after.loss, forward.loss - after.linear

    real, said = fallen(1e-4)
    assert real > 0
    assert real == pytest.approx(said, rel=0.05)
    real, said = fallen(0.3)
    assert abs(real - said) > 0.5 * abs(said)


def test_the_costliest_target_the_steepest_of_a_tensor_and_the_losses_before(tiny_model: GPT) -> None:
    forward, at_logits, _, _, _ = stepped(tiny_model, position=None)
    assert at_logits.position == int(np.argmax(forward.losses))
    assert forward.earlier == []
    name = "transformer.h.0.attn.c_attn.weight"
    update = stepped(tiny_model, weight=(name, ()))[3]
    learner = copy.deepcopy(tiny_model).requires_grad_(True)
    logits = learner.logits(learner(torch.tensor([IDS[:-1]])))[0]
    torch.nn.functional.cross_entropy(logits, torch.tensor(IDS[1:])).backward()
    gradient = dict(learner.named_parameters())[name].grad
    assert gradient is not None
    assert (update.name, abs(update.gradient)) == (name, pytest.approx(float(gradient.abs().max()), rel=1e-5))
    steps = [stepped(tiny_model, step=step) for step in (1, 2, 3)]
    assert steps[2][0].earlier == [steps[0][0].loss, steps[1][0].loss]
    assert steps[1][0].loss == pytest.approx(steps[0][4].loss, abs=1e-6)  # what was promised after the first


def test_a_model_that_is_held_narrow_is_refused_and_not_stepped_without_a_gradient() -> None:
    lm = gptviz.load("small", weights="float16")
    assert isinstance(lm, LocalModel)
    with pytest.raises(ConfigError, match='weights="float32"'):
        next(glass.one_step(lm.model, [1, 2, 3]))


def test_the_model_stays_as_it_is_and_the_same_step_is_the_same(tiny_model: GPT) -> None:
    before = {name: p.detach().clone() for name, p in tiny_model.named_parameters()}
    assert stepped(tiny_model, step=3) == stepped(tiny_model, step=3)
    assert all(torch.equal(before[name], p) for name, p in tiny_model.named_parameters())
    assert all(p.grad is None for p in tiny_model.parameters())


def test_many_steps_learn_the_text_by_heart(tiny_model: GPT) -> None:
    rule = Rule(learning_rate=0.03)
    losses = [stepped(tiny_model, rule=rule, step=step)[0].loss for step in (1, 10, 20)]
    assert losses[0] > losses[1] > losses[2]
    assert losses[2] < 0.2 * losses[0]


def test_one_pass_and_one_token_at_a_time_say_the_same(tiny_model: GPT) -> None:
    raced = glass.race(tiny_model, IDS)
    assert raced.tokens == len(IDS)
    assert raced.difference < 1e-4
    assert min(raced.at_once, raced.one_by_one) > 0


@pytest.mark.parametrize(("ids", "how", "says"), [
    ([1], {}, "at least two tokens"),
    ([1] * 40, {}, "at most 33 here"),
    ([1, 64], {}, "ends at 64"),
    ([1, 2], {"step": 21}, "step must lie between 1 and 20"),
    ([1, 2], {"position": 1}, "position must lie between"),
    ([1, 2], {"weight": ("lm_head.bias", (0,))}, "no weight lm_head.bias"),
    ([1, 2], {"weight": ("transformer.wte.weight", (64, 0))}, "no weight transformer.wte.weight"),
])  # fmt: skip
def test_what_cannot_be_shown_is_said(tiny_model: GPT, ids: list[int], how: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        list(glass.one_step(tiny_model, ids, **how))


def test_rates_out_of_range_and_large_models_are_refused() -> None:
    for wrong in ({"learning_rate": math.nan}, {"betas": (1.0, 0.9)}, {"weight_decay": -1.0}):
        with pytest.raises(ConfigError):
            Rule(**wrong)  # type: ignore[arg-type]
    large = GPT(GPTConfig(n_layer=1, n_head=1, n_embd=64, block_size=8, vocab_size=64_000))
    with pytest.raises(ConfigError, match="small bundled model"):
        next(glass.one_step(large, IDS))
