"""The students' side as Starlette routes below ``/room``, in the server that the app runs in. No route runs a model.

``GET /room`` is a page of a few kilobytes, ``/room/files/…`` what it fetches, ``/room/events`` what is new. Answers
come by POST, as JSON that no other site's page can send without being asked (its type is not among those of forms),
and from our own origin. A refusal says its reason in the reader's language, and nothing of the server.
"""

from __future__ import annotations

import asyncio
import html
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gptviz.errors import RoomError
from gptviz.i18n import choose_language, strings
from gptviz.paths import ASSETS
from gptviz.room.messages import body, message, word
from gptviz.room.patience import SECONDS, Patience
from gptviz.room.room import Room
from gptviz.room.rooms import ROOMS, Rooms
from gptviz.room.streams import Streams

#: What the page may fetch, below ``gptviz/web``, and nothing else.
FILES = ("room/main.js", "room/asked.js", "room/chips.js", "room/told.js", "room/talk.js", "room/page.css",
         "kit/dom.js")  # fmt: skip
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_BLANK = re.compile(r"{(\w+)}")
_PAGE = ASSETS / "room" / "page.html"
_STRINGS = ("room_phone.",)
_STATUS = {"room.code": 404, "room.ended": 410, "room.stranger": 403, "room.late": 409, "room.slow": 429,
           "room.full": 503, "room.store": 503}  # fmt: skip
_NOT_KEPT = {"cache-control": "no-store"}
_R = TypeVar("_R")


class Routes:
    """The routes to ``rooms``; ``web`` is the folder of the page's files, ``edition`` a name that changes with them."""

    def __init__(self, web: Path, edition: Callable[[], str], rooms: Rooms = ROOMS) -> None:
        self._web, self._edition, self._rooms = web, edition, rooms
        self._patience = Patience(rooms.clock)
        self._streams = Streams(rooms.sweep, rooms.refresh if rooms.remote else None)

    def app(self) -> Starlette:
        """All of them."""
        return Starlette(routes=[
            Route("/room", self.page),
            Route("/room/files/{edition}/{path:path}", self.file),
            Route("/room/events", self.events),
            Route("/room/join", self._told(self.join), methods=["POST"]),
            Route("/room/answer", self._told(self.answer), methods=["POST"]),
            Route("/room/mine", self._told(self.mine), methods=["POST"]),
        ])  # fmt: skip

    async def page(self, request: Request) -> Response:
        """The students' page, in the language of the link, else the browser's."""
        asked = (
            request.query_params.get("lang") or request.headers.get("accept-language", "").split(",")[0].split(";")[0]
        )
        lang = choose_language(asked[:20])
        every = strings("en") | strings(lang)
        said = {key: text for key, text in every.items() if key.startswith(_STRINGS)}
        blanks = {"lang": lang, "files": f"room/files/{self._edition()}", "title": said["room_phone.title"],
                  "strings": json.dumps(said, ensure_ascii=False)}  # fmt: skip
        page = _BLANK.sub(lambda blank: html.escape(blanks[blank[1]]), _PAGE.read_text(encoding="utf-8"))
        return HTMLResponse(page, headers=_NOT_KEPT)

    async def file(self, request: Request) -> Response:
        """A script or a style sheet of the page: its address changes with it, so it is kept for good."""
        path = request.path_params["path"]
        if path not in FILES:
            return Response("Not here.\n", 404, media_type="text/plain")
        fresh = request.path_params["edition"] == self._edition()
        kept = {"cache-control": "public, max-age=31536000, immutable"} if fresh else _NOT_KEPT
        return Response((self._web / path).read_bytes(), headers=kept, media_type=_TYPES[Path(path).suffix])

    async def events(self, request: Request) -> Response:
        """What is new in a room, from the whole state on."""
        try:
            room = await self._asked(lambda: self._rooms.by_id(request.query_params.get("room", "")[:100]))
        except RoomError as error:
            over = error.key == "room.ended"  # by 204 a browser knows not to ask again
            return Response(status_code=204 if over else 503, headers=_NOT_KEPT)
        if self._streams.full(room):
            return Response(status_code=503, headers=_NOT_KEPT)
        return StreamingResponse(self._streams.of(room), media_type="text/event-stream", headers=_NOT_KEPT)

    async def join(self, told: dict[str, Any], request: Request) -> dict[str, Any]:
        """Come in by a code, or come back by the room's id and the token of before."""
        lang, token, id_ = choose_language(word(told, "lang")), word(told, "token"), word(told, "room")
        room = await self._asked(lambda: self._rooms.by_id(id_)) if id_ else await self._by_code(told, request)
        joined = await self._asked(lambda: room.join(lang, token))
        return {"room": room.id, "token": joined.token, "name": joined.name, "state": room.public()}

    async def answer(self, told: dict[str, Any], request: Request) -> dict[str, Any]:
        """An answer to a round; the same again changes nothing."""

        def taken() -> int:
            room = self._rooms.by_id(word(told, "room"))
            room.answer(word(told, "token"), told.get("number"), told)
            return room.counts()[0]

        return {"answered": await self._asked(taken)}

    async def mine(self, told: dict[str, Any], request: Request) -> dict[str, Any]:
        """What this student answered, and how they did."""
        return await self._asked(lambda: self._rooms.by_id(word(told, "room")).mine(word(told, "token")))

    async def _asked(self, ask: Callable[[], _R]) -> _R:
        """What a room says: at once, or from a thread where others are asked too."""
        return await asyncio.to_thread(ask) if self._rooms.remote else ask()

    async def _by_code(self, told: dict[str, Any], request: Request) -> Room:
        """The room of that code; whoever was wrong too often waits, even with the right one: else it would tell."""
        address = request.client.host if request.client else ""
        self._must_wait(address)
        try:
            found = await self._asked(lambda: self._rooms.by_code(word(told, "code")))
        except RoomError as error:
            if error.key == "room.code":
                self._patience.wrong(address)
                self._must_wait(address, more=1)  # many may have been asked at the same time
            raise
        self._must_wait(address)
        return found

    def _must_wait(self, address: str, more: int = 0) -> None:
        wait = self._patience.wait(address) - more * SECONDS
        if wait > 0:
            raise RoomError("room.slow", seconds=math.ceil(wait))

    def _told(self, then: Callable[[dict[str, Any], Request], Any]) -> Callable[[Request], Any]:
        """A route that reads a message and answers with JSON."""

        async def route(request: Request) -> Response:
            told: dict[str, Any] = {}
            try:
                if not _is_ours(request):
                    raise RoomError("room.message")
                told = message(await body(request.stream()))
                return JSONResponse(await then(told, request), headers=_NOT_KEPT)
            except RoomError as error:
                said: dict[str, Any] = {"error": error.key, "text": error.say(choose_language(word(told, "lang")))}
                if error.key == "room.store":  # nothing of what was said is wrong: a phone says it again
                    said["again"] = True
                more = {"retry-after": str(error.values["seconds"])} if error.key == "room.slow" else {}
                return JSONResponse(said, _STATUS.get(error.key, 400), headers=_NOT_KEPT | more)

        return route


def _is_ours(request: Request) -> bool:
    """Whether it is JSON from a page of this server, as far as its browser says where it is from."""
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    origin = request.headers.get("origin")
    return kind == "application/json" and (origin is None or urlsplit(origin).netloc == request.headers.get("host"))
