"""How scripts, styles and strings reach the browser: once, as files or by name, and in time."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.ui.layout import PAGES
from gptviz.ui.web.component import component, edition
from tests.browser.conftest import Visit, VisitPage

pytestmark = pytest.mark.browser

# forgets the strings at the first picture that comes without them, as if they had been another tab's
FORGETFUL = """if (!header.strings && !globalThis.forgotten) {
    KNOWN.clear();
    globalThis.forgotten = true;
  }
  return KNOWN.get("""

# keeps the ResizeObservers that our scripts make until they are disconnected
KEPT = """window.kept = new Set();
window.ResizeObserver = class extends ResizeObserver {
  constructor(then) {
    super(then);
    if (new Error().stack.includes("/bidi-components/")) kept.add(this);
  }
  disconnect() {
    kept.delete(this);
    super.disconnect();
  }
};"""


def test_a_keystroke_brings_neither_scripts_nor_strings(visit: Visit, lm: LanguageModel) -> None:
    """Nothing but the picture: no file is asked for again, and no sentence of the interface is among what comes."""
    screen = visit({"p": "The cat sat on the mat and"})
    screen.prompt.press_sequentially(" ")
    screen.settled()
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(request.url))
    before = len(screen.received)
    screen.prompt.press_sequentially("x")
    screen.drawn(lm.tokenizer.encode(screen.prompt.input_value()))
    brought = b"".join(screen.received[before:])
    assert b"pages/next_token/main.js" in brought
    assert not [word for word in (b"function", b"font-size", b"menu.close") if word in brought]
    icon = screen.page.locator("link[rel~=icon]").evaluate("(link) => link.href")
    assert set(asked) <= {icon}  # which Chromium asks for when it has time


def test_every_address_carries_the_edition(visit: Visit) -> None:
    screen = visit()
    loaded = screen.page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    ours = [url.partition("/_stcore/bidi-components/")[2] for url in loaded if "/bidi-components/" in url]
    assert f"{component('next_token').name}/wire/page.js" in ours
    assert f"{component('next_token').name}/kit/base.css" in ours
    assert {url.split(".")[0] for url in ours} == {f"gptviz-{edition()}"}


def test_strings_that_are_missing_are_asked_for(visit: Visit, lm: LanguageModel) -> None:
    def forget(route: Route) -> None:
        text = route.fetch().text()
        route.fulfill(body=text.replace("return KNOWN.get(", FORGETFUL), content_type="text/javascript")

    screen = visit(wait=False)
    screen.page.route("**/wire/strings.js", forget)
    screen.page.goto(screen.url + "?lang=zh")
    screen.settled()
    screen.write("Asked 问")
    screen.drawn(lm.tokenizer.encode("Asked 问"))
    screen.write("Asked 问!")
    screen.drawn(lm.tokenizer.encode("Asked 问!"))
    assert screen.page.evaluate("globalThis.forgotten") is True
    expect(screen.get("step")).to_contain_text(translate("path.step", "zh"))


@pytest.mark.parametrize("sheet", ["page.css", "base.css"])
def test_the_first_picture_waits_for_the_style_sheet(visit: Visit, sheet: str) -> None:
    """What is measured before it is there is wrong, and the page would flash."""
    held: list[Route] = []
    screen = visit(wait=False)
    screen.page.route(f"**/{sheet}", lambda route: held.append(route))
    screen.page.reload()
    expect(screen.page.locator(".gv")).to_have_count(1)
    screen.page.wait_for_timeout(700)
    assert screen.eval_root("root.childElementCount") == 0
    for route in held:
        route.continue_()
    screen.settled()
    assert screen.eval_root("getComputedStyle(root.querySelector('.grid')).display") == "grid"


def test_every_page_comes_back_after_another(visit_page: VisitPage) -> None:
    """Left and entered again in one tab, where Python sends no strings because the browser said that it has them."""
    opened = visit_page("surprisal")
    for _ in range(2):
        for name in PAGES:
            opened.eval_root("root.dataset.left = 'yes'")
            opened.go_to(name)
            expect(opened.page.locator(".gv[data-drawn]:not([data-left]) .card").first).to_be_visible()
            opened.settled()
            assert "menu.close" not in opened.eval_root("root.outerHTML")  # a key stands where a string is missing


def test_a_page_that_is_left_watches_nothing(visit_page: VisitPage) -> None:
    opened = visit_page("temperature")
    opened.page.add_init_script(KEPT)
    opened.page.reload()
    opened.settled()
    assert opened.page.evaluate("kept.size") > 1
    opened.go_to("model")
    expect(opened.get("model-facts")).to_be_visible()
    assert opened.page.evaluate("kept.size") == 1  # the page that is there watches the width of its window
