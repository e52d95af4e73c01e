"""The command line."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

import numpy as np
import pytest

import gptviz
from gptviz.cli import main
from gptviz.cli.decode import parse_strategy
from gptviz.cli.table import safe, table, width
from gptviz.decoding import STRATEGIES, Beam, Contrastive, Greedy, Sample, Strategy
from gptviz.decoding.exchange import load_run
from gptviz.decoding.presets import PRESETS
from gptviz.errors import DecodingError


@pytest.mark.slow
def test_trace_as_json_is_the_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "我今天很", "--json", "--top", "3"]) == 0
    found = json.loads(capsys.readouterr().out)
    t = gptviz.load().trace("我今天很")
    assert found["ids"] == list(t.ids)
    assert bytes.fromhex("".join(token["bytes"] for token in found["tokens"])).decode() == "我今天很"
    np.testing.assert_allclose(found["pattern"], t.pattern, atol=1e-5)
    assert [entry["id"] for entry in found["next"]] == np.argsort(-t.logits_at(-1), kind="stable")[:3].tolist()


@pytest.mark.slow
def test_trace_as_text_lists_every_token_and_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "The cat sat", "--top", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(gptviz.load().trace("The cat sat").ids) + 1 + 2
    assert "bits" in lines[1]


@pytest.mark.slow
def test_generate_prints_the_text_that_the_library_writes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "Once upon a time", "--tokens", "8", "--seed", "3"]) == 0
    steps = list(gptviz.load().generate("Once upon a time", gptviz.Sample(temperature=0.8, top_p=0.95),
                                        max_new_tokens=8, seed=3))  # fmt: skip
    assert capsys.readouterr().out == "Once upon a time" + steps[-1].text + "\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["trace", ""],
        ["trace", "x", "--model", "/no/such"],
        ["generate", "x", "--temperature", "-1"],
        ["generate", "x", "--top-k", "many"],
        ["generate", "x", "--strategy", "nucleus"],
        ["generate", "x", "--strategy", "greedy", "--top-k", "3"],
        ["generate", "x", "--tokens", "1", "--json", "/no/such/folder/run.json"],
        ["compare", "", "--tokens", "1"],
        ["compare", "x", "--preset", "seven"],
        ["compare", "x", "-s", "beam:width=0"],
        ["compare", "x", "-s", ":=,"],
        ["replay", "/no/such/run.json"],
        ["replay", __file__],
    ],
)
def test_errors_are_one_sentence(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 2
    said = capsys.readouterr()
    assert said.err.startswith("gptviz: ")
    assert len(said.err.strip().splitlines()) == 1


@pytest.mark.parametrize("command", [["compare"], ["generate", "x", "--tokens", "few"], ["nothing"], []])
def test_mistakes_in_options_are_one_line_too(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(command)
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("gptviz: ")
    assert len(said.strip().splitlines()) == 1


@pytest.mark.slow
def test_generate_by_any_strategy_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Options reach the strategy; the file is the run; run again, it is the same, and goes on."""
    file = tmp_path / "run.json"
    command = ["generate", "Once upon", "--strategy", "contrastive", "--top-k", "3", "--penalty-alpha", "0.5"]
    assert main([*command, "--tokens", "5", "--json", str(file)]) == 0
    lm = gptviz.load()
    run = load_run(file.read_bytes(), lm)
    (column,) = run.columns.values()
    assert column.strategy == Contrastive(3, 0.5)
    assert capsys.readouterr().out == f"Once upon{column.text}\n"
    assert main(["replay", str(file)]) == 0
    assert main(["replay", str(file), "--tokens", "8", "--json", str(file)]) == 0
    assert next(iter(load_run(file.read_bytes(), lm).columns.values())).tokens[:5] == column.tokens


@pytest.mark.slow
def test_replay_says_where_a_file_is_not_true(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "run.json"
    main(["generate", "Once upon", "--strategy", "greedy", "--tokens", "3", "--json", str(file)])
    raw = json.loads(file.read_text())
    raw["columns"][0]["steps"][1]["logprob"] -= 1
    file.write_text(json.dumps(raw))
    capsys.readouterr()
    assert main(["replay", str(file)]) == 1
    assert "greedy: another logprob at step 2" in capsys.readouterr().err


@pytest.mark.slow
def test_compare_prints_texts_and_numbers_and_writes_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {kind: tmp_path / f"run.{kind}" for kind in ("json", "csv", "html")}
    options = [part for kind, file in files.items() for part in (f"--{kind}", str(file))]
    strategies = ["-s", "beam:width=3", "-s", "sample:temperature=0.7,top-p=0.9", "-s", "greedy", "-s", "greedy"]
    assert main(["compare", "人工智能", *strategies, "--tokens", "4", "--seed", "3", "--lang", "zh_CN", *options]) == 0
    run = load_run(files["json"].read_bytes(), gptviz.load())
    assert load_run(files["html"].read_bytes(), gptviz.load()) == run
    assert '<html lang="zh">' in files["html"].read_text(encoding="utf-8")
    assert files["csv"].read_bytes().startswith(codecs.BOM_UTF8)
    assert list(run.columns) == ["beam 3", "T 0.7, top-p 0.9", "greedy", "greedy (2)"]
    assert run.strategies["T 0.7, top-p 0.9"] == Sample(0.7, top_p=0.9)
    said = capsys.readouterr().out
    for name, column in run.columns.items():
        assert f"{name}\n    {column.text.splitlines()[0]}" in said
        assert f"{column.measures.perplexity:,.1f}" in said


@pytest.mark.slow
def test_compare_writes_json_to_the_terminal_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "Once", "--preset", "temperatures", "--tokens", "2", "--json", "-"]) == 0
    run = load_run(capsys.readouterr().out, gptviz.load())
    assert run.strategies == PRESETS["temperatures"]


@pytest.mark.parametrize(
    ("said", "strategy"),
    [
        ("greedy", Greedy()),
        ("beam:width=5,length_penalty=0", Beam(5, length_penalty=0.0)),
        ("sample: top-k=40, temperature=0.7", Sample(0.7, top_k=40)),
        ("sample:top_p=off", Sample()),
        ("beam:early_stopping=never", Beam(early_stopping="never")),
    ],
)
def test_strategies_as_typed(said: str, strategy: Strategy) -> None:
    assert parse_strategy(said) == strategy


@pytest.mark.parametrize(
    "said", ["", "best", "sample:temprature=1", "sample:temperature", "beam:width=2.5", "greedy:x=1"]
)
def test_strategies_that_there_are_not(said: str) -> None:
    with pytest.raises(DecodingError):
        parse_strategy(said)


def test_help_tells_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["generate", "--help"])
    said = capsys.readouterr().out
    for kind in STRATEGIES.values():
        assert all(f"--{parameter.name.replace('_', '-')}" in said for parameter in kind.parameters)
    assert "strategy.parameter_hint" not in said


def test_tables_stay_in_line_and_steer_no_terminal() -> None:
    """A Chinese character is two cells wide; ESC becomes its picture."""
    lines = table(["a", "n"], [["温度", "1"], ["x\x1b[2J", "22"]]).splitlines()
    assert {width(line) for line in lines} == {width("x␛[2J") + 2 + 2}
    assert safe("\x1b]0;x\x07\u0085\n\t") == "␛]0;x␇⟨0085⟩\n\t"
