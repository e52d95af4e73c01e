"""The first screen as somebody at a browser has it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Locator, expect

from tests.browser.any_page import AnyPage

VIEWS = ("chips", "mask", "attention", "mosaic", "distribution")
TEXT_SENT = re.compile(rb'"text":("(?:[^"\\]|\\.)*")')


class FirstScreen(AnyPage):
    """The page "Next token"."""

    def open(self, path: str = "", /, **query: Any) -> FirstScreen:
        """Go to the app with these query parameters and wait for the first whole picture."""
        self.page.goto(self.url + path + ("?" + urlencode(query) if query else ""))
        self.finished()
        return self

    def finished(self) -> None:
        """Wait until all five views show the same, some, ids: those of the newest text."""
        self.settled()
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
