"""Learning on: what a second task takes from the first and from the language, and what helps."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gptviz import tuning
from gptviz.catalogue import load_folder
from gptviz.cli import main
from gptviz.errors import ConfigError, PromptError
from gptviz.evaluation.held_out import Part, score_part
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.paths import MODELS
from gptviz.tuning.batches import padded
from gptviz.tuning.examples import Example
from gptviz.tuning.forgetting import Memory, bits_per_byte, held_out_text
from gptviz.tuning.methods import METHODS
from gptviz.tuning.saved import merged
from gptviz.tuning.sequence import Onward, SequenceConfig, Stage, Step, fisher, learn_on
from gptviz.tuning.trunk import Trunk
from tests.test_tuning import reviews

pytestmark = pytest.mark.slow

FULL = tuning.TuneConfig(method=tuning.method("full"), epochs=6, batch_size=8, patience=0, learning_rate=3e-3)
LAST = replace(FULL, valid_share=0.0, epochs=12)  # the last step is what is left
SIZES = [Example(f"a {x} {y}", label) for x in ("b", "c", "d", "f") for y in ("gh", "kl", "mn", "pq")
         for x, label in ((x, "small"), (x.upper(), "large"))]  # fmt: skip


@pytest.fixture
def local(tiny_lm: LanguageModel) -> LocalModel:
    assert isinstance(tiny_lm, LocalModel)
    return tiny_lm


def texts(lm: LocalModel) -> list[Part]:
    """Parts in the small model's letters, some longer than it reads."""
    found = []
    for name, said in (("one", ["the film was good", "what a book " * 9]), ("two", ["1234567 " * 6])):
        found.append(Part(name, [np.array(lm.tokenizer.encode(x)) for x in said], [len(x) for x in said]))
    return found


# ---- what is forgotten of the language


def test_bits_per_byte_are_those_that_eval_counts(local: LocalModel, lm: LanguageModel) -> None:
    """Of a vocabulary with a mark at the beginning of texts and of one without."""
    assert isinstance(lm, LocalModel)
    for model, parts in ((local, texts(local)), (lm, held_out_text(lm.tokenizer))):
        trunk = Trunk.of(model)
        for part in parts:
            assert bits_per_byte(trunk, model.tokenizer, part) == pytest.approx(
                score_part(model, part).bits_per_byte, rel=1e-3 if model is lm else 1e-5
            )


def test_our_text_is_there_in_both_languages_and_long_enough(lm: LanguageModel) -> None:
    parts = {part.name: part for part in held_out_text(lm.tokenizer)}
    assert parts.keys() == {"en", "zh"}
    assert all(sum(part.n_bytes) > 2000 and len(part.documents) == 12 for part in parts.values())


@pytest.mark.parametrize("method", sorted(METHODS))
def test_nothing_is_forgotten_before_anything_is_learnt(local: LocalModel, method: str) -> None:
    """But for what stands before a text, which changes it from the start."""
    task = tuning.Classification(local, reviews(), replace(FULL, method=tuning.method(method), learning_rate=None))
    memory = Memory(local, texts(local))
    before = memory.forgotten(task.trunk)
    if method not in ("prefix", "prompt"):
        assert [part.more for part in before] == [0.0, 0.0]
    task.learn()
    after = memory.forgotten(task.trunk)
    assert [part.before for part in after] == [part.before for part in before]
    if method == "head":
        assert not any(part.more for part in after)
    elif task.best_loss < np.log(2) - 1e-9:
        assert all(part.more for part in after)


def test_a_folders_text_is_read(local: LocalModel, tmp_path: Path) -> None:
    (tmp_path / "mine.valid.txt").write_text("the film was good")
    [part] = held_out_text(local.tokenizer, tmp_path)
    assert (part.name, part.n_bytes) == ("mine", [17])
    with pytest.raises(ConfigError):
        held_out_text(local.tokenizer, tmp_path / "nowhere")


# ---- the Fisher information


def test_the_fisher_information_is_the_mean_of_squared_gradients(local: LocalModel) -> None:
    """Of ln p of a drawn label, text by text: here where the draw is certain, by torch's own backward."""
    task = tuning.Classification(local, reviews(), FULL)
    task.learn()
    with torch.no_grad():
        task.classifier.head.weight *= 1000  # certain of what it says
    rows = task.rows[0][:3]
    found = fisher(task.classifier, rows)
    said = task.classifier.logits(rows).argmax(1)
    name = "model.transformer.h.0.attn.c_attn.weight"
    parameter = dict(task.trunk.named_parameters())[name]
    total = torch.zeros_like(parameter)
    for row, label in zip(rows, said, strict=True):
        loss = torch.log_softmax(task.classifier(padded([row])), -1)[0, label]
        [gradient] = torch.autograd.grad(loss, parameter)
        total += gradient**2
    torch.testing.assert_close(found.weight[name], total / 3)
    assert all((weight >= 0).all() for weight in found.weight.values())
    assert float(found.penalty(task.classifier).detach()) == 0.0  # at A's numbers
    with torch.no_grad():
        parameter += 0.5
    assert float(found.penalty(task.classifier).detach()) == pytest.approx(
        float(found.weight[name].sum()) / 8, rel=1e-4
    )


def test_labels_are_drawn_not_taken(local: LocalModel) -> None:
    """A classifier at the start says 1/2 each: which labels are drawn hangs on the seed, not on the texts' labels."""
    task = tuning.Classification(local, reviews(), FULL)
    with torch.no_grad():
        torch.nn.init.normal_(task.classifier.head.weight, std=0.05, generator=torch.Generator().manual_seed(1))
    rows = task.rows[0][:8]
    one, same, other = (fisher(task.classifier, rows, seed=seed) for seed in (1, 1, 2))
    name = "model.transformer.ln_f.weight"
    assert torch.equal(one.weight[name], same.weight[name])
    assert not torch.equal(one.weight[name], other.weight[name])
    assert all(parameter.requires_grad for parameter in task.trunk.parameters())


# ---- one task after another


def test_every_remedy_begins_where_the_first_task_ended(local: LocalModel) -> None:
    config = SequenceConfig(first=FULL, then=FULL, ewc=100.0, fisher_texts=8)
    found = list(learn_on(local, reviews(), SIZES, config))
    stages = [one for one in found if isinstance(one, Stage)]
    assert [stage.remedy for stage in stages] == [None, "none", "rehearsal", "ewc", "lora"]
    steps = [one for one in found if isinstance(one, Step)]
    assert {step.task for step in steps if step.remedy is None} == {"first"}
    first = {step.remedy: step.record.loss for step in steps if step.record.step == 0 and step.task == "then"}
    assert first.keys() == {"none", "rehearsal", "ewc", "lora"}
    assert all(loss == pytest.approx(np.log(2), abs=1e-6) for loss in first.values())
    for stage in stages[1:]:
        assert stage.lost == pytest.approx(stages[0].first - stage.first)
        assert stage.first_interval[0] <= stage.first <= stage.first_interval[1]
        assert {part.part for part in stage.language} == set()
    assert stages[4].trainable < stages[1].trainable


@pytest.fixture(autouse=True)
def small_texts(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The small model cannot write our texts: where tasks follow one another, it is measured on none."""
    if "local" in request.fixturenames and "remedy" in request.node.name:
        monkeypatch.setattr("gptviz.tuning.sequence.Memory", lambda lm: Memory(lm, []))


def onward(local: LocalModel, **changes: float) -> tuple[tuning.Classification, Onward, list[float]]:
    a = tuning.Classification(local, reviews(), FULL)
    a.learn()
    b = Onward(merged(a, local), SIZES, LAST, a, rehearse=changes.get("rehearse", 0.0))
    if "ewc" in changes:
        b.known, b.ewc = fisher(b.earlier, a.rows[0][:16]), changes["ewc"]
    return a, b, [record.loss for record in b.run()]


def test_a_weight_of_nothing_changes_nothing(local: LocalModel) -> None:
    _, plain, curve = onward(local)
    for changes in ({"ewc": 0.0}, {"rehearse": 0.0}):
        _, other, again = onward(local, **changes)
        assert again == curve
        for one, two in zip(plain.trunk.parameters(), other.trunk.parameters(), strict=True):
            assert torch.equal(one, two)


def test_ewc_keeps_the_numbers_that_the_first_task_needs_nearer(local: LocalModel) -> None:
    def moved(task: Onward, a: tuning.Classification) -> float:
        known = fisher(a.classifier, a.rows[0][:16])
        return float(known.penalty(task.classifier).detach())

    a, free, _ = onward(local)
    _, held, _ = onward(local, ewc=1e4)
    assert 0 < moved(held, a) < moved(free, a) / 2


def test_rehearsal_keeps_the_first_tasks_loss_lower(local: LocalModel) -> None:
    def loss(task: Onward, a: tuning.Classification) -> float:
        logits = torch.from_numpy(task.earlier.logits(a.rows[0]))
        return float(torch.nn.functional.cross_entropy(logits, torch.from_numpy(a.targets[0])))

    a, free, _ = onward(local)
    _, again, _ = onward(local, rehearse=1.0)
    assert loss(again, a) < loss(free, a)
    head = a.classifier.head.weight
    assert torch.equal(again.earlier.head.weight, head)  # it stays as A left it


@pytest.mark.parametrize("settings", [{"rehearse": -1}, {"ewc": float("nan")}, {"fisher_texts": 0},
                                      {"remedies": ("prayer",)},
                                      {"first": tuning.TuneConfig(method=tuning.method("prefix"))}])  # fmt: skip
def test_settings_are_checked(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        SequenceConfig(**settings)  # type: ignore[arg-type]


def test_a_model_that_fills_blanks_has_no_bits_to_forget() -> None:
    masked = load_folder(MODELS / "blanks" / "masked", weights="float32")
    assert isinstance(masked, LocalModel)
    with pytest.raises(PromptError):
        next(learn_on(masked, reviews(), SIZES))


# ---- the shell


def test_the_shell_tells_what_was_forgotten(local: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                            capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    monkeypatch.setattr("gptviz.load", lambda *args, **options: local)
    file, then, held = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "texts"
    file.write_text("text,label\n" + "".join(f"{x.text},{x.label}\n" for x in reviews(16)))
    then.write_text("text,label\n" + "".join(f"{x.text},{x.label}\n" for x in SIZES))
    held.mkdir()
    (held / "mine.valid.txt").write_text("the film was good")
    fast = ["--epochs", "2", "--batch-size", "8", "--json", "-"]
    assert main(["tune", "classify", str(file), str(tmp_path / "out"), "--method", "full", "--learning-rate", "0.01",
                 "--forgotten", str(held), *fast]) == 0  # fmt: skip
    said = json.loads(capsys.readouterr().out)
    part = said["forgotten"]["mine"]
    assert part["more"] == pytest.approx(part["after"] - part["before"])
    assert json.loads((tmp_path / "out" / "tuning.json").read_text())["scores"]["forgotten"] == said["forgotten"]
    assert list(said)[-1] == "seconds"
    assert main(["tune", "classify", str(file), str(tmp_path / "out"), "--forgotten", str(tmp_path / "no"), *fast]) == 2
    assert "no" in capsys.readouterr().err
    monkeypatch.setattr("gptviz.tuning.sequence.Memory", lambda lm: Memory(lm, texts(lm)))
    assert main(["tune", "sequence", str(file), str(then), "--remedies", "none,lora", *fast]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [stage["remedy"] for stage in said["stages"]] == [None, "none", "lora"]
    assert said["stages"][1]["language"].keys() == {"one", "two"}
    for options in (["--remedies", "prayer"], ["--test", str(file)], ["--ewc", "-1"], ["--method", "prefix"]):
        assert main(["tune", "sequence", str(file), str(then), *options]) == 2
        assert capsys.readouterr().err.count("\n") == 1
