"""The server around the application: uvicorn, which says where it listens and ends when it is asked to."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from gptviz.errors import ConfigError
from gptviz.serving.guard import App
from gptviz.serving.limits import Limits

_END = 10  # seconds that running answers have when the service ends


class Server(uvicorn.Server):
    """Says where it is found once it listens."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        for server in self.servers if self.started else ():
            for socket in server.sockets:
                host, port = socket.getsockname()[:2]
                shown = f"[{host}]" if ":" in host else host
                sys.stdout.write(f"gptviz serves here: http://{shown}:{port}\n")
        sys.stdout.flush()


class Connection(H11Protocol):
    """One that must say what it wants: where the head of a request does not end within ``seconds``, it is closed.

    uvicorn waits for it for ever, and so many that say nothing would take every place that there is.
    """

    seconds = Limits().body_seconds
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._be_content()
        elif self._late is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._be_content()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._late = self.loop.call_later(self.seconds, self._close)

    def _be_content(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _close(self) -> None:
        self._late = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()


def config(app: App, host: str, port: int, limits: Limits) -> uvicorn.Config:
    """How uvicorn is to serve it."""
    connection = type("Connection", (Connection,), {"seconds": limits.body_seconds})
    return uvicorn.Config(
        app, host=host, port=port, log_level="critical", access_log=False, server_header=False, ws="none",
        lifespan="on", limit_concurrency=limits.connections, timeout_keep_alive=30, http=connection,
        h11_max_incomplete_event_size=2**15, timeout_graceful_shutdown=_END, proxy_headers=False,
    )  # fmt: skip


def run(app: App, host: str, port: int, limits: Limits) -> None:
    """Serve until stopped. Raises ConfigError where it cannot listen there."""
    server = Server(config(app, host, port, limits))
    try:
        server.run()
    except SystemExit as error:  # uvicorn's word for an address that is taken; after the start, of a signal to end
        if not server.started:
            raise ConfigError("serve.address", host=host, port=port) from error
    if not server.started:
        raise ConfigError("serve.address", host=host, port=port)
