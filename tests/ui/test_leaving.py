"""What a page says after its visitor has clicked on to another one is not heard; what the new one says is."""

from __future__ import annotations

import inspect

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession

from gptviz.ui import leaving


class Session:
    """Stands for Streamlit's: notes what it listens to."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str] | None] = []

    def request_rerun(self, said: ClientState | None) -> None:
        self.heard.append(said and (said.page_script_hash, said.fragment_id))

    def _create_new_session_message(self, page: str, run: str) -> ForwardMsg:
        message = ForwardMsg()
        message.new_session.page_script_hash, message.new_session.name = page, run
        message.new_session.main_script_hash = "app.py"
        return message


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    class Own(Session):
        """A class of the test's own, which ``leave_for_good`` may change."""

    monkeypatch.setattr(leaving, "AppSession", Own)
    leaving.leave_for_good()
    return Own()


def say(session: Session, page: str, fragment: str = "") -> bool:
    """Whether the session listens to it."""
    before = len(session.heard)
    session.request_rerun(ClientState(page_script_hash=page, fragment_id=fragment))
    return session.heard[before:] == [(page, fragment)]


def test_a_page_that_was_left_is_not_heard_until_one_is_there_again(session: Session) -> None:
    assert say(session, "old")
    assert say(session, "old", "live")
    assert say(session, "new")
    assert not say(session, "old", "live")  # before the new one has begun
    message = session._create_new_session_message("new", "1").new_session
    assert (message.page_script_hash, message.name) == ("new", "1")
    assert not say(session, "old", "live")  # while it is drawn
    assert say(session, "new", "live")
    assert say(session, "old")
    assert say(session, "old", "live")
    assert not say(session, "new", "live")


def test_a_run_of_the_same_page_leaves_nothing(session: Session) -> None:
    """A language chosen, a model: the whole page is run anew, and its parts go on being heard."""
    assert say(session, "old", "live")
    assert say(session, "old")
    assert say(session, "old", "live")


def test_several_pages_left_in_a_row_are_none_of_them_heard(session: Session) -> None:
    assert say(session, "first", "live")
    assert say(session, "second")
    assert say(session, "third")
    assert not say(session, "first", "live")
    assert not say(session, "second", "live")
    assert say(session, "first")
    assert say(session, "first", "live")


def test_a_script_may_go_to_another_page(session: Session) -> None:
    """As a step of a lesson does; also back to the page that was left."""
    assert say(session, "old", "live")
    session._create_new_session_message("old", "1")
    assert say(session, "old", "live")
    session._create_new_session_message("new", "2")
    assert not say(session, "old", "live")
    assert say(session, "new", "live")
    session._create_new_session_message("old", "3")
    assert say(session, "old", "live")
    assert not say(session, "new", "live")


def test_the_first_page_need_not_be_named_by_whoever_opens_it(session: Session) -> None:
    assert say(session, "")
    session._create_new_session_message("app.py", "1")  # Streamlit's name while it does not know better
    assert say(session, "first", "live")
    assert say(session, "new")
    assert not say(session, "first", "live")


def test_the_name_of_the_whole_app_is_no_page(session: Session) -> None:
    """A run begins under it where the browser knew no better; by then a part may have spoken."""
    assert say(session, "")
    assert say(session, "first", "live")
    session._create_new_session_message("app.py", "1")
    assert say(session, "first", "live")


def test_a_page_that_goes_on_speaking_is_the_one_that_is_seen(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the browser be elsewhere than was thought, its page answers again after a while."""
    now = [100.0]
    monkeypatch.setattr(leaving, "monotonic", lambda: now[0])
    assert say(session, "old", "live")
    assert say(session, "new")
    now[0] += leaving.PATIENCE - 0.1
    assert not say(session, "old", "live")
    now[0] += 0.2
    assert say(session, "old", "live")
    assert not say(session, "new", "live")


def test_sessions_are_told_apart_and_a_run_for_nobody_is_passed_on(session: Session) -> None:
    other = type(session)()
    assert say(session, "old")
    assert say(session, "new")
    assert say(other, "old")
    assert say(other, "old", "live")
    session.request_rerun(None)
    assert session.heard[-1] is None


def test_streamlit_still_has_what_is_replaced() -> None:
    """Both are its own, not for others: another version may have them otherwise."""
    assert list(inspect.signature(AppSession.request_rerun).parameters) == ["self", "client_state"]
    assert list(inspect.signature(AppSession._create_new_session_message).parameters)[1] == "page_script_hash"
