"""Where a service computes: a queue, and threads that take from it; never the thread that talks to clients.

Requests of one kind that wait while another runs are taken together, where that kind can be computed together. Long
work is an iterator, of which a turn does one step before it stands at the end of the queue again: whoever asks for one
token waits for a step of somebody's text, not for the text.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from gptviz.errors import ServiceError
from gptviz.serving.limits import Limits
from gptviz.serving.metrics import Metrics

#: Computes several requests of one kind: as many answers, in order; an error stands for the answer of its request.
Together = Callable[[Sequence[Any]], Sequence[Any]]
Work = Generator[Any, None, Any]  # yields what comes on the way, returns the answer


@dataclass(eq=False)
class Job:
    """One request."""

    kind: str
    until: float
    item: Any = None  # of those computed together
    work: Work | None = None  # of the others
    heard: Callable[[Any], None] | None = None  # told of what comes on the way
    answer: Future[Any] = field(default_factory=Future)
    since: float = field(default_factory=monotonic)
    begun: bool = False

    @property
    def unwanted(self) -> bool:
        """Whether whoever asked has gone."""
        return self.answer.cancelled()


class Engine:
    """``together``: by kind, what can be computed at once. ``close`` ends it."""

    def __init__(self, together: Mapping[str, Together], limits: Limits, metrics: Metrics, workers: int = 1) -> None:
        self._together, self._limits, self._metrics = together, limits, metrics
        self._waiting: deque[Job] = deque()
        self._change, self._closed = threading.Condition(), False
        metrics.watch("gptviz_queue_length", "Requests that wait to be computed.", lambda: len(self._waiting))
        self._threads = [threading.Thread(target=self._serve, name=f"engine-{n}", daemon=True) for n in range(workers)]
        for thread in self._threads:
            thread.start()

    def together(self, kind: str, item: Any) -> Future[Any]:
        """One request of a kind that is computed together. Raises ServiceError where too many wait."""
        return self._put(Job(kind, self._until(), item=item))

    def alone(self, kind: str, work: Work, heard: Callable[[Any], None] | None = None) -> Future[Any]:
        """One that is computed by itself; ``heard`` is told, in a thread of the engine, what it yields."""
        return self._put(Job(kind, self._until(), work=work, heard=heard))

    def close(self) -> None:
        """Refuse what waits, end what runs at its next step, and wait for that."""
        with self._change:
            self._closed = True
            left, self._waiting = list(self._waiting), deque()
            self._change.notify_all()
        for job in left:
            self._end(job, ServiceError("serve.closing", status=503))
        for thread in self._threads:
            thread.join()

    def _until(self) -> float:
        return monotonic() + self._limits.seconds

    def _put(self, job: Job) -> Future[Any]:
        with self._change:
            if self._closed:
                raise ServiceError("serve.closing", status=503)
            if len(self._waiting) >= self._limits.waiting:
                raise ServiceError("serve.busy", status=503)
            self._waiting.append(job)
            self._change.notify()
        return job.answer

    def _serve(self) -> None:
        while jobs := self._take():
            now = monotonic()
            wanted = [job for job in jobs if not self._over(job, now)]
            for job in wanted:
                if not job.begun:
                    self._metrics.waited.labels(job.kind).observe(now - job.since)
                    job.begun = True
            if not wanted:
                continue
            if wanted[0].work is None:
                self._batch(wanted)
            elif not self._step(wanted[0]):
                self._again(wanted[0])

    def _take(self) -> list[Job]:
        """The next job, with those like it; none where all is over."""
        with self._change:
            while not self._waiting:
                if self._closed:
                    return []
                self._change.wait()
            first = self._waiting.popleft()
            if first.work is not None:
                return [first]
            like = [job for job in self._waiting if job.kind == first.kind and job.work is None]
            like = like[: self._limits.batch - 1]
            chosen = set(map(id, like))
            self._waiting = deque(job for job in self._waiting if id(job) not in chosen)
            return [first, *like]

    def _over(self, job: Job, now: float) -> bool:
        """Whether nobody waits for it any longer, or its time is up."""
        if job.unwanted:
            self._end(job, None)
        elif now > job.until:
            self._end(job, ServiceError("serve.slow", status=504, seconds=f"{self._limits.seconds:g}"))
        return job.answer.done()

    def _batch(self, jobs: Sequence[Job]) -> None:
        self._metrics.batch.labels(jobs[0].kind).observe(len(jobs))
        try:
            answers = self._together[jobs[0].kind]([job.item for job in jobs])
        except Exception as error:
            answers = [error] * len(jobs)
        for job, answer in zip(jobs, answers, strict=True):
            self._end(job, answer)

    def _step(self, job: Job) -> bool:
        """One step; whether it was the last."""
        assert job.work is not None
        try:
            event = next(job.work)
        except StopIteration as end:
            self._end(job, end.value)
            return True
        except Exception as error:
            self._end(job, error)
            return True
        if job.heard is not None:
            job.heard(event)
        return False

    def _again(self, job: Job) -> None:
        with self._change:
            if not self._closed:
                self._waiting.append(job)
                return
        self._end(job, ServiceError("serve.closing", status=503))

    def _end(self, job: Job, answer: Any) -> None:
        if job.work is not None:
            job.work.close()
        with suppress(InvalidStateError):  # who asked has gone
            if isinstance(answer, BaseException):
                job.answer.set_exception(answer)
            else:
                job.answer.set_result(answer)
