"""The connection to an engine: kept open, with time-outs, one retry, and errors as the engine's own sentences."""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

from gptviz.errors import ConfigError, GptvizError, ServiceError
from gptviz.remote import wire

KEY = "GPTVIZ_ENGINE_KEY"  # a file that holds the key by which engines are asked
TIMEOUT = 30.0  # seconds for an answer
_CONNECT = 3.0
_AWAY = 2.0  # seconds for which an engine that did not answer is not asked again: others wait behind whoever asks
_BUSY = 0.3  # seconds before one that is busy is asked again
_KEPT = 8  # connections that stay open
_MOST = 2**27  # bytes of an answer
_BROKEN = (OSError, http.client.HTTPException)


class Client:
    """One engine; many threads may ask."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT, key: str | None = None) -> None:
        self._idle: list[http.client.HTTPConnection] = []  # open, and nobody's
        self._lock = threading.Lock()
        parts = urlsplit(url)
        self.host, self._secure = parts.netloc, parts.scheme == "https"
        self._timeout, self._key = timeout, _key() if key is None else key
        self._away_until, self._reason = 0.0, ""

    def json(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON of an answer. Raises the engine's error, or ServiceError where there is no answer."""
        return wire.read(self._asked(path, body))

    def arrays(self, path: str, body: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], wire.Arrays]:
        """Header and arrays of one. Raises as ``json``."""
        return wire.unpack(self._asked(path, body))

    def answers(self) -> bool:
        """Whether the engine is up, asked at once, in no more than a moment."""
        try:
            asks = Client(f"{'https' if self._secure else 'http'}://{self.host}", timeout=_CONNECT, key="")
            asks.json("/healthz")
            asks.close()
        except GptvizError:
            return False
        self._away_until = 0.0
        return True

    @property
    def away(self) -> bool:
        """Whether the engine did not answer a moment ago."""
        return monotonic() < self._away_until

    def _asked(self, path: str, body: Mapping[str, Any] | None) -> bytes:
        """The body of the answer. What is asked changes nothing there, so that it can be asked again."""
        if self.away:
            raise ServiceError("remote.away", status=503, host=self.host, reason=self._reason)
        sent = None if body is None else json.dumps(body, allow_nan=False).encode()  # half a character by its number
        for left in (1, 0):
            try:
                status, answer = self._once(path, sent)
            except _BROKEN as error:
                if left and not isinstance(error, TimeoutError):
                    self.close()
                    continue  # a connection that was open may have been closed meanwhile
                self._reason = getattr(error, "strerror", None) or type(error).__name__
                self._away_until = monotonic() + _AWAY
                raise ServiceError("remote.away", status=503, host=self.host, reason=self._reason) from error
            if left and status == 503:  # busy: once more, after those who were before
                sleep(_BUSY)
                continue
            return self._good(status, answer)
        raise AssertionError("one of the two answers")

    def _once(self, path: str, sent: bytes | None) -> tuple[int, bytes]:
        headers = {"Accept": "*/*"} | ({} if sent is None else {"Content-Type": "application/json"})
        headers |= {"Authorization": f"Bearer {self._key}"} if self._key else {}
        connection = self._connection()
        try:
            connection.request("GET" if sent is None else "POST", path, sent, headers)
            response = connection.getresponse()
            answer = response.read(_MOST + 1)
            if len(answer) > _MOST:
                raise ServiceError("remote.answer", status=502)
        except BaseException:
            connection.close()
            raise
        self._give_back(connection)
        return response.status, answer

    def _good(self, status: int, answer: bytes) -> bytes:
        if status == 200:
            return answer
        if status == 401:
            raise ServiceError("remote.key", status=401, host=self.host, variable=KEY)
        said = wire.read(answer)
        raise wire.error_of(said.get("error"), status)

    def close(self) -> None:
        """Close what is open and nobody's; the next question opens anew."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        """One that is open, for this question alone."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self.host, timeout=_CONNECT)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sock.settimeout(self._timeout)
        return connection

    def _give_back(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if connection.sock is not None and len(self._idle) < _KEPT:
                self._idle.append(connection)
                return
        connection.close()

    def __del__(self) -> None:
        self.close()


def _key() -> str:
    """The key in the file that the environment names. Raises ConfigError where it cannot be read."""
    file = os.environ.get(KEY, "")
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8").split()[-1]
    except (OSError, ValueError, IndexError) as error:
        raise ConfigError("serve.keys_file", file=file, reason=type(error).__name__) from error
