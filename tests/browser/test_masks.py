"""The page of masks in a browser: the prefix, the claims, measuring, every screen, keyboard, axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.i18n import languages
from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH = "masks"


def test_a_longer_prefix_leaks_and_a_claim_is_measured(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en", "p": "The cat sat on the mat"})
    expect(page.get("leak-causal")).to_have_text("0%")
    expect(page.get("leak-prefix")).to_have_text("0%")
    page.get("prefix").fill("6")
    page.get("prefix").press("Enter")
    expect(page.get("leak-prefix")).not_to_have_text("0%")
    claims = page.get("claim")
    claims.nth(0).focus()
    for _ in range(8):
        page.page.keyboard.press("Tab")
    page.page.keyboard.press("Enter")
    expect(page.get("proof")).to_have_attribute("data-claim", "cost")
    expect(page.get("proof").locator(".claim-bar")).to_have_count(0)
    page.get("measure").click()
    expect(page.get("proof").locator(".claim-bar")).to_have_count(5)
    expect(page.get("truth")).to_contain_text("256")


def test_a_blank_is_filled_typed_and_refused_by_keyboard(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en"})
    expect(page.get("fill-masked")).to_contain_text("place 1")
    words = page.get("fill-word")
    expect(words.nth(1)).to_have_attribute("aria-pressed", "true")
    words.nth(5).focus()
    page.page.keyboard.press("Enter")
    expect(words.nth(5)).to_have_attribute("aria-pressed", "true")
    expect(words.nth(1)).to_have_text("dog")
    page.get("sentence").fill("The ___ purrs at the dog.")
    first = page.get("fill").locator(".fill-guess").first.locator(".bar-word").first
    expect(first).to_have_text("cat")
    page.get("sentence").fill("The ___ computes <b>.")
    expect(page.get("fill-problem")).to_contain_text("computes")
    expect(page.get("fill")).to_be_hidden()
    page.get("offered").nth(0).click()
    expect(page.get("fill-masked")).to_contain_text("place 1")
    page.get("turn-halves").click()
    expect(page.page.locator(".halves")).to_be_visible()
    expect(page.get("proof")).to_be_hidden()
    page.get("turn-claims").click()
    expect(page.get("proof")).to_be_visible()


def test_what_is_of_the_text_before_says_so_until_the_rest_is_there(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en", "p": "The cat sat on the mat"})
    columns = page.page.locator(".mask-column")
    before = columns.nth(1).get_attribute("data-ids")
    page.get("prompt").press_sequentially(" and slept")
    expect(columns.nth(0)).not_to_have_attribute("data-ids", before or "")
    expect(page.page.locator(".waiting")).to_have_count(0)
    ids = {column.get_attribute("data-ids") for column in columns.all()}
    assert ids == {page.get("masks").get_attribute("data-ids")} != {before}


@pytest.mark.parametrize("lang", languages())
def test_all_of_it_is_on_one_screen(visit_page: VisitPage, lang: str) -> None:
    """Whatever is beside the blank, at 1440 x 900."""
    page = visit_page(PATH, {"lang": lang}, viewport={"width": 1440, "height": 900})
    expect(page.get("proof")).to_be_visible()
    bottom = "(all) => Math.max(...all.map((e) => e.getBoundingClientRect().bottom))"
    cards = page.page.locator(".masks > .card:not(.turned)")
    assert cards.evaluate_all(bottom) <= 900
    page.get("turn-halves").click()
    expect(page.page.locator(".halves")).to_be_visible()
    assert cards.evaluate_all(bottom) <= 900


@pytest.mark.parametrize("lang", languages())
def test_it_fits_every_screen(visit_page: VisitPage, lang: str) -> None:
    page = visit_page(PATH, {"lang": lang})
    expect(page.get("proof")).to_be_visible()
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        page.resize(width, height)
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    query = {"lang": "zh" if scheme == "dark" else "en", "claim": "attention"}
    page = visit_page(PATH, query, color_scheme=scheme)
    expect(page.get("proof")).to_be_visible()
    assert page.violations() == []
