"""How the server keeps pace with a class."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit import config
from streamlit.components.v2.bidi_component import main as bidi_component
from streamlit.proto.NewSession_pb2 import NewSession
from streamlit.runtime import app_session
from streamlit.runtime.media_file_manager import MediaFileManager, MediaFileMetadata
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.state.session_state import SessionState

from gptviz.ui import pace


@pytest.fixture(autouse=True)
def others_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is put in the place of Streamlit's functions is taken away again."""
    for name in ("_populate_theme_msg", "_populate_config_msg"):
        monkeypatch.setattr(app_session, name, getattr(app_session, name))
    nudge = "_compute_skills_nudge_state"
    monkeypatch.setattr(app_session.AppSession, nudge, getattr(app_session.AppSession, nudge))
    monkeypatch.setattr(MediaFileManager, "remove_orphaned_files", MediaFileManager.remove_orphaned_files)
    presenter = "make_bidi_component_presenter"
    monkeypatch.setattr(bidi_component, presenter, getattr(bidi_component, presenter))


def told() -> NewSession:
    """What the first message of a run says of the configuration: the options, and a theme with its parts."""
    message = NewSession()
    app_session._populate_config_msg(message.config)
    theme = message.custom_theme
    app_session._populate_theme_msg(theme)
    for part, section in ((theme.light, "light"), (theme.dark, "dark"), (theme.sidebar, "sidebar"),
                          (theme.dark.sidebar, "dark.sidebar")):  # fmt: skip
        app_session._populate_theme_msg(part, f"theme.{section}")
    return message


def test_what_a_browser_is_told_of_is_made_once_and_anew_with_the_configuration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first message of each run is the same as before, byte for byte, at the cost of a lookup."""
    asked: list[str] = []
    parsed: list[Callable[[], None]] = []
    read, option = config.get_options_for_section, config.get_option

    def counted(section: str) -> dict[str, object]:
        asked.append(section)
        return read(section)

    def counted_option(name: str) -> object:
        asked.append(name)
        return option(name)

    before = told()
    monkeypatch.setattr(config, "get_options_for_section", counted)
    monkeypatch.setattr(config, "get_option", counted_option)
    monkeypatch.setattr(config, "on_config_parsed", lambda then, **options: parsed.append(then))
    pace.told_once()
    assert told().SerializeToString(deterministic=True) == before.SerializeToString(deterministic=True)
    once = len(asked)
    assert "theme.dark.sidebar" in asked
    assert "client.toolbarMode" in asked
    assert told() == told() == before
    assert len(asked) == once
    (anew,) = parsed
    anew()
    assert told() == before
    assert len(asked) == 2 * once


def test_files_that_nobody_needs_are_looked_for_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not after every run; and found as before once it is time."""
    looked: list[object] = []
    now = [100.0]
    manager, another = (MediaFileManager(MemoryMediaFileStorage("/media")) for _ in range(2))
    look = MediaFileManager._get_inactive_file_ids

    def counted(self: MediaFileManager) -> set[str]:
        looked.append(self)
        return look(self)

    monkeypatch.setattr(MediaFileManager, "_get_inactive_file_ids", counted)
    monkeypatch.setattr(pace, "monotonic", lambda: now[0])
    pace.look_around_seldom()
    manager.remove_orphaned_files()
    one = manager._storage.load_and_get_id(b"", "text/plain", MediaFileKind.MEDIA)
    manager._file_metadata[one] = MediaFileMetadata()
    now[0] += pace.LOOK / 2
    manager.remove_orphaned_files()
    another.remove_orphaned_files()
    assert looked == [manager, another]
    assert manager._file_metadata
    now[0] += pace.LOOK / 2
    manager.remove_orphaned_files()
    assert looked == [manager, another, manager]
    assert manager._file_metadata == {}


def test_what_a_browser_said_is_handed_on_as_it_came() -> None:
    """The very object, and not a copy made for each look."""
    pace.values_as_they_are()
    said = {"client": {"n": 1}}
    present = bidi_component.make_bidi_component_presenter("aggregator", "component", {"client"})
    assert present(said, SessionState()) is said
