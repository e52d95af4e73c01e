"""What goes wrong with ``gptviz tune``: each is one sentence, nothing is lost and nothing is left half-written."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gptviz import tuning
from gptviz.catalogue import load_folder
from gptviz.cli import main
from gptviz.errors import ConfigError, GptvizError, WeightsError
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.paths import MODELS
from gptviz.tuning import saved
from gptviz.tuning.batches import encode
from gptviz.tuning.tasks import Classification
from tests.parity import random_decoder
from tests.test_tuning import reviews

pytestmark = pytest.mark.slow

ROWS = "".join(f"{x.text},{x.label}\n" for x in reviews(16))
#: Each of the tasks that learn labels, as it is asked; FILE is the data, OUT a folder.
TASKS = {
    "classify": ["classify", "FILE", "OUT", "--epochs", "1"],
    "sequence": ["sequence", "FILE", "GOOD", "--remedies", "none", "--epochs", "1"],
    "robust": ["robust", "FILE", "--ways", "plain", "--attacked", "0", "--epochs", "1"],
    "prompts": ["prompts", "FILE", "--pattern", "{text} {label}", "--words", "good=x", "bad=y", "--shots", "0"],
}


@pytest.fixture
def local(tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> LocalModel:
    """The small model, which the shell opens; held-out text is not measured."""
    assert isinstance(tiny_lm, LocalModel)
    monkeypatch.setattr("gptviz.load", lambda *args, **options: tiny_lm)
    monkeypatch.setattr("gptviz.tuning.forgetting.held_out_text", lambda *args: [])
    return tiny_lm


@pytest.fixture
def ask(local: LocalModel, tmp_path: Path) -> Callable[..., int]:
    """Ask for a task on a file with this in it."""
    (tmp_path / "good.csv").write_text("text,label\n" + ROWS)

    def asked(task: str, content: str | bytes, *options: str) -> int:
        file = tmp_path / "data.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        places = {"FILE": str(file), "GOOD": str(tmp_path / "good.csv"), "OUT": str(tmp_path / "out")}
        return main(["tune", *[places.get(word, word) for word in TASKS[task]], *options])

    return asked


def only_a_sentence(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr().err
    assert said.startswith("gptviz: ")
    assert said.count("\n") == 1
    return said


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no labelled text"),
        ("text,label\n", "no labelled text"),
        ("review,stars\nx,1\n", "no column"),
        ("text,label\nfine,\n", "nothing under"),
        ("text,label\n" + "x" * 100_001 + ",good\n", "limit of 100000"),
        (b"text,label\n\xff\xfe,good\n", "UTF-8"),
        (b"\x00\x01\x02", ""),
    ],
)
def test_a_file_that_cannot_be_used(ask: Callable[..., int], task: str, content: str | bytes, said: str,
                                    capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    assert ask(task, content) == 2
    assert said in only_a_sentence(capsys)


@pytest.mark.parametrize("task", [name for name in TASKS if name != "prompts"])
def test_one_label_only(ask: Callable[..., int], task: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(task, "text,label\na,good\nb,good\n") == 2
    assert "same label, ‘good’" in only_a_sentence(capsys)


@pytest.mark.parametrize("task", [name for name in TASKS if name != "sequence"])
def test_labels_that_were_never_seen(ask: Callable[..., int], task: str, tmp_path: Path,
                                     capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    test = tmp_path / "test.csv"
    test.write_text("text,label\nfine,sideways\n")
    assert ask(task, "text,label\n" + ROWS, "--test", str(test)) == 2
    assert "sideways" in only_a_sentence(capsys)


def test_labels_that_were_never_seen_in_a_sequence(ask: Callable[..., int], tmp_path: Path,
                                                   capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    """What was never learnt counts as wrong on no side: it is told before anything is learnt."""
    test = tmp_path / "test.csv"
    test.write_text("text,label\nfine,sideways\nbad,good\n")
    assert ask("sequence", "text,label\n" + ROWS, "--test", str(test), "--then-test", str(test)) == 2
    assert "sideways" in only_a_sentence(capsys)


@pytest.mark.parametrize("task", TASKS)
def test_texts_of_ten_thousand_characters_are_read(
    ask: Callable[..., int], task: str, capsys: pytest.CaptureFixture[str]
) -> None:
    long = f"{'a film ' * 1500},good\n{'x' * 10_000},bad\n"
    assert ask(task, "text,label\n" + long + ROWS, "--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["seconds"] >= 0


@pytest.mark.parametrize("method", ["full", "lora", "head", "prompt"])
def test_a_rate_of_a_hundred_is_told_or_comes_to_numbers(ask: Callable[..., int], method: str, tmp_path: Path,
                                                         capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    code = ask("classify", "text,label\n" + ROWS, "--method", method, "--learning-rate", "100", "--epochs", "8",
               "--patience", "0", "--json", str(tmp_path / "said.json"), "--log", str(tmp_path / "log"))  # fmt: skip
    for line in (tmp_path / "log").read_text().splitlines():
        assert all(value is None or math.isfinite(value) for value in json.loads(line).values())
    if code:
        assert "a tenth of it" in capsys.readouterr().err
        assert not (tmp_path / "out" / "tuning.json").exists()
    else:
        assert math.isfinite(json.loads((tmp_path / "said.json").read_text())["accuracy"])


def test_a_loss_that_is_no_number_leaves_what_was_there(ask: Callable[..., int], local: LocalModel, tmp_path: Path,
                                                        monkeypatch: pytest.MonkeyPatch,
                                                        capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    assert ask("classify", "text,label\n" + ROWS) == 0
    before = (tmp_path / "out" / "tuning.json").read_bytes()
    capsys.readouterr()
    monkeypatch.setattr(Classification, "loss", lambda self, places: torch.tensor(math.nan))
    assert ask("classify", "text,label\n" + ROWS, "--valid-share", "0") == 2
    assert "At step 1" in only_a_sentence(capsys)
    assert (tmp_path / "out" / "tuning.json").read_bytes() == before
    assert isinstance(tuning.open_tuned(tmp_path / "out", local), tuning.Classifier)


def test_a_held_out_loss_that_is_no_number_is_told(local: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    task = tuning.Classification(local, reviews(), tuning.TuneConfig(epochs=2))
    records = task.run()
    next(records)
    monkeypatch.setattr(task, "held_out", lambda: (math.inf, 0.5))
    with pytest.raises(ConfigError, match="learning rate"):
        list(records)


def interrupted(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, call: int) -> None:
    """Ctrl-C in the middle of the call of that number."""
    real, counted = getattr(owner, name), [0]

    def broken(*args: Any, **options: Any) -> Any:
        counted[0] += 1
        if counted[0] == call:
            raise KeyboardInterrupt
        return real(*args, **options)

    monkeypatch.setattr(owner, name, broken)


def test_a_stop_while_learning_saves_the_best_so_far(ask: Callable[..., int], local: LocalModel, tmp_path: Path,
                                                     monkeypatch: pytest.MonkeyPatch,
                                                     capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    interrupted(monkeypatch, Classification, "loss", 5)
    assert ask("classify", "text,label\n" + ROWS, "--batch-size", "4", "--epochs", "9", "--json", "-") == 0
    assert 0 <= json.loads(capsys.readouterr().out)["accuracy"] <= 1
    found = tuning.open_tuned(tmp_path / "out", local)
    assert isinstance(found, tuning.Classifier)
    assert torch.isfinite(torch.from_numpy(found.logits(encode(local.tokenizer, ["the film"], 32)))).all()


@pytest.mark.parametrize("task", ["sequence", "robust"])
def test_a_stop_in_a_comparison_tells_what_was_measured(ask: Callable[..., int], task: str,
                                                        monkeypatch: pytest.MonkeyPatch,
                                                        capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    interrupted(monkeypatch, Classification, "loss", 3)
    assert ask(task, "text,label\n" + ROWS, "--batch-size", "4", "--json", "-") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said.get("stages") or said.get("ways") or []) == []


@pytest.mark.parametrize("place", ["save_file", "_save_merged", "_save_adapter"])
def test_a_stop_while_saving_leaves_the_earlier_run(
    ask: Callable[..., int], local: LocalModel, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask("classify", "text,label\n" + ROWS, "--seed", "1") == 0
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    interrupted(monkeypatch, saved, place, 1)
    assert ask("classify", "text,label\n" + ROWS, "--seed", "2") == 130
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


def test_a_second_run_leaves_nothing_of_the_first(ask: Callable[..., int], local: LocalModel, tmp_path: Path) -> None:
    assert ask("classify", "text,label\n" + ROWS, "--method", "lora") == 0
    assert (tmp_path / "out" / "adapter").is_dir()
    (tmp_path / "out" / "mine.txt").write_text("kept")
    assert ask("classify", "text,label\n" + ROWS, "--method", "prefix") == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"tuning.json", "learnt.safetensors", "mine.txt"}


# ---- models of other families


@pytest.mark.parametrize("name", ["llama", "qwen3, tied, biases", "gpt_neox", "mistral, window 7", "gemma"])
def test_models_of_other_families_are_tuned_or_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    from gptviz.gpt.weights import load_model
    from gptviz.tokens.tokenizer import Tokenizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        random_decoder(tmp_path / "base", name)
    letters = Tokenizer.characters("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .")
    lm = LocalModel(load_model(tmp_path / "base"), letters, name=name)
    for method in sorted(tuning.METHODS):
        config = tuning.TuneConfig(method=tuning.method(method), epochs=1, batch_size=16)
        try:
            task = tuning.Classification(lm, reviews(16), config)
        except GptvizError as error:
            assert method in ("bitfit", "prefix"), error  # without biases, with windows  # noqa: PT017
            continue
        assert next(task.run()).loss == pytest.approx(math.log(2), abs=1e-5)
        task.learn()
        folder = tmp_path / method
        tuning.save(task, lm, folder)
        rows: list[list[int]] = encode(letters, ["the film", "bad"], task.most)
        again = tuning.open_tuned(folder, lm)
        assert isinstance(again, tuning.Classifier)
        torch.testing.assert_close(torch.from_numpy(again.logits(rows)), torch.from_numpy(task.classifier.logits(rows)))


def test_a_model_that_fills_blanks_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a batch it would read what fills up the shorter texts."""
    masked = load_folder(MODELS / "blanks" / "masked", weights="float32")
    assert isinstance(masked, LocalModel)
    with pytest.raises(ConfigError, match="fills blanks"):
        tuning.Classification(masked, reviews())
    file = tmp_path / "data.csv"
    file.write_text("text,label\n" + ROWS)
    model = str(MODELS / "blanks" / "masked")
    assert main(["tune", "classify", str(file), str(tmp_path / "out"), "--model", model]) == 2
    assert "fills blanks" in only_a_sentence(capsys)


def test_what_was_learnt_on_another_model_is_not_opened(local: LocalModel, lm: LanguageModel, tmp_path: Path) -> None:
    assert isinstance(lm, LocalModel)
    tuning.save(tuning.Classification(local, reviews()), local, tmp_path)
    with pytest.raises(WeightsError, match="another model"):
        tuning.open_tuned(tmp_path, lm)


def test_the_bundled_vocabulary_reads_ten_thousand_characters(lm: LanguageModel) -> None:
    """Without a space too."""
    for text in ("x" * 10_000, "好" * 10_000, "ab " * 3000):
        [row] = encode(lm.tokenizer, [text], 256)
        assert len(row) == 256
