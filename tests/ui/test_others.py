"""What lies on a machine is listed for the one person at it, and never where others are served."""

from __future__ import annotations

from typing import Any

import pytest

from gptviz import finding
from gptviz.cli import main
from gptviz.errors import ConfigError
from gptviz.ui import others, serve
from gptviz.ui.others import FIND, OPEN, alone, may_find, may_open, without_find

ASKED = {finding.ENVIRONMENT: "1"}
HOME = ("localhost", "127.0.0.1", "127.8.9.10", "::1", "[::1]")
OTHERS = ("", "0.0.0.0", "::", "192.168.1.5", "example.org", "localhost.example.org", "127.0.0.1.example.org", "1")


@pytest.mark.parametrize("address", HOME)
def test_at_home(address: str) -> None:
    assert alone(address)
    assert may_open(address, {})
    assert may_find(address, ASKED)
    assert not may_find(address, {})
    assert not may_find(address, {finding.ENVIRONMENT: "0"})
    assert not may_open(address, {OPEN: "0"})
    assert not may_find(address, {**ASKED, OPEN: "0"})  # behind something that lets others in


@pytest.mark.parametrize("address", OTHERS)
def test_where_others_come(address: str) -> None:
    assert not alone(address)
    assert not may_open(address, {})
    assert may_open(address, {OPEN: "1"})
    assert not may_find(address, ASKED)
    assert not may_find(address, {**ASKED, OPEN: "1"})  # opening may be allowed, listing never


def test_the_option_goes_by_environment() -> None:
    environment: dict[str, str] = {}
    assert without_find(["--server.port", "1", FIND], "localhost", environment) == ["--server.port", "1"]
    assert environment == ASKED
    assert without_find(["--server.port", "1"], "0.0.0.0", {}) == ["--server.port", "1"]


@pytest.mark.parametrize(("options", "environment"), [([FIND], {}), ([], ASKED)])
def test_it_is_refused_with_a_sentence(options: list[str], environment: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        without_find(options, "0.0.0.0", dict(environment))
    assert caught.value.key == "app.find_models"
    assert "--server.address 0.0.0.0" in caught.value.say("zh")
    with pytest.raises(ConfigError, match=f"{OPEN}=0"):
        without_find(options, "localhost", {**environment, OPEN: "0"})


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The options with which Streamlit would be started."""
    found: list[Any] = []
    monkeypatch.delenv("STREAMLIT_SERVER_ADDRESS", raising=False)
    monkeypatch.delenv(OPEN, raising=False)
    monkeypatch.setenv(finding.ENVIRONMENT, "")
    monkeypatch.setattr(serve.cli, "main", lambda options, **_: found.append(options))
    for name in ("send_at_once", "keep_pace", "stand_guard", "read_short_messages", "ask_nobody"):
        monkeypatch.setattr(serve, name, lambda: None)
    monkeypatch.setattr(serve.bootstrap, "_print_url", serve.bootstrap._print_url)
    monkeypatch.setattr(serve.PagesManager, "uses_pages_directory", None)
    return found


def test_the_server_is_not_started_where_others_would_see(
    started: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["app", "--find-models", "--address", "0.0.0.0"]) == 2
    assert started == []
    assert "GPTVIZ_MODELS" in capsys.readouterr().err
    monkeypatch.setenv(finding.ENVIRONMENT, "")
    for address in (["--server.address", "::"], ["--server.address="], ["--server.address=10.0.0.1"]):
        with pytest.raises(ConfigError):
            serve.main([FIND, *address])
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    with pytest.raises(ConfigError):
        serve.main([FIND])
    assert started == []


def test_at_home_it_is_started_and_streamlit_is_told_nothing_of_it(started: list[Any]) -> None:
    assert main(["app", "--find-models", "--port", "1"]) == 0
    serve.main([FIND])
    serve.main([])
    assert others.finding.asked()
    assert [options[2:] for options in started] == [
        ["--server.port", "1", "--server.address", "localhost"],
        ["--server.address", "localhost"],
        ["--server.address", "localhost"],
    ]
