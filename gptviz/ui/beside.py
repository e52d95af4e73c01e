"""The students' routes beside Streamlit, in one server and on one port. Plain ASGI."""

from __future__ import annotations

from gptviz.ui.guard import App, Receive, Scope, Send

ROOM = "/room"


class Beside:
    """``room`` answers what is below ``/room``, ``app`` all else; both may lie below ``base``, as Streamlit can."""

    def __init__(self, app: App, room: App, base: str = "") -> None:
        self._app, self._room = app, room
        self._base = f"/{base.strip('/')}" if base.strip("/") else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        inner = path.removeprefix(self._base)
        if scope["type"] == "http" and path.startswith(self._base) and (inner == ROOM or inner.startswith(f"{ROOM}/")):
            await self._room({**scope, "path": inner, "raw_path": inner.encode(), "root_path": ""}, receive, send)
        else:
            await self._app(scope, receive, send)
