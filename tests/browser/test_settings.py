"""The settings in a browser: light, dark, paper, in the language of the page; no menu of Streamlit's is shown."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from gptviz.i18n import languages, translate
from tests.browser.conftest import VisitPage

pytestmark = pytest.mark.browser


def open_settings(page: Page) -> None:
    page.get_by_test_id("stPopoverButton").last.click()
    expect(page.get_by_test_id("theme-dark")).to_be_visible()


@pytest.mark.parametrize("lang", languages())
def test_they_speak_the_visitors_language(visit_page: VisitPage, lang: str) -> None:
    page = visit_page("steps", {"lang": lang}).page
    open_settings(page)
    for name in ("system", "light", "dark"):
        expect(page.get_by_test_id(f"theme-{name}")).to_have_text(translate(f"toolbar.theme.{name}", lang))
    expect(page.get_by_test_id("print")).to_have_text(translate("toolbar.print", lang))
    expect(page.get_by_test_id("stMainMenu")).to_be_hidden()


def test_a_theme_is_changed_in_place_and_holds_on_every_page(visit_page: VisitPage) -> None:
    opened = visit_page("steps", {"p": "The cat", "lang": "en"}, color_scheme="light")
    page = opened.page
    page.evaluate("window.untouched = true")
    open_settings(page)
    expect(page.get_by_test_id("theme-system")).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("theme-dark").click()
    expect(page.locator(".gv")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("window.untouched")  # nothing was loaded anew
    expect(page.get_by_test_id("stMainMenuPopover")).to_have_count(0)
    for path in ("steps", "compare", ""):
        opened.open(path)
        expect(page.locator(".gv")).to_have_attribute("data-theme", "dark")
    open_settings(page)
    expect(page.get_by_test_id("theme-dark")).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("theme-system").click()
    expect(page.locator(".gv")).to_have_attribute("data-theme", "light")


def test_without_streamlits_menu_a_theme_comes_by_a_reload(visit_page: VisitPage) -> None:
    opened = visit_page("steps", {"p": "The cat", "lang": "en"}, color_scheme="light")
    page = opened.page
    open_settings(page)
    page.evaluate("""document.querySelector('[data-testid="stMainMenuButton"]').remove()""")
    page.get_by_test_id("theme-dark").click()
    expect(page.locator(".gv")).to_have_attribute("data-theme", "dark")
    expect(opened.prompt).to_have_value("The cat")


def test_print_prints(visit_page: VisitPage) -> None:
    page = visit_page("", {"lang": "en"}).page
    open_settings(page)
    page.evaluate("() => { window.print = () => { window.printed = (window.printed ?? 0) + 1; }; }")
    page.get_by_test_id("print").click()
    assert page.evaluate("window.printed") == 1
