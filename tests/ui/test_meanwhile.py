"""What is said while a run waits for its turn is answered by that run, and by no other after it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType

from gptviz.ui import meanwhile


class LeftError(Exception):
    """Stands for Streamlit's own, by which a run is left: to end, or to begin anew."""


class Session:
    """A session's state, as far as it is asked: what it was told, and that a wish to stop is looked for."""

    def __init__(self, requests: ScriptRequests) -> None:
        self.told: list[str] = []
        self._requests = requests

    def on_script_will_rerun(self, states: Any, **replayed: Any) -> None:
        assert set(replayed) == {"replay_trigger_states", "replay_trigger_values"}
        self.told.append(states.widgets[0].json_value)

    def __contains__(self, key: str) -> bool:
        found = self._requests.on_scriptrunner_yield()
        if found is not None:
            raise LeftError(found.type)
        return False


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> ScriptRequests:
    """Streamlit's own, of a run of the fragment "page"; ``session`` is the state of its context."""
    found = ScriptRequests()
    context = SimpleNamespace(
        script_requests=found, fragment_ids_this_run=["page"], session_state=Session(found)
    )  # fmt: skip
    monkeypatch.setattr(meanwhile, "get_script_run_ctx", lambda **_: context)
    found.context = context  # type: ignore[attr-defined]
    return found


def say(requests: ScriptRequests, text: str, fragment: str = "page") -> None:
    """A message of the browser, while a run is under way."""
    states = WidgetStates()
    widget = states.widgets.add()
    widget.id, widget.json_value = "component", text
    assert requests.request_rerun(RerunData(widget_states=states, fragment_id=fragment or None))


def told(requests: ScriptRequests) -> list[str]:
    """What the session has been told meanwhile."""
    session: Session = requests.context.session_state  # type: ignore[attr-defined]
    return session.told


def test_the_newest_of_several_keys_is_answered_and_no_run_is_left_for_them(requests: ScriptRequests) -> None:
    for text in ("a", "ab", "abc"):
        say(requests, text)
    meanwhile.catch_up()
    assert told(requests) == ["abc"]
    assert requests.on_scriptrunner_ready().type == ScriptRequestType.STOP  # nothing is left to do


def test_where_nothing_was_said_the_run_goes_on_as_it_was(requests: ScriptRequests) -> None:
    meanwhile.catch_up()
    assert told(requests) == []
    say(requests, "later")
    assert requests.on_scriptrunner_ready().type == ScriptRequestType.RERUN  # it listens still


def test_what_another_part_of_the_page_says_has_its_own_run(requests: ScriptRequests) -> None:
    """Nor is a key taken out of what is said together with it."""
    say(requests, "a")
    say(requests, "b", "toolbar")
    meanwhile.catch_up()
    assert told(requests) == []
    assert requests.on_scriptrunner_ready().type == ScriptRequestType.RERUN


def test_another_page_is_begun_at_once(requests: ScriptRequests) -> None:
    say(requests, "a")
    say(requests, "b", "")
    with pytest.raises(LeftError, match="RERUN"):
        meanwhile.catch_up()
    assert told(requests) == []


def test_the_first_run_of_a_page_takes_nothing_from_its_parts(requests: ScriptRequests) -> None:
    requests.context.fragment_ids_this_run = None  # type: ignore[attr-defined]
    say(requests, "a")
    meanwhile.catch_up()
    assert told(requests) == []
    assert requests.on_scriptrunner_ready().type == ScriptRequestType.RERUN


def test_who_has_left_is_answered_no_more(requests: ScriptRequests) -> None:
    say(requests, "a")
    requests.request_stop()
    with pytest.raises(LeftError):
        meanwhile.catch_up()
    assert told(requests) == []


def test_outside_a_run_there_is_nobody_to_hear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meanwhile, "get_script_run_ctx", lambda **_: None)
    meanwhile.catch_up()
