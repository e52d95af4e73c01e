"""The n-gram baseline on parts of text, the report of all tests, and ``gptviz eval``."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from gptviz import evaluation
from gptviz.cli import main
from gptviz.cli.scores import as_text
from gptviz.errors import ConfigError
from gptviz.evaluation.baseline import sampled, train_baseline
from gptviz.evaluation.held_out import Part, PartScore
from gptviz.evaluation.report import Report, evaluate
from gptviz.gpt.weights import save_model
from gptviz.language_model import LanguageModel
from gptviz.tools import readme


class TestBaseline:
    def test_a_sample_has_each_parts_share(self) -> None:
        """Parts of 100 and 300 tokens; 40 tokens are 10 and 30, by weights 1 : 1 they are 20 and 20."""
        parts = [Part(name, [np.full(10, i) for i in range(n)], [20] * n) for name, n in (("a", 10), ("b", 30))]
        assert [part.n_tokens for part in sampled(parts, 40, None, 0)] == [10, 30]
        cut = sampled(parts, 30, {"a": 1, "b": 1}, 0)
        assert [part.n_tokens for part in cut] == [15, 15]
        assert sum(cut[0].n_bytes) == 30
        drawn = [int(document[0]) for document in sampled(parts, 1000, None, 0)[1].documents]
        assert sorted(drawn) == list(range(30))  # all it has, each once
        assert drawn != sorted(drawn)

    def test_it_counts_the_tokens_that_the_model_scores(self, tmp_path: Path, tiny_lm: LanguageModel) -> None:
        """Three documents "ab" for a vocabulary of 64 characters: the ends of documents are not scored, nor, where
        there is no end-of-text token, the first token of each."""
        (tmp_path / "p.train.txt").write_text("ab\n<|endoftext|>\nab\n<|endoftext|>\nac\n", encoding="utf-8")
        baseline = train_baseline(tmp_path, tiny_lm.tokenizer)
        assert (baseline.n_tokens, baseline.n_bytes) == (6, 6)
        a, b = tiny_lm.tokenizer.encode("ab")
        after_start, after_a = baseline.model.distribution([]), baseline.model.distribution([a])
        bits = -np.log2([after_start[a], after_a[b]])
        part = Part("p", [np.array([a, b])] * 2, [2, 2])
        assert baseline.bits(part, skip_first=False) == pytest.approx(2 * bits.sum())
        assert baseline.bits(part, skip_first=True) == pytest.approx(2 * bits[1])

    def test_no_text_to_train_on_is_said(self, tmp_path: Path, tiny_lm: LanguageModel) -> None:
        (tmp_path / "p.train.txt").write_text("ab", encoding="utf-8")
        with pytest.raises(ConfigError, match="No text files"):
            train_baseline(tmp_path, tiny_lm.tokenizer, weights={"q": 1.0})


def test_the_total_is_all_parts_as_one_text() -> None:
    parts = [PartScore("a", 10, 4, 20.0, 0.5, 1.0, 40.0), PartScore("b", 30, 12, 20.0, 0.25, 0.5, 40.0)]
    total = Report(parts=parts).total
    assert total is not None
    assert (total.bits_per_byte, total.baseline_bits_per_byte, total.ratio) == (1.0, 2.0, 0.5)
    assert (total.top1, total.top5) == (5 / 16, 10 / 16)


@pytest.mark.slow
def test_everything_in_one_go(tiny_lm: LanguageModel, tmp_path: Path) -> None:
    """Records come one by one, the report is plain JSON, the table names every part."""
    for split in ("train", "valid"):
        (tmp_path / f"one.{split}.txt").write_text("the cat sat on the mat. " * 9, encoding="utf-8")
        (tmp_path / f"two.{split}.txt.xz").write_bytes(lzma.compress(b"a dog ran. " * 9))
    records = evaluate(tiny_lm, tmp_path, baseline=True, samples=1, limit_bytes=60)
    report = Report.of(records)
    assert [part.part for part in report.parts] == ["one", "two"]
    assert all(part.n_bytes == 59 and part.ratio and part.ratio > 1 for part in report.parts)  # random weights
    found = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert [part["part"] for part in found["held_out"]] == ["one", "two", "all"]
    assert found["baseline"]["order"] == 5
    assert len(found["induction"]["prefix_matching"]["heads"]) == 2
    text = as_text(report)
    for line in ("one ", "two ", "all ", "5-gram", "cloze ", "common knowledge ", "English", "prefix matching",
                 "distinct-1"):  # fmt: skip
        assert line in text
    only = Report.of(evaluate(tiny_lm, tmp_path, parts=["two"], samples=0))
    assert [part.part for part in only.parts] == ["two"]
    with pytest.raises(ConfigError, match="one, two"):
        next(evaluate(tiny_lm, tmp_path, parts=["three"]))


@pytest.mark.slow
def test_the_command_writes_a_table_and_json(
    tiny_lm: LanguageModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_model(tiny_lm.model, tmp_path / "tiny")
    tiny_lm.tokenizer.save(tmp_path / "tiny")
    (tmp_path / "story.valid.txt").write_text("Once upon a time there was a little girl.", encoding="utf-8")
    file = tmp_path / "found.json"
    asked = ["eval", str(tmp_path / "tiny"), "--data", str(tmp_path), "--samples", "0", "--json", str(file)]
    assert main(asked) == 0
    found = json.loads(file.read_text(encoding="utf-8"))
    assert (found["model"], found["held_out"][0]["n_bytes"]) == ("tiny", 40)
    assert found["cloze"].keys() == {"en", "py"}  # it knows no Chinese characters
    assert found["knowledge"].keys() == {"en"}
    asked_for = Counter((answer["kind"], answer["language"]) for answer in found["cloze_answers"])
    assert [found[name]["en"]["n"] for name in ("cloze", "knowledge")] == [
        asked_for[kind, "en"] for kind in ("fluency", "knowledge")
    ]
    said = capsys.readouterr()
    assert f"{found['held_out'][0]['bits_per_byte']:.3f}" in said.out
    assert "story" in said.err
    assert main([*asked[:-1], "-"]) == 0
    assert json.loads(capsys.readouterr().out) == found
    assert main([*asked[:-1], str(tmp_path)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_the_readme_tells_both_kinds_apart() -> None:
    """A report of before knowledge was asked for has fluency only."""
    score = {"n": 4, "top1": 0.25, "top5": 0.5}
    older = {"cloze": {"en": score, "py": score}}
    both = readme.cloze(older | {"knowledge": {"en": score}}, {"cloze": {"en": score | {"top1": 0.1}}})
    rows = [line.strip("| ").split(" | ") for line in both.splitlines()[2:]]
    assert [(asked_for.split(":")[0], *row) for asked_for, *row in rows] == [
        ("fluency", "en", "4", "25% (10%)", "50% (50%)"),  # what it was before stands beside it
        ("fluency", "py", "4", "25%", "50%"),
        ("knowledge", "en", "4", "25%", "50%"),
    ]
    assert "knowledge" not in readme.cloze(older, {})


@pytest.mark.slow
@pytest.mark.parametrize(
    "argv",
    [
        ["--baseline"],
        ["--limit-bytes", "0"],
        ["--samples", "-1"],
        ["--data", "/no/such/folder"],
        ["--weights", "/no/such/file", "--data", "."],
        ["/no/such/model"],
    ],
)
def test_what_cannot_be_run_is_one_sentence(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", *argv]) == 2
    said = capsys.readouterr()
    assert (said.out, len(said.err.strip().splitlines())) == ("", 1)


def test_the_room_exports_what_it_names() -> None:
    assert evaluation.__all__ == sorted(evaluation.__all__)
    assert all(hasattr(evaluation, name) for name in evaluation.__all__)
