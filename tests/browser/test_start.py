"""The start mark in a real browser: a chip before the text switches it, on this page, after a reload, on the next."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from gptviz.language_model import LanguageModel
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser
TEXT = "The cat sat on the"
PAGES = ("steps", "playground", "surprise", "compare", "beam", "tokens", "embeddings")


def test_the_chip_switches_the_mark_and_a_reload_keeps_it(visit: Visit, lm: LanguageModel) -> None:
    ids = lm.tokenizer.encode(TEXT)
    screen = visit({"lang": "en", "p": TEXT})
    chip = screen.get("start")
    expect(chip).to_have_text("<|endoftext|>")
    expect(chip).to_have_attribute("aria-pressed", "false")
    screen.get("chip").nth(2).click()  # a position, which is another one after the mark
    chip.click()
    screen.drawn([lm.tokenizer.start or 0, *ids])
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(screen.get("chip").first).to_have_class(re.compile(r"\bspecial\b"))
    expect(screen.page.locator(".chip.special")).to_have_count(1)
    expect(screen.page.locator(".chip.sel")).to_contain_text(str(ids[-1]))  # the end is looked at again
    screen.page.wait_for_url("**start=on**")
    screen.page.reload()
    screen.drawn([lm.tokenizer.start or 0, *ids])
    chip.click()
    screen.drawn(ids)
    screen.page.wait_for_url(lambda url: "start=" not in url)
    assert "start" not in parse_qs(urlsplit(screen.page.url).query)


@pytest.mark.parametrize("page", PAGES)
def test_it_goes_from_page_to_page(visit: Visit, page: str) -> None:
    screen = visit({"lang": "en", "p": TEXT})
    screen.get("start").click()
    expect(screen.get("start")).to_have_attribute("aria-pressed", "true")
    screen.settled()
    screen.go_to(page)
    expect(screen.get("start")).to_have_attribute("aria-pressed", "true")
    assert screen.troubles == []


def test_the_keyboard_reaches_it(visit: Visit) -> None:
    screen = visit({"lang": "en", "p": TEXT})
    screen.prompt.focus()
    screen.page.keyboard.press("Shift+Tab")
    expect(screen.get("start")).to_be_focused()
    screen.page.keyboard.press("Enter")
    expect(screen.get("start")).to_have_attribute("aria-pressed", "true")
