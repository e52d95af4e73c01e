"""``gptviz serve`` as its users start it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

import gptviz
from benchmarks.engine import engine, measured
from gptviz.cli import main
from gptviz.language_model import LanguageModel
from gptviz.paths import ROOT

pytestmark = pytest.mark.slow


def post(url: str, body: object, **headers: str) -> bytes:
    asked = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
    with urlopen(asked, timeout=60) as answer:
        found: bytes = answer.read()
        return found


@pytest.mark.slow
def test_it_serves_a_class_a_program_and_a_notebook_and_ends_when_asked(lm: LanguageModel) -> None:
    with engine("--rate", "0", "--model", "small") as (url, process):
        own = gptviz.load("small")
        found = json.loads(post(f"{url}/v1/next", {"text": "The cat", "top": 3}))
        assert found["model"] == "small"
        best = own.trace("The cat").logits_at(-1).argmax()
        assert found["tokens"][0]["id"] == best
        there = gptviz.load(url)
        assert there.trace("The cat").resid.tolist() == own.trace("The cat").resid.tolist()
        answers, _, _ = measured(url, 8, 1.0)
        assert answers > 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in (0, -signal.SIGTERM)
    log = [json.loads(line) for line in process.log]  # type: ignore[attr-defined]
    assert (log[0]["event"], log[-1]["event"]) == ("started", "stopped")
    assert "The cat" not in json.dumps(log)
    assert {line["status"] for line in log if line["event"] == "request"} == {200}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org"])
def test_elsewhere_only_with_keys(
    host: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GPTVIZ_KEYS", raising=False)
    assert main(["serve", "--host", host]) == 2
    said = capsys.readouterr().err
    assert "GPTVIZ_KEYS" in said
    assert "--open" in said


def test_keys_that_cannot_be_read_keep_it_from_starting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPTVIZ_KEYS", str(tmp_path / "none"))
    assert main(["serve"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_help_says_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    said = capsys.readouterr().out
    for word in ("--host", "--port", "--model", "--open", "GPTVIZ_KEYS", "curl", "/openapi.json"):
        assert word in said


@pytest.mark.slow
def test_an_address_that_is_taken_is_a_sentence() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "gptviz", "serve", "--host", "127.0.0.1", "--port", port, "--model", "small"]
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 2
    assert "cannot listen" in done.stderr
    assert "Traceback" not in done.stderr
