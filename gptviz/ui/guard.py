"""What stands before the server: headers on all that it sends, doors that stay shut, how many may come in.

Plain ASGI, so it knows nothing of Streamlit beyond its addresses and the page that it serves.
"""

from __future__ import annotations

import hashlib
import os
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.websockets import WebSocketDisconnected

from gptviz.i18n import choose_language
from gptviz.ui import turned_away
from gptviz.ui.limits import most_visitors

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

METRICS = "GPTVIZ_METRICS"  # 1: whoever asks is told how busy the server is
FRAMES = "GPTVIZ_FRAMES"  # the origins that may show a page in a frame, beside the server itself
_METRICS = "/_stcore/metrics"
#: What no page of ours uses: files for st.file_uploader (200 MB each), another program's API, a run of the script for
#: whoever asks.
_SHUT = ("/_stcore/upload_file", "/_stcore/agent", "/_stcore/script-health-check")
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}", re.ASCII)
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]*-]{1,255}", re.ASCII)
_WAITING = 100  # sockets of those who wait that are heard at least, beside those of as many visitors as may be there


def policy(page: bytes, host: str = "") -> str:
    """The Content-Security-Policy of the server at ``host``, whose only document is ``page``.

    Scripts come from the server alone, and the inline ones are those of the page; nothing is evaluated. Styles may be
    inline: Streamlit makes them as it goes. The socket is named beside ``'self'`` for browsers that do not count it.
    """
    hashes = "".join(f" 'sha256-{b64encode(hashlib.sha256(code).digest()).decode()}'" for code in _INLINE.findall(page))
    socket = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join((
        "default-src 'none'", f"script-src 'self'{hashes}", "style-src 'self' 'unsafe-inline'", "font-src 'self' data:",
        "img-src 'self' data: blob:", f"connect-src 'self'{socket}", "manifest-src 'self'", "base-uri 'none'",
        "form-action 'none'", f"frame-ancestors {' '.join(_framing())}",
    ))  # fmt: skip


def _framing() -> list[str]:
    """Who may show a page in a frame."""
    return ["'self'", *(one for one in os.environ.get(FRAMES, "").split() if _ORIGIN.fullmatch(one))]


class Guard:
    """``app`` behind it; ``document`` is the page that it serves, at each of the ``pages`` (paths without slashes at
    their ends), below ``base``."""

    def __init__(self, app: App, document: Path, pages: Collection[str] = (), base: str = "") -> None:
        self._app, self._page = app, document.read_bytes()
        self._pages, self._base = frozenset(pages), base.strip("/")
        self._sockets = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _shut(scope["path"]):
            await self._refuse(scope, send)
        elif self._is_full and scope["method"] == "GET" and self._is_page(scope["path"]):
            await self._turn_away(scope, send)
        else:
            await self._app(scope, receive, self._dressed(scope, send))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One visitor; those who are many times too many are not even heard."""
        if self._is_full:
            await send({"type": "websocket.close", "code": 1013})  # before it is accepted: an HTTP 403
            return
        self._sockets += 1
        try:
            await self._app(scope, receive, send)
        except WebSocketDisconnected:
            pass  # Streamlit closes a socket whose visitor is gone already: that is no fault to log
        finally:
            self._sockets -= 1

    @property
    def _is_full(self) -> bool:
        """Whether the queue has no place either."""
        return self._sockets >= most_visitors() + max(most_visitors(), _WAITING)

    def _is_page(self, path: str) -> bool:
        return path.strip("/").removeprefix(self._base).strip("/") in self._pages

    async def _turn_away(self, scope: Scope, send: Send) -> None:
        """A small page in the place of one whose socket would be refused; it asks again by itself."""
        wanted = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
        spoken = next((value for name, value in scope["headers"] if name == b"accept-language"), b"").decode("latin-1")
        again = str(turned_away.AGAIN).encode()
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"refresh", again), (b"retry-after", again),
                   (b"cache-control", b"no-store")]  # fmt: skip
        dressed = self._dressed(scope, send)
        await dressed({"type": "http.response.start", "status": 503, "headers": headers})
        lang = choose_language(wanted or re.split("[,;]", spoken)[0].strip())
        await dressed({"type": "http.response.body", "body": turned_away.page(lang)})

    async def _refuse(self, scope: Scope, send: Send) -> None:
        dressed = self._dressed(scope, send)
        await dressed({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/plain")]})
        await dressed({"type": "http.response.body", "body": b"Not here.\n"})

    def _dressed(self, scope: Scope, send: Send) -> Send:
        """``send`` with our headers in the place of others of their names."""
        host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
        own = {
            b"content-security-policy": policy(self._page, host).encode(),
            b"x-content-type-options": b"nosniff",
            b"referrer-policy": b"no-referrer",  # an address holds what was typed
            b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        }
        if len(_framing()) == 1:
            own[b"x-frame-options"] = b"SAMEORIGIN"  # for browsers that know no frame-ancestors

        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [(name, value) for name, value in message.get("headers", ()) if name.lower() not in own]
                message = {**message, "headers": [*others, *own.items()]}
            await send(message)

        return send_dressed


def _shut(path: str) -> bool:
    """Whether nobody is answered there; Streamlit may be served below another path."""
    plain = re.sub(r"/+", "/", path)
    return any(door in plain for door in _SHUT) or (_METRICS in plain and os.environ.get(METRICS) != "1")
