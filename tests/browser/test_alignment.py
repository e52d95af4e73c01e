"""The alignment page in Chromium: answers are chosen by keys, every width, both themes, axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.i18n import translate
from tests.browser.conftest import VisitPage
from tests.browser.test_tuning import SIZES, TOO_WIDE

pytestmark = pytest.mark.browser


def test_the_keys_1_and_2_choose_and_two_others_follow(visit_page: VisitPage) -> None:
    page = visit_page("alignment", {"lang": "en"})
    page.get("draw").click()
    expect(page.get("offer-1")).to_be_visible()
    before = page.get("offer-1").inner_text()
    page.get("offer-2").focus()
    page.page.keyboard.press("2")
    expect(page.get("chosen")).to_have_text(translate("alignment.count", "en", count="1", most="200"))
    expect(page.get("offer-1")).not_to_have_text(before)
    page.get("prompt").focus()
    page.page.keyboard.press("End")
    page.page.keyboard.type("1")  # is typed, and chooses nothing
    expect(page.get("chosen")).to_have_text(translate("alignment.count", "en", count="1", most="200"))
    page.get("undo").click()
    expect(page.get("chosen")).to_have_text("")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_overflows(visit_page: VisitPage, lang: str) -> None:
    page = visit_page("alignment", {"lang": lang})
    page.get("draw").click()
    expect(page.get("offer-1")).to_be_visible()
    for width, height in SIZES:
        page.resize(width, height)
        assert page.eval_root(TOO_WIDE) == [], width
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violations(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page("alignment", {"lang": "zh" if scheme == "dark" else "en"}, color_scheme=scheme)
    page.get("draw").click()
    expect(page.get("offer-1")).to_be_visible()
    assert page.violations() == []


def test_before_the_start_it_says_where_it_will_begin_and_what_will_be_looked_at(visit_page: VisitPage) -> None:
    page = visit_page("alignment", {"lang": "en"})
    expect(page.get("aligned").locator(".guide")).to_have_count(1)
    expect(page.get("aligned")).to_contain_text("ln 2 = 0.693")
    expect(page.get("lights").locator("li")).to_have_count(4)
    expect(page.get("lights").locator("li").first).to_contain_text(translate("tuning.light.ln2", "en"))
    page.get("way").nth(1).click()
    expect(page.get("aligned")).to_contain_text(translate("foreseen.origin", "en"))
    expect(page.get("lights").locator("li").first).to_contain_text(translate("tuning.light.ratio", "en"))
