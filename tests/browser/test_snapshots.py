"""The page of snapshots in a browser: what is pressed, every screen, the keyboard, axe."""

from __future__ import annotations

import pytest
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
    assert page.violations() == []
    for width, height in ((1440, 900), (1024, 768), (390, 844), (320, 700)):
        page.resize(width, height)
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width
