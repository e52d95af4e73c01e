"""``gptviz serve`` before clients that type: next tokens answered a second, computed together or each alone.

A client types a text of its own, asks after each character what comes next, and types on as soon as it has the answer:
the most that so many clients can ask. Client and server share the machine.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from urllib.parse import urlsplit

from benchmarks.table import Row, Target
from benchmarks.timing import lacking
from gptviz.paths import ROOT
from gptviz.serving.replicas import PACKAGES

CLIENTS = (1, 10, 30)
_LETTERS = "abcdefghijklmnopqrstuvwxyz    "
_BEGIN, _END = 20, 80  # characters: after the last a new text is begun
_ANNOUNCED = "gptviz serves here: "


@contextmanager
def engine(*options: str, **environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a service started with these options, and its process, which ends with this."""
    command = [sys.executable, "-m", "gptviz", "serve", "--port", "0", *options]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)  # fmt: skip
    log = threading.Thread(target=_drain, args=(process,), daemon=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith(_ANNOUNCED):
            raise RuntimeError(process.communicate()[1])
        log.start()
        yield line.removeprefix(_ANNOUNCED).strip(), process
    finally:
        process.terminate()
        process.wait(30)
        if log.ident is not None:
            log.join(10)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def _drain(process: subprocess.Popen[str]) -> None:
    """Read the log, so that its pipe is never full; it stands in ``process.log`` afterwards."""
    assert process.stderr is not None
    process.log = process.stderr.readlines()  # type: ignore[attr-defined]


def type_on(url: str, number: int, seconds: float, waits: list[float]) -> None:
    """One client, for so long; how long it waited each time goes into ``waits``."""
    chance = random.Random(number)
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    text = ""
    end = monotonic() + seconds
    while monotonic() < end:
        if not _BEGIN <= len(text) < _END:
            text = "".join(chance.choice(_LETTERS) for _ in range(_BEGIN))
        text += chance.choice(_LETTERS)
        begun = monotonic()
        connection.request(
            "POST", "/v1/next", json.dumps({"text": text, "top": 20}), {"Content-Type": "application/json"}
        )
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(answer.decode())
        waits.append(monotonic() - begun)
    connection.close()


def measured(url: str, clients: int, seconds: float) -> tuple[float, float, float]:
    """(answers a second, p50 and p95 of the wait in ms) with so many clients at once."""
    waits: list[list[float]] = [[] for _ in range(clients)]
    threads = [
        threading.Thread(target=type_on, args=(url, number, seconds, waits[number])) for number in range(clients)
    ]
    begun = monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = monotonic() - begun
    every = sorted(wait for one in waits for wait in one)
    return len(every) / took, 1000 * every[len(every) // 2], 1000 * every[int(0.95 * (len(every) - 1))]


def rows(seconds: float = 10.0, clients: Sequence[int] = CLIENTS) -> Iterator[Row]:
    """A row for each number of clients: computed together, against each alone, both services started anew."""
    with engine("--rate", "0") as (together, _), engine("--rate", "0", "--batch", "1") as (alone, _):
        for url in (together, alone):
            measured(url, 2, 1.0)  # what is set up at the first request
        for count in clients:
            ours, theirs = measured(together, count, seconds), measured(alone, count, seconds)
            what = f"gptviz serve, next tokens, {count} client{'s' * (count > 1)} typing as fast as answered"
            target = Target(what, "each computed alone", 1.0, "answers/s", at_least=True)
            note = f"p50 {ours[1]:.0f}, p95 {ours[2]:.0f} ms; alone p50 {theirs[1]:.0f}, p95 {theirs[2]:.0f} ms"
            yield target.measured(ours[0], theirs[0], note=note)


def replica_rows(seconds: float = 10.0, clients: Sequence[int] = CLIENTS) -> Iterator[Row]:
    """The same for two replicas behind ``--ray``, against one process.

    On the same few cores they can only cost more than that: the bar is what the way to them may take.
    """
    what = "gptviz serve --ray --replicas 2, next tokens, {count} client{s} typing as fast as answered"
    targets = [Target(what.format(count=count, s="s" * (count > 1)), "one process", 0.3, "answers/s", at_least=True)
               for count in clients]  # fmt: skip
    missing = lacking(*PACKAGES)
    if missing:
        yield from (target.not_measured(missing) for target in targets)
        return
    with engine("--rate", "0") as (one, _), engine("--rate", "0", "--ray", "--replicas", "2") as (two, _):
        for url in (one, two):
            measured(url, 2, 1.0)
        for count, target in zip(clients, targets, strict=True):
            ours, theirs = measured(two, count, seconds), measured(one, count, seconds)
            note = f"p50 {ours[1]:.0f}, p95 {ours[2]:.0f} ms; one process p50 {theirs[1]:.0f}, p95 {theirs[2]:.0f} ms"
            yield target.measured(ours[0], theirs[0], note=note)
