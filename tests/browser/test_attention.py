"""The attention page in a browser: a sum, its operands, lines, maps, the sheet, every screen, the keyboard, axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz import analysis
from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from tests.browser.any_page import AnyPage
from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH = "attention"
TEXT = "The cat sat on"


def total(page: AnyPage) -> str:
    return page.get("sum").locator(".sum-title").inner_text()


def test_a_number_is_chosen_and_its_operands_are_gone_to(visit_page: VisitPage, lm: LanguageModel) -> None:
    """From a weight to the score, from q·k to a number of q, by mouse and by keyboard."""
    page = visit_page(PATH, {"lang": "en", "p": TEXT, "layer": "2", "head": "3"})
    steps = analysis.attend(lm.trace(TEXT), 2, 3, 3)
    page.get("column-pattern").locator("button").nth(0).click()
    expect(page.get("sum").locator(".sum-title")).to_contain_text("a (·on → The)")
    expect(page.get("sum").locator(".formula")).to_contain_text("e^(s) / Σ")
    page.get("column-raw").locator("button").nth(1).click()
    expect(page.get("sum").locator(".sum-title")).to_contain_text(f"{abs(float(steps.raw[1])):.2f}"[:4])
    page.get("column-raw").locator("button").nth(1).press("ArrowDown")
    expect(page.get("column-raw").locator("button").nth(2)).to_have_attribute("aria-pressed", "true")
    expect(page.get("column-raw").locator("button").nth(2)).to_be_focused()
    page.get("all-terms").click()
    expect(page.get("sum").locator("tbody tr")).to_have_count(64)
    page.get("sum").locator("tbody tr").nth(5).locator("button").click()
    expect(page.get("sum").locator(".sum-title")).to_contain_text("q[5] ")
    page.get("strip-q").focus()
    page.page.keyboard.press("ArrowRight")
    expect(page.get("sum").locator(".sum-title")).to_contain_text("q[6] ")
    expect(page.get("strip-q")).to_have_attribute("aria-valuenow", "6")


def test_lines_maps_and_heads(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en", "p": TEXT})
    page.get("lines").locator('[data-side="key"][data-pos="0"]').hover()
    expect(page.get("lines-said")).to_contain_text("“The” is looked at by")
    page.get("lines").locator('[data-side="query"][data-pos="1"]').click()
    expect(page.get("query").nth(1)).to_have_attribute("aria-pressed", "true")
    page.get("map-rollout").click()
    expect(page.get("maps-said")).to_contain_text("rollout")
    page.get("mosaic").focus()
    page.page.keyboard.press("ArrowDown")
    expect(page.get("layer")).to_have_value("1")


def test_the_sheet_has_blanks_then_its_solution_and_prints_alone(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en", "p": TEXT})
    blanks = page.get("worksheet").locator("td.sheet-blank")
    expect(blanks.first).to_have_text("")
    page.get("solved").click()
    expect(blanks.first).not_to_have_text("")
    page.page.evaluate("window.print = () => {}")
    page.get("print-sheet").click()
    page.page.emulate_media(media="print")
    expect(page.get("worksheet")).to_be_visible()
    expect(page.get("flow")).to_be_hidden()
    page.page.emulate_media(media="screen")
    page.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(page.get("flow")).to_be_visible()


@pytest.mark.parametrize("lang", languages())
def test_it_fits_every_screen(visit_page: VisitPage, lang: str) -> None:
    page = visit_page(PATH, {"lang": lang})
    expect(page.get("sum")).to_be_visible()
    assert page.eval_root("root.querySelector('.heads-card').getBoundingClientRect().bottom <= innerHeight")
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        page.resize(width, height)
        wide = page.eval_root(TOO_WIDE.replace(".examples", ".examples, .presets, .keys, .queries"))  # these scroll
        assert [part for part in wide if "toolbar" not in part] == [], width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    query = {"lang": "zh" if scheme == "dark" else "en", "solved": "1", "map": "rollout"}
    page = visit_page(PATH, query, color_scheme=scheme)
    expect(page.get("sum")).to_be_visible()
    assert page.violations() == []
