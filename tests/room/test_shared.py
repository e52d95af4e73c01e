"""Rooms that several processes hold by way of a real Redis: every answer counts once, and a lost Redis is said."""

from __future__ import annotations

import contextlib
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import Any

import pytest
from hypothesis import settings

from gptviz.errors import ConfigError, RoomError
from gptviz.room import Room, Rooms, limits
from gptviz.room.rooms import REDIS, rooms_here
from gptviz.room.shared import SharedRoom, SharedRooms
from gptviz.room.store import REST
from gptviz.ui import serve
from tests.room.redis import PATIENCE, WHY_NOT, RedisServer, StudentServer
from tests.room.rooms import guess
from tests.room.test_room import Lesson, refused

needs_redis = pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))
STUDENTS = 60


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture
def both(redis: RedisServer) -> tuple[SharedRooms, SharedRooms]:
    """The rooms as two processes have them."""
    redis.empty()
    return SharedRooms(redis.url), SharedRooms(redis.url)


@needs_redis
def test_what_one_process_does_the_other_sees(both: tuple[SharedRooms, SharedRooms]) -> None:
    here, there = both
    mine = here.open("en")
    theirs = there.by_code(mine.code.upper())
    assert (theirs.id, theirs.code, theirs.ended, theirs.teacher_token) == (mine.id, mine.code, False, "")
    assert there.by_id(mine.id) is theirs
    number = mine.start(guess())
    member = theirs.join("en")
    theirs.answer(member.token, number, {"pick": 1})
    assert here.refresh([mine])
    assert mine.counts() == (1, 1)
    assert here.by_id(mine.id).join("zh", member.token) == member
    teacher = there.of_teacher(mine.teacher_token)
    assert teacher is theirs
    teacher.reveal()
    assert here.by_id(mine.id).snapshot(0.0).phase == "revealed"
    assert there.of_teacher("forged") is None
    refused("room.code", there.by_code, "no such room here")
    mine.end()
    assert not there.refresh([theirs]) or theirs.ended
    refused("room.ended", there.by_id, mine.id)
    refused("room.code", there.by_code, mine.code)
    assert there.of_teacher(mine.teacher_token) is None


@needs_redis
def test_a_refused_change_is_no_change(both: tuple[SharedRooms, SharedRooms]) -> None:
    here, there = both
    mine = here.open("en")
    theirs = there.by_id(mine.id)
    number, member = mine.start(guess()), theirs.join("en")
    mine.close()
    refused("room.late", theirs.answer, member.token, number, {"pick": 0})  # though this copy was not told yet
    refused("room.stranger", theirs.answer, "forged", number, {"pick": 0})
    assert isinstance(theirs, SharedRoom)
    edition = theirs.edition
    assert theirs.join("en", member.token) == member  # nothing new: nothing is written
    assert theirs.edition == edition
    assert theirs.counts() == (0, 1)


@needs_redis
def test_many_at_once_from_both_are_counted_once_each(both: tuple[SharedRooms, SharedRooms]) -> None:
    """Threads of two processes' kind, which are faster than one another all the time."""
    room = both[0].open("en")
    copies = [rooms.by_id(room.id) for rooms in both]
    number = room.start(guess())
    members = [copies[i % 2].join("en") for i in range(STUDENTS)]

    def vote(turn: int) -> None:
        i = turn % STUDENTS  # each twice, by both
        copies[(turn // STUDENTS + i) % 2].answer(members[i].token, number, {"pick": i % 4})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(vote, range(2 * STUDENTS)))
    for copy in copies:
        copy.refresh()  # type: ignore[attr-defined]
        tally = copy.snapshot(0.0).tally
        assert tally is not None
        assert [row.votes for row in tally.rows] == [STUDENTS // 4] * 4
    assert len({member.name for member in members}) == STUDENTS


@needs_redis
def test_there_are_only_so_many_rooms_and_a_code_is_one_rooms(
    both: tuple[SharedRooms, SharedRooms], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = both
    monkeypatch.setattr(limits, "MAX_ROOMS", 2)
    one, other = here.open("en"), there.open("en")
    refused("room.many", here.open, "en")
    one.end()
    codes = iter([other.code, other.code, "a b c d"])
    monkeypatch.setattr("gptviz.room.words.code", lambda lang: next(codes))
    assert here.open("en").code == "a b c d"
    here.end_all()
    refused("room.ended", there.by_id, other.id)


@needs_redis
def test_a_room_ends_by_time(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LIFETIME", 1.0)  # Redis counts in whole seconds
    rooms = SharedRooms(redis.url)
    room = rooms.open("en")
    deadline = monotonic() + PATIENCE
    while not room.ended and monotonic() < deadline:
        sleep(0.1)
        rooms.refresh([room])
    assert room.ended
    refused("room.ended", rooms.by_id, room.id)


class SharedLesson(Lesson):
    """The same rules of two processes that take turns."""

    rooms: tuple[SharedRooms, SharedRooms]

    def __init__(self) -> None:
        super().__init__()
        room = self.rooms[0].open("en")
        self.copies = [room, self.rooms[1].by_id(room.id)]
        self.copies[1]._teacher_token = room.teacher_token  # else it would be the empty word, which is in every text
        self.turn = 0

    @property
    def room(self) -> Room:
        self.turn += 1
        found = self.copies[self.turn % 2]
        found.refresh()  # type: ignore[attr-defined]
        return found

    @room.setter
    def room(self, room: Room) -> None:
        pass

    def teardown(self) -> None:
        self.copies[0].end()


@needs_redis
@pytest.mark.slow
def test_two_processes_keep_the_rules_of_one(both: tuple[SharedRooms, SharedRooms]) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    SharedLesson.rooms = both
    run_state_machine_as_test(SharedLesson, settings=settings(max_examples=10, stateful_step_count=20, deadline=None))


class Heard:
    """One phone's stream, read in a thread: the last state, counts, and whether the room was lost."""

    def __init__(self, server: StudentServer, room: str) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self._answer = urllib.request.urlopen(f"{server.url}/room/events?room={room}", timeout=PATIENCE)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        name = ""
        with contextlib.suppress(OSError, ValueError, AttributeError):  # closed while it was read
            for line in self._answer:
                if line.startswith(b"event:"):
                    name = line[6:].strip().decode()
                elif line.startswith(b"data:"):
                    self.told.append((name, json.loads(line[5:])))

    def until(self, holds: Callable[[str, dict[str, Any]], bool]) -> dict[str, Any]:
        """What was told first of which that holds."""
        end = monotonic() + PATIENCE
        while monotonic() < end:
            found = next((told for name, told in list(self.told) if holds(name, told)), None)
            if found is not None:
                return found
            sleep(0.02)
        raise AssertionError(f"not heard; last: {self.told[-1:]}")

    def over(self) -> bool:
        """Whether the stream has ended."""
        self._thread.join(PATIENCE)
        return not self._thread.is_alive()


def post(server: StudentServer, what: str, **message: Any) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(f"{server.url}/room/{what}", json.dumps(message).encode(),
                                     {"content-type": "application/json"})  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.fixture
def servers(redis: RedisServer) -> Iterator[tuple[StudentServer, StudentServer]]:
    """Two processes with the students' routes."""
    redis.empty()
    found = StudentServer(redis.url), StudentServer(redis.url)
    for server in found:
        server.ready()
    yield found
    for server in found:
        server.stop()


@needs_redis
@pytest.mark.slow
def test_two_processes_count_every_vote_once_and_outlive_a_lost_redis(
    redis: RedisServer, servers: tuple[StudentServer, StudentServer]
) -> None:
    """The teacher's page is a third process; a phone may be answered by either server."""
    rooms = SharedRooms(redis.url)
    room = rooms.open("en")
    number = room.start(guess())
    with ThreadPoolExecutor(16) as pool:
        joined = list(pool.map(lambda i: post(servers[i % 2], "join", code=room.code)[1], range(STUDENTS)))
        heard = [Heard(server, room.id) for server in servers]

        def vote(turn: int) -> int:
            i = turn % STUDENTS
            me = {"room": room.id, "token": joined[i]["token"], "number": number, "pick": i % 4}
            return post(servers[(turn // STUDENTS + i) % 2], "answer", **me)[0]

        assert set(pool.map(vote, range(2 * STUDENTS))) == {200}
    for one in heard:
        one.until(lambda _, told: told.get("answered") == STUDENTS)
        assert max(told["answered"] for _, told in one.told) == STUDENTS
    assert rooms.refresh([room])
    tally = room.snapshot(0.0).tally
    assert tally is not None
    assert [row.votes for row in tally.rows] == [STUDENTS // 4] * 4

    redis.kill()
    me = {"room": room.id, "token": joined[0]["token"]}
    status, told = post(servers[0], "answer", **me, number=number, pick=3, lang="zh")
    assert (status, told["error"], told["again"]) == (503, "room.store", True)
    assert "Redis" in told["text"]
    assert post(servers[1], "mine", **me)[1]["answer"] == {"pick": 0}  # reading goes on
    assert post(servers[1], "join", code=room.code)[0] == 503
    for one in heard:
        one.until(lambda name, _: name == "lost")
    assert rooms.of_teacher(room.teacher_token) is room
    assert room.lost
    refused("room.store", room.close)

    redis.start()
    sleep(REST)
    assert post(servers[0], "answer", **me, number=number, pick=3)[0] == 200
    room.close()
    assert not room.lost
    for one in heard:
        closed = one.until(lambda name, told: name == "state" and told.get("phase") == "closed")
        assert (closed["answered"], closed["members"]) == (STUDENTS, STUDENTS)
    assert [name for name, _ in heard[0].told].count("lost") == 1

    redis.empty()  # one that kept nothing: the room is over, and says so
    for one in heard:
        one.until(lambda _, told: told.get("ended") is True)
        assert one.over()
    assert post(servers[0], "mine", **me)[0] == 410


@needs_redis
@pytest.mark.slow
def test_a_redis_that_hangs_holds_nobody_up_for_long(redis: RedisServer, both: tuple[SharedRooms, SharedRooms],
                                                      monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr("gptviz.room.store.TIMEOUT", 0.2)
    rooms = SharedRooms(redis.url)
    room = rooms.open("en")
    member = room.join("en")
    redis.hang(hung=True)
    try:
        refused("room.store", room.close)
        assert rooms.by_id(room.id).mine(member.token)["name"] == member.name
        assert not rooms.refresh([room])
    finally:
        redis.hang(hung=False)
    sleep(REST)
    room.start(guess())
    assert room.snapshot(0.0).number == 1


def test_without_the_variable_there_is_no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REDIS, raising=False)
    assert type(rooms_here()) is Rooms


@pytest.mark.parametrize("address", ["http://u:secret@host", "redis:/", "redis://host:port/0", "localhost"])
def test_what_is_no_address_is_said_before_the_server_starts(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv(REDIS, address)
    with pytest.raises(ConfigError) as found:
        serve.main(["--server.port", "0"])
    for lang in ("en", "zh"):
        assert "redis://" in found.value.say(lang)
        assert "secret" not in found.value.say(lang)


def test_nobody_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REDIS, "redis://127.0.0.1:1/0")
    rooms = rooms_here()
    for call in (lambda: rooms.open("en"), lambda: rooms.by_id("x"), lambda: rooms.by_code("x"),
                 lambda: rooms.of_teacher("x")):  # fmt: skip
        with pytest.raises(RoomError) as found:
            call()
        assert found.value.key == "room.store"
    rooms.sweep()
