"""The limits page in a browser: choosing, exchanging, every screen, keyboard, axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.i18n import languages
from gptviz.ui.pages.limits.state import EXPERIMENTS
from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH = "limits"


def test_an_experiment_is_chosen_by_the_keyboard_and_a_word_exchanged(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en"})
    expect(page.get("live-texts").locator(".mark-loop").first).to_be_visible()
    page.get("pick").nth(4).focus()
    page.page.keyboard.press("Enter")
    expect(page.get("old")).to_have_value("man")
    expect(page.get("live-bars").locator(".limit-bar")).to_have_count(10)
    page.get("words").fill("nurse, king, sailor")
    expect(page.get("live-bars").locator(".limit-bar")).to_have_count(3)
    page.get("old").fill("nobody")
    expect(page.get("live-reading")).to_contain_text("nobody")
    expect(page.get("live-bars")).to_be_hidden()


@pytest.mark.parametrize("lang", languages())
def test_it_fits_every_screen(visit_page: VisitPage, lang: str) -> None:
    page = visit_page(PATH, {"lang": lang})
    for name in range(len(EXPERIMENTS)):
        page.get("pick").nth(name).click()
        expect(page.get("pick").nth(name)).to_have_attribute("aria-pressed", "true")
        for width, height in ((1440, 900), (1024, 768), (390, 844), (320, 700)):
            page.resize(width, height)
            wide = page.eval_root(TOO_WIDE)
            assert [part for part in wide if "toolbar" not in part] == [], (name, width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    dark = {"lang": "zh", "show": "memory", "p": "床前明月光，疑是地上霜。"}
    light = {"lang": "en", "show": "facts", "p": "The capital of Italy is"}
    page = visit_page(PATH, dark if scheme == "dark" else light, color_scheme=scheme)
    expect(page.get("side-progress")).to_be_hidden()
    assert page.violations() == []
