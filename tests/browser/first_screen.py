"""The first screen as somebody at a browser has it: a page, what lies on it, and what was said over the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, WebSocket, expect

VIEWS = ("chips", "mask", "attention", "mosaic", "distribution")
TEXT_SENT = re.compile(rb'"text":("(?:[^"\\]|\\.)*")')
#: JavaScript: the root of the component, inside its shadow root.
ROOT = "[...document.querySelectorAll('*')].map((e) => e.shadowRoot?.querySelector('.gv')).find(Boolean)"


class FirstScreen:
    """One page on the app. What it logs as an error and asks of other machines is kept in ``troubles``."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.troubles: list[str] = []
        self.sent: list[bytes] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("request", self._asked)
        page.on("websocket", self._connected)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(f"console: {message.text} {message.location}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.troubles.append(f"request: {request.url}")

    def _connected(self, socket: WebSocket) -> None:
        if urlsplit(socket.url).hostname != "127.0.0.1":
            self.troubles.append(f"websocket: {socket.url}")
        socket.on("framesent", lambda frame: self.sent.append(frame if isinstance(frame, bytes) else frame.encode()))

    def open(self, **query: Any) -> FirstScreen:
        """Go to the app with these query parameters and wait for the first whole picture."""
        self.page.goto(self.url + ("?" + urlencode(query) if query else ""))
        self.finished()
        return self

    def get(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    @property
    def prompt(self) -> Locator:
        return self.get("prompt")

    def finished(self) -> None:
        """Wait until all five views show the same, some, ids."""
        expect(self.get("chips")).to_have_attribute("data-ids", re.compile(r"\d"))
        self.drawn(self.ids())

    def drawn(self, ids: Sequence[int]) -> None:
        """Wait until all five views are drawn for ``ids``."""
        for view in VIEWS:
            expect(self.get(view)).to_have_attribute("data-ids", ",".join(map(str, ids)))

    def ids(self) -> list[int]:
        """The ids that the chips show now."""
        listed = self.get("chips").get_attribute("data-ids") or ""
        return [int(i) for i in listed.split(",") if i]

    def write(self, text: str) -> None:
        """Put ``text`` into the box at once, as pasting does."""
        self.prompt.fill(text)

    def texts_sent(self) -> list[str]:
        """Every text that went to the server, in order, equal neighbours once."""
        found = [json.loads(match) for frame in self.sent for match in TEXT_SENT.findall(frame)]
        return [text for i, text in enumerate(found) if i == 0 or text != found[i - 1]]

    def drawn_id(self) -> int:
        """The id of the bar marked as drawn."""
        return int(self.page.locator(".bar.drawn").get_attribute("data-id") or -1)

    def bar_ids(self) -> list[int]:
        """The ids of the bars, top to bottom."""
        return [int(bar.get_attribute("data-id") or -1) for bar in self.get("bar").all() if bar.is_visible()]

    def kept(self) -> Locator:
        """The number of tokens kept."""
        return self.page.locator(".kpi").nth(2).locator("b")

    def head(self) -> tuple[int, int]:
        """(layer, head) as the pickers show."""
        return int(self.get("layer").input_value()), int(self.get("head").input_value())

    def leave_box(self) -> None:
        """Give the keys to the page: Escape in the box does."""
        self.prompt.press("Escape")

    def eval_root(self, script: str) -> Any:
        """Evaluate ``script``, in which ``root`` is the component's root element."""
        return self.page.evaluate(f"() => {{ const root = {ROOT}; return ({script}); }}")
