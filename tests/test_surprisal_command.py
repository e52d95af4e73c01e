"""``gptviz surprisal``: each number recomputed from the model's logits, totals, pairs, tables and files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gptviz.cli import main
from gptviz.language_model import LanguageModel

LINES = ["Once upon a time there was a cat.", "今天天气很好。"]


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, lm: LanguageModel) -> Any:
    """The command on a text with some options → what it printed."""
    monkeypatch.setattr("gptviz.cli.surprisal.load", lambda name: lm)
    file = tmp_path / "text.txt"

    def run(text: str, *options: str, code: int = 0) -> str:
        file.write_text(text, encoding="utf-8")
        assert main(["surprisal", str(file), *options]) == code
        said = capsys.readouterr()
        return said.err if code else said.out

    return run


def bits_of(lm: LanguageModel, text: str) -> np.ndarray:
    """Surprisal of each token after the mark that starts a text, by a softmax written out here."""
    ids = [lm.tokenizer.end_of_text, *lm.tokenizer.encode(text)]
    logits = lm.trace(ids[:-1]).logits.astype(np.float64)
    logprobs = (
        logits
        - np.log(np.exp(logits - logits.max(1, keepdims=True)).sum(1, keepdims=True))
        - logits.max(1, keepdims=True)
    )
    return -logprobs[np.arange(len(ids) - 1), ids[1:]] / np.log(2)  # type: ignore[no-any-return]


def test_json_has_each_token_and_the_totals(say: Any, lm: LanguageModel) -> None:
    found = json.loads(say("\n".join([LINES[0], "", LINES[1], ""]), "--lines", "--json", "-"))
    assert [text["line"] for text in found["texts"]] == [1, 3]
    assert found["model"] == {"name": lm.name, "fingerprint": lm.fingerprint}
    assert found["start"] == "<|endoftext|>"
    for text, line in zip(found["texts"], LINES, strict=True):
        expected = bits_of(lm, line)
        np.testing.assert_allclose([token["bits"] for token in text["tokens"]], expected, rtol=1e-4)
        assert text["bits"] == pytest.approx(expected.sum(), rel=1e-4)
        assert text["bytes"] == len(line.encode())
        assert text["bits_per_byte"] == pytest.approx(expected.sum() / len(line.encode()), rel=1e-4)
        assert text["perplexity"] == pytest.approx(2 ** expected.mean(), rel=1e-4)
        assert bytes.fromhex("".join(token["bytes"] for token in text["tokens"])).decode() == line
    total = found["total"]
    assert total["bits"] == pytest.approx(sum(text["bits"] for text in found["texts"]))
    assert (total["texts"], total["bytes"]) == (2, sum(len(line.encode()) for line in LINES))


def test_the_whole_file_is_one_text_without_lines(say: Any, lm: LanguageModel) -> None:
    text = "\n".join(LINES)
    found = json.loads(say(text + "\n", "--json", "-"))
    [one] = found["texts"]
    assert one["text"] == text
    assert one["bits"] == pytest.approx(bits_of(lm, text).sum(), rel=1e-4)


def test_csv_by_token_and_by_text(say: Any, lm: LanguageModel) -> None:
    tokens = list(csv.DictReader(io.StringIO(say("\n".join(LINES), "--lines", "--by", "token", "--csv", "-"))))
    expected = np.concatenate([bits_of(lm, line) for line in LINES])
    np.testing.assert_allclose([float(row["bits"]) for row in tokens], expected, rtol=1e-4)
    assert {row["line"] for row in tokens} == {"1", "2"}
    assert all(int(row["rank"]) >= 1 and float(row["entropy"]) > 0 for row in tokens)
    texts = list(csv.DictReader(io.StringIO(say("\n".join(LINES), "--lines", "--csv", "-"))))
    assert [row["text"] for row in texts] == LINES
    assert [float(row["bits"]) for row in texts] == pytest.approx([bits_of(lm, line).sum() for line in LINES], rel=1e-4)
    assert len(list(csv.DictReader(io.StringIO(say(LINES[0], "--csv", "-"))))) == len(bits_of(lm, LINES[0]))


def test_pairs_are_compared(say: Any, lm: LanguageModel) -> None:
    """By a tab or ‖, with a name or without; the difference is that of the two texts alone."""
    good, bad = "The cats are here.", "The cats is here."
    given = f"agreement\t{good}\t{bad}\n{bad} ‖ {good}\n"
    found = json.loads(say(given, "--pairs", "--json", "-"))
    difference = bits_of(lm, bad).sum() - bits_of(lm, good).sum()
    assert [pair["bits_b_minus_a"] for pair in found["pairs"]] == pytest.approx([difference, -difference], rel=1e-3)
    assert [(pair["name"], pair["likelier"]) for pair in found["pairs"]] == [("agreement", "a"), ("", "b")]
    assert [(text["line"], text["name"]) for text in found["texts"]] == [(1, "a"), (1, "b"), (2, "a"), (2, "b")]
    assert "the first is likelier in 1 of 2 pairs (50.0%)" in say(given, "--pairs")
    rows = list(csv.DictReader(io.StringIO(say(given, "--pairs", "--csv", "-"))))
    assert [(row["a"], row["likelier"]) for row in rows] == [(good, "a"), (bad, "b")]
    assert say(f"{good}\t{good}", "--pairs").count(" =") == 1


@pytest.mark.parametrize("wrong", ["one text", "a\tb\tc\td", "\tb", "name\t\tb\t"])
def test_what_is_no_pair_is_told_with_its_line(say: Any, wrong: str) -> None:
    said = say(f"a\tb\n\n{wrong}\n", "--pairs", code=2)
    assert "Line 3 of " in said


def test_a_terminal_gets_a_table_and_the_totals(say: Any, lm: LanguageModel) -> None:
    said = say(LINES[0] + "\nx\x1b[2J\n").splitlines()
    bits = bits_of(lm, LINES[0] + "\nx\x1b[2J")
    assert len(said) == 1 + len(bits) + 2
    assert f"{bits.sum():,.2f} bits" in said[-1]
    assert not any("\x1b" in line for line in said)
    by_line = say("\n".join(LINES), "--lines").splitlines()
    assert LINES[1] in by_line[2]


def test_what_a_spreadsheet_would_run_is_disarmed(say: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(say("=1+1\n", "--lines", "--csv", "-"))))
    assert rows[0]["text"] == "'=1+1"


@pytest.mark.slow
def test_a_text_longer_than_the_context_is_read_in_windows(say: Any, lm: LanguageModel) -> None:
    text = " ".join(f"{n} cats and {n + 1} dogs." for n in range(90))
    found = json.loads(say(text, "--json", "-"))
    count = len(lm.tokenizer.encode(text))
    assert count > lm.config.block_size
    assert found["total"]["scored"] == count


def test_without_a_start_mark_the_first_token_has_no_score(
    tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("gptviz.cli.surprisal.load", lambda name: tiny_lm)
    file = tmp_path / "a.txt"
    file.write_text("ab\nc\n")
    assert main(["surprisal", str(file), "--lines", "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    first, alone = found["texts"]
    assert [token["bits"] is None for token in first["tokens"]] == [True, False]
    assert (alone["scored"], alone["bits"], alone["perplexity"]) == (0, None, None)
    assert (found["start"], found["total"]["scored"]) == (None, 1)
    assert main(["surprisal", str(file), "--lines"]) == 0
    assert "no mark that starts a text" in capsys.readouterr().out
    file.write_text("a")
    assert main(["surprisal", str(file)]) == 0
    assert "0.00 bits" in capsys.readouterr().out
