"""``--start`` and ``--no-start``: the shell reads a text after the start mark, or not, as the pages' control says."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from gptviz.cli import main
from gptviz.decoding.exchange import load_run, to_csv
from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.readings import reading
from gptviz.views import pair

TEXT = "The cat sat on the"
MODULES = ("decode", "trace", "surprisal")


@pytest.fixture(autouse=True)
def bundled(lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in MODULES:
        monkeypatch.setattr(f"gptviz.cli.{module}.load", lambda name: lm)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(("option", "marked"), [((), False), (("--start",), True), (("--no-start",), False)])
def test_trace_and_generate_read_what_the_option_says(
    lm: LanguageModel, capsys: pytest.CaptureFixture[str], option: tuple[str, ...], marked: bool
) -> None:
    ids = [lm.tokenizer.start] * marked + lm.tokenizer.encode(TEXT)
    found = json.loads(said(capsys, "trace", TEXT, *option, "--json", "-"))
    assert found["ids"] == ids
    wanted = -np.asarray(lm.trace(ids).logprobs[1:], dtype=float) / np.log(2)
    assert [token["surprisal"] for token in found["tokens"][1:]] == pytest.approx(wanted, abs=1e-3)
    run = load_run(said(capsys, "generate", TEXT, "--strategy", "greedy", "--tokens", "3", *option, "--json", "-"), lm)
    assert (run.ids, run.start, run.prompt) == (tuple(ids), marked, TEXT)
    assert next(iter(run.columns.values())).tokens == tuple(
        step.token for step in lm.generate(ids, run.columns[next(iter(run.columns))].strategy, max_new_tokens=3)
    )


def test_compare_shows_the_mark_before_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("compare", TEXT, "-s", "greedy", "--tokens", "2")
    assert said(capsys, *arguments, "--start").startswith(f"<|endoftext|>{TEXT}\n")
    assert said(capsys, *arguments).startswith(f"{TEXT}\n")


def test_surprisal_scores_the_first_token_unless_told_otherwise(
    lm: LanguageModel, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "a.txt"
    file.write_text(TEXT)
    for option, marked in (((), True), (("--start",), True), (("--no-start",), False)):
        found = json.loads(said(capsys, "surprisal", str(file), *option, "--json", "-"))
        assert found["start"] == ("<|endoftext|>" if marked else None)
        bits = [token["bits"] for token in found["texts"][0]["tokens"]]
        assert (bits[0] is None) == (not marked)
        traced = json.loads(said(capsys, "trace", TEXT, "--start" if marked else "--no-start", "--json", "-"))
        surprisal = [token["surprisal"] for token in traced["tokens"][marked:]]
        assert bits[1:] == pytest.approx(surprisal[1:], abs=1e-3)  # one text, one probability
    assert "read without the mark" in said(capsys, "surprisal", str(file), "--no-start")


@pytest.mark.parametrize("command", [["trace", "ab"], ["generate", "ab"], ["compare", "ab"]])
def test_a_model_without_a_mark_says_so(
    tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    for module in MODULES:
        monkeypatch.setattr(f"gptviz.cli.{module}.load", lambda name: tiny_lm)
    assert main([*command, "--start"]) == 2
    assert translate("error.cli.no_start", "en", model=tiny_lm.name).split("{")[0] in capsys.readouterr().err


def test_steps_count_from_one_where_people_read_them(lm: LanguageModel, capsys: pytest.CaptureFixture[str]) -> None:
    """Step by step, its reading and the CSV began at 0, everything else at 1."""
    run = load_run(said(capsys, "generate", TEXT, "--tokens", "3", "--json", "-"), lm)
    assert [row["step"] for row in csv.DictReader(io.StringIO(to_csv(run)))] == ["1", "2", "3"]
    prompt = lm.tokenizer.encode(TEXT)
    view = pair(lm.trace([*prompt, 300, 301]), lm.trace([*prompt, 300, 401]), len(prompt), lm.tokenizer, step=0)
    for lang, word in zip(languages(), ("step", "步"), strict=False):
        assert word in reading(view, lang)
    assert "At step 1," in reading(view, "en")
    assert "At step 3," in reading(view._replace(step=2), "en")
