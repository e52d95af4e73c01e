"""The service as an ASGI application: requests in, work to the engine, answers out. Nothing is computed here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from time import time
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gptviz import __version__
from gptviz.errors import GptvizError, ServiceError
from gptviz.language_model import LanguageModel
from gptviz.remote import wire
from gptviz.serving import metrics as figures
from gptviz.serving.bodies import parse, rules
from gptviz.serving.document import openapi, page
from gptviz.serving.endpoints import BY_PATH, ENDPOINTS, Endpoint
from gptviz.serving.engine import Engine
from gptviz.serving.guard import Guard, error_response
from gptviz.serving.keys import Keys
from gptviz.serving.limits import Limits
from gptviz.serving.logs import Log
from gptviz.serving.metrics import Metrics
from gptviz.serving.service import Service

Answer = Callable[[Request], Awaitable[Response]]


class JSON(JSONResponse):
    """Half a character, which UTF-8 has not, travels by its number. A line, so that a shell goes on below it."""

    def render(self, content: Any) -> bytes:
        return _dumped(content) + b"\n"


def application(lm: LanguageModel, *, keys: Keys | None = None, limits: Limits | None = None, log: Log | None = None,
                own_hosts: bool = False, workers: int = 1) -> Guard:  # fmt: skip
    """The service of one model. It begins with the server's lifespan and ends with it."""
    limits, log = limits or Limits(), log or Log()
    metrics = Metrics()
    asked = _Asked(lm, limits, log, metrics, workers)
    handlers = {"health": asked.health, "metrics": asked.metrics, "document": asked.document, "page": asked.page}
    routes = [Route(one.path, handlers.get(one.name) or asked.handler(one), methods=[one.method]) for one in ENDPOINTS]
    said = {GptvizError: _refused, HTTPException: _not_here, Exception: _failed}
    inner = Starlette(routes=routes, lifespan=asked.lifespan, exception_handlers=said)
    inner.router.redirect_slashes = False
    return Guard(inner, keys or Keys({}), limits, log, metrics, own_hosts=own_hosts)


class _Asked:
    """The handlers of one service."""

    def __init__(self, lm: LanguageModel, limits: Limits, log: Log, metrics: Metrics, workers: int) -> None:
        self._lm, self._limits, self._log, self._metrics = lm, limits, log, metrics
        self._service, self._rules = Service(lm, limits, metrics), rules(limits)
        self._workers, self._since = workers, time()
        self._engine: Engine | None = None

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        self._engine = Engine(self._service.together, self._limits, self._metrics, self._workers)
        self._log.write("started", model=self._lm.name, fingerprint=self._lm.fingerprint)
        yield
        await asyncio.to_thread(self._engine.close)
        self._log.write("stopped")

    async def health(self, request: Request) -> Response:
        return JSON({"status": "ok", "model": self._lm.name, "version": __version__,
                     "seconds": round(time() - self._since, 1)})  # fmt: skip

    async def metrics(self, request: Request) -> Response:
        return Response(self._metrics.text(), media_type=figures.TYPE)

    async def document(self, request: Request) -> Response:
        return JSON(openapi(self._limits, __version__))

    async def page(self, request: Request) -> Response:
        return HTMLResponse(page(self._lm.name, request.headers.get("host", "localhost")))

    def handler(self, endpoint: Endpoint) -> Answer:
        """What answers the requests of one endpoint."""

        async def answer(request: Request) -> Response:
            rule = self._rules.get(endpoint.name) if endpoint.method == "POST" else None
            body = parse(await request.body(), rule) if rule else {}
            self._service.check_model(body)
            if endpoint.name == "generate" and body.get("stream"):
                return await self._stream(body, request)
            found = await self._computed(endpoint, body, request)
            return Response(found, media_type=wire.TYPE) if isinstance(found, bytes) else JSON(found)

        return answer

    async def _computed(self, endpoint: Endpoint, body: dict[str, Any], request: Request) -> Any:
        """What the engine makes of it; given up where the client goes away."""
        assert self._engine is not None
        if endpoint.name == "score" and "rows" in body:
            job = self._engine.alone("score", self._service.rows(body))
        elif endpoint.name in self._service.together:
            job = self._engine.together(endpoint.name, body)
        else:
            job = self._engine.alone(endpoint.name, self._service.works[endpoint.name](body))
        return await _while_there(request, asyncio.wrap_future(job))

    async def _stream(self, body: dict[str, Any], request: Request) -> Response:
        """A text as it is written: server-sent events. One that cannot begin is refused as any other request is."""
        assert self._engine is not None
        loop, events = asyncio.get_running_loop(), asyncio.Queue[Any]()

        def heard(event: Any) -> None:
            loop.call_soon_threadsafe(events.put_nowait, event)

        job = self._engine.alone("generate", self._service.generate(body), heard)
        job.add_done_callback(lambda done: None if done.cancelled() else heard(None))
        try:
            first = await _while_there(request, asyncio.ensure_future(events.get()))
            if first is None:
                job.result()
        except BaseException:
            job.cancel()
            raise
        told = self._events(first, events, job, request.scope["lang"])
        return StreamingResponse(told, media_type="text/event-stream")

    async def _events(self, event: Any, events: asyncio.Queue[Any], job: Future[Any], lang: str
                      ) -> AsyncIterator[bytes]:  # fmt: skip
        """Each token as an event, then all of it, or what went wrong on the way."""
        try:
            while event is not None:
                yield _event("token", event)
                event = await events.get()
            yield _event("done", job.result())
        except GptvizError as error:
            yield _event("error", {"error": wire.error_json(error, lang)})
        except Exception as error:
            self._log.failed("failed", error, kind="generate")
            yield _event("error", {"error": wire.error_json(ServiceError("serve.failed"), lang)})
        finally:
            job.cancel()  # the client has gone


async def _while_there(request: Request, answer: asyncio.Future[Any]) -> Any:
    """The answer; given up where the client goes away before it is there."""
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise ServiceError("serve.gone", status=408)
        return answer.result()
    finally:
        answer.cancel()  # ends the job too, where it is not done
        gone.cancel()


async def _gone(request: Request) -> None:
    """Until the client goes away."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _event(name: str, said: Any) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + _dumped(said) + b"\n\n"


def _dumped(said: Any) -> bytes:
    text = json.dumps(said, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")  # U+D800 becomes \\ud800, which JSON reads back as it was


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, GptvizError)
    return error_response(error, request.scope["lang"])


async def _not_here(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    endpoint = BY_PATH.get(request.scope["path"])
    if error.status_code == 405 and endpoint:
        return error_response(ServiceError("serve.method", status=405, methods=endpoint.method), request.scope["lang"])
    return error_response(ServiceError("serve.no_path", status=404), request.scope["lang"])


async def _failed(request: Request, error: Exception) -> Response:
    """What should not happen: the guard, which the error goes on to, writes down where."""
    return error_response(ServiceError("serve.failed", status=500), request.scope["lang"])
