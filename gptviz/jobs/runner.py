"""The processes of a server's jobs: one at a time, in the order in which they were asked for.

A job is never a fork of the server, which holds models and threads: it is Python started anew. One that is killed goes
on from its last saved state, a few times; one that is paused waits at the end of nobody's queue until it is wanted. A
server that is started again finds the jobs that it had as paused.
"""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Literal, TypeAlias

from gptviz.errors import ConfigError
from gptviz.jobs import folder
from gptviz.jobs.folder import Ask, Job
from gptviz.jobs.settings import settings

Status: TypeAlias = Literal["waiting", "running", "paused", "done", "stopped", "failed"]
AGAIN = 3  # times that a job which was killed is gone on with by itself
TROUBLE = "stderr.txt"  # in a job's folder
WAITS = 3  # what a process says that was told to stop
_ROOT = Path(__file__).resolve().parents[2]


#: What runs a job of each kind.
_PROGRAMS = {folder.TRAINING: "gptviz.jobs.child", folder.TUNING: "gptviz.jobs.tuned",
             folder.ALIGNMENT: "gptviz.jobs.aligned", folder.PROMPTING: "gptviz.jobs.prompting",
             folder.ROBUSTNESS: "gptviz.jobs.robustness", folder.FORGETTING: "gptviz.jobs.forgetting"}  # fmt: skip


def command(job: Job) -> list[str]:
    """What runs a job."""
    return [sys.executable, "-m", _PROGRAMS.get(job.ask.kind, _PROGRAMS[folder.TRAINING]), str(job.path)]


@dataclass
class _Running:
    job: Job
    process: subprocess.Popen[bytes]
    wish: Status = "running"  # what its owner wants it to be


@dataclass
class Runner:
    """The queue of one server; ``start`` makes a process of a command."""

    start: Callable[[list[str]], subprocess.Popen[bytes]] = field(default=lambda said: _started(said))
    _queue: deque[Job] = field(default_factory=deque)
    _now: _Running | None = None
    _killed: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _thread: Thread | None = None

    def submit(self, token: str, ask: Ask, given: str = "") -> Job:
        """A new job at the end of the queue, with what the file holds that came with it.

        Raises ConfigError where its owner has as many of its kind as there may be, or where too many wait.
        """
        if not folder.is_token(token):
            raise ConfigError("jobs.no_owner")
        folder.sweep()
        with self._lock:
            mine, most = folder.jobs_of(token, ask.kind), settings().most(ask.kind)
            if len(mine) >= most:
                raise ConfigError("jobs.too_many", most=most)
            if len(self._queue) >= settings().waiting:
                raise ConfigError("jobs.full", most=settings().waiting)
            job = folder.create(token, ask, given)
            self._enqueue(job)
        return job

    def go_on(self, job: Job) -> None:
        """Have a paused job wait for its turn."""
        with self._lock:
            if job.end is None and job not in self._queue and not self._is_running(job):
                self._enqueue(job)

    def pause(self, job: Job) -> None:
        """Save its state and let others go first."""
        self._end(job, "paused")

    def stop(self, job: Job) -> None:
        """End it for good, with the model as it stands."""
        self._end(job, "stopped")

    def delete(self, job: Job) -> None:
        """Away with it, and with what came of it."""
        self._end(job, "stopped")
        with self._lock:
            running = self._now if self._is_running(job) else None
        if running is not None:
            running.process.wait()
        folder.remove(job)

    def status(self, job: Job) -> Status:
        """Where it stands. Its end is looked for last: one that ends just now is not taken for paused."""
        with self._lock:
            here: Status = "running" if self._is_running(job) else "waiting" if job in self._queue else "paused"
        end = job.end
        return here if end is None else end["how"]

    def place(self, job: Job) -> int:
        """How many go first; 0 for one that runs, or does not wait."""
        with self._lock:
            return self._queue.index(job) + (self._now is not None) if job in self._queue else 0

    @property
    def busy(self) -> tuple[int, int]:
        """(jobs that run, jobs that wait)."""
        with self._lock:
            return int(self._now is not None), len(self._queue)

    def join(self, seconds: float | None = None) -> None:
        """Wait until nothing is left to do: for tests and for the end of a server."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _is_running(self, job: Job) -> bool:
        return self._now is not None and self._now.job == job

    def _enqueue(self, job: Job) -> None:
        self._queue.append(job)
        if self._thread is None:
            self._thread = Thread(target=self._work, name="gptviz-jobs", daemon=True)
            self._thread.start()

    def _end(self, job: Job, wish: Status) -> None:
        with self._lock:
            if self._now is not None and self._now.job == job:
                self._now.wish = wish
                self._now.process.terminate()
                return
            if job in self._queue:
                self._queue.remove(job)
        if wish == "stopped" and job.end is None:
            job.finish("stopped")

    def _work(self) -> None:
        """One job after another, until there is none."""
        while True:
            with self._lock:
                self._now = None
                if not self._queue:
                    self._thread = None
                    return
                job = self._queue.popleft()
                try:
                    self._now = running = _Running(job, self.start(command(job)))
                except OSError as error:
                    job.finish("failed", "train.not_written", {"reason": error.strerror or str(error)})
                    continue
            self._over(running, running.process.wait())

    def _over(self, running: _Running, code: int) -> None:
        """What becomes of a job whose process has ended."""
        job = running.job
        with self._lock:
            if running.wish == "stopped" and job.end is None and job.path.is_dir():
                job.finish("stopped")
            elif code > 0 and code != WAITS and job.end is None and job.path.is_dir():
                job.finish("failed", "jobs.broken", {"reason": _last_line(job)})
            elif code < 0 and running.wish == "running" and job.end is None and job.path.is_dir():
                self._killed[job.id] = self._killed.get(job.id, 0) + 1
                if self._killed[job.id] <= AGAIN:
                    self._queue.appendleft(job)
                else:
                    job.finish("failed", "jobs.killed", {"code": code})


def _started(said: list[str]) -> subprocess.Popen[bytes]:
    """With the house to import from, and away from the server's own streams; its trouble lies in the job's folder."""
    nowhere = subprocess.DEVNULL
    with Path(said[-1], TROUBLE).open("wb") as trouble:
        return subprocess.Popen(said, cwd=_ROOT, stdin=nowhere, stdout=nowhere, stderr=trouble, start_new_session=True)


def _last_line(job: Job) -> str:
    """What Python said last of what it could not do."""
    try:
        said = (job.path / TROUBLE).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        said = ""
    return said.splitlines()[-1][:200] if said else "?"
