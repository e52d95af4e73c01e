"""Two processes of the app behind the proxy of ``deploy/``, against one that visitors reach directly.

The proxy is Caddy with ``deploy/Caddyfile`` itself, but for the addresses; rooms are held in Redis, as there. All of
it, and the visitors, share this machine: on the cores that one process had, two can do what these cores can.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.classroom import lesson
from benchmarks.serving import Server, free_port, server
from benchmarks.table import Row, Target
from benchmarks.timing import lacking
from benchmarks.visitors import RATE, Measured, class_typing
from gptviz.paths import ROOT

CADDYFILE = ROOT / "deploy" / "Caddyfile"
P95 = {30: 500.0, 60: 1000.0}  # ms, by visitors
FEWER = 0.9  # of one process's pictures a second, at least
ANSWER = 200.0  # ms, p95, of a phone's answer through proxy and Redis
CHARACTERS = 60
OLDEST = (2, 8)  # of Caddy's versions, which read that file
_PATIENCE = 30.0  # seconds until proxy or Redis counts as not coming


def rows(*, runs: int = 2, keys: int = 24, visitors: Mapping[int, float] = P95, students: int = 30) -> Iterator[Row]:
    """p95 of a key and pictures a second, the worst of ``runs``; then a class whose phones come in at both."""
    targets = [(Target(f"{count} visitors, {RATE:g} keys a second each, two processes behind the proxy: p95 of key to "
                       "picture", "", bar, "ms"),
                Target(f"{count} visitors, two processes behind the proxy: pictures a second", "one process", FEWER,
                       "pictures/s", at_least=True)) for count, bar in visitors.items()]  # fmt: skip
    room = Target(f"room of {students} at two processes behind the proxy: p95 of an answer's acknowledgement", "",
                  ANSWER, "ms")  # fmt: skip
    why = missing()
    if why:
        yield from (target.not_measured(why) for both in targets for target in both)
        yield room.not_measured(why)
        return
    for count, (waits, pictures) in zip(visitors, targets, strict=True):
        one, two = zip(*(_pair(count, keys) for _ in range(runs)), strict=True)
        worst, other = (max(found, key=lambda measured: measured.p95) for found in (two, one))
        yield waits.measured(1e3 * worst.p95, note=f"{worst.note}; one process: p95 {1e3 * other.p95:.0f} ms")
        yield pictures.measured(worst.pictures, other.pictures)
    with behind(2) as (url, apps):
        told, counted, typed, _ = asyncio.run(lesson(Server(url, apps[0].pid), students, 0, 8))
    p95 = sorted(told.answers)[int(0.95 * (len(told.answers) - 1))]
    meanwhile = sorted(typed)[int(0.95 * (len(typed) - 1))]
    yield room.measured(1e3 * p95, note=f"{counted} of {students} counted; key to picture meanwhile: p95 "
                        f"{1e3 * meanwhile:.0f} ms")  # fmt: skip


def missing() -> str | None:
    """Why it cannot be measured here; None where it can."""
    why = lacking("websockets") or (None if Path("/proc/self/status").is_file() else "no /proc on this system")
    if why is None and shutil.which("redis-server") is None:
        why = "redis-server not found"
    if why is None and (caddy() or (0,)) < OLDEST:
        why = f"Caddy {'.'.join(map(str, OLDEST))} or later not found"
    return why


def caddy() -> tuple[int, ...] | None:
    """The version of the Caddy that is installed, if one is."""
    if shutil.which("caddy") is None:
        return None
    said = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v?(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else None


def _pair(count: int, keys: int) -> tuple[Measured, Measured]:
    """(one process, two behind the proxy), all started anew."""
    with server(ROOT / "app.py") as app:
        one = asyncio.run(class_typing(app, count, CHARACTERS, keys))
    with behind(2) as (url, apps):
        two = asyncio.run(class_typing(Server(url, apps[0].pid), count, CHARACTERS, keys, [app.pid for app in apps]))
    return one, two


@contextmanager
def behind(count: int, **variables: str) -> Iterator[tuple[str, list[Server]]]:
    """The proxy's address, and the processes behind it."""
    with ExitStack() as stack:
        variables["GPTVIZ_REDIS"] = stack.enter_context(redis())
        apps = [stack.enter_context(server(ROOT / "app.py", **variables)) for _ in range(count)]
        yield stack.enter_context(proxy([app.url for app in apps])), apps


@contextmanager
def redis() -> Iterator[str]:
    """A Redis of its own, which writes nothing down; its address."""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with tempfile.TemporaryDirectory() as folder, _running(["redis-server", *options, "--dir", folder]):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def proxy(urls: Sequence[str]) -> Iterator[str]:
    """Caddy before these servers; its address. Raises RuntimeError, with what it printed, where it does not come up."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "Caddyfile"
        site.write_text(adapted(CADDYFILE.read_text(encoding="utf-8"), urls, port), encoding="utf-8")
        command = ["caddy", "run", "--config", str(site), "--adapter", "caddyfile"]
        with _running(command, XDG_DATA_HOME=folder, XDG_CONFIG_HOME=folder) as (process, said):
            url, end = f"http://127.0.0.1:{port}", monotonic() + _PATIENCE
            while not _stands(url):
                if process.poll() is not None or monotonic() > end:
                    raise RuntimeError(f"the proxy did not come up:\n{said()}")
                sleep(0.1)
            yield url


def adapted(said: str, urls: Sequence[str], port: int) -> str:
    """The project's Caddyfile with these servers in the place of the containers, at this port, without its console."""
    upstreams = "to " + " ".join(url.partition("://")[2] for url in urls)
    said, found = re.subn(r"dynamic a app \d+ \{[^}]*\}", upstreams, said)
    said, site = re.subn(r"\{\$SITE:[^}]*\}", f"http://127.0.0.1:{port}", said)
    said, console = re.subn(r"^\tadmin .*$", "\tadmin off", said, flags=re.MULTILINE)
    if (found, site, console) != (1, 1, 1):
        raise ValueError("the Caddyfile is not laid out as it was")
    return said


@contextmanager
def _running(command: Sequence[str], **variables: str) -> Iterator[tuple[subprocess.Popen[str], Callable[[], str]]]:
    """A process for as long as this lasts, and what it has printed so far."""
    with tempfile.TemporaryFile("w+") as out:

        def said() -> str:
            out.seek(0)
            return out.read()

        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                                   env=os.environ | variables)  # fmt: skip
        try:
            yield process, said
        finally:
            process.terminate()
            process.wait(20)


def _stands(url: str) -> bool:
    """Whether the proxy answers for one of the servers."""
    try:
        with urlopen(f"{url}/_stcore/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
