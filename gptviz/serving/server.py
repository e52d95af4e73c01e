"""The server around the application: uvicorn, which says where it listens and ends when it is asked to."""

from __future__ import annotations

import sys

import uvicorn

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


def run(app: App, host: str, port: int, limits: Limits) -> None:
    """Serve until stopped. Raises ConfigError where it cannot listen there."""
    config = uvicorn.Config(
        app, host=host, port=port, log_level="critical", access_log=False, server_header=False, ws="none",
        lifespan="on", limit_concurrency=limits.connections, timeout_keep_alive=30, h11_max_incomplete_event_size=2**15,
        timeout_graceful_shutdown=_END, proxy_headers=False,
    )  # fmt: skip
    server = Server(config)
    try:
        server.run()
    except SystemExit as error:  # uvicorn's word for an address that is taken
        raise ConfigError("serve.address", host=host, port=port) from error
    if not server.started:
        raise ConfigError("serve.address", host=host, port=port)
