"""The page of changes in a browser: switches, the maps, the curve, every screen, both themes, the keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.i18n import languages
from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH = "what-if"


def test_switches_combine_and_are_taken_back(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en", "p": "The cat sat on the", "layer": "1", "head": "4"})
    plain = page.get("change-reading").inner_text()
    page.get("switch-nopos").press("Enter")
    expect(page.get("changes").locator("li")).to_have_count(1)
    expect(page.get("change-reading")).not_to_have_text(plain)
    page.get("switch-remove_head").click()
    page.get("switch-strike").click()
    expect(page.get("changes").locator("li")).to_have_count(3)
    expect(page.get("switch-strike")).to_have_attribute("aria-pressed", "true")
    page.get("drop").first.click()
    expect(page.get("changes").locator("li")).to_have_count(2)
    page.get("clear").click()
    expect(page.get("change-reading")).to_have_text(plain)


def test_the_cone_of_a_chosen_state_stays_lit(visit_page: VisitPage) -> None:
    """By pointing and by the pickers: the same position, all later ones, in the layers after."""
    page = visit_page(PATH, {"lang": "en"})
    grid = page.get("patch-map").first
    expect(grid).to_be_visible(timeout=60_000)
    grid.locator('[data-cell="5.3"]').click()
    page.page.mouse.move(4, 4)
    expect(grid.locator(".at")).to_have_attribute("data-cell", "5.3")
    expect(grid.locator(".reached")).to_have_count(2 * 2)  # of eight layers and five tokens
    expect(page.get("patch-reading")).to_contain_text("Layer 5, token 3")
    page.get("query").select_option("2")
    expect(grid.locator(".at")).to_have_attribute("data-cell", "5.2")
    expect(grid.locator(".reached")).to_have_count(2 * 3)


def test_the_curve_is_asked_for(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en", "p": "The cat sat on the"})
    page.get("curve-go").click()
    expect(page.get("curve-reading")).to_contain_text("chosen well", timeout=60_000)


@pytest.mark.parametrize("lang", languages())
def test_it_fits_every_screen(visit_page: VisitPage, lang: str) -> None:
    page = visit_page(PATH, {"lang": lang})
    expect(page.get("patch-map").first).to_be_visible(timeout=60_000)
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        page.resize(width, height)
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page(PATH, {"lang": "zh" if scheme == "dark" else "en"}, color_scheme=scheme)
    expect(page.get("patch-map").first).to_be_visible(timeout=60_000)
    assert page.violations() == []
