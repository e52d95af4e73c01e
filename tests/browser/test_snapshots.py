"""The page of snapshots in a browser: what is pressed, every screen, the keyboard, axe."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH, READY = "snapshots", ".moment-map"


def test_the_slider_moves_everything_and_a_head_is_chosen(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en"})
    expect(page.page.locator(READY)).to_be_visible()
    slider, best = page.get("at"), page.page.locator("[data-testid=next-row] .bar-number").first
    slider.press("End")
    expect(page.page.locator(".moment-facts dd").first).to_have_text("4,000")
    last = best.inner_text()
    slider.press("Home")
    expect(page.page.locator(".moment-facts dd").first).to_have_text("0")
    expect(best).not_to_have_text(last)
    expect(page.get("written")).not_to_have_text(" …")
    page.page.locator(".snapshots .head-cell").first.press("Enter")
    expect(page.page.locator(".head-cell.sel")).to_have_attribute("data-head", "0")
    page.get("play").click()
    expect(page.page.locator(".moment-facts dd").first).to_have_text("62")
    page.get("play").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_screen_and_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page(PATH, {"lang": "zh" if scheme == "dark" else "en"}, color_scheme=scheme)
    expect(page.page.locator(READY)).to_be_visible()
    report = Axe().run(page.page)
    bad = [v for v in report.response["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [node["target"] for node in v["nodes"]], v["nodes"][0]["failureSummary"]) for v in bad] == []
    for width, height in ((1440, 900), (1024, 768), (390, 844), (320, 700)):
        page.page.set_viewport_size({"width": width, "height": height})
        page.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width
