"""The Embeddings page in a browser: rows, neighbours, a map that is zoomed, a pair that turns; widths, axe."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from gptviz.analysis import neighbours
from gptviz.language_model import LanguageModel
from tests.browser.any_page import AnyPage
from tests.browser.conftest import VisitPage
from tests.browser.test_tokens import SIZES, TOO_WIDE

pytestmark = pytest.mark.browser
PATH = "embeddings"


def mapped(page: AnyPage) -> AnyPage:
    """Wait until the map is there."""
    expect(page.get("map")).to_have_attribute("data-done", "true", timeout=60_000)
    return page


def test_a_token_and_its_neighbours(visit_page: VisitPage, lm: LanguageModel) -> None:
    page = visit_page(PATH, {"p": "The cat", "lang": "en"})
    ids = lm.tokenizer.encode("The cat")
    expect(page.get("near")).to_have_attribute("data-token", str(ids[1]))
    page.get("strip-label").first.click()
    expect(page.get("near")).to_have_attribute("data-token", str(ids[0]))
    first = neighbours(lm, ids[0], count=1)[0]
    expect(page.get("near-row").first).to_contain_text(f"{first.cosine:.3f}")
    page.get("near-row").first.click()
    expect(page.get("near")).to_have_attribute("data-token", str(first.id))
    page.get("near-back").click()
    expect(page.get("near")).to_have_attribute("data-token", str(ids[0]))


def test_the_map_is_zoomed_by_keys_and_a_point_is_pressed(visit_page: VisitPage) -> None:
    page = mapped(visit_page(PATH, {"p": "The cat", "lang": "en"}))
    canvas = page.get("map")
    before = canvas.screenshot()
    canvas.focus()
    canvas.press("+")
    canvas.press("ArrowUp")
    _changed(canvas, before)
    canvas.press("0")
    page.get("script").nth(1).click()
    expect(page.get("script").nth(1)).to_have_attribute("aria-pressed", "true")
    _changed(canvas, before)
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] * 0.38, "y": box["height"] * 0.6})
    expect(page.page).to_have_url(re.compile("token="))


def _changed(canvas: Locator, before: bytes) -> None:
    """Wait until it is drawn otherwise: that is left to the next frame."""
    for _ in range(100):
        if canvas.screenshot() != before:
            return
    raise AssertionError("it is drawn as before")


@pytest.mark.slow
def test_near_tokens_come_together_on_the_other_map(visit_page: VisitPage) -> None:
    page = mapped(visit_page(PATH, {"p": "The cat", "lang": "en"}))
    page.get("axis-x").select_option("neighbours")
    expect(page.get("axis-y")).to_be_hidden()
    expect(page.get("map-small")).to_contain_text("2,000 of", timeout=180_000)
    page.get("axis-x").select_option("0")
    expect(page.get("axis-y")).to_be_visible()
    expect(page.get("map-small")).not_to_contain_text("2,000 of")


def test_positions_turn(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"p": "The cat sat on the mat", "lang": "en"})
    expect(page.get("similarity")).to_have_attribute("data-scheme", "learned")
    page.get("scheme-rotary").click()
    expect(page.get("similarity")).to_have_attribute("data-scheme", "rotary")
    expect(page.get("formula")).to_contain_text("cos mθ")
    page.get("turn").fill("2")
    expect(page.get("turn-told")).to_contain_text("at 2: 2.00 rad, (1, 0) → (−0.42, 0.91)")
    circle = page.get("circle").bounding_box()
    assert circle is not None
    page.page.mouse.move(circle["x"] + circle["width"] * 0.95, circle["y"] + circle["height"] / 2)
    page.page.mouse.down()  # to the right: no turn
    page.page.mouse.up()
    expect(page.get("turn-told")).to_contain_text("at 0:")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_overflows(visit_page: VisitPage, lang: str) -> None:
    page = mapped(visit_page(PATH, {"lang": lang, "p": "The cat sat on the 垫子 " * 4}))
    for width, height in SIZES:
        page.resize(width, height)
        assert page.eval_root(TOO_WIDE) == [], width
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violations(visit_page: VisitPage, scheme: str) -> None:
    query = {"lang": "zh" if scheme == "dark" else "en", "p": "The cat sat on the 垫子", "scheme": "rotary"}
    page = mapped(visit_page(PATH, query, color_scheme=scheme))
    assert page.violations() == []
