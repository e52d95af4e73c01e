"""The Tokens page in a browser: the film is walked, vocabularies are looked through, every width, the keyboard, axe."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gptviz.analysis import merges
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from tests.browser.any_page import AnyPage
from tests.browser.conftest import VisitPage

pytestmark = pytest.mark.browser
PATH = "tokens"
SIZES = ((1440, 900), (1024, 768), (390, 844), (320, 700))
TOO_WIDE = """[...root.querySelectorAll(".card, button, select, input")].filter((node) => {
  const box = node.getBoundingClientRect();
  const scrolls = node.closest(".examples, .presets");
  return box.width && !scrolls && (box.right > innerWidth + 1 || box.left < -1);
}).map((node) => node.className || node.tagName)"""


def film_shows(page: AnyPage, lm: LanguageModel, text: str) -> None:
    """Wait until the film is that of a text."""
    expect(page.get("film")).to_have_attribute("data-ids", ",".join(map(str, lm.tokenizer.encode(text))))


def test_the_film_is_walked_by_keys_and_slider(visit_page: VisitPage, lm: LanguageModel) -> None:
    text = "the other <b>"
    page = visit_page(PATH, {"p": text, "lang": "en"})
    film_shows(page, lm, text)
    steps = merges(lm.tokenizer, text).joins
    parts = page.page.locator(".film-part")
    expect(parts).to_have_count(len(lm.tokenizer.encode(text)))
    page.page.locator("body").press("ArrowRight")  # from the end it begins anew
    expect(page.get("film")).to_have_attribute("data-step", "0")
    expect(parts).to_have_count(len(text))
    page.page.locator("body").press("ArrowRight")
    expect(parts).to_have_count(len(text) - 1)
    expect(page.get("film-merge")).to_contain_text(f"rank {steps[0].rank:,}")
    page.page.locator("body").press("ArrowLeft")
    expect(parts).to_have_count(len(text))
    page.get("at").fill("3")
    expect(parts).to_have_count(len(text) - 3)
    expect(page.page).to_have_url(re.compile("step=3"))
    page.prompt.fill(text + " x")
    film_shows(page, lm, text + " x")
    expect(page.get("film")).to_have_attribute("data-step", str(len(merges(lm.tokenizer, text + " x").joins)))


def test_looking_through_the_vocabulary(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"p": "The cat", "lang": "en"})
    page.get("find").fill("cat")
    expect(page.get("entries")).to_have_attribute("data-find", "cat")
    expect(page.get("entries").locator(".entry-label").first).to_contain_text("cat")
    page.get("find").fill("")
    page.get("page_forth").click()
    expect(page.page).to_have_url(re.compile("at="))
    page.get("preset").nth(4).click()
    expect(page.prompt).to_have_value(translate("tokens.preset_text.emoji", "en"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_overflows(visit_page: VisitPage, lang: str) -> None:
    page = visit_page(PATH, {"lang": lang, "p": "The cat sat on the 垫子 " * 4 + "x" * 60})
    for width, height in SIZES:
        page.resize(width, height)
        assert page.eval_root(TOO_WIDE) == [], width
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violations(visit_page: VisitPage, scheme: str) -> None:
    query = {"lang": "zh" if scheme == "dark" else "en", "p": "The cat sat on the 垫子", "step": 4}
    page = visit_page(PATH, query, color_scheme=scheme)
    expect(page.get("film")).to_have_attribute("data-step", "4")
    assert page.violations() == []
