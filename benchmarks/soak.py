"""An app in use for an hour: visitors who type, come and go; trainings one after another; a class in a room.

Every minute the server's memory is written down. What is asked: that it is as large at the end as after the first
third, within a few per cent, and that its log says nothing of an error. Each visitor types in bursts and reads in
between; every few minutes one leaves and another comes, whose session is new.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic

from benchmarks.classroom import Phones
from benchmarks.memory import resident_mb
from benchmarks.serving import Server, server
from benchmarks.table import Row, Target
from benchmarks.timing import lacking
from benchmarks.visitors import Visitor, passage
from gptviz.paths import ROOT

VISITORS, STUDENTS = 30, 10
_BURST, _READING, _CHARACTERS = 12, 4.0, 200  # keys at a time; seconds between; characters until a new text is begun
_STAYS = 300.0  # seconds after which a visitor leaves and another comes
_ERROR = re.compile(r"^.*(?:Traceback|\bERROR\b|\bCRITICAL\b|Exception).*$", re.MULTILINE)


@dataclass
class Soaked:
    """What came of it."""

    waits: list[float] = field(default_factory=list)  # seconds, of every key
    memory: list[float] = field(default_factory=list)  # MB, every minute
    wrong: int = 0
    came: int = 0  # visitors, one after another
    trainings: int = 0  # that were begun
    votes: int = 0
    broken: list[str] = field(default_factory=list)  # what a visitor met that should not be

    @property
    def growth(self) -> float:
        """By what share the last third's memory is above that of the second: the first is when caches fill."""
        third = max(1, len(self.memory) // 3)
        late, early = self.memory[-third:], self.memory[third : 2 * third] or self.memory[:third]
        return max(late) / max(early) - 1


def rows(minutes: float = 60.0, visitors: int = VISITORS, minute: float = 60.0) -> Iterator[Row]:
    """Memory's growth and the errors in the log."""
    what = f"{visitors} visitors, trainings and a room for {minutes:g} minutes: "
    grown = Target(what + "growth of memory after the first third", "", 5.0, "%")
    errors = Target(what + "errors in the log", "", 0.0, "lines")
    why = lacking("websockets") or (None if Path("/proc/self/status").is_file() else "no /proc on this system")
    if why:
        yield grown.not_measured(why)
        yield errors.not_measured(why)
        return
    with ExitStack() as stack:
        jobs = stack.enter_context(tempfile.TemporaryDirectory())
        app = stack.enter_context(server(ROOT / "app.py", GPTVIZ_JOBS=jobs, GPTVIZ_JOB_MINUTES="1"))
        found = asyncio.run(_soak(app, minutes * 60, visitors, minute))
        log = Path(f"/proc/{app.pid}/fd/2").read_text(errors="replace")
    bad = [*found.broken, *_ERROR.findall(log)]
    keys = sorted(found.waits) or [0.0]
    memory = ", ".join(f"{one:.0f}" for one in found.memory)
    note = (f"MB every minute: {memory}; {len(keys):,} keys, p95 {1e3 * keys[int(0.95 * (len(keys) - 1))]:.0f} ms, "
            f"{found.wrong} wrong; {found.came} visitors came, {found.trainings} trainings, "
            f"{found.votes} votes")  # fmt: skip
    yield grown.measured(100 * max(0.0, found.growth), note=note)
    yield errors.measured(float(len(bad)), note="; ".join(bad[:3]))


async def _soak(app: Server, seconds: float, visitors: int, minute: float) -> Soaked:
    found, end = Soaked(), monotonic() + seconds
    several = [_again(partial(_sit, app.url, number, end, found), end, found) for number in range(visitors)]
    several += [_again(partial(one, app.url, end, found), end, found) for one in (_train, _teach)]
    await asyncio.gather(*several, _watch(app.pid, end, minute, found))
    return found


async def _again(one: Callable[[], Awaitable[None]], end: float, found: Soaked) -> None:
    """One after another; what breaks off is written down, and the next begins."""
    while monotonic() < end:
        try:
            await one()
        except Exception as error:
            found.broken.append(f"{type(error).__name__}: {error}"[:200])
            await asyncio.sleep(1.0)


async def _sit(url: str, number: int, end: float, found: Soaked) -> None:
    """A visitor from coming to leaving."""
    found.came += 1
    visitor = Visitor(url, found.came)
    await visitor.open()
    try:
        leaves = min(end, monotonic() + _STAYS * visitor.random.uniform(0.5, 1.5))
        while monotonic() < leaves:
            if len(visitor.said[-1]) > _CHARACTERS or not visitor.said[-1]:
                await visitor.paste(passage(found.came + number, 60))
            seen = await visitor.type(_BURST)
            found.waits += seen.waits
            await asyncio.sleep(visitor.random.expovariate(1 / _READING))
        found.wrong += visitor.wrong
    finally:
        await visitor.close()


async def _train(url: str, end: float, found: Soaked) -> None:
    """Somebody who has one small model trained after another, and looks how it goes."""
    from streamlit.util import calc_hash

    trainee = Visitor(url, 1)
    trainee.page = calc_hash("training")
    await trainee.open()
    try:
        await trainee.act(kind="owner", token=secrets.token_hex(16))
        while monotonic() < end:
            await trainee.act(kind="preset", name="one-minute")
            told = await trainee.act(kind="start")
            found.trainings += 1
            job, until = told["job"], min(end, monotonic() + 90.0)
            while monotonic() < until:
                await asyncio.sleep(5.0)
                await trainee.act(kind="look")
            await trainee.act(kind="delete", job=job)
    finally:
        await trainee.close()


async def _teach(url: str, end: float, found: Soaked) -> None:
    """A class after another, of a few rounds each."""
    from streamlit.util import calc_hash

    teacher = Visitor(url, 2)
    teacher.page = calc_hash("room-teacher")
    await teacher.open()
    try:
        while monotonic() < end:
            code = (await teacher.act(kind="open", origin=url))["room"]["code"]
            phones = Phones(url, code, 0)
            joined = [(await phones.post("join", {"code": code}))[1] for _ in range(STUDENTS)]
            for turn in range(4):
                phones.number = (await teacher.act(kind="next" if turn else "start"))["round"]["number"]
                for number, one in enumerate(joined):
                    await phones.vote(number, one, 0.0)
                    found.votes += 1
                await teacher.act(kind="reveal")
                await asyncio.sleep(min(10.0, max(0.0, end - monotonic())))
            await teacher.act(kind="end")
    finally:
        await teacher.close()


async def _watch(pid: int, end: float, minute: float, found: Soaked) -> None:
    while monotonic() < end:
        await asyncio.sleep(min(minute, max(0.1, end - monotonic())))
        found.memory.append(resident_mb(pid))
