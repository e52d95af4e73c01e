"""A page of the app as somebody at a browser has it: what lies on it, and what was said over the wire."""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, WebSocket, expect

from gptviz.i18n import translate
from gptviz.ui.layout import GROUPS

#: JavaScript: the root of the component, inside its shadow root.
ROOT = "[...document.querySelectorAll('*')].map((e) => e.shadowRoot?.querySelector('.gv')).find(Boolean)"


class AnyPage:
    """One page on the app. What it logs as an error and asks of other machines is kept in ``troubles``."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.troubles: list[str] = []
        self.sent: list[bytes] = []
        self.received: list[bytes] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("request", self._asked)
        page.on("websocket", self._connected)

    def _heard(self, message: ConsoleMessage) -> None:
        # at a page's own address Streamlit first looks for itself below it
        looking = "/_stcore/" in message.location.get("url", "")
        if message.type == "error" and not looking:
            self.troubles.append(f"console: {message.text} {message.location}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.troubles.append(f"request: {request.url}")

    def _connected(self, socket: WebSocket) -> None:
        if urlsplit(socket.url).hostname != "127.0.0.1":
            self.troubles.append(f"websocket: {socket.url}")
        socket.on("framesent", lambda frame: self.sent.append(_bytes(frame)))
        socket.on("framereceived", lambda frame: self.received.append(_bytes(frame)))

    def open(self, path: str = "", /, **query: Any) -> Self:
        """Go to the page at ``path`` with these query parameters and wait until its component has drawn a picture."""
        self.page.goto(self.url + path + ("?" + urlencode(query) if query else ""))
        self.settled()
        return self

    def go_to(self, name: str) -> None:
        """Choose a page from its group's menu in the header, as a visitor does."""
        group = next(group for group, names in GROUPS.items() if name in names)
        shown = [group for group, names in GROUPS.items() if names]
        self.page.get_by_test_id("stTopNavSection").nth(shown.index(group)).click()
        title = translate(f"nav.{name}", "en")
        self.page.get_by_test_id("stTopNavDropdownLink").get_by_text(title, exact=True).click()

    def settled(self) -> None:
        """Wait until the picture answers the newest thing that the browser said."""
        expect(self.page.locator(".gv[data-drawn]")).to_be_visible()
        expect(self.page.locator(".gv[data-waiting]")).to_have_count(0)

    def violations(self) -> list[tuple[str, list[Any], str]]:
        """As ``violations`` of the page."""
        return violations(self.page)

    def resize(self, width: int, height: int) -> None:
        """Give the window another size, and wait until it has been laid out and drawn."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def widths(self) -> list[int]:
        """By how much the document and Streamlit's scrolling box are wider than what is seen of them."""
        found: list[int] = self.page.evaluate("""() =>
          [document.documentElement, document.querySelector('[data-testid="stMain"]')]
          .map((box) => box.scrollWidth - box.clientWidth)""")
        return found

    def get(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    @property
    def prompt(self) -> Locator:
        return self.get("prompt")

    def write(self, text: str) -> None:
        """Put ``text`` into the box at once, as pasting does."""
        self.prompt.fill(text)

    def eval_root(self, script: str) -> Any:
        """Evaluate ``script``, in which ``root`` is the component's root element."""
        return self.page.evaluate(f"() => {{ const root = {ROOT}; return ({script}); }}")


def violations(page: Page) -> list[tuple[str, list[Any], str]]:
    """What axe finds that is serious or critical: the rule, where, and how it is mended."""
    found = Axe().run(page).response["violations"]
    return [
        (one["id"], [node["target"] for node in one["nodes"]], one["nodes"][0]["failureSummary"])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def _bytes(frame: bytes | str) -> bytes:
    return frame if isinstance(frame, bytes) else frame.encode()
