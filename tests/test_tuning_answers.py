"""Learning how to answer: by examples, by pairs, by a reward; each light that must be green before it is believed."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gptviz import tuning
from gptviz.cli import main
from gptviz.errors import ConfigError
from gptviz.gpt.model import GPT
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tuning.instructions import Instruction
from gptviz.tuning.pairs import (
    TEMPLATE,
    Answered,
    Pair,
    answer_logprobs,
    ask,
    asked,
    read_answers,
    read_pairs,
    token_logprobs,
)
from gptviz.tuning.ppo import PPO, PPOConfig, Rule, clipped_loss, gae, whitened
from gptviz.tuning.preferences import DPO, Reward, dpo_loss, rewards_by
from gptviz.tuning.saved import merged

pytestmark = pytest.mark.slow

ANSWERS = [Answered(f"say {x}", x * 3) for x in "abcdefgh"] * 3
PAIRS = [Pair(f"say {x}", f"{x} yes", f"{x} no") for x in "abcdefghij"] * 2


@pytest.fixture(scope="module")
def local(tiny_model: GPT) -> LocalModel:
    """The tiny model with what a question is asked by among its letters."""
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234567 .:\n"
    return LocalModel(tiny_model, Tokenizer.characters(alphabet), name="tiny")


def config(**settings: object) -> tuning.TuneConfig:
    base = tuning.TuneConfig(method=tuning.method("lora"), epochs=10, batch_size=6, patience=0, learning_rate=2e-2)
    return replace(base, **settings)  # type: ignore[arg-type]


# ---- answers


def test_only_the_answer_counts_and_each_token_once(local: LocalModel) -> None:
    """Against the trace of the whole text, in numpy."""
    task = Instruction(local, ANSWERS, config())
    rows = [asked(local, "say a", "aaa", 32), asked(local, "now say b please", "b", 32)]
    found, there = token_logprobs(task.trunk, rows)
    for i, row in enumerate(rows):
        said = local.trace(row.ids).logprobs[row.start :]
        np.testing.assert_allclose(found[i][there[i]].detach().numpy(), said, atol=1e-4)
        assert int(there[i].sum()) == len(row.ids) - row.start
    assert not found[~there].any()
    whole = [float(np.sum(local.trace(row.ids).logprobs[row.start :])) for row in rows]
    np.testing.assert_allclose(answer_logprobs(task.trunk, rows).detach().numpy(), whole, atol=1e-3)


def test_a_long_question_loses_its_beginning_and_a_long_answer_its_end(local: LocalModel) -> None:
    row = asked(local, "q" * 100, "a" * 10, 32)
    assert len(row.ids) == 32
    assert local.tokenizer.decode(row.ids[row.start :]) == " " + "a" * 10
    row = asked(local, "q", "a" * 100, 32)
    assert len(row.ids) == 32
    assert 1 <= row.start < 32


def test_what_answers_is_asked_the_same_way_as_a_chat(lm: LanguageModel) -> None:
    """The template that is saved writes what was learnt from."""
    assert isinstance(lm, LocalModel)
    tuned = LocalModel(lm.model, lm.tokenizer, chat_template=TEMPLATE)
    for prompt in ("What is red?", "我今天很好吗？"):
        assert tuned.chat([{"role": "user", "content": prompt}]) == ask(lm, prompt)


def test_it_learns_to_answer(local: LocalModel) -> None:
    task = Instruction(local, ANSWERS, config(method=tuning.method("full"), learning_rate=3e-3, epochs=20))
    records = list(task.run())
    before, after = records[0].valid_loss, task.held_out()
    assert before is not None
    assert after is not None
    assert after[0] < 0.7 * before
    answering = merged(task, local)
    assert answering.chat_template == TEMPLATE
    first = int(np.argmax(answering.trace(ask(local, "say c")).logits[-1]))
    assert local.tokenizer.decode([first]) == " "


# ---- DPO


def test_dpo_by_hand() -> None:
    """−ln σ(0.5 · ((−1 + 2) − (−3 + 1))) = −ln σ(1.5) = 0.2014."""
    found = dpo_loss(*(torch.tensor([x]) for x in (-1.0, -3.0, -2.0, -1.0)), beta=0.5)
    assert float(found) == pytest.approx(-math.log(1 / (1 + math.exp(-1.5))))


@pytest.mark.parametrize("method", ["lora", "full", "adalora"])
def test_dpo_begins_at_ln_2_exactly(local: LocalModel, method: str) -> None:
    task = DPO(local, PAIRS, config(method=tuning.method(method)))
    with torch.no_grad():
        assert float(task.loss([0, 1, 2])) == pytest.approx(math.log(2), abs=1e-6)
    assert task.preferred().margin == pytest.approx(0.0, abs=1e-5)


def test_dpo_prefers_what_was_chosen_and_leaves_the_model(local: LocalModel) -> None:
    before = {name: value.clone() for name, value in local.model.state_dict().items()}
    task = DPO(local, PAIRS, config(), beta=0.3)
    records = list(task.run())
    assert records[0].loss == pytest.approx(math.log(2), abs=1e-6)
    assert task.best_loss < 0.5
    said = task.preferred()
    assert said.margin > 1
    held_out = task.held_out()
    assert held_out is not None
    assert held_out[1] == 1.0
    assert all(torch.equal(value, before[name]) for name, value in local.model.state_dict().items())


# ---- a reward


def test_a_reward_begins_at_ln_2_and_learns_the_order(local: LocalModel) -> None:
    task = Reward(local, PAIRS, config(method=tuning.method("full"), learning_rate=5e-3))
    records = list(task.run())
    assert records[0].loss == pytest.approx(math.log(2), abs=1e-6)
    held_out = task.held_out()
    assert held_out is not None
    assert held_out[1] == 1.0
    better, worse = rewards_by(task, local)(["say z", "say z"], ["z yes", "z no"])
    assert better > worse


# ---- PPO


def letters(wanted: str) -> Rule:
    def rule(prompts: Sequence[str], answers: Sequence[str]) -> list[float]:
        return [sum(x in wanted for x in answer) / max(1, len(answer)) for answer in answers]

    return rule


SMALL = PPOConfig(steps=3, prompts=2, answers=3, max_new_tokens=6, learning_rate=5e-3)


def test_the_lights_are_green(local: LocalModel) -> None:
    """In the first minibatch the ratio is 1 and nothing is clipped; at the first step KL is 0; rewards differ."""
    records = list(PPO(local, ["say a", "say b"], letters("abcdefghijklm"), SMALL).run())
    assert [r.figures.first_ratio for r in records] == pytest.approx([1.0] * 3, abs=1e-5)
    assert [r.figures.first_clipped for r in records] == [0.0] * 3
    assert records[0].figures.kl == pytest.approx(0.0, abs=1e-4)
    assert records[0].reward_std > 0
    assert all(len(text) <= 6 for r in records for _, text in r.samples)


def test_what_is_rewarded_becomes_likelier_and_kl_is_what_it_costs(local: LocalModel) -> None:
    run = replace(SMALL, steps=25, prompts=2, answers=8, kl=0.0, learning_rate=2e-2)
    free = list(PPO(local, ["say a"], letters("abcdefghijklm"), run).run())
    first, last = (float(np.mean([r.reward for r in part])) for part in (free[:5], free[-5:]))
    assert last > first + 0.2
    held = list(PPO(local, ["say a"], letters("abcdefghijklm"), replace(run, kl=5.0)).run())
    assert abs(held[-1].figures.kl) < free[-1].figures.kl


def test_with_lambda_1_an_advantage_is_the_return_less_the_value() -> None:
    torch.manual_seed(0)
    rewards, values = torch.randn(3, 6), torch.randn(3, 6)
    there = torch.tensor([[0, 1, 1, 1, 1, 0], [0, 0, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]], dtype=torch.bool)
    rewards, values = rewards * there, values * there
    advantages, returns = gae(rewards, values, there, 1.0, 1.0)
    for row in range(3):
        for t in range(6):
            wanted = float(rewards[row, t:].sum()) if there[row, t] else 0.0
            assert float(returns[row, t]) == pytest.approx(wanted, abs=1e-5)
            assert float(advantages[row, t]) == pytest.approx(wanted - float(values[row, t]), abs=1e-5)


def test_gae_by_hand() -> None:
    """γ = 0.5, λ = 0.5, r = (0, 1), V = (2, 4): δ₂ = 1 − 4 = −3, δ₁ = 0 + 2 − 2 = 0, A₁ = 0 + 0.25 · (−3)."""
    advantages, returns = gae(torch.tensor([[0.0, 1.0]]), torch.tensor([[2.0, 4.0]]), torch.ones(1, 2).bool(), 0.5, 0.5)
    assert advantages.tolist() == [[-0.75, -3.0]]
    assert returns.tolist() == [[1.25, 1.0]]


def test_the_clipped_loss_by_hand() -> None:
    """Advantages 1 and −1 at a ratio of 1.5, clip 0.2: −1.2 (clipped), and 1.5 (a worse one is never cut)."""
    there = torch.ones(1, 2).bool()
    loss, clipped = clipped_loss(torch.tensor([[1.5, 1.5]]), torch.tensor([[1.0, -1.0]]), there, 0.2)
    assert float(loss) == pytest.approx((-1.2 + 1.5) / 2)
    assert clipped == 0.5


def test_whitened_has_mean_0_and_variance_1_where_something_is() -> None:
    there = torch.tensor([[True, True, False, True]])
    found = whitened(torch.tensor([[1.0, 5.0, 100.0, 3.0]]), there)[there]
    assert float(found.mean()) == pytest.approx(0.0, abs=1e-6)
    assert float(found.square().mean()) == pytest.approx(1.0, abs=1e-4)


def test_a_reward_that_is_none_and_methods_that_do_not_merge_are_refused(local: LocalModel) -> None:
    with pytest.raises(ConfigError, match="finite number"):
        next(PPO(local, ["a"], lambda prompts, answers: [math.nan] * len(answers), SMALL).run())
    with pytest.raises(ConfigError, match="cannot become part"):
        PPOConfig(method=tuning.method("prefix"))
    with pytest.raises(ConfigError, match="kl must lie"):
        PPOConfig(kl=-1)


# ---- files and the shell


def test_files_of_answers_and_pairs(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"prompt": "p", "answer": "a"}\n')
    assert read_answers(file) == [Answered("p", "a")]
    file.write_text(
        '{"prompt": "p", "chosen": "a", "rejected": "b"}\n{"prompt": "p", "chosen": "a", "rejected": "a"}\n'
    )
    with pytest.raises(ConfigError, match="line 2: both answers are the same"):
        read_pairs(file)


@pytest.mark.slow
@pytest.mark.parametrize("by", ["dpo", "ppo"])
def test_the_shell_prefers(by: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("prompt,chosen,rejected\n" + "".join(f"say {x},yes,no\n" for x in "abcdef"))
    assert main(["tune", "prefer", str(file), str(tmp_path / "out"), "--by", by, "--epochs", "1", "--steps", "1",
                 "--json", "-"]) == 0  # fmt: skip
    said = json.loads(capsys.readouterr().out)
    assert said["by"] == by
    assert said["trainable"] > 0
    assert (tmp_path / "out" / "model" / "chat_template.jinja").read_text() == TEMPLATE


@pytest.mark.slow
def test_the_shell_instructs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("prompt,answer\n" + "".join(f"say {x},{x}\n" for x in "abcdefghij"))
    options = ["tune", "instruct", str(file), str(tmp_path / "out"), "--epochs", "1", "--json", "-"]
    assert main(options) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["loss"] < said["loss_before"]
    assert main([*options, "--method", "prefix"]) == 2
    assert "could not answer without it" in capsys.readouterr().err
