"""Lessons in Chromium: from the list into a lesson and on, over a reload, by keyboard, at every width."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.lessons import shelf
from gptviz.numbers import softmax
from tests.browser.conftest import VisitPage

pytestmark = pytest.mark.browser

SIZES = ((1440, 900), (1024, 768), (390, 844), (320, 700))


def lesson_state(number: int, lang: str = "en") -> str:
    """The text of a step of the first lesson, from 1."""
    found = shelf.lesson("next-token", lang)
    assert found is not None
    return found.steps[number - 1].state["p"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_lesson_is_begun_done_by_keyboard_and_kept_over_a_reload(
    visit_page: VisitPage, lang: str, lm: LanguageModel
) -> None:
    page = visit_page("lessons", {"lang": lang})
    page.get("start-next-token").press("Enter")
    expect(page.prompt).to_have_value(lesson_state(1, lang))
    expect(page.page.locator(".distribution-card.lesson-hidden")).to_have_count(1)
    page.get("rail-option-0").press("Enter")
    expect(page.get("rail-said")).to_contain_text("%")
    expect(page.page.locator(".lesson-hidden")).to_have_count(0)
    page.get("rail-next").press("Enter")
    expect(page.prompt).to_have_value(lesson_state(2, lang))
    page.get("rail-number").fill("0")
    page.get("rail-number").press("Enter")
    expect(page.get("rail-said")).to_have_text(translate("lesson.not_yet", lang))
    right = float(softmax(lm.trace(lesson_state(2, lang)).logits_at(-1)).max())
    page.get("rail-number").fill(f"{100 * right:.1f}")
    page.get("rail-number").press("Enter")
    expect(page.get("rail-said")).to_have_class("rail-said passed")
    expect(page.page).to_have_url(re.compile("lesson=next-token&lesson_at=2"))
    page.page.reload()
    expect(page.get("rail-dot-0")).to_have_class("rail-dot done")
    page.get("rail-fold").click()
    page.get("rail-unfold").click()
    page.get("rail-close").click()
    expect(page.get("rail")).to_be_hidden()


def test_an_own_lesson_is_checked_and_opened(visit_page: VisitPage) -> None:
    page = visit_page("lessons", {"lang": "en"})
    text = (shelf.FOLDER / "en" / "05-mask.md").read_text(encoding="utf-8")
    wrong = text.replace("tolerance = 0", "tolerance = 'x'").encode()
    page.get("own-file").set_input_files({"name": "a.md", "mimeType": "text/markdown", "buffer": wrong})
    expect(page.get("own-said")).to_contain_text("Line 2")
    page.get("own-file").set_input_files({"name": "a.md", "mimeType": "text/markdown", "buffer": text.encode()})
    page.get("start-own").click()
    expect(page.get("rail")).to_contain_text("The mask")


def test_nothing_overflows_beside_the_rail(visit_page: VisitPage) -> None:
    page = visit_page("", {"lang": "en", "lesson": "next-token", "lesson_at": "1"})
    expect(page.get("rail")).to_be_visible()
    for width, height in SIZES:
        page.resize(width, height)
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width
        rail, grid = (page.page.locator(what).bounding_box() for what in (".rail-in", ".gv > .grid"))
        assert rail is not None
        assert grid is not None
        beside = rail["x"] >= grid["x"] + grid["width"]
        below = rail["y"] >= grid["y"] + grid["height"]
        assert beside if width >= 900 else below, width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violations(visit_page: VisitPage, scheme: str) -> None:
    lang = "zh" if scheme == "dark" else "en"
    page = visit_page("lessons", {"lang": lang, "which": "heads"}, color_scheme=scheme)
    assert page.violations() == []
    page = visit_page("", {"lang": lang, "lesson": "next-token", "lesson_at": "2"}, color_scheme=scheme)
    expect(page.get("rail")).to_be_visible()
    assert page.violations() == []


def test_for_the_back_row(visit_page: VisitPage) -> None:
    query = {"lang": "en", "lesson": "next-token", "lesson_at": "2", "projector": "1"}
    page = visit_page("", query, viewport={"width": 1920, "height": 1080})
    for what in (".rail-heading", ".rail-text", ".rail-do p", ".rail-number", ".rail-way .btn"):
        sizes = page.page.locator(what).evaluate_all("all => all.map(e => parseFloat(getComputedStyle(e).fontSize))")
        assert sizes, what
        assert min(sizes) >= 24, what
