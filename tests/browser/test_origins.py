"""The page of origins in a browser: what is pressed, every screen, the keyboard, axe."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
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
    report = Axe().run(page.page)
    bad = [v for v in report.response["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [node["target"] for node in v["nodes"]], v["nodes"][0]["failureSummary"]) for v in bad] == []
    for width, height in ((1440, 900), (1024, 768), (390, 844), (320, 700)):
        page.page.set_viewport_size({"width": width, "height": height})
        page.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width
