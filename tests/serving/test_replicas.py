"""Replicas: what dies under a request takes nothing along. Without Ray by what stands in for it, with Ray for real."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import tomllib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.request import Request, urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

import gptviz
from benchmarks.engine import engine
from gptviz.cli import main
from gptviz.errors import PromptError, ServiceError
from gptviz.language_model import LanguageModel
from gptviz.paths import ROOT
from gptviz.serving import replicas
from gptviz.serving.gathered import SILENT, Gathered
from gptviz.serving.limits import Limits
from gptviz.serving.metrics import Metrics
from gptviz.serving.replicas import INSTALL, PACKAGES, Replica, Replicas, Scale, session
from gptviz.serving.workers import About, Here

RAY = all(find_spec(name) for name in PACKAGES)
with_ray = pytest.mark.skipif(not RAY, reason=f"Ray is not installed: {INSTALL}")


class GoneError(Exception):
    """A replica has died."""


class Handle:
    """What Ray gives for the replicas: here one of them, in this process, and a list of what happens to each request.

    A number in it: the replica dies after so many events (0: before it answers).
    """

    def __init__(self, lm: LanguageModel, fates: list[int]) -> None:
        self.replica, self.fates = object.__new__(Replica), fates
        self.replica._here, self.replica._begun, self.replica._metrics = Here(lm, Limits()), False, Metrics()
        self.sessions: list[str] = []

    def options(self, session_id: str, stream: bool = False) -> Handle:
        self.sessions.append(session_id)
        return self

    def _die(self) -> int | None:
        return self.fates.pop(0) if self.fates else None

    @property
    def ask(self) -> Any:
        async def asked(kind: str, body: Any) -> Any:
            if self._die() is not None:
                raise GoneError
            return await self.replica.ask(kind, body)

        return Remote(asked)

    @property
    def next_together(self) -> Any:
        async def asked(body: Any) -> Any:
            if self._die() is not None:
                raise GoneError
            return (await self.replica.next_together([body]))[0]

        return Remote(asked)

    @property
    def generate(self) -> Any:
        return Remote(lambda body: Answers(self.replica.generate(body), self._die()))


class Remote:
    """A method that is called elsewhere."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self.remote = method


class Answers:
    """A stream that breaks off after ``most`` events."""

    def __init__(self, inner: AsyncIterator[Any], most: int | None) -> None:
        self._inner, self._most = inner, most

    async def __aiter__(self) -> AsyncIterator[Any]:
        count = 0
        async for one in self._inner:
            if count == self._most:
                raise GoneError
            count += 1
            yield one

    def cancel(self) -> None:
        pass


def elsewhere(lm: LanguageModel, fates: list[int], monkeypatch: pytest.MonkeyPatch) -> tuple[Replicas, Metrics]:
    monkeypatch.setattr(replicas, "_lost", lambda: (GoneError,))
    monkeypatch.setattr(replicas, "PAUSES", (0.0, 0.0, 0.0))
    found, metrics = object.__new__(Replicas), Metrics()
    found._handle, found._again, found.about = Handle(lm, fates), metrics.again, About(lm.name, lm.fingerprint)
    return found, metrics


def asked_again(metrics: Metrics) -> float:
    return float(metrics.text().decode().split("\ngptviz_asked_again_total ")[1].split()[0])


def test_a_request_whose_replica_dies_is_asked_again_and_says_the_same(
    tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answers(fates: list[int]) -> tuple[list[Any], float]:
        worker, metrics = elsewhere(tiny_lm, fates, monkeypatch)
        found = [await worker.ask("next", {"text": "abc"}), await worker.ask("encode", {"text": "abc"})]
        return found, asked_again(metrics)

    (undisturbed, none), (disturbed, twice) = asyncio.run(answers([])), asyncio.run(answers([0, 0]))
    assert disturbed == undisturbed
    assert (none, twice) == (0, 2)


def test_a_text_goes_on_where_it_broke_off_and_no_token_is_told_twice(
    tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def events(fates: list[int]) -> list[Any]:
        worker, _ = elsewhere(tiny_lm, fates, monkeypatch)
        return [event async for event in worker.stream({"text": "abc", "max_new_tokens": 8, "seed": 5})]

    whole = asyncio.run(events([]))
    assert [name for name, _ in whole] == ["token"] * 8 + ["done"]
    assert asyncio.run(events([3, 1, 8])) == whole


def test_what_no_replica_answers_is_given_up_in_a_sentence(
    tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, _ = elsewhere(tiny_lm, [0] * 9, monkeypatch)
    with pytest.raises(ServiceError) as raised:
        asyncio.run(worker.ask("encode", {"text": "abc"}))
    assert (raised.value.key, raised.value.status) == ("serve.busy", 503)


def test_errors_come_back_as_they_were_and_are_not_asked_again(
    tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, metrics = elsewhere(tiny_lm, [], monkeypatch)
    with pytest.raises(PromptError) as raised:
        asyncio.run(worker.ask("next", {"text": ""}))
    assert raised.value.key == "prompt.empty"
    with pytest.raises(PromptError):
        asyncio.run(worker.ask("trace", {"text": "é"}))
    assert asked_again(metrics) == 0


def test_a_text_finds_its_replica_by_how_it_begins_and_shows_nothing_of_it() -> None:
    typed = "The cat sat on the mat"
    assert len({session({"text": typed[:length]}) for length in range(12, 23)}) == 1
    assert session({"text": "The dog sat on the mat"}) != session({"text": typed})
    assert session({"texts": [typed]}) == session({"text": typed})
    assert session({"ids": [1, 2, 3, 4, 5]}) == session({"ids": [1, 2, 3, 4, 9], "moves": []})
    assert session({}) == session({"texts": []})
    assert len(session({"text": "\ud800" * 30})) == 16


def test_without_ray_it_is_said_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(replicas, "find_spec", lambda name: None)
    assert main(["serve", "--ray"]) == 2
    assert INSTALL in capsys.readouterr().err
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["ray"]
    assert shlex.split(INSTALL) == ["pip", "install", *extra]  # the same, of the same versions


@pytest.mark.parametrize("said", ["0", "4-1", "x", "1-", "-1-2", "1-1000"])
def test_a_wrong_number_of_replicas_is_a_sentence(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--ray", f"--replicas={said}"]) == 2
    assert "--replicas" in capsys.readouterr().err


def post(url: str, body: object) -> Any:
    asked = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(asked, timeout=120) as answer:
        return json.load(answer)


def below(pid: int) -> list[int]:
    """All processes that ``pid`` began, and theirs."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def replicas_of(pid: int) -> list[int]:
    """Those among them that hold the model."""
    found = []
    for one in below(pid):
        try:
            if b"ServeReplica:gptviz" in (Path("/proc") / str(one) / "cmdline").read_bytes():
                found.append(one)
        except OSError:
            continue
    return found


def figures_of(url: str) -> dict[str, str]:
    """What ``/metrics`` says."""
    with urlopen(f"{url}/metrics", timeout=30) as answer:
        return dict(line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if line[0] != "#")


def memory_of(figures: dict[str, str]) -> dict[str, str]:
    """Resident memory of each replica."""
    return {name: value for name, value in figures.items() if name.startswith("process_resident_memory_bytes{replica=")}


def test_figures_of_replicas_stand_beside_the_listeners_own_and_each_says_whose_it_is() -> None:
    own, first, second = Metrics(), Metrics(), Metrics()
    own.requests.labels("next", "200").inc(5)
    own.tokens.labels("read").inc(1)
    for metrics, size in ((first, 2), (second, 3)):
        metrics.batch.labels("next").observe(size)
        metrics.tokens.labels("read").inc(10 * size)
        metrics.requests.labels("next", "200").inc(99)  # what a replica would never count
        metrics.watch("gptviz_kept_bytes", "Memory.", lambda size=size: size)  # type: ignore[misc]
    text = own.text({"b": b"# 7\n" + second.text(), 'a"\n': first.text()}).decode()
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    said = {(sample.name, *sorted(sample.labels.items())): sample.value for one in families for sample in one.samples}
    assert said["gptviz_requests_total", ("kind", "next"), ("status", "200")] == 5
    assert [value for key, value in said.items() if key[0] == "gptviz_requests_total"] == [5]
    assert said["gptviz_tokens_total", ("kind", "read")] == 1
    for name, size in (('a"\n', 2), ("b", 3)):
        assert said["gptviz_tokens_total", ("kind", "read"), ("replica", name)] == 10 * size
        assert said["gptviz_batch_size_sum", ("kind", "next"), ("replica", name)] == size
        assert said["gptviz_kept_bytes", ("replica", name)] == size
        assert said["process_resident_memory_bytes", ("replica", name)] > 0
    assert own.text({}) == own.text()


def test_a_replica_that_says_nothing_new_for_long_is_gone_and_one_that_does_is_not() -> None:
    found = Gathered()
    assert found.hear({"a": b"1", "b": b"1"}, 0.0) == []
    assert found.hear({"a": b"2", "b": b"1"}, SILENT) == []
    assert found.count == 2
    assert found.hear({"a": b"3", "b": b"1"}, SILENT + 1) == ["b"]
    assert found.count == 1
    assert found.hear({"a": b"3", "b": b"2"}, SILENT + 2) == []  # it was only slow
    assert found.count == 2


@with_ray
@pytest.mark.slow
def test_a_replica_is_killed_under_load_and_no_request_is_lost() -> None:
    texts = [f"{name} went to the" for name in ("Anna", "Bert", "Carl", "Dora", "Emil", "Fred", "Gina", "Hugo")]
    own = gptviz.load("small")
    expected = {text: int(own.trace(text).logits_at(-1).argmax()) for text in texts}
    with engine("--ray", "--replicas", "2", "--model", "small", "--rate", "0") as (url, process):
        both = replicas_of(process.pid)
        assert len(both) == 2

        def type_on(text: str) -> Counter[int]:
            return Counter(post(f"{url}/v1/next", {"text": text, "top": 1})["tokens"][0]["id"] for _ in range(60))

        with ThreadPoolExecutor(9) as pool:
            jobs = {text: pool.submit(type_on, text) for text in texts}
            written = pool.submit(post, f"{url}/v1/generate", {"text": "Once", "max_new_tokens": 60, "seed": 3})
            sleep(0.5)
            os.kill(both[0], signal.SIGKILL)
            assert {text: job.result() for text, job in jobs.items()} == {
                text: Counter({best: 60}) for text, best in expected.items()}  # fmt: skip
            steps = list(own.generate("Once", gptviz.Sample(temperature=0.8, top_p=0.95), max_new_tokens=60, seed=3))
            assert [token["id"] for token in written.result()["tokens"]] == [step.token for step in steps]
        figures = figures_of(url)
        assert float(figures['gptviz_requests_total{kind="next",status="200"}']) == 480
        end = monotonic() + 60
        while len(replicas_of(process.pid)) < 2:
            assert monotonic() < end, "no new replica came"
            sleep(0.2)
        assert both[0] not in replicas_of(process.pid)
        while len(told := memory_of(figures := figures_of(url))) != 2:  # that of the killed one is gone by then
            assert monotonic() < end, f"there are figures of {told}"
            sleep(0.5)
        assert float(figures["gptviz_replicas"]) == 2
        assert all(float(size) > 10**8 for size in told.values())  # each holds the model, and torch
        computed = [float(value) for name, value in figures.items() if name.startswith("gptviz_batch_size_sum")]
        assert 0 < sum(computed) <= 2 * 480
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in (0, -signal.SIGTERM)
    log = [json.loads(line) for line in process.log if line.startswith("{")]  # type: ignore[attr-defined]
    assert "went to the" not in json.dumps(log)
    assert {line["status"] for line in log if line["event"] == "request"} == {200}


def test_a_scale_is_a_number_or_two() -> None:
    from gptviz.cli.serve import _scale

    assert _scale("3") == Scale(3, 3)
    assert _scale("1-4") == Scale(1, 4)
    assert _scale(None).least == 1
