"""The students' side over HTTP: coming in, answering, hearing what is new; and what is refused."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from gptviz.room import Probe, Room, Rooms, limits
from gptviz.room.messages import MAX_BODY
from gptviz.room.patience import TRIES
from gptviz.room.routes import FILES, Routes
from gptviz.room.streams import Streams
from gptviz.ui.beside import Beside
from gptviz.ui.web.component import WEB
from tests.room.rooms import Clock, guess

pytestmark = pytest.mark.slow

JSON = {"content-type": "application/json"}


class Class:
    """A room with its server."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.rooms = Rooms(self.clock)
        self.room: Room = self.rooms.open("en")
        self.client = TestClient(Routes(WEB, lambda: "edition", self.rooms).app())

    def post(self, what: str, **message: Any) -> Any:
        return self.client.post(f"/room/{what}", json=message)

    def join(self, **more: Any) -> dict[str, Any]:
        answer = self.post("join", code=self.room.code, **more)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def here() -> Iterator[Class]:
    one = Class()
    with one.client:
        yield one


def test_a_student_comes_in_answers_and_sees_what_came(here: Class) -> None:
    joined = here.join(lang="zh")
    assert re.fullmatch(r"[\u4e00-\u9fff]{4}", joined["name"])
    assert joined["state"]["kind"] == "wait"
    number = here.room.start(guess(1))
    me = {"room": joined["room"], "token": joined["token"]}
    assert here.post("answer", **me, number=number, pick=1).json() == {"answered": 1}
    assert here.post("answer", **me, number=number, pick=1).json() == {"answered": 1}  # once more
    assert here.post("mine", **me).json()["answer"] == {"pick": 1}
    here.room.reveal()
    assert here.post("mine", **me).json()["hit"] is True
    late = here.post("answer", **me, number=number, pick=0, lang="zh")
    assert (late.status_code, late.json()) == (
        409,
        {"error": "room.late", "text": "这一轮已经截止，这次回答没有计入。"},
    )


def test_a_reload_is_the_same_student(here: Class) -> None:
    joined = here.join()
    back = here.post("join", room=joined["room"], token=joined["token"]).json()
    assert (back["name"], back["token"]) == (joined["name"], joined["token"])
    assert here.room.counts() == (0, 1)
    here.room.end()
    gone = here.post("join", room=joined["room"], token=joined["token"])
    assert (gone.status_code, gone.json()["error"]) == (410, "room.ended")


def test_a_wrong_code_a_thousand_times_is_slowed_down_and_tells_nothing(here: Class) -> None:
    answers = [here.post("join", code=f"apple apple apple {n}") for n in range(1000)]
    assert [answer.status_code for answer in answers] == [404] * TRIES + [429] * (1000 - TRIES)
    assert answers[-1].headers["retry-after"] == "1"
    assert here.post("join", code=here.room.code).status_code == 429  # the right one would tell too
    here.clock.now += 1.0
    assert here.post("join", code=here.room.code).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [b"", b"null", b"[]", b"{", b'{"code": NaN}', b"[" * 4000, b'{"a":{"b":1}}', b'{"a":[[1]]}', b"\xff\xfe",
     b'{"n":' + b"9" * 4050 + b"}", json.dumps(dict.fromkeys(map(str, range(9)), 1)).encode(), b'{"code":7}'],
)  # fmt: skip
def test_what_is_no_message_is_refused_in_words(here: Class, sent: bytes) -> None:
    for what in ("join", "answer", "mine"):
        answer = here.client.post(f"/room/{what}", content=sent, headers=JSON)
        assert 400 <= answer.status_code < 500
        assert set(answer.json()) == {"error", "text"}
        assert "Traceback" not in answer.text
        assert "/" not in answer.json()["text"]


def test_long_bodies_are_refused(here: Class) -> None:
    answer = here.client.post("/room/join", content=b" " * (MAX_BODY + 1), headers=JSON)
    assert (answer.status_code, answer.json()["error"]) == (400, "room.message")


def test_another_sites_page_cannot_answer(here: Class) -> None:
    code = {"code": here.room.code}
    form = here.client.post("/room/join", content=json.dumps(code), headers={"content-type": "text/plain"})
    other = here.client.post("/room/join", json=code, headers={"origin": "http://elsewhere"})
    own = here.client.post("/room/join", json=code, headers={"origin": "http://testserver"})
    assert (form.status_code, other.status_code, own.status_code) == (400, 400, 200)
    assert here.client.get("/room/join").status_code == 405


@given(st.dictionaries(st.sampled_from(["room", "token", "number", "pick", "word", "chips", "code", "lang"]),
                       st.none() | st.booleans() | st.integers() | st.text(max_size=50)
                       | st.lists(st.integers(-5, 30) | st.text(max_size=3), max_size=12)))  # fmt: skip
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_said_the_server_answers_and_nobody_is_counted(here: Class, told: dict[str, Any]) -> None:
    here.room.start(guess())
    for what in ("join", "answer", "mine"):
        answer = here.client.post(f"/room/{what}", content=json.dumps(told).encode(), headers=JSON)
        assert 400 <= answer.status_code < 500, answer.text
    assert here.room.counts() == (0, 0)


def test_forged_answers_count_for_nobody(here: Class) -> None:
    joined = here.join()
    number = here.room.start(guess())
    token = joined["token"]
    for forged in ("", "x", token[:-1], token + "x", here.room.teacher_token, joined["name"], None, 1):
        assert here.post("answer", room=joined["room"], token=forged, number=number, pick=0).status_code == 403
    assert here.room.counts() == (0, 1)


def test_a_class_that_reloads_doubles_and_is_closed_under_is_counted_once(here: Class) -> None:
    """Fifty reload, twenty answer twice, ten forged messages come in between, and then the room ends under all."""
    number = here.room.start(guess())
    joined = [here.join() for _ in range(50)]
    again = [here.post("join", room=one["room"], token=one["token"]).json() for one in joined]
    assert [one["name"] for one in again] == [one["name"] for one in joined]
    for i, one in enumerate(joined):
        me = {"room": one["room"], "token": one["token"], "number": number}
        assert here.post("answer", **me, pick=i % 4).status_code == 200
        if i < 20:
            assert here.post("answer", **me, pick=i % 4).json() == {"answered": i + 1}
        if i < 10:
            assert here.post("answer", **me | {"token": one["token"][::-1]}, pick=0).status_code == 403
    tally = here.room.snapshot(0.0).tally
    assert tally is not None
    assert [row.votes for row in tally.rows] == [13, 13, 12, 12]
    assert here.room.counts() == (50, 50)
    here.room.end()
    for one in joined:
        me = {"room": one["room"], "token": one["token"]}
        assert here.post("answer", **me, number=number, pick=0).json()["error"] == "room.ended"
        assert here.post("mine", **me).status_code == 410
        assert here.post("join", **me).status_code == 410
    assert joined[0]["name"] not in repr(vars(here.room))  # all that was said is forgotten


def test_the_page_is_small_whole_and_in_the_readers_language(here: Class) -> None:
    page = here.client.get("/room?lang=zh").text
    assert '<html lang="zh">' in page
    assert "<title>加入课堂</title>" in page
    assert len(page.encode()) < 8_000
    assert not re.search(r"<script(?![^>]* src=)|<style| on\w+=", page)  # nothing inline: the policy refuses it
    assert '<html lang="en">' in here.client.get("/room?lang=%22%3E%3Cscript%3E").text
    assert '<html lang="zh">' in here.client.get("/room", headers={"accept-language": "zh-CN,zh;q=0.9"}).text
    for path in re.findall(r'(?:href|src)="([^"]+)"', page):
        assert here.client.get(f"/{path}").status_code == 200


def test_only_the_pages_own_files_are_given_away(here: Class) -> None:
    for path in FILES:
        answer = here.client.get(f"/room/files/edition/{path}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        assert answer.content == (WEB / path).read_bytes()
        assert here.client.get(f"/room/files/older/{path}").headers["cache-control"] == "no-store"
    for path in ("../app.py", "..%2f..%2fapp.py", "wire/page.js", "room/types.d.ts", "%00", "room/main.js/"):
        assert here.client.get(f"/room/files/edition/{path}").status_code == 404
    assert sum((WEB / path).stat().st_size for path in FILES) < 40_000


def test_every_file_that_the_page_imports_is_among_them() -> None:
    scripts = {path: (WEB / path).read_text(encoding="utf-8") for path in FILES if path.endswith(".js")}
    imported = {(WEB / path).parent / name for path, text in scripts.items()
                for name in re.findall(r'^import .* from "([^"]+)";', text, re.MULTILINE)}  # fmt: skip
    assert imported
    assert {path.resolve() for path in imported} <= {WEB / path for path in FILES}
    own = {path.split("/")[1] for path in FILES if path.startswith("room/")}
    assert {path.name for path in (WEB / "room").iterdir() if path.suffix != ".ts"} == own


async def _heard(room: Room, streams: Streams, change: Any, wanted: int) -> list[dict[str, Any]]:
    """The first ``wanted`` events of a stream, ``change`` made after the first."""
    found: list[dict[str, Any]] = []
    stream: Any = streams.of(room)
    async for event in stream:
        lines = dict(line.split(": ", 1) for line in event.decode().split("\n") if ": " in line)
        found.append(json.loads(lines["data"]) | {"event": lines["event"]})
        if len(found) == 1:
            change()
        if len(found) == wanted:
            break
    await stream.aclose()
    return found


def test_a_stream_begins_with_all_and_goes_on_with_what_is_new(here: Class) -> None:
    number = here.room.start(guess())
    member = here.room.join("en")

    def answer() -> None:
        here.room.answer(member.token, number, {"pick": 0})

    first, then = asyncio.run(_heard(here.room, Streams(here.rooms.sweep), answer, 2))
    assert (first["event"], first["prompt"], first["answered"]) == ("state", "The cat sat on the", 0)
    assert then == {"event": "count", "answered": 1, "members": 1}
    again, told = asyncio.run(_heard(here.room, Streams(here.rooms.sweep), here.room.reveal, 2))
    assert (again["answered"], told["phase"], told["actual"]["label"]) == (1, "revealed", "mat")


def test_all_streams_share_one_serialisation(here: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0
    public = here.room.public

    def counted() -> dict[str, Any]:
        nonlocal made
        made += 1
        return public()

    monkeypatch.setattr(here.room, "public", counted)

    async def many() -> None:
        streams = Streams(here.rooms.sweep)
        listening = asyncio.gather(*(_heard(here.room, streams, lambda: None, 2) for _ in range(50)))
        await asyncio.sleep(0.3)
        here.room.start(guess())
        assert all(events[1]["kind"] == "guess" for events in await listening)

    asyncio.run(many())
    assert made == 50 + 1  # one each when they came, one for all afterwards


def test_half_a_character_in_a_text_reaches_every_phone_as_something_else(here: Class) -> None:
    here.room.start(Probe("\ud800 or?", ("a\udfff", "b")))
    assert here.join()["state"]["prompt"] == "\ufffd or?"
    assert here.room.public()["options"] == ("a\ufffd", "b")


def test_only_so_many_listen_to_a_room(here: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gptviz.room.streams._MOST", 0)

    async def listening() -> bool:
        streams = Streams(here.rooms.sweep)
        stream: Any = streams.of(here.room)
        await anext(stream)
        full = streams.full(here.room)
        await stream.aclose()
        return full and not streams.full(here.room)

    assert asyncio.run(listening())


def test_a_stream_ends_with_its_room(here: Class) -> None:
    async def to_the_end() -> list[bytes]:
        streams = Streams(here.rooms.sweep)
        found = []
        async for event in streams.of(here.room):
            found.append(event)
            here.clock.now = limits.LIFETIME  # two hours later, by itself
        return found

    assert '"ended":true' in asyncio.run(to_the_end())[-1].decode()
    assert here.client.get(f"/room/events?room={here.room.id}").status_code == 204
    assert here.client.get("/room/events?room=nothing").status_code == 204


def test_streamlit_answers_everything_else() -> None:
    """And the room may lie below another path, as Streamlit can."""
    answered: list[tuple[str, str]] = []

    def named(name: str) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            answered.append((name, scope["path"]))

        return app

    async def nothing(message: Any = None) -> Any:
        return None

    for base in ("", "tools"):
        both, before = Beside(named("app"), named("room"), base), f"/{base}" if base else ""
        for kind, path in (("http", "/room"), ("http", "/room/join"), ("http", "/room-teacher"), ("http", "/rooms"),
                           ("websocket", "/room"), ("http", "/")):  # fmt: skip
            asyncio.run(both({"type": kind, "path": before + path}, nothing, nothing))
    assert [name for name, _ in answered] == ["room", "room", "app", "app", "app", "app"] * 2
    assert answered[6:8] == [("room", "/room"), ("room", "/room/join")]
