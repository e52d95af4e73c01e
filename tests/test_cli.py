"""The command line."""

from __future__ import annotations

import json

import numpy as np
import pytest

import gptviz
from gptviz.cli import main


def test_trace_as_json_is_the_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "我今天很", "--json", "--top", "3"]) == 0
    found = json.loads(capsys.readouterr().out)
    t = gptviz.load().trace("我今天很")
    assert found["ids"] == list(t.ids)
    assert bytes.fromhex("".join(token["bytes"] for token in found["tokens"])).decode() == "我今天很"
    np.testing.assert_allclose(found["pattern"], t.pattern, atol=1e-5)
    assert [entry["id"] for entry in found["next"]] == np.argsort(-t.logits_at(-1), kind="stable")[:3].tolist()


def test_trace_as_text_lists_every_token_and_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "The cat sat", "--top", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(gptviz.load().trace("The cat sat").ids) + 1 + 2
    assert "bits" in lines[1]


def test_generate_prints_the_text_that_the_library_writes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "Once upon a time", "--tokens", "8", "--seed", "3"]) == 0
    steps = list(gptviz.load().generate("Once upon a time", gptviz.Sample(temperature=0.8, top_p=0.95),
                                        max_new_tokens=8, seed=3))  # fmt: skip
    assert capsys.readouterr().out == "Once upon a time" + steps[-1].text + "\n"


@pytest.mark.parametrize(
    "command", [["trace", ""], ["trace", "x", "--model", "/no/such"], ["generate", "x", "--temperature", "-1"]]
)
def test_errors_are_one_sentence(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 2
    said = capsys.readouterr()
    assert said.err.startswith("gptviz: ")
    assert len(said.err.strip().splitlines()) == 1
