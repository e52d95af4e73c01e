"""The page of origins in a browser: what is pressed, every screen, the keyboard, axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH, READY = "origins", ".pair-table"


def test_another_token_is_looked_for_in_the_text(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en"})
    expect(page.page.locator(READY)).to_be_visible()
    expect(page.get("train-first")).to_be_visible()
    expect(page.page.locator(".origin-passages li").first).to_contain_text("girl")
    page.page.get_by_test_id("choice").nth(1).press("Enter")
    expect(page.page.locator(".origin-choice.sel")).to_have_count(1)
    expect(page.page.locator(".origin-passages li b").first).not_to_have_text("e girl")
    page.get("prompt").fill("Tom")
    expect(page.page.locator(".pair-table td.sel")).to_have_count(1)


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
