"""How the server keeps pace with a class."""

from __future__ import annotations

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from gptviz.ui import pace


def test_the_theme_is_read_once_and_anew_with_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first message of each run says is the same as before, at the cost of a lookup."""
    asked: list[str] = []
    parsed: list[object] = []
    read = config.get_options_for_section

    def counted(section: str) -> dict[str, object]:
        asked.append(section)
        return read(section)

    def told() -> CustomThemeConfig:
        message = CustomThemeConfig()
        app_session._populate_theme_msg(message)
        app_session._populate_theme_msg(message.dark, "theme.dark")
        return message

    before = told()
    monkeypatch.setattr(config, "get_options_for_section", counted)
    monkeypatch.setattr(config, "on_config_parsed", lambda then, **options: parsed.append(then))
    pace.theme_once()
    assert told() == told() == before
    assert asked == ["theme", "theme.dark"]
    config.get_options_for_section("theme")["font"] = "another"  # a caller's own copy
    assert told() == before
    (anew,) = parsed
    assert callable(anew)
    anew()
    assert told() == before
    assert asked == ["theme", "theme.dark"] * 2
