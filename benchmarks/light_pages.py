"""Students of a room in one headless Chromium, each the light page in a profile of its own.

All times are taken inside the pages: a click is answered when the page says that the answer is in, a tally is known
when the page's own line says it.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic, time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from benchmarks.serving import CHROMIUM

if TYPE_CHECKING:
    from playwright.async_api import Page

PROCESSES = 4  # that draw pages: as one phone each, thirty would not fit beside the rest of a small machine
_WATCH = """() => {
  const status = document.querySelector('[data-testid="status"]');
  window.told = [];  // [how many have answered, when], in ms since the epoch
  let last = -1;
  const look = () => {
    const found = /(\\d+)\\D+\\d+\\D*$/.exec(status.textContent);
    const now = found ? Number(found[1]) : -1;
    if (now > last) window.told.push([now, performance.timeOrigin + performance.now()]);
    last = Math.max(last, now);
  };
  look();
  new MutationObserver(look).observe(status, { childList: true, characterData: true, subtree: true });
}"""
_VOTE = """(place) => new Promise((done) => {
  const status = document.querySelector('[data-testid="status"]');
  const begun = performance.now();
  const said = new MutationObserver(() => {
    if (!status.textContent.startsWith(document.body.dataset.sent)) return;
    said.disconnect();
    done([performance.timeOrigin + begun, performance.now() - begun]);
  });
  said.observe(status, { childList: true, characterData: true, subtree: true });
  document.querySelector(`[data-testid="pick${place}"]`).click();
})"""


class Clicked(NamedTuple):
    """A vote in a page; seconds, ``begun`` by ``time.monotonic``."""

    begun: float
    took: float


class LightPages:
    """Those who have joined, in the order in which they came."""

    def __init__(self, pages: list[Page]) -> None:
        self.pages = pages
        self._before = time() - monotonic()

    async def vote(self, i: int, place: int, after: float) -> Clicked:
        """Click in page ``i`` in ``after`` seconds."""
        await asyncio.sleep(after)
        begun, took = await self.pages[i].evaluate(_VOTE, place)
        return Clicked(begun / 1e3 - self._before, took / 1e3)

    async def heard(self) -> list[list[tuple[int, float]]]:
        """By page: (how many have answered, when the page said so)."""
        told = [await page.evaluate("window.told") for page in self.pages]
        return [[(count, at / 1e3 - self._before) for count, at in one] for one in told]


@asynccontextmanager
async def light_pages(url: str, code: str, many: int) -> AsyncIterator[LightPages]:
    """``many`` students who come in by the room's link."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*CHROMIUM, f"--renderer-process-limit={PROCESSES}"]
        )
        pages = []
        for _ in range(many):
            context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US")
            page = await context.new_page()
            await page.goto(f"{url}/room?lang=en#{quote(code.replace(' ', '-'))}")
            await page.get_by_test_id("pick0").wait_for()
            await page.evaluate("""() => {
              document.body.dataset.sent = JSON.parse(document.body.dataset.strings)["room_phone.sent"];
            }""")
            await page.evaluate(_WATCH)
            pages.append(page)
        yield LightPages(pages)
        await browser.close()
