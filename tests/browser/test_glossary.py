"""Terms in a browser: explained by pointer, keyboard and finger; all in one list."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from gptviz.glossary import terms
from gptviz.i18n import translate
from tests.browser.any_page import AnyPage
from tests.browser.conftest import Visit, VisitPage

pytestmark = pytest.mark.browser


def marked(page: AnyPage) -> Locator:
    """The marks, once they are there."""
    found = page.page.locator(".gloss")
    expect(found.first).to_be_attached()
    return found


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("zh", "dark")])
def test_a_term_is_explained_by_pointer_and_keyboard(visit: Visit, lang: str, scheme: str) -> None:
    screen = visit({"lang": lang, "p": "The cat"}, color_scheme=scheme)
    marked(screen)
    card, term = screen.page.locator(".term-card"), terms(lang)["entropy"]
    screen.page.locator('.gloss[data-gloss="entropy"]').hover()
    for said in (term.name, term.plain, term.exact, term.formula):
        expect(card).to_contain_text(said)
    assert screen.violations() == []
    card.hover()  # it can be read with the pointer on it
    screen.page.wait_for_timeout(400)
    expect(card).to_be_visible()
    screen.page.mouse.move(5, 600)
    expect(card).to_be_hidden()
    screen.page.locator('.gloss[data-gloss="vocabulary"]').focus()
    for key in ("Tab", "Shift+Tab"):
        screen.page.keyboard.press(key)
    expect(card).to_contain_text(terms(lang)["vocabulary"].plain)
    expect(screen.page.locator('.gloss[data-gloss="vocabulary"]')).to_have_attribute("aria-describedby", "term-card")
    screen.page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    screen.page.keyboard.press("Enter")
    expect(screen.page.locator('.term-entry[data-gloss="vocabulary"]')).to_be_focused()
    assert screen.violations() == []
    screen.page.keyboard.press("Escape")
    expect(screen.get("glossary")).to_be_hidden()
    expect(screen.page.locator('.gloss[data-gloss="vocabulary"]')).to_be_focused()


def test_a_finger_taps_for_the_card_and_again_for_the_list(visit: Visit) -> None:
    screen = visit({"lang": "en", "p": "The cat"}, viewport={"width": 360, "height": 740}, has_touch=True)
    marked(screen)
    mark, card = screen.page.locator('.gloss[data-gloss="effective"]'), screen.page.locator(".term-card")
    mark.tap()
    expect(card).to_contain_text(terms("en")["effective"].plain)
    assert screen.eval_root("(({ left, right }) => left >= 0 && right <= innerWidth)"
                            "(root.querySelector('.term-card').getBoundingClientRect())")  # fmt: skip
    screen.page.locator(".bars").tap(position={"x": 5, "y": 5})
    expect(card).to_be_hidden()
    mark.tap()
    mark.tap()
    expect(screen.page.locator('.term-entry[data-gloss="effective"]')).to_be_focused()
    assert screen.eval_root("document.documentElement.scrollWidth <= innerWidth")


def test_a_label_keeps_its_control_where_it_is(visit: Visit) -> None:
    """A term within a label is pressed without pressing what the label is of."""
    screen = visit({"lang": "en", "p": "The cat", "t": 0.8})
    marked(screen)
    screen.page.locator('.gloss[data-gloss="temperature"]').click()
    expect(screen.page.locator('.term-entry[data-gloss="temperature"]')).to_be_focused()
    screen.page.keyboard.press("Escape")
    expect(screen.get("temperature")).to_have_value("0.8")
    expect(screen.get("temperature")).not_to_be_focused()


def test_the_settings_open_the_list_on_any_page_and_it_is_searched(visit_page: VisitPage) -> None:
    page = visit_page("about-the-model", {"lang": "zh"})
    marked(page)
    page.page.get_by_test_id("stPopoverButton").last.click()
    page.get("glossary").click()
    entries = page.page.locator(".term-entry")
    expect(page.get("term-search")).to_be_focused()
    expect(entries.locator("visible=true")).to_have_count(len(terms("zh")))
    page.get("term-search").fill("Perplexity")  # by its English name
    expect(entries.locator("visible=true")).to_have_count(1)
    expect(page.get("glossary")).to_contain_text(terms("zh")["perplexity"].exact)
    page.get("term-search").fill("no such term")
    expect(page.get("glossary").get_by_role("status")).to_have_text(translate("glossary.count", "zh", count=0))


def test_marks_come_back_when_a_label_is_written_anew(visit: Visit) -> None:
    """And in the language of the page."""
    screen = visit({"lang": "en", "p": "The cat"})
    surprised = screen.page.locator('.chips-card .gloss[data-gloss="surprisal"]')
    expect(surprised).to_have_text("surprised")
    screen.prompt.press_sequentially(" sat on", delay=40)
    screen.finished()
    expect(surprised).to_have_text("surprised")
    screen.page.locator(".st-key-toolbar").get_by_text("中文").click()
    expect(surprised).to_have_text("惊异度")
