"""The page of a step in a browser: what is pressed, every screen, the keyboard, axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH, READY = "one-step", ".down-grid"


def test_steps_targets_and_weights_are_reached_by_the_keyboard(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en"})
    expect(page.get("which")).to_have_text("step 1 of 20")
    before = page.get("weight").inner_text()
    page.get("next").press("Enter")
    expect(page.get("which")).to_have_text("step 2 of 20")
    expect(page.page.locator("[data-testid=after] .mark.main")).to_have_count(3)
    page.page.get_by_test_id("target").first.press("Enter")
    expect(page.page.locator(".target.sel")).to_have_attribute("data-at", "0")
    page.page.locator(".down-norm").last.press("Enter")
    expect(page.get("weight")).not_to_have_text(before)
    page.get("place").fill("1,2")
    page.get("place").press("Enter")
    expect(page.get("weight")).to_contain_text("[1, 2]")
    page.get("race").click()
    expect(page.page.locator(".race-row")).to_have_count(2)
    expect(page.get("race-rows")).to_be_visible()


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
