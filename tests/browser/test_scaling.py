"""The scaling page in a browser: sliders, the switch, a pasted table, every screen, axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.i18n import languages
from tests.app.test_scaling import TABLE
from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH = "scaling"


def test_sliders_the_switch_and_a_pasted_table(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en"})
    expect(page.page.locator(".ci")).to_have_count(5)
    before = page.get("ask").inner_text()
    page.get("log_n").focus()
    page.page.keyboard.press("ArrowRight")
    expect(page.get("ask")).not_to_have_text(before)
    formula = page.get("formula").inner_text()
    page.get("embeddings-true").press("Enter")
    expect(page.get("formula")).not_to_have_text(formula)
    dots = page.page.locator("[data-testid=plot-by_n] .mark.own")
    expect(dots).to_have_count(0)
    page.get("add-table").click()
    page.get("table").fill(TABLE)
    expect(dots).to_have_count(16)
    expect(page.get("formula")).to_contain_text("1.500")
    page.get("table").fill("N,D,loss\n1,2\n")
    expect(page.get("problem")).to_contain_text("line 2")
    expect(dots).to_have_count(0)
    page.get("table").fill("<b>x</b>")
    expect(page.get("problem")).to_contain_text("<b>x</b>")


@pytest.mark.parametrize("lang", languages())
def test_it_fits_every_screen(visit_page: VisitPage, lang: str) -> None:
    page = visit_page(PATH, {"lang": lang})
    expect(page.page.locator(".ci")).to_have_count(5)
    for width, height in ((1440, 900), (1024, 768), (390, 844), (320, 700)):
        page.resize(width, height)
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page(PATH, {"lang": "zh" if scheme == "dark" else "en"}, color_scheme=scheme)
    expect(page.page.locator(".ci")).to_have_count(5)
    assert page.violations() == []
