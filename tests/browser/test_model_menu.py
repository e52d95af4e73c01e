"""The menu of models in a browser: opened, read, searched and used by mouse and keyboard, at every width."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from gptviz.i18n import languages, translate
from tests.browser.conftest import Visit, VisitPage

pytestmark = pytest.mark.browser


def open_menu(page: Page) -> None:
    page.get_by_test_id("stPopoverButton").first.click()
    expect(page.locator(".st-key-model_bilingual button")).to_be_visible()


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("width", [1440, 390])
def test_each_entry_says_what_it_is_and_fits(visit_page: VisitPage, lang: str, width: int) -> None:
    page = visit_page("", {"lang": lang}, viewport={"width": width, "height": 844}).page
    open_menu(page)
    small = page.locator(".st-key-model_small button")
    expect(small).to_contain_text("GPT-2 · ")
    expect(small).to_contain_text(translate("toolbar.context", lang, count="128"))
    box = page.locator(".st-key-model_list").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_choosing_closes_it_and_keeps_the_text(visit: Visit) -> None:
    screen = visit({"lang": "en"})
    screen.write("Kept as typed")
    open_menu(screen.page)
    screen.page.locator(".st-key-model_small button").click()
    expect(screen.page.get_by_test_id("stPopoverButton").first).to_contain_text(translate("model.small", "en"))
    expect(screen.page.get_by_test_id("stPopoverBody")).to_have_count(0)
    expect(screen.prompt).to_have_value("Kept as typed")
    expect(screen.page).to_have_url(re.compile("model=small"))


def test_it_works_by_keyboard(visit: Visit) -> None:
    screen = visit({"lang": "en"})
    screen.page.get_by_test_id("stPopoverButton").first.focus()
    screen.page.keyboard.press("Enter")
    screen.page.locator(".st-key-model_bilingual button").focus()
    screen.page.keyboard.press("Tab")
    expect(screen.page.locator(".st-key-model_small button")).to_be_focused()
    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_test_id("stPopoverButton").first).to_contain_text(translate("model.small", "en"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_open_menu(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page("", {"lang": "en"}, color_scheme=scheme).page
    open_menu(page)
    found = Axe().run(page, context=".st-key-model_list")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found.response["violations"]] == []
