"""One position goes with the visitor: chosen on one page it is framed on the next, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import VisitPage

pytestmark = pytest.mark.browser
TEXT = "The cat sat on the mat"


def test_a_position_goes_from_page_to_page(visit_page: VisitPage) -> None:
    page = visit_page("", {"lang": "en", "p": TEXT})
    page.get("chip").nth(2).click()
    page.settled()
    page.go_to("embeddings")
    expect(page.page.locator(".strip-label.sel")).to_have_text("·sat")
    page.page.locator(".strip-label").nth(3).click()
    expect(page.page.locator(".strip-label.sel")).to_have_text("·on")
    page.settled()
    page.go_to("tokens")
    expect(page.page.locator(".film-part.sel")).to_have_text("·on")
    page.page.locator(".film-part[data-pos='1']").click()
    expect(page.page.locator(".film-part.sel")).to_have_text("·cat")
    found = page.page.locator(".entry.here button:enabled")  # the vocabulary is open at the token: the same by keyboard
    expect(page.page.locator(".entry.sel")).to_contain_text("cat")
    found.first.focus()
    page.page.keyboard.press("Enter")
    page.settled()
    page.go_to("stream")
    expect(page.get("lens").locator(".lens-cell.sel")).to_have_attribute("data-pos", "1")
    page.go_to("what_if")
    expect(page.get("query")).to_have_value("1")
    page.get("query").select_option("2")
    page.get("switch-strike").click()
    expect(page.get("changes")).to_contain_text("2 no longer sees")
    page.settled()
    page.go_to("next_token")
    expect(page.page.locator(".chip.sel")).to_contain_text("sat")
    page.page.reload()
    expect(page.page.locator(".chip.sel")).to_contain_text("sat")
