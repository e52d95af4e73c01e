"""Training in processes of its own: queue, pause, kill, stop, whose it is, and what is left of it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from safetensors.numpy import load_file

import gptviz
from gptviz.errors import ConfigError
from gptviz.jobs import folder
from gptviz.jobs.folder import Ask, Job
from gptviz.jobs.runner import Runner
from gptviz.jobs.settings import settings

pytestmark = pytest.mark.slow

MINE, OTHERS = "a" * 32, "b" * 32
_CHANGES = {"steps": 8, "batch_size": 2, "eval_every": 4, "warmup": 1}
TINY = Ask("names", "tiny", {"n_layer": 1, "n_embd": 16}, _CHANGES)


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's jobs lie."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))
    return tmp_path / "jobs"


@pytest.fixture
def runner() -> Iterator[Runner]:
    found = Runner()
    yield found
    for job in list(folder.every()):
        found.stop(job)
    found.join(60)


class _Held:
    """Processes that end when a test says so, as if they had trained."""

    def __init__(self) -> None:
        self.started: list[list[str]] = []
        self.processes: list[subprocess.Popen[bytes]] = []

    def __call__(self, said: list[str]) -> subprocess.Popen[bytes]:
        self.started.append(said)
        self.processes.append(subprocess.Popen(["sleep", "60"]))
        return self.processes[-1]


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 180  # a process imports torch first, and is not alone
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_job_trains_in_another_process_and_its_model_opens(runner: Runner) -> None:
    """In this library, and in transformers from its archive, with the same numbers."""
    job = runner.submit(MINE, TINY)
    runner.join(120)
    assert runner.status(job) == "done", job.end
    records, end = job.records()
    kinds = [record["record"] for record in records]
    assert kinds[:2] == ["begun", "known"]
    assert kinds[-1] == "outcome"
    assert {"step", "sample", "heads", "attention", "positions", "look", "watched", "saved"} <= set(kinds)
    assert next(r for r in records if r["record"] == "attention")["labels"][0] == "\u21b5"
    assert [r["step"] for r in records if r["record"] == "sample"][-1] == 8  # the last look is never left out
    assert job.records(end) == ([], end)
    assert [len(layer) for layer in next(r for r in records if r["record"] == "heads")["scores"]] == [2]
    lm = gptviz.load(job.path / "model")
    assert folder.place(job.model_name) == job.path / "model"
    with zipfile.ZipFile(io.BytesIO(job.archive())) as archive:
        archive.extractall(job.path / "unpacked")
    (unpacked,) = (job.path / "unpacked").iterdir()
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    theirs = transformers.AutoModelForCausalLM.from_pretrained(unpacked, dtype=torch.float32)
    ids = lm.tokenizer.encode("ana\nlo")
    with torch.no_grad():
        logits = theirs(torch.tensor([ids])).logits[0, :, : lm.model.n_tokens].numpy()  # type: ignore[attr-defined]
    assert abs(logits - lm.trace(ids).logits[:, : logits.shape[1]]).max() < 1e-4


def test_jobs_wait_for_one_another_and_say_their_place() -> None:
    held = _Held()
    runner = Runner(start=held)
    one, two, three = (runner.submit(token, TINY) for token in (MINE, OTHERS, MINE))
    _until(lambda: len(held.processes) == 1 and runner.status(one) == "running")
    assert [runner.status(job) for job in (one, two, three)] == ["running", "waiting", "waiting"]
    assert [runner.place(job) for job in (one, two, three)] == [0, 1, 2]
    runner.pause(two)
    assert runner.status(two) == "paused"
    runner.stop(one)
    _until(lambda: runner.status(three) == "running")
    runner.go_on(two)
    assert (runner.status(one), runner.status(two), runner.place(two)) == ("stopped", "waiting", 1)
    assert not one.has_model
    for job in (two, three):
        runner.delete(job)
    runner.join(60)
    assert list(folder.every()) == [one]
    assert [said[-1] for said in held.started] == [str(one.path), str(three.path)]


def test_a_job_that_is_killed_goes_on_by_itself_a_few_times() -> None:
    held = _Held()
    runner = Runner(start=held)
    job = runner.submit(MINE, TINY)
    for n in range(4):
        _until(lambda n=n: len(held.processes) == n + 1)  # type: ignore[misc]
        held.processes[n].kill()
    runner.join(60)
    assert len(held.processes) == 4
    assert runner.status(job) == "failed"
    assert job.end is not None
    assert job.end["key"] == "jobs.killed"


@pytest.mark.slow
def test_a_paused_and_a_killed_job_come_out_as_one_that_was_not(runner: Runner) -> None:
    ask = Ask("names", "tiny", {"n_layer": 1, "n_embd": 16}, {**_CHANGES, "steps": 400, "eval_every": 40})
    whole, broken = runner.submit(MINE, ask), runner.submit(OTHERS, ask)
    _until(lambda: runner.status(whole) == "done")
    _until(lambda: _steps(broken) >= 60)
    runner.pause(broken)
    _until(lambda: runner.status(broken) == "paused")
    paused = _steps(broken)
    runner.go_on(broken)
    _until(lambda: _steps(broken) >= paused + 60)
    pid = next(int(pid) for pid in os.listdir("/proc") if pid.isdigit() and broken.id in _command_line(pid))
    os.kill(pid, signal.SIGKILL)
    runner.join(120)
    assert runner.status(broken) == "done"
    found = [load_file(job.path / "model" / "model.safetensors") for job in (whole, broken)]
    assert {name: x.tobytes() for name, x in found[0].items()} == {name: x.tobytes() for name, x in found[1].items()}
    curves = [[(r["step"], r["loss"]) for r in job.records()[0] if r["record"] == "step"] for job in (whole, broken)]
    assert curves[0] == curves[1]


def _steps(job: Job) -> int:
    return max((record.get("step", 0) for record in job.records()[0]), default=0)


def _command_line(pid: str) -> str:
    try:
        return Path("/proc", pid, "cmdline").read_text()
    except OSError:
        return ""


def test_what_cannot_be_trained_ends_with_its_sentence(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPTVIZ_JOB_PARAMETERS", "1000")
    large = runner.submit(MINE, TINY)
    wild = runner.submit(MINE, Ask("names", "tiny", TINY.shape, {**_CHANGES, "learning_rate": -1.0}))
    runner.join(120)
    assert [job.end and job.end["key"] for job in (large, wild)] == ["train.too_large", "config.positive"]
    assert not large.has_model


def test_nobody_finds_or_starts_what_is_not_theirs() -> None:
    runner = Runner(start=_Held())
    job = folder.create(MINE, TINY)
    job.finish("stopped")
    assert folder.jobs_of(MINE) == [job]
    for token in (OTHERS, "", None, "../" * 11, "A" * 32, MINE[:31]):
        assert folder.jobs_of(token) == []
    for token in ("", "../../x", "a" * 31):
        with pytest.raises(ConfigError) as caught:
            runner.submit(token, TINY)
        assert caught.value.key == "jobs.no_owner"
    assert MINE not in str(job.path)
    assert job.path.parent.stat().st_mode & 0o077 == 0 or job.path.parents[1].stat().st_mode & 0o077 == 0
    for name in ("trained/", "trained/../../etc", f"trained/{'0' * 16}", job.id, job.model_name):
        assert folder.place(name) is None  # the last one has no model


def test_a_visitor_has_so_many_jobs_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPTVIZ_JOBS_EACH", "1")
    runner = Runner(start=_Held())
    job = runner.submit(MINE, TINY)
    with pytest.raises(ConfigError) as caught:
        runner.submit(MINE, TINY)
    assert caught.value.key == "jobs.too_many"
    runner.submit(OTHERS, TINY)
    for one in list(folder.every()):
        runner.delete(one)
    assert folder.jobs_of(MINE) == []
    assert runner.status(job) == "paused"  # of what is gone nothing is known


def test_a_job_that_ends_while_it_is_asked_for_is_not_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks finds its process gone a moment after it had no end yet: it is done, and nobody waits for it."""
    runner, job = Runner(start=_Held()), folder.create(MINE, TINY)

    def gone(one: Job) -> bool:
        if one.end is None:
            one.finish("done")
        return False

    monkeypatch.setattr(runner, "_is_running", gone)
    assert runner.status(job) == "done"


def test_what_is_over_for_long_is_deleted_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPTVIZ_JOB_HOURS", "2")
    old, new = folder.create(MINE, TINY), folder.create(MINE, TINY)
    old.finish("done")
    new.finish("done")
    end = json.loads((old.path / folder.END).read_text())
    (old.path / folder.END).write_text(json.dumps(end | {"at": end["at"] - 7201}))
    assert folder.sweep() == 1
    assert folder.jobs_of(MINE) == [new]


@pytest.mark.parametrize("said", ["", "-3", "many", "٣", "0", "1e9"])
def test_bounds_that_are_no_numbers_are_the_usual_ones(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = settings().minutes
    monkeypatch.setenv("GPTVIZ_JOB_MINUTES", said)
    assert settings().minutes == usual
    monkeypatch.setenv("GPTVIZ_JOB_MINUTES", "7")
    assert settings().minutes == 7


def test_half_a_line_is_read_once_it_is_whole() -> None:
    job = folder.create(MINE, TINY)
    (job.path / folder.RECORDS).write_text('{"record": "step", "step": 1}\n{"record": "st', encoding="utf-8")
    first, end = job.records()
    assert [record["step"] for record in first] == [1]
    with (job.path / folder.RECORDS).open("a", encoding="utf-8") as file:
        file.write('ep", "step": 2}\n')
    assert [record["step"] for record in job.records(end)[0]] == [2]
