"""What stands before the service: who may ask, how often, how much, how slowly; and the line in the log. Plain ASGI.

A body is read here, within its bounds and its time, before anything else sees it: one that says it is too long is not
read at all, and one that does not say so is left off where it becomes too long.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any

from starlette.responses import JSONResponse

from gptviz.errors import GptvizError, ServiceError
from gptviz.i18n import FALLBACK, choose_language, languages
from gptviz.remote import wire
from gptviz.serving.endpoints import BY_PATH
from gptviz.serving.keys import Keys
from gptviz.serving.limits import Limits, Rates
from gptviz.serving.logs import Log
from gptviz.serving.metrics import Metrics

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_OWN_HOSTS = re.compile(r"(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?", re.ASCII | re.IGNORECASE)
_POLICY = b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_DRESS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", _POLICY),
)
_LANGUAGE = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4})\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*")


class Guard:
    """``app`` behind it. ``hosts``: whether requests must name this machine (a page elsewhere may name any)."""

    def __init__(self, app: App, keys: Keys, limits: Limits, log: Log, metrics: Metrics, *, own_hosts: bool) -> None:
        self._app, self._keys, self._limits, self._log, self._metrics = app, keys, limits, log, metrics
        self._rates, self._own_hosts = Rates(limits.rate, limits.burst), own_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        begun, endpoint = perf_counter(), BY_PATH.get(scope["path"])
        kind = endpoint.name if endpoint else "unknown"
        sent = {"status": 0, "bytes": 0}
        scope["lang"] = language(_header(scope, b"accept-language"))
        scope["caller"] = "-"

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent["status"] = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), *_DRESS]}
            sent["bytes"] += len(message.get("body", b""))
            await send(message)

        try:
            self._let_in(scope, open_to_all=endpoint is not None and endpoint.open)
            body = await self._body(scope, receive) if scope["method"] == "POST" else b""
            await self._app(scope, _given(body, receive), dressed)
        except GptvizError as error:
            await self._say(error, scope, dressed)
        except Exception as error:
            self._log.failed("failed", error, kind=kind)
            if not sent["status"]:
                await self._say(ServiceError("serve.failed", status=500), scope, dressed)
        finally:
            seconds = perf_counter() - begun
            self._metrics.requests.labels(kind, str(sent["status"])).inc()
            self._metrics.seconds.labels(kind).observe(seconds)
            self._log.write("request", kind=kind, status=sent["status"], ms=round(1000 * seconds, 1),
                            bytes=sent["bytes"], key=scope["caller"])  # fmt: skip

    def _let_in(self, scope: Scope, *, open_to_all: bool) -> None:
        """Raise ServiceError for who may not ask (any more)."""
        if self._own_hosts and not _OWN_HOSTS.fullmatch(_header(scope, b"host")):
            raise ServiceError("serve.host", status=421)
        address = (scope.get("client") or ("-",))[0]
        callers = [f"address {address}"]
        if self._keys and not open_to_all:
            bearer, _, key = _header(scope, b"authorization").partition(" ")
            owner = self._keys.owner(key.strip()) if bearer.lower() == "bearer" else None
            if owner is None:
                self._slow_down(callers)  # guessing is not free either
                raise ServiceError("serve.key", status=401)
            scope["caller"] = owner
            callers = [f"key {owner}", *callers]
        self._slow_down(callers)

    def _slow_down(self, callers: list[str]) -> None:
        waits = max(self._rates.take(caller) for caller in callers)
        if waits:
            raise ServiceError("serve.rate", status=429, seconds=max(1, round(waits + 0.5)))

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body. Raises ServiceError."""
        if not re.fullmatch(r"application/json\s*(;.*)?", _header(scope, b"content-type"), re.IGNORECASE):
            raise ServiceError("serve.type", status=415)
        said = _header(scope, b"content-length")
        too_long = ServiceError("serve.body_size", status=413, most=self._limits.body // 1000)
        if said.isdigit() and int(said[:20]) > self._limits.body:
            raise too_long
        data, more = bytearray(), True
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ServiceError("serve.gone", status=408)
                    data += message.get("body", b"")
                    more = bool(message.get("more_body"))
                    if len(data) > self._limits.body:
                        raise too_long
        except TimeoutError as error:
            raise ServiceError("serve.body_slow", status=408, seconds=f"{self._limits.body_seconds:g}") from error
        return bytes(data)

    async def _say(self, error: GptvizError, scope: Scope, send: Send) -> None:
        response = error_response(error, scope["lang"])
        await response(scope, _given(b"", _never), send)


class ErrorResponse(JSONResponse):
    """A line, as answers are."""

    def render(self, content: Any) -> bytes:
        return bytes(super().render(content)) + b"\n"


def error_response(error: GptvizError, lang: str) -> JSONResponse:
    """The answer that says it, in the language asked for."""
    status = error.status if isinstance(error, ServiceError) else 400
    headers = {"content-language": lang}
    if status in (429, 503):
        headers["retry-after"] = str(error.values.get("seconds", 1))
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    if status == 405:
        headers["allow"] = str(error.values.get("methods", ""))
    if status in (408, 413):
        headers["connection"] = "close"  # the rest of a body is not waited for
    return ErrorResponse({"error": wire.error_json(error, lang)}, status, headers)


def language(header: str) -> str:
    """The language of ours that ``Accept-Language`` likes best; English where it likes none."""
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:500].split(",")[:20]):
        found = _LANGUAGE.fullmatch(part)
        if found:
            wishes.append((-float(found[2] or 1), place, found[1]))
    known = languages()
    for weight, _, code in sorted(wishes):
        chosen = choose_language(code)
        if weight < 0 and (chosen != FALLBACK or code.lower().split("-")[0] == FALLBACK) and chosen in known:
            return chosen
    return FALLBACK


def _header(scope: Scope, name: bytes) -> str:
    return next((value for key, value in scope["headers"] if key == name), b"").decode("latin-1")


def _given(body: bytes, receive: Receive) -> Receive:
    """``receive`` that hands over a body which has been read, then what comes: that the client has gone."""
    left = [body]

    async def given() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return given


async def _never() -> Message:
    return {"type": "http.disconnect"}
