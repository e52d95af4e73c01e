"""The deploy page in a browser: leaving parts out by the keyboard, every screen, axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.i18n import languages
from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH = "deploy"
SMALL = {"model": "small"}  # measured in a few seconds


@pytest.mark.slow
def test_parts_are_left_out_by_the_keyboard_and_the_answer_follows(visit_page: VisitPage) -> None:
    page = visit_page(PATH, SMALL | {"lang": "en", "p": "The cat sat on the"})
    expect(page.get("form-row")).to_have_count(5)
    expect(page.get("answer-without")).not_to_have_text("…", timeout=60_000)
    page.get("gone").focus()
    page.page.keyboard.press("Home")
    expect(page.get("change-bars")).to_be_hidden()
    page.page.keyboard.press("End")
    expect(page.get("change-bars")).to_be_visible()
    page.get("unit-layers").focus()
    page.page.keyboard.press("Enter")
    expect(page.get("unit-layers")).to_have_attribute("aria-pressed", "true")
    expect(page.get("parts-progress")).to_be_hidden(timeout=120_000)
    expect(page.get("parts-plot").locator(".line")).to_have_count(3)
    expect(page.get("forms-progress")).to_be_hidden(timeout=120_000)
    expect(page.get("forms").locator(".form-cell b").first).to_contain_text("MB")


@pytest.mark.parametrize("lang", languages())
def test_it_fits_every_screen(visit_page: VisitPage, lang: str) -> None:
    page = visit_page(PATH, SMALL | {"lang": lang, "p": "The cat sat on the"})
    for width, height in ((1440, 900), (1024, 768), (390, 844), (320, 700)):
        page.resize(width, height)
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page(PATH, SMALL | {"lang": "zh" if scheme == "dark" else "en"}, color_scheme=scheme)
    expect(page.get("form-row")).to_have_count(5)
    assert page.violations() == []
