"""What a classifier's answer rests on, and how many examples it took."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from gptviz import tuning
from gptviz.cli import main
from gptviz.errors import ConfigError, PromptError
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tuning.attributions import above_the_others, attribute
from gptviz.tuning.curve import blank, learning_curve
from gptviz.tuning.examples import Example
from gptviz.tuning.methods import METHODS
from gptviz.tuning.trunk import Trunk
from tests.test_tuning import reviews

pytestmark = pytest.mark.slow


@pytest.fixture
def local(tiny_lm: LanguageModel) -> LocalModel:
    assert isinstance(tiny_lm, LocalModel)
    return tiny_lm


def learnt(lm: LocalModel, method: str = "lora") -> tuning.Classification:
    rate = 3e-3 if method == "full" else 3e-2
    config = tuning.TuneConfig(method=tuning.method(method), epochs=8, batch_size=8, learning_rate=rate)
    task = tuning.Classification(lm, reviews(), config)
    task.learn()
    return task


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_row_for_each_token_reads_as_the_tokens_do(local: LocalModel, method: str) -> None:
    """To the bit, virtual tokens and prefixes too."""
    trunk = Trunk.of(local)
    tuning.method(method).prepare(trunk)
    ids = torch.tensor([[5, 3, 8, 1], [2, 2, 9, 0]])
    with torch.no_grad():
        assert torch.equal(trunk.read(trunk.tokens(ids)), trunk(ids))


def test_the_gradient_is_that_of_small_changes(local: LocalModel) -> None:
    """Each token's row times 1 ± h: the change of f over 2 h is e · ∂f/∂e."""
    task = learnt(local)
    said = attribute(task.classifier.double(), local.tokenizer, "the film was good")
    task.classifier.double()
    ids = torch.tensor([said.ids])
    rows, lengths = task.trunk.tokens(ids), torch.tensor([len(said.ids)])
    wanted = task.classifier.labels.index(said.label)
    with torch.no_grad():
        for at in range(len(said.ids)):
            ends = []
            for h in (1e-4, -1e-4):
                moved = rows.clone()
                moved[0, at] *= 1 + h
                ends.append(float(above_the_others(task.classifier.of_rows(moved, lengths), wanted)))
            assert (ends[0] - ends[1]) / 2e-4 == pytest.approx(said.gradient[at], abs=1e-6)


def test_occlusion_is_the_score_without_the_token(local: LocalModel) -> None:
    task = learnt(local)
    said = attribute(task.classifier, local.tokenizer, "the food was poor", "bad")
    assert said.label == "bad"
    rows, lengths = task.trunk.tokens(torch.tensor([said.ids])), torch.tensor([len(said.ids)])
    with torch.no_grad():
        logits = task.classifier.of_rows(rows, lengths)[0]
        wanted = task.classifier.labels.index("bad")
        assert said.score == pytest.approx(float(logits[wanted] - logits[1 - wanted]), abs=1e-5)
        rows[0, 3] = 0.0
        without = task.classifier.of_rows(rows, lengths)[0]
    assert said.score - float(without[wanted] - without[1 - wanted]) == pytest.approx(said.occlusion[3], abs=1e-4)
    assert said.agreement == pytest.approx(np.corrcoef(said.gradient, said.occlusion)[0, 1])
    other = attribute(task.classifier, local.tokenizer, "the food was poor", "good")
    np.testing.assert_allclose(other.gradient, -said.gradient, atol=1e-4)  # of two labels, one is the other's opposite


def test_gradient_and_occlusion_agree_where_all_is_linear(local: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trunk that passes rows on: then both are the head's weight times the row, shared by the mean."""
    task = learnt(local, "head")
    task.classifier.pooling = "mean"
    torch.nn.init.normal_(task.classifier.head.weight, generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(Trunk, "read", lambda self, rows: rows)
    said = attribute(task.classifier, local.tokenizer, "the film was good")
    np.testing.assert_allclose(said.gradient, said.occlusion, atol=1e-5)
    assert said.agreement == pytest.approx(1)
    weight = task.classifier.head.weight.detach()
    wanted = task.classifier.labels.index(said.label)
    by_hand = task.trunk.tokens(torch.tensor([said.ids]))[0] @ (weight[wanted] - weight[1 - wanted]) / len(said.ids)
    np.testing.assert_allclose(said.gradient, by_hand.detach().numpy(), atol=1e-5)


def test_no_text_and_a_strange_label_are_told(local: LocalModel) -> None:
    task = learnt(local, "head")
    with pytest.raises(PromptError):
        attribute(task.classifier, local.tokenizer, "")
    with pytest.raises(ConfigError, match="sideways"):
        attribute(task.classifier, local.tokenizer, "the film", "sideways")


def test_a_head_that_has_learnt_nothing_rests_on_nothing(local: LocalModel) -> None:
    task = tuning.Classification(local, reviews(), tuning.TuneConfig())
    said = attribute(task.classifier, local.tokenizer, "the film")
    assert not said.gradient.any()
    assert not said.occlusion.any()
    assert said.agreement is None


def test_from_scratch_is_the_same_shape_and_knows_nothing(local: LocalModel) -> None:
    before = torch.random.get_rng_state()
    found, again, other = blank(local, seed=1), blank(local, seed=1), blank(local, seed=2)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert found.fingerprint == again.fingerprint != other.fingerprint
    assert {name: w.shape for name, w in found.model.state_dict().items()} == {
        name: w.shape for name, w in local.model.state_dict().items()
    }
    assert float(found.model.transformer["wte"].weight.std()) == pytest.approx(0.02, rel=0.2)


def test_a_learning_curve_has_three_points_for_each_number(local: LocalModel) -> None:
    config = tuning.TuneConfig(epochs=2, batch_size=8, learning_rate=2e-2)
    train, test = reviews(40), reviews(20)
    found = list(learning_curve(local, train, test, (40, 2, 8), config))
    assert [(point.examples, point.way) for point in found] == [
        (count, way) for count in (2, 8, 40) for way in ("tuned", "scratch", "words")
    ]
    assert found[-1].scores.accuracy == 1.0  # a word says the label, and all have been seen
    again = list(learning_curve(local, train, test, (2,), config))
    assert [point.scores.accuracy for point in again] == [point.scores.accuracy for point in found[:3]]
    one = [Example("x", "a")] * 30 + [Example("y", "b")]
    assert [p.examples for p in learning_curve(local, one, one, (2,), config)] == [2, 2, 2]
    for counts in ((1,), (41,)):
        with pytest.raises(ConfigError, match="number of examples"):
            list(learning_curve(local, train, test, counts, config))


def test_the_shell_draws_a_curve_and_explains(local: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                              capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    monkeypatch.setattr("gptviz.load", lambda *args, **options: local)
    file, test = tmp_path / "reviews.csv", tmp_path / "test.csv"
    file.write_text("text,label\n" + "".join(f"{x.text},{x.label}\n" for x in reviews(16)))
    other = {"good": "bad", "bad": "good"}
    test.write_text("text,label\n" + "".join(f"{x.text},{other[x.label]}\n" for x in reviews(16)))
    asked = ["tune", "classify", str(file), str(tmp_path / "out"), "--epochs", "10", "--learning-rate", "0.03"]
    assert main([*asked, "--curve", "2,8", "--explain", "2", "--test", str(test), "--json", "-"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert list(said)[-5:] == ["accuracy", "macro_f1", "baseline_accuracy", "trainable", "seconds"]
    assert [(p["examples"], p["way"]) for p in said["curve"]][::3] == [(2, "tuned"), (8, "tuned")]
    assert 1 <= len(said["wrong"]) <= 2
    for row in said["wrong"]:
        assert row["label"] != row["found"]
        assert "".join(row["tokens"]) == row["text"]
        assert len(row["gradient"]) == len(row["occlusion"]) == len(row["tokens"])
    for curve in ("1", "2,x", "17"):
        assert main([*asked, "--curve", curve]) == 2
        assert "number of examples" in capsys.readouterr().err
