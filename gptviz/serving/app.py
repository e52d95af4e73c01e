"""The service as an ASGI application: requests in, work to the engine, answers out. Nothing is computed here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
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
from gptviz.serving.guard import Guard, error_response
from gptviz.serving.keys import Keys
from gptviz.serving.limits import Limits
from gptviz.serving.logs import Log
from gptviz.serving.metrics import Metrics
from gptviz.serving.workers import Event, Events, Here, Worker, check_model

Answer = Callable[[Request], Awaitable[Response]]


class JSON(JSONResponse):
    """Half a character, which UTF-8 has not, travels by its number. A line, so that a shell goes on below it."""

    def render(self, content: Any) -> bytes:
        return _dumped(content) + b"\n"


def application(lm: LanguageModel, *, keys: Keys | None = None, limits: Limits | None = None, log: Log | None = None,
                own_hosts: bool = False, workers: int = 1) -> Guard:  # fmt: skip
    """The service of one model, computed in this process. It begins with the server's lifespan and ends with it."""
    limits = limits or Limits()
    return before(Here(lm, limits, workers), keys=keys, limits=limits, log=log, own_hosts=own_hosts)


def before(worker: Worker, *, keys: Keys | None = None, limits: Limits | None = None, log: Log | None = None,
           own_hosts: bool = False) -> Guard:  # fmt: skip
    """The same before whatever computes."""
    limits, log = limits or Limits(), log or Log()
    metrics = Metrics()
    asked = _Asked(worker, limits, log, metrics)
    handlers = {"health": asked.health, "metrics": asked.metrics, "document": asked.document, "page": asked.page}
    routes = [Route(one.path, handlers.get(one.name) or asked.handler(one), methods=[one.method]) for one in ENDPOINTS]
    said = {GptvizError: _refused, HTTPException: _not_here, Exception: _failed}
    inner = Starlette(routes=routes, lifespan=asked.lifespan, exception_handlers=said)
    inner.router.redirect_slashes = False
    return Guard(inner, keys or Keys({}), limits, log, metrics, own_hosts=own_hosts)


class _Asked:
    """The handlers of one service."""

    def __init__(self, worker: Worker, limits: Limits, log: Log, metrics: Metrics) -> None:
        self._worker, self._limits, self._log, self._metrics = worker, limits, log, metrics
        self._rules, self._since = rules(limits), time()

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        await self._worker.begin(self._metrics)
        self._log.write("started", model=self._worker.about.name, fingerprint=self._worker.about.fingerprint)
        yield
        await self._worker.end()
        self._log.write("stopped")

    async def health(self, request: Request) -> Response:
        return JSON({"status": "ok", "model": self._worker.about.name, "version": __version__,
                     "seconds": round(time() - self._since, 1)})  # fmt: skip

    async def metrics(self, request: Request) -> Response:
        others = await asyncio.to_thread(self._worker.figures)
        return Response(self._metrics.text(others), media_type=figures.TYPE)

    async def document(self, request: Request) -> Response:
        return JSON(openapi(self._limits, __version__))

    async def page(self, request: Request) -> Response:
        return HTMLResponse(page(self._worker.about.name, request.headers.get("host", "localhost")))

    def handler(self, endpoint: Endpoint) -> Answer:
        """What answers the requests of one endpoint."""

        async def answer(request: Request) -> Response:
            rule = self._rules.get(endpoint.name) if endpoint.method == "POST" else None
            body = parse(await request.body(), rule) if rule else {}
            check_model(self._worker.about, body)
            if endpoint.name == "generate" and body.get("stream"):
                return await self._stream(body, request)
            found = await _while_there(request, asyncio.ensure_future(self._worker.ask(endpoint.name, body)))
            return Response(found, media_type=wire.TYPE) if isinstance(found, bytes) else JSON(found)

        return answer

    async def _stream(self, body: dict[str, Any], request: Request) -> Response:
        """A text as it is written: server-sent events. One that cannot begin is refused as any other request is."""
        events = self._worker.stream(body)
        first = await _while_there(request, asyncio.ensure_future(anext(events)))
        return StreamingResponse(self._told(first, events, request.scope["lang"]), media_type="text/event-stream")

    async def _told(self, first: Event, events: Events, lang: str) -> AsyncIterator[bytes]:
        """Each token as an event, then all of it, or what went wrong on the way."""
        try:
            yield _event(*first)
            async for name, said in events:
                yield _event(name, said)
        except GptvizError as error:
            yield _event("error", {"error": wire.error_json(error, lang)})
        except Exception as error:
            self._log.failed("failed", error, kind="generate")
            yield _event("error", {"error": wire.error_json(ServiceError("serve.failed"), lang)})
        finally:
            await events.aclose()  # the client has gone


async def _while_there(request: Request, answer: asyncio.Future[Any]) -> Any:
    """The answer; given up, and so its job, where the client goes away before it is there."""
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise ServiceError("serve.gone", status=408)
        return answer.result()
    finally:
        answer.cancel()
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
