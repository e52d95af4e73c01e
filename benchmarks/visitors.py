"""A class before one server: visitors that type into the first page by raw websockets, in Streamlit's own protocol.

A visitor says what the browser would (``web/wire/protocol.js``) and waits for the picture that answers it (``echo``).
Latency is from a key to the picture of it or of a newer one. A picture is *wrong* where its text is not the one said.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from benchmarks.memory import resident_mb
from benchmarks.serving import Server, server
from benchmarks.table import Row, Target
from benchmarks.timing import lacking
from gptviz.paths import ROOT
from gptviz.ui.web.message import unpack

RATE = 2.0  # keys a second
P95 = {(30, 60): 300.0, (30, 600): 600.0, (60, 60): 1000.0}  # ms, by visitors and characters
_TEXT = (
    "The old man and the sea were friends for many years, and nobody knew how they had met. ",
    "从前有一只小兔子住在森林里,它每天早上都要去河边喝水。",
)
_PATIENCE = 60.0


class Seen(NamedTuple):
    """One visitor's figures."""

    waits: list[float]  # seconds, of each key
    pictures: int
    wrong: int
    bytes: int  # of all pictures


class Visitor:
    """One browser, without the browser."""

    def __init__(self, url: str, number: int) -> None:
        self.url, self.number = url.replace("http", "ws", 1) + "/_stcore/stream", number
        self.random = random.Random(number)
        self.widget = self.fragment = self.page = ""
        self.n = 0
        self.echo = self.rev = -1
        self.text = self.last_text = ""
        self.strings = ""
        self.socket: Any = None
        self.said: dict[int, str] = {}
        self.seen = Seen([], 0, 0, 0)
        self.pictures = self.wrong = self.bytes = 0

    async def open(self) -> None:
        """Connect and wait for the first picture."""
        from websockets.asyncio.client import connect

        self.socket = await connect(self.url, max_size=None, subprotocols=["streamlit"], compression=None)
        await self._send("", {})
        await self._until(lambda: self.echo >= 0)

    async def type(self, text: str, keys: int, started: asyncio.Event) -> Seen:
        """Paste ``text``, then type ``keys`` letters of it anew, ``RATE`` a second; gives what was seen."""
        await started.wait()
        await asyncio.sleep(self.random.random() / RATE)
        waits: list[float] = []
        listening = asyncio.create_task(self._listen())
        letters = "abcdefghijklmnopqrstuvwxyz "
        pending: list[tuple[int, float]] = []
        for _ in range(keys):
            text += self.random.choice(letters)
            begun = monotonic()
            await self._say(text)
            pending.append((self.n, begun))
            pause = self.random.uniform(0.7, 1.3) / RATE
            await asyncio.sleep(max(0.0, begun + pause - monotonic()))
        end = monotonic() + _PATIENCE
        while self.echo < self.n and monotonic() < end:
            await asyncio.sleep(0.005)
        listening.cancel()
        for n, begun in pending:
            arrived = next((at for echo, at in self.arrived if echo >= n), None)
            waits.append((arrived if arrived is not None else monotonic()) - begun)
        return Seen(waits, self.pictures, self.wrong, self.bytes)

    async def paste(self, text: str) -> None:
        """Say a text and wait for its picture."""
        await self._say(text)
        wanted = self.n
        await self._until(lambda: self.echo >= wanted)

    async def _listen(self) -> None:
        while True:
            self._take(await self.socket.recv())

    async def _until(self, done: Any) -> None:
        self.arrived: list[tuple[int, float]] = getattr(self, "arrived", [])
        end = monotonic() + _PATIENCE
        while not done():
            self._take(await asyncio.wait_for(self.socket.recv(), max(0.1, end - monotonic())))

    async def _say(self, text: str) -> None:
        self.n += 1
        self.text = text
        self.said[self.n] = text
        client = {"n": self.n, "text": text, "view": {}, "queue": [], "strings": self.strings}
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
        self.widget, self.fragment = component.id, message.delta.fragment_id
        header, _ = unpack(component.bytes)
        self.echo = max(self.echo, header["echo"])
        self.strings = header["strings_id"]
        self.arrived.append((header["echo"], monotonic()))
        self.pictures += 1
        self.bytes += len(raw)
        if header["echo"] in self.said and header["text"] != self.said[header["echo"]]:
            self.wrong += 1


def rows(*, runs: int = 5, keys: int = 24) -> Iterator[Row]:
    """For each size of class and of text: p95 of all keys, the worst of ``runs``."""
    why = lacking("websockets") or (None if Path("/proc/self/status").is_file() else "no /proc on this system")
    for (visitors, characters), bar in P95.items():
        target = Target(f"{visitors} visitors, {RATE:g} keys a second each, {characters} characters: p95 of key to "
                        f"picture, worst of {runs}", "", bar, "ms")  # fmt: skip
        if why:
            yield target.not_measured(why)
            continue
        found = [measure(visitors, characters, keys) for _ in range(runs)]
        worst = max(found, key=lambda one: one.p95)
        yield target.measured(1e3 * worst.p95, note=worst.note)


class Measured(NamedTuple):
    """One run of one class."""

    p95: float  # seconds
    note: str


def measure(visitors: int, characters: int, keys: int) -> Measured:
    """A server of its own, a class of visitors, all of them typing."""
    with server(ROOT / "app.py") as app:
        return asyncio.run(_class(app, visitors, characters, keys))


async def _class(app: Server, visitors: int, characters: int, keys: int) -> Measured:
    everybody = [Visitor(app.url, number) for number in range(visitors)]
    for visitor in everybody:
        await visitor.open()
    texts = [_text(number, characters) for number in range(visitors)]
    for visitor, text in zip(everybody, texts, strict=True):
        await visitor.paste(text)
        visitor.pictures = visitor.bytes = 0
    started, cpu = asyncio.Event(), _cpu(app.pid)
    typing = [asyncio.create_task(v.type(text, keys, started)) for v, text in zip(everybody, texts, strict=True)]
    begun = monotonic()
    started.set()
    seen = await asyncio.gather(*typing)
    seconds = monotonic() - begun
    memory = resident_mb(app.pid)
    pictures = sum(one.pictures for one in seen)
    waits = sorted(wait for one in seen for wait in one.waits)
    note = (
        f"p50 {1e3 * _share(waits, 0.5):.0f} ms, {pictures / seconds:.0f} pictures/s of {visitors * RATE:.0f} keys/s, "
        f"{sum(one.bytes for one in seen) / max(1, pictures) / 1e3:.0f} kB each, "
        f"{1e3 * (_cpu(app.pid) - cpu) / max(1, pictures):.0f} ms of CPU each, {memory:.0f} MB, "
        f"{sum(one.wrong for one in seen)} wrong"
    )
    for visitor in everybody:
        await visitor.socket.close()
    return Measured(_share(waits, 0.95), note)


def _text(number: int, characters: int) -> str:
    """Another text for each visitor, a third of them Chinese."""
    source = _TEXT[number % 3 == 0]
    return (f"{number} " + source * (characters // len(source) + 1))[: characters - 1]


def _share(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    import os

    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
