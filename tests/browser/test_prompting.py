"""The prompting page in Chromium: the labels follow what is typed, a wrong pattern loses nothing, a study is drawn."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.i18n import translate
from tests.browser.conftest import VisitPage
from tests.browser.test_tuning import SIZES, TOO_WIDE

pytestmark = pytest.mark.browser


def test_the_labels_follow_what_is_typed_and_a_click_shows_how_they_come_about(visit_page: VisitPage) -> None:
    page = visit_page("prompting", {"lang": "en", "p": "It was a good day."})
    expect(page.get("plain")).to_have_count(2)
    expect(page.get("read").locator(".piece.text")).to_have_text("It was a good day.")
    before = page.get("sum").inner_text()
    page.get("calibrated").nth(1).click()
    expect(page.get("calibrated").nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.get("sum")).to_contain_text(translate("prompting.sum", "en", label="negative"))
    assert page.get("sum").inner_text() != before
    page.get("shots").fill("0")
    page.get("shots").press("Tab")
    expect(page.get("read").locator(".piece.example")).to_have_count(0)
    page.get("another").click()
    expect(page.get("truth")).to_contain_text("its label")
    assert page.troubles == []


def test_a_wrong_pattern_is_said_and_nothing_is_lost(visit_page: VisitPage) -> None:
    page = visit_page("prompting", {"lang": "en", "p": "It was <b>good</b>."})
    page.get("pattern").fill("Review: {text} It was")
    expect(page.get("problem")).to_contain_text("{label}")
    expect(page.get("start-study")).to_be_disabled()
    expect(page.get("pattern")).to_have_value("Review: {text} It was")
    page.get("pattern").press("End")
    page.get("pattern").press_sequentially(" <i>{label}")
    expect(page.get("problem")).to_be_hidden()
    expect(page.get("read").locator(".piece.text")).to_have_text("It was <b>good</b>.")
    expect(page.get("plain")).to_have_count(2)
    page.get("preset").nth(1).click()
    expect(page.get("preset").nth(1)).to_have_attribute("aria-pressed", "true")
    assert page.troubles == []


@pytest.mark.slow
def test_a_study_is_drawn_while_it_runs_and_found_again(visit_page: VisitPage) -> None:
    page = visit_page("prompting", {"lang": "en", "model": "small", "n_texts": 20})
    expect(page.get("ways").locator(".guide.uniform")).to_have_count(1)  # what guessing gets is known before
    page.get("start-study").click()
    expect(page.get("ways").locator(".mark").first).to_be_visible(timeout=120_000)
    expect(page.get("job-stop").or_(page.get("job-delete"))).to_be_visible()
    expect(page.get("job-delete")).to_be_visible(timeout=240_000)
    dots = page.get("ways").locator(".mark").count()
    assert dots == page.get("ways").locator(".line.interval").count() >= 14
    expect(page.get("study-reading").locator("li").first).not_to_be_empty()
    page.page.reload()  # its owner is known again
    expect(page.get("ways").locator(".mark")).to_have_count(dots)
    page.get("job-delete").click()
    expect(page.get("ways").locator(".mark")).to_have_count(0)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_overflows(visit_page: VisitPage, lang: str) -> None:
    page = visit_page("prompting", {"lang": lang, "shots": 8})
    expect(page.get("plain")).to_have_count(2)
    for width, height in SIZES:
        page.resize(width, height)
        assert page.eval_root(TOO_WIDE) == [], width
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violations(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page("prompting", {"lang": "zh" if scheme == "dark" else "en"}, color_scheme=scheme)
    expect(page.get("plain")).to_have_count(2)
    assert page.violations() == []
