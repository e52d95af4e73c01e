"""A server on the open web: everything that it needs is switched on by one word, and a queue is fair."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz import finding
from gptviz.cli import main
from gptviz.errors import ConfigError
from gptviz.i18n import languages
from gptviz.jobs import settings as jobs
from gptviz.jobs.folder import Ask
from gptviz.jobs.runner import Runner
from gptviz.ui import limits, others, public, serve
from gptviz.ui.guests import PATIENCE, Guests
from gptviz.ui.waiting import every, lines


def switched(*options: str, **environment: str) -> tuple[list[str], dict[str, str]]:
    given = dict(environment)
    return public.switch_on([*options], given), given


def test_it_closes_the_machine_and_bounds_what_strangers_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    left, said = switched("--server.port", "1", "--public")
    assert left == ["--server.port", "1"]
    for address in ("localhost", "0.0.0.0"):
        assert not others.may_open(address, said)
        assert not others.may_find(address, said)
    usual = limits.most_visitors(), limits.most_tokens(), limits.most_drawn(), limits.most_models(), jobs.settings()
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    bound = limits.most_visitors(), limits.most_tokens(), limits.most_drawn(), limits.most_models(), jobs.settings()
    assert all(less < more for less, more in zip(bound[:4], usual[:4], strict=True))
    for name in ("minutes", "parameters", "each", "waiting", "hours"):
        assert getattr(bound[4], name) < getattr(usual[4], name), name
    assert limits.idle_seconds() == 15 * 60


def test_without_it_nothing_changes() -> None:
    assert switched("--server.port", "1") == (["--server.port", "1"], {})
    assert public.lines({}) == []


def test_a_bound_that_the_operator_has_set_stays_so() -> None:
    _, said = switched(**{public.ENVIRONMENT: "1", limits.VISITORS: "7", jobs.EACH: " "})
    assert (said[limits.VISITORS], said[jobs.EACH]) == ("7", public.BOUNDS[jobs.EACH])
    assert f"{limits.VISITORS}=7" in public.lines(said)[0]


@pytest.mark.parametrize(("options", "environment"), [
    ((), {others.OPEN: "1"}), ((others.FIND,), {}), ((), {finding.ENVIRONMENT: "1"}),
])  # fmt: skip
def test_what_opens_the_machine_and_what_closes_it_do_not_go_together(
    options: tuple[str, ...], environment: dict[str, str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        switched("--public", *options, **environment)
    assert caught.value.key == "app.public"
    assert all("{" not in caught.value.say(lang) for lang in languages())


def test_the_shell_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr(serve.cli, "main", lambda options, **named: started.append(options))
    monkeypatch.setattr(serve.os, "environ", environment := dict(serve.os.environ))
    for name in ("send_at_once", "keep_pace", "stand_guard", "read_short_messages", "end_soon", "ask_nobody"):
        monkeypatch.setattr(serve, name, lambda: None)
    monkeypatch.setattr(serve.bootstrap, "_print_url", serve.bootstrap._print_url)
    monkeypatch.setattr(serve.PagesManager, "uses_pages_directory", serve.PagesManager.uses_pages_directory)
    assert main(["app", "--public", "--port", "1", "--address", "0.0.0.0"]) == 0
    assert started == [["run", started[0][1], "--server.port", "1", "--server.address", "0.0.0.0"]]
    assert (environment[others.OPEN], environment[public.ENVIRONMENT]) == ("0", "1")


def test_no_more_trainings_wait_than_all_may_have(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(jobs.FOLDER, str(tmp_path))
    monkeypatch.setenv(jobs.ALL, "2")

    def never(command: list[str]) -> subprocess.Popen[bytes]:
        raise AssertionError("nothing is started here")

    runner = Runner(never)
    monkeypatch.setattr(Runner, "_enqueue", lambda self, job: self._queue.append(job))
    ask = Ask(source="stories", preset="one-minute")
    for letter in "ab":
        runner.submit(letter * 32, ask)
    with pytest.raises(ConfigError) as caught:
        runner.submit("c" * 32, ask)
    assert caught.value.key == "jobs.full"
    assert "2 trainings" in caught.value.say("en")


class Door:
    """Guests with a clock of our own, of whom all are there unless they have gone."""

    def __init__(self) -> None:
        self.now, self.gone = 0.0, set[str]()
        self.guests = Guests(lambda who: who not in self.gone, lambda: self.now)

    def asks(self, who: str, most: int = 1, **more: Any) -> bool:
        return self.guests.let_in(who, most, **more)


def test_whoever_came_first_goes_in_first() -> None:
    door = Door()
    assert [door.asks(who) for who in "abcd"] == [True, False, False, False]
    assert [door.guests.place(who) for who in "abcd"] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    door.gone.add("a")
    assert [door.asks(who) for who in "dcb"] == [False, False, True]
    assert [door.guests.place(who) for who in "cd"] == [(1, 2), (2, 2)]


def test_a_place_is_kept_for_who_still_asks() -> None:
    door = Door()
    assert [door.asks(who) for who in "abc"] == [True, False, False]
    door.now = PATIENCE - 1
    assert not door.asks("c")
    door.now = PATIENCE + 1
    door.gone.add("a")
    assert door.asks("c")  # b has not asked since: a tab that is closed, or sleeps
    assert not door.asks("b")


def test_who_does_nothing_for_long_gives_way_only_where_that_is_asked_for_and_somebody_waits() -> None:
    door = Door()
    assert door.asks("a", 2, idle=60)
    assert door.asks("b", 2, idle=60)
    door.now = 100
    assert door.asks("b", 2, idle=60)
    assert door.asks("a", 2, idle=60)  # nobody waits: idle for long, and still in
    door.now = 200
    assert door.asks("b", 2, idle=60)
    assert not door.asks("c", 2)
    assert door.asks("c", 2, idle=60)  # in the place of a
    assert not door.asks("a", 2, again=True, idle=60)  # who stands in the queue now, as others do
    assert door.guests.place("a") == (1, 1)
    door.gone.add("b")
    assert door.asks("a", 2, again=True, idle=60)


def test_who_types_on_one_page_is_not_idle_though_nobody_asks_for_a_place_again() -> None:
    door = Door()
    assert door.asks("a", idle=60)
    door.now = 50
    assert door.guests.acts("a")
    door.now = 100
    assert not door.asks("b", idle=60)
    assert not door.guests.acts("b")
    door.now = 200
    assert door.asks("b", idle=60)
    assert not door.guests.acts("a")  # has given way, and hears so with the next key


def test_who_waits_is_told_what_they_can_do_and_on_a_public_site_nothing_of_its_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(limits.VISITORS, "1")
    monkeypatch.setenv(limits.IDLE, "")
    told = {lang: lines(lang) for lang in languages()}
    assert "to 1 visitor at a time" in told["en"][0]
    assert all(len(said) == 2 and limits.VISITORS in said[1] for said in told.values())
    monkeypatch.setenv(public.ENVIRONMENT, "1")
    monkeypatch.setenv(limits.IDLE, "15")
    assert "15 minutes" in lines("en")[1]
    assert not any(limits.VISITORS in line for lang in languages() for line in lines(lang))


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans(), st.integers(0, 40)), max_size=60))
def test_there_are_never_more_than_may_be_and_nobody_is_in_and_waits(events: list[tuple[str, bool, int]]) -> None:
    door, inside = Door(), set[str]()
    for who, leaves, later in events:
        door.now += later
        if leaves:
            door.gone.add(who)
            inside.discard(who)
            continue
        door.gone.discard(who)
        if door.asks(who, 3):
            inside.add(who)
        assert len(inside) <= door.guests.count <= 3
        assert all(door.guests.place(one)[0] == 0 for one in inside)


def test_many_who_wait_are_looked_for_less_often() -> None:
    assert every(1) == 3
    assert 1000 / every(1000) == pytest.approx(5)
