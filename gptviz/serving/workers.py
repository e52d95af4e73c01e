"""Where a service's requests are computed: in this process (``Here``), or in replicas elsewhere (``replicas``).

The application asks a worker and knows nothing else of it; whoever asks gives up by cancelling.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, NamedTuple, Protocol

from gptviz.errors import ServiceError
from gptviz.language_model import LanguageModel
from gptviz.schema import shown
from gptviz.serving.engine import Engine
from gptviz.serving.limits import Limits
from gptviz.serving.metrics import Metrics
from gptviz.serving.service import Service

Body = Mapping[str, Any]
Event = tuple[str, Any]  # "token" and what is said of it; at last "done" and all of it
Events = AsyncGenerator[Event, None]


class About(NamedTuple):
    """The model that is served."""

    name: str
    fingerprint: str


class Worker(Protocol):
    """What computes. Errors are GptvizErrors; anything else is a fault of ours."""

    about: About

    async def begin(self, metrics: Metrics) -> None:
        """With the server's start."""

    async def end(self) -> None:
        """With its end: what still waits is refused."""

    async def ask(self, kind: str, body: Body) -> Any:
        """The answer to one request: what JSON has, or bytes."""

    def stream(self, body: Body) -> Events:
        """A text as it is written; ``aclose`` ends it."""

    def figures(self) -> Mapping[str, bytes]:
        """Those of processes that compute elsewhere, by their names, as Prometheus reads them. It may take a moment."""


def check_model(about: About, body: Body) -> None:
    """Raise ServiceError where another model is asked for than there is."""
    asked = body.get("model", about.name)
    if asked != about.name:
        raise ServiceError("serve.no_model", status=404, name=shown(asked), names=about.name)


class Here:
    """In this process, by an engine's threads."""

    def __init__(self, lm: LanguageModel, limits: Limits, workers: int = 1) -> None:
        self.about = About(lm.name, lm.fingerprint)
        self._lm, self._limits, self._workers = lm, limits, workers
        self._service: Service | None = None
        self._engine: Engine | None = None

    async def begin(self, metrics: Metrics) -> None:
        self._service = Service(self._lm, self._limits, metrics)
        self._engine = Engine(self._service.together, self._limits, metrics, self._workers)

    async def end(self) -> None:
        if self._engine is not None:
            await asyncio.to_thread(self._engine.close)

    async def ask(self, kind: str, body: Body) -> Any:
        engine, service = self._there
        if kind == "score" and "rows" in body:
            job = engine.alone("score", service.rows(body))
        elif kind in service.together:
            job = engine.together(kind, body)
        else:
            job = engine.alone(kind, service.works[kind](body))
        return await asyncio.wrap_future(job)  # to cancel it ends the job too

    async def together(self, kind: str, bodies: list[Body]) -> list[Any]:
        """Several of one kind that others have put together already; an error stands for the answer of its request."""
        engine, service = self._there

        def once() -> Any:
            return service.together[kind](bodies)
            yield

        found: list[Any] = await asyncio.wrap_future(engine.alone(kind, once()))
        return found

    async def stream(self, body: Body) -> Events:
        engine, service = self._there
        loop, events = asyncio.get_running_loop(), asyncio.Queue[Any]()

        def heard(event: Any) -> None:
            loop.call_soon_threadsafe(events.put_nowait, event)

        job = engine.alone("generate", service.generate(body), heard)
        job.add_done_callback(lambda done: None if done.cancelled() else heard(None))
        try:
            while (event := await events.get()) is not None:
                yield "token", event
            yield "done", job.result()
        finally:
            job.cancel()  # whoever listened has gone

    def figures(self) -> Mapping[str, bytes]:
        return {}  # all that is done here is counted here

    @property
    def _there(self) -> tuple[Engine, Service]:
        assert self._engine is not None
        assert self._service is not None
        return self._engine, self._service
