"""How the server keeps pace with a class."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

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


class Session:
    """What of Streamlit's session hears what a run says: what it has handled, and how often it was woken."""

    def __init__(self) -> None:
        self.handled: list[tuple[Any, ...]] = []
        self.woken: list[Callable[[], None]] = []

    def _handle_scriptrunner_event_on_event_loop(
        self, sender: Any, event: Any, message: Any = None, **more: Any
    ) -> None:
        self.handled.append((event, message))

    def _call_soon_on_event_loop(self, then: Callable[[], None]) -> None:
        self.woken.append(then)


def test_a_fragment_wakes_the_talking_thread_once_and_a_page_at_each_word() -> None:
    """All that was said is handled, in order, and never later than when the thread of the run ends or begins anew."""
    session: Any = Session()
    said = [(ScriptRunnerEvent.SCRIPT_STARTED, None), (ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, "a container"),
            (ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, "the picture"),
            (ScriptRunnerEvent.FRAGMENT_STOPPED_WITH_SUCCESS, None)]  # fmt: skip

    def run(fragments: list[str] | None) -> None:
        for event, message in said:
            more: dict[str, Any] = {"fragment_ids_this_run": fragments} if message is None else {}
            pace._heard(session, None, event, message, **more)

    def shown() -> list[Any]:
        for then in session.woken:
            then()
        found, session.handled, session.woken = session.handled, [], []
        return found

    run(["live"])
    assert session.woken == []
    pace._heard(session, None, ScriptRunnerEvent.SHUTDOWN)
    assert len(session.woken) == 1
    assert shown() == [*said, (ScriptRunnerEvent.SHUTDOWN, None)]
    run(["live"])  # a thread that goes on with a newer wish first lets go of what the older one said
    run(["live"])
    assert len(session.woken) == 1
    assert shown() == [*said, said[0], *said[1:]]
    pace._heard(session, None, ScriptRunnerEvent.SCRIPT_STOPPED_FOR_RERUN)
    assert len(session.woken) == 1
    assert shown() == [(ScriptRunnerEvent.SCRIPT_STOPPED_FOR_RERUN, None)]
    run(None)
    assert len(session.woken) == 4
    assert shown() == said


def test_who_talks_is_not_woken_by_itself() -> None:
    """From its own thread the note is left at once, from another one it is woken."""

    async def both() -> None:
        told = SimpleNamespace(eventloop=asyncio.get_running_loop(), need_send_data=asyncio.Event())
        runtime: Any = SimpleNamespace(_get_async_objs=lambda: told)
        pace._something_to_send(runtime)
        assert told.need_send_data.is_set()
        told.need_send_data.clear()
        await asyncio.to_thread(pace._something_to_send, runtime)
        await asyncio.wait_for(told.need_send_data.wait(), 10)

    asyncio.run(both())


def test_streamlit_has_what_is_replaced() -> None:
    """Of another version that names these otherwise, this says so."""
    for owner, name in ((app_session.AppSession, "_on_scriptrunner_event"),
                        (app_session.AppSession, "_handle_scriptrunner_event_on_event_loop"),
                        (app_session.AppSession, "_call_soon_on_event_loop"),
                        (Runtime, "_enqueued_some_message"), (Runtime, "_get_async_objs")):  # fmt: skip
        assert callable(getattr(owner, name))
