"""A room of 300 phones before one server: all answer within three seconds, and every phone hears how many have.

The phones are raw HTTP in a process of their own; beside them are thirty in Chromium, and those that reload, answer
twice, forge a token or try codes. The teacher asks by Streamlit's own protocol, and somebody types into the first page
meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from benchmarks.light_pages import LightPages, light_pages
from benchmarks.memory import resident_mb
from benchmarks.serving import Server, no_browser, server
from benchmarks.table import Row, Target
from benchmarks.timing import lacking
from benchmarks.visitors import PATIENCE, Visitor, passage
from gptviz.paths import ROOT

ANSWER, TALLY, TYPING = 100.0, 600.0, 500.0  # ms, p95
SECONDS = 3.0  # in which all answer
RELOADS, DOUBLES, FORGED, CODES = 50, 20, 10, 1000
_ADDRESS = "room-teacher"


class Told(NamedTuple):
    """What the phones found; times in seconds."""

    answers: list[float]  # until a vote was answered
    ways: list[float]  # until a vote was in the tally of one phone, for each of both
    clicks: list[float]  # in Chromium, until the page said that the answer is in
    page_ways: list[float]  # until a vote was in the tally that a page in Chromium shows
    refused: dict[str, int]  # how many of what nobody may do were refused
    members: int


def rows(*, students: int = 300, pages: int = 30, keys: int = 8) -> Iterator[Row]:
    """p95 of an answer, of its way into every tally, and of typing meanwhile."""
    without = no_browser()
    pages = 0 if without else pages
    what = f"room of {students} and {pages} in Chromium answering within {SECONDS:g} s: p95 of "
    targets = [Target(what + "an answer's acknowledgement", "", ANSWER, "ms"),
               Target(what + "its way into every phone's tally", "", TALLY, "ms"),
               Target(what + "key to picture on the first page meanwhile", "", TYPING, "ms")]  # fmt: skip
    shown = [Target(what + "click to acknowledgement on the screen in Chromium", "", ANSWER, "ms"),
             Target(what + "a vote's way onto every screen in Chromium", "", TALLY, "ms")]  # fmt: skip
    why = lacking("websockets") or (None if Path("/proc/self/status").is_file() else "no /proc on this system")
    if why:
        yield from (target.not_measured(why) for target in [*targets, *shown])
        return
    with server(ROOT / "app.py") as app:
        told, counted, waits, grown = asyncio.run(lesson(app, students, pages, keys))
    refused = ", ".join(f"{count} {name}" for name, count in told.refused.items())
    notes = (f"p50 {_ms(told.answers, 0.5):.0f} ms, {counted} counted of {students + pages}, {told.members} members, "
             f"{grown:.0f} MB more; refused: {refused}", f"p50 {_ms(told.ways, 0.5):.0f} ms", "")  # fmt: skip
    for target, found, note in zip(targets, (told.answers, told.ways, waits), notes, strict=True):
        yield target.measured(_ms(found, 0.95), note=note)
    for target, found in zip(shown, (told.clicks, told.page_ways), strict=True):
        yield (
            target.not_measured(without)
            if without
            else target.measured(_ms(found, 0.95), note=f"p50 {_ms(found, 0.5):.0f} ms")
        )


def _ms(values: list[float], share: float) -> float:
    return 1e3 * sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def lesson(app: Server, students: int, pages: int, keys: int) -> tuple[Told, int, list[float], float]:
    """(what the phones found, how many the teacher's page counts, the waits of who typed, MB that the phones cost)."""
    from streamlit.util import calc_hash

    teacher, typist = Visitor(app.url, 0), Visitor(app.url, 1)
    teacher.page = calc_hash(_ADDRESS)
    await teacher.open()
    await typist.open()
    await typist.paste(passage(1, 60))
    code = (await teacher.act(kind="open", origin=app.url))["room"]["code"]
    number = (await teacher.act(kind="start"))["round"]["number"]
    await typist.type(2)
    before = resident_mb(app.pid)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as beside:
        loop = asyncio.get_running_loop()
        phones = loop.run_in_executor(beside, play, app.url, code, number, students, pages)
        waits: list[float] = []
        while not phones.done():
            waits += (await typist.type(keys)).waits
        told = await phones
    counted = (await teacher.act(kind="look"))["round"]["answered"]
    grown = resident_mb(app.pid) - before
    for one in (teacher, typist):
        await one.close()
    return told, counted, waits, grown


def play(url: str, code: str, number: int, students: int, pages: int) -> Told:
    """All phones, in the process that this is called in."""
    return asyncio.run(_play(url, code, number, students, pages))


async def _play(url: str, code: str, number: int, students: int, pages: int) -> Told:
    phones = Phones(url, code, number)
    if not pages:
        return await phones.play(students, LightPages([]))
    async with light_pages(url, code, pages) as beside:
        return await phones.play(students, beside)


class Phones:
    def __init__(self, url: str, code: str, number: int) -> None:
        split = urlsplit(url)
        self.host, self.port = split.hostname or "127.0.0.1", split.port or 80
        self.code, self.number = code, number
        self.heard: list[list[tuple[int, float]]] = []  # by phone: (how many have answered, when)

    async def play(self, students: int, beside: LightPages) -> Told:
        """Come in, listen, answer; and what goes wrong in a class beside it."""
        joined = [(await self.post("join", {"code": self.code}))[1] for _ in range(students)]
        listening = [asyncio.create_task(self._listen(one["room"])) for one in joined]
        end = monotonic() + PATIENCE
        while (len(self.heard) < students or not all(self.heard)) and monotonic() < end:
            await asyncio.sleep(0.05)
        others = asyncio.create_task(self._others(joined))
        many = len(beside.pages)
        clicking = asyncio.gather(*(beside.vote(i, i % 4, SECONDS * (i + 0.5) / many) for i in range(many)))
        votes = await asyncio.gather(*(self.vote(i, one, SECONDS * i / students) for i, one in enumerate(joined)))
        clicks, refused = await clicking, await others
        await asyncio.sleep(1.0)
        for task in listening:
            task.cancel()
        ways = [self._way(heard, count) - begun for heard in self.heard for begun, _, count in votes]
        page_ways = [self._way(heard, count) - begun for heard in await beside.heard() for begun, _, count in votes]
        return Told([took for _, took, _ in votes], ways, [click.took for click in clicks], page_ways, refused,
                    students + many)  # fmt: skip

    def _way(self, heard: list[tuple[int, float]], count: int) -> float:
        """When a phone first knew of so many answers."""
        return next((at for known, at in heard if known >= count), monotonic() + PATIENCE)

    async def vote(self, i: int, one: dict[str, Any], after: float) -> tuple[float, float, int]:
        """(when it was sent, how long the answer took, how many were counted then)."""
        await asyncio.sleep(after)
        begun = monotonic()
        me = {"room": one["room"], "token": one["token"], "number": self.number, "pick": i % 4}
        status, told = await self.post("answer", me)
        if status != 200:
            raise RuntimeError(f"an answer was refused: {told}")
        took = monotonic() - begun
        if i < DOUBLES:
            await self.post("answer", me)
        return begun, took, told["answered"]

    async def _others(self, joined: list[dict[str, Any]]) -> dict[str, int]:
        """Who reloads is who they were; who forges or guesses is refused."""
        again = [await self.post("join", {"room": one["room"], "token": one["token"]}) for one in joined[:RELOADS]]
        if [told["name"] for _, told in again] != [one["name"] for one in joined[:RELOADS]]:
            raise RuntimeError("a reload made another student")
        forged = {"room": joined[0]["room"], "token": "forged", "number": self.number, "pick": 0}
        refused = [(await self.post("answer", forged))[0] for _ in range(FORGED)]
        codes = [(await self.post("join", {"code": f"no such code {n}"}))[0] for n in range(CODES)]
        return {"forged": refused.count(403), "wrong codes": codes.count(404), "slowed down": codes.count(429)}

    async def post(self, what: str, message: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        body = json.dumps(message).encode()
        head = (f"POST /room/{what} HTTP/1.1", f"Host: {self.host}:{self.port}", "Content-Type: application/json",
                "Connection: close", f"Content-Length: {len(body)}", "", "")  # fmt: skip
        writer.write("\r\n".join(head).encode() + body)
        answer = await reader.read()
        writer.close()
        first, _, told = answer.partition(b"\r\n\r\n")
        return int(first.split()[1]), json.loads(told)

    async def _listen(self, room: str) -> None:
        mine: list[tuple[int, float]] = []
        self.heard.append(mine)
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=2**20)
        writer.write(f"GET /room/events?room={room} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n\r\n".encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"data:"):
                    mine.append((json.loads(line[5:])["answered"], monotonic()))
        finally:
            writer.close()
