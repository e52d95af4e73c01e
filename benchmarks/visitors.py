"""A class before one server: visitors that type into the first page by raw websockets, in Streamlit's own protocol.

A visitor says what the browser would (``web/wire/protocol.js``) and waits for the picture that answers it (``echo``).
Latency is from a key to the picture of it or of a newer one. A picture is *wrong* where its text is not the one said.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any, NamedTuple

from benchmarks.memory import resident_mb
from benchmarks.serving import Server, server
from benchmarks.table import Row, Target
from benchmarks.timing import lacking
from gptviz.paths import ROOT
from gptviz.ui.web.message import read_header

RATE = 2.0  # keys a second
P95 = {(30, 60): 300.0, (30, 600): 600.0, (60, 60): 1000.0}  # ms, by visitors and characters
PICTURES = {(60, 60): 90.0}  # a second of one process, where more keys come than that
_TEXT = (
    "The old man and the sea were friends for many years, and nobody knew how they had met. ",
    "从前有一只小兔子住在森林里，它每天早上都要去河边喝水。",
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz "
WIRE = {110: 30.0, 1100: 120.0}  # kB of the first picture of a text of so many characters: some 32 and 250 tokens
LEFT, AWAY = 60.0, 65.0  # MB more than before, so many seconds after all have left: sessions last a minute longer
HEAVY = 1.3  # of so many runs of Compare one after the other
PATIENCE = 60.0  # seconds until a picture counts as not coming


class Seen(NamedTuple):
    """One visitor's figures."""

    waits: list[float]  # seconds, of each key
    pictures: int
    wrong: int
    bytes: int  # of all pictures


class Visitor:
    """One browser, without the browser."""

    def __init__(self, url: str, number: int) -> None:
        self.url, self.random = url.replace("http", "ws", 1) + "/_stcore/stream", random.Random(number)
        self.widget = self.fragment = self.page = self.strings = self.arrays = ""
        self.said: list[str] = [""]  # by number of the message
        self.arrived: list[tuple[int, float]] = []  # (newest message that a picture answers, when)
        self.wrong = self.bytes = self.last = 0  # bytes of all pictures, of the newest
        self.header: dict[str, Any] = {}  # of the newest picture
        self.socket: Any = None

    @property
    def answered(self) -> int:
        """The newest message that has been answered; −1 before the first picture."""
        return max((echo for echo, _ in self.arrived), default=-1)

    async def open(self) -> None:
        """Connect and wait for the first picture."""
        from websockets.asyncio.client import connect

        self.socket = await connect(self.url, max_size=None, subprotocols=["streamlit"], compression=None)
        await self._send("", {})
        await self._hear_of(0)

    async def close(self) -> None:
        """Leave."""
        await self.socket.close()

    async def paste(self, text: str) -> None:
        """Say a text, wait for its picture, and forget what it cost."""
        await self._say(text)
        await self._hear_of(len(self.said) - 1)
        self.arrived, self.bytes = self.arrived[-1:], 0

    async def act(self, **action: Any) -> dict[str, Any]:
        """Do something on the page, and wait for its picture."""
        self.said.append(self.said[-1])
        n = len(self.said) - 1
        queue = [{"q": self.header.get("acked", 0) + 1, **action}]
        client = {"n": n, "view": {}, "queue": queue, "strings": self.strings, "arrays": self.arrays}
        await self._send(self.fragment, {"client": client})
        await self._hear_of(n)
        return self.header

    async def type(self, keys: int) -> Seen:
        """Type so many letters after what was pasted, ``RATE`` a second."""
        await asyncio.sleep(self.random.random() / RATE)
        before, text = len(self.arrived), self.said[-1]
        listening = asyncio.create_task(self._listen())
        begun: dict[int, float] = {}
        for _ in range(keys):
            text += self.random.choice(_LETTERS)
            now = monotonic()
            await self._say(text)
            begun[len(self.said) - 1] = now
            await asyncio.sleep(max(0.0, now + self.random.uniform(0.7, 1.3) / RATE - monotonic()))
        end = monotonic() + PATIENCE
        while self.answered < len(self.said) - 1 and monotonic() < end:
            await asyncio.sleep(0.005)
        listening.cancel()
        never = monotonic()
        waits = [next((at for echo, at in self.arrived if echo >= n), never) - now for n, now in begun.items()]
        return Seen(waits, len(self.arrived) - before, self.wrong, self.bytes)

    async def _listen(self) -> None:
        while True:
            self._take(await self.socket.recv())

    async def _hear_of(self, n: int) -> None:
        end = monotonic() + PATIENCE
        while self.answered < n:
            self._take(await asyncio.wait_for(self.socket.recv(), max(0.1, end - monotonic())))

    async def _say(self, text: str) -> None:
        self.said.append(text)
        client = {"n": len(self.said) - 1, "text": text, "view": {}, "queue": [], "strings": self.strings,
                  "arrays": self.arrays}  # fmt: skip
        await self._send(self.fragment, {"client": client})

    async def _send(self, fragment: str, state: dict[str, Any]) -> None:
        from streamlit.proto.BackMsg_pb2 import BackMsg

        message = BackMsg()
        message.rerun_script.fragment_id = fragment
        message.rerun_script.page_script_hash = self.page
        if state:
            widget = message.rerun_script.widget_states.widgets.add()
            widget.id, widget.json_value = self.widget, json.dumps(state)
        await self.socket.send(message.SerializeToString())

    def _take(self, raw: Any) -> None:
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        message = ForwardMsg()
        message.ParseFromString(raw)
        if message.WhichOneof("type") == "new_session":
            self.page = message.new_session.page_script_hash or self.page
        if message.WhichOneof("type") != "delta" or not message.delta.new_element.HasField("bidi_component"):
            return
        component = message.delta.new_element.bidi_component
        if not message.delta.fragment_id:  # that of the toolbar
            return
        self.widget, self.fragment = component.id, message.delta.fragment_id
        header, _ = read_header(component.bytes)
        self.header = header
        self.strings, self.arrays = header["strings_id"], header["arrays_id"] or self.arrays
        self.arrived.append((header["echo"], monotonic()))
        self.last = len(raw)
        self.bytes += self.last
        self.wrong += bool(header["echo"]) and header["text"] != self.said[header["echo"]]


def rows(*, runs: int = 5, keys: int = 24) -> Iterator[Row]:
    """For each size of class and of text: p95 of all keys, the worst of ``runs``; and pictures a second, the median."""
    why = lacking("websockets") or (None if Path("/proc/self/status").is_file() else "no /proc on this system")
    for (visitors, characters), bar in P95.items():
        typing = f"{visitors} visitors, {RATE:g} keys a second each, {characters} characters"
        target = Target(f"{typing}: p95 of key to picture, worst of {runs}", "", bar, "ms")
        least = PICTURES.get((visitors, characters))
        pace = least and Target(f"{typing}: pictures of one process, median of {runs}", "", least, "a second", True)
        if why:
            yield from (one.not_measured(why) for one in (target, pace) if one)
            continue
        found = [measure(visitors, characters, keys) for _ in range(runs)]
        worst = max(found, key=lambda one: one.p95)
        yield target.measured(1e3 * worst.p95, note=worst.note)
        if pace:
            yield pace.measured(median(one.pictures for one in found))
    yield from wire_rows(why)
    yield left_row(why, keys)
    yield heavy_row(why)


def wire_rows(why: str | None) -> Iterator[Row]:
    """What the first picture of a text is on the wire, of which nothing was there before."""
    targets = {size: Target(f"first picture of {size} characters, on the wire", "", bar, "kB")
               for size, bar in WIRE.items()}  # fmt: skip
    if why:
        yield from (target.not_measured(why) for target in targets.values())
        return
    with server(ROOT / "app.py") as app:
        for size, (kilobytes, tokens) in asyncio.run(_pasted(app, list(targets))).items():
            yield targets[size].measured(kilobytes, note=f"{tokens} tokens")


async def _pasted(app: Server, sizes: Sequence[int]) -> dict[int, tuple[float, int]]:
    found: dict[int, tuple[float, int]] = {}
    for size in sizes:
        visitor = Visitor(app.url, 1)
        await visitor.open()
        await visitor.paste(passage(1, size))
        found[size] = visitor.last / 1e3, len(visitor.header["ids"])
        await visitor.close()
    return found


def left_row(why: str | None, keys: int, *, visitors: int = 30, characters: int = 600, away: float = AWAY) -> Row:
    """What stays of a class in memory once all have left."""
    target = Target(
        f"more memory, {away:g} s after {visitors} visitors with {characters} characters left", "", LEFT, "MB"
    )
    if why:
        return target.not_measured(why)
    with server(ROOT / "app.py") as app:
        asyncio.run(class_typing(app, 1, characters, 2))  # what the server itself needs is there
        before = resident_mb(app.pid)
        asyncio.run(class_typing(app, visitors, characters, keys))
        full = resident_mb(app.pid)
        sleep(away)
        return target.measured(max(0.1, resident_mb(app.pid) - before), note=f"{before:.0f} MB before, {full:.0f} then")


def heavy_row(why: str | None, *, visitors: int = 30) -> Row:
    """All run Compare at once, against as many runs one after the other; somebody types on the first page meanwhile."""
    target = Target(f"Compare run by {visitors} visitors at once", f"{visitors} runs one after the other", HEAVY, "s")
    if why:
        return target.not_measured(why)
    with server(ROOT / "app.py") as app:
        alone, at_once, waits = asyncio.run(_comparing(app, visitors))
    return target.measured(at_once, visitors * alone, note=f"typing meanwhile: p95 {1e3 * _share(waits, 0.95):.0f} ms")


async def _comparing(app: Server, visitors: int) -> tuple[float, float, list[float]]:
    """Seconds of one run alone and of all at once, and the waits of who types, sorted."""
    from streamlit.util import calc_hash

    everybody = [Visitor(app.url, number) for number in range(visitors)]
    for visitor in everybody:
        visitor.page = calc_hash("compare")
        await visitor.open()
    typist = Visitor(app.url, visitors)
    await typist.open()
    await typist.paste(passage(1, 60))

    async def run(visitor: Visitor) -> None:
        header = await visitor.act(kind="run")
        while header["running"]:
            header = await visitor.act(kind="more")

    begun = monotonic()
    await run(everybody[0])
    alone, begun = monotonic() - begun, monotonic()
    runs = asyncio.gather(*map(run, everybody))
    waits: list[float] = []
    while not runs.done():
        waits += (await typist.type(4)).waits
    await runs
    at_once = monotonic() - begun
    for visitor in (*everybody, typist):
        await visitor.close()
    return alone, at_once, sorted(waits)


class Measured(NamedTuple):
    """One run of one class."""

    p95: float  # seconds
    note: str
    pictures: float  # a second


def measure(visitors: int, characters: int, keys: int) -> Measured:
    """A server of its own, a class of visitors, all of them typing."""
    with server(ROOT / "app.py") as app:
        return asyncio.run(class_typing(app, visitors, characters, keys))


async def class_typing(
    app: Server, visitors: int, characters: int, keys: int, pids: Sequence[int] | None = None
) -> Measured:
    """A class of visitors, all of them typing; ``pids``: the processes behind its address, where there are several."""
    pids = pids or [app.pid]
    everybody = [Visitor(app.url, number) for number in range(visitors)]
    for number, visitor in enumerate(everybody):
        await visitor.open()
        await visitor.paste(passage(number, characters))
    cpu, begun = sum(map(_cpu, pids)), monotonic()
    seen = await asyncio.gather(*(visitor.type(keys) for visitor in everybody))
    seconds, cpu = monotonic() - begun, sum(map(_cpu, pids)) - cpu
    memory, pictures = sum(map(resident_mb, pids)), max(1, sum(one.pictures for one in seen))
    waits = sorted(wait for one in seen for wait in one.waits)
    note = (
        f"p50 {1e3 * _share(waits, 0.5):.0f} ms, {pictures / seconds:.0f} pictures/s of {visitors * RATE:.0f} keys/s, "
        f"{sum(one.bytes for one in seen) / pictures / 1e3:.0f} kB and {1e3 * cpu / pictures:.0f} ms of CPU each, "
        f"{memory:.0f} MB, {sum(one.wrong for one in seen)} wrong"
    )
    for visitor in everybody:
        await visitor.close()
    return Measured(_share(waits, 0.95), note, pictures / seconds)


def passage(number: int, characters: int) -> str:
    """Another text for each visitor, a third of them Chinese."""
    source = _TEXT[number % 3 == 0]
    return (f"{number} " + source * (characters // len(source) + 1))[: characters - 1]


def _share(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
