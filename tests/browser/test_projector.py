"""Projector mode in a real browser: what matters is large, on one screen, and nothing that a teacher needs is gone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

BAR = ".bar:not(.vacant)"
BACK_ROW = (".prompt", ".chip .t", f"{BAR} .bar-word", f"{BAR} .bar-number", ".cell p", ".cum-words", ".node .l")
SIZES = [(1920, 1080), (1024, 768), (1366, 768)]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_matters_is_24_px_at_full_hd(visit: Visit, lang: str) -> None:
    """And the page has the whole width, after a reload too."""
    screen = visit({"lang": lang, "projector": "1"}, viewport={"width": 1920, "height": 1080})
    screen.page.reload()
    screen.finished()
    for what in BACK_ROW:
        sizes = screen.page.locator(what).evaluate_all("all => all.map(e => parseFloat(getComputedStyle(e).fontSize))")
        assert sizes, what
        assert min(sizes) >= 24, what
    assert screen.eval_root("root.getBoundingClientRect().width") >= 1840


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_prompt_bars_and_path_are_on_one_screen(visit: Visit, lang: str, size: tuple[int, int]) -> None:
    width, height = size
    screen = visit({"lang": lang, "projector": "1"}, viewport={"width": width, "height": height})
    for shown in ("prompt", "bar", "tail", "path"):
        for one in screen.get(shown).all():
            box = one.bounding_box()
            assert box is not None
            assert box["y"] >= 56, shown  # below the header
            assert box["y"] + box["height"] <= height, shown
    for needed in ("example", "share", "more", "seed"):
        expect(screen.get(needed).first).to_be_visible()
    expect(screen.page.locator(".legend-bits")).to_be_visible()
    assert screen.page.evaluate("document.documentElement.scrollWidth") <= width
    within = """(card) => [...card.querySelectorAll('*')].filter((e) => e.checkVisibility()
        && !e.closest('.att-scroll, .terms-box')
        && e.getBoundingClientRect().bottom > card.getBoundingClientRect().bottom + 1).map((e) => e.className)"""
    for card in (".attention-card", ".mosaic-card", ".distribution-card"):
        assert screen.page.locator(card).evaluate(within) == [], card
