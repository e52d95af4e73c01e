"""The heads page in a browser: the grid, the button that tests a label, every screen, both themes, the keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.i18n import languages, translate
from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH = "heads"


def test_choose_a_head_by_pointer_and_keys_and_test_it(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en", "p": "The cat sat on the", "layer": "1", "head": "1"})
    expect(page.get("head")).to_have_count(48)
    page.get("cells").locator('[data-place="3.2"]').click()
    expect(page.get("cells").locator('[aria-pressed="true"]')).to_have_attribute("data-place", "3.2")
    expect(page.get("change-bars")).to_be_hidden()
    page.get("test-it").and_(page.page.locator(":visible")).first.click()
    expect(page.get("change-bars")).to_be_visible()
    expect(page.get("change-reading")).to_contain_text("bits per token")
    before = page.get("change-reading").inner_text()
    page.get("cells").locator('[data-place="3.2"]').focus()
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("ArrowRight")
    expect(page.get("cells").locator('[data-place="4.3"]')).to_be_focused()
    expect(page.get("change-bars").locator("xpath=ancestor::*[@data-place]")).to_have_attribute("data-place", "4.3")
    expect(page.get("change-reading")).not_to_have_text(before)
    page.get("mode").select_option("mean")
    expect(page.get("test")).to_have_attribute("aria-pressed", "true")
    page.get("test").click()
    expect(page.get("change-bars")).to_be_hidden()


def test_the_preset_shows_what_the_head_is_for(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en", "p": "x"})
    expect(page.get("head")).to_have_count(48)
    page.get("preset").click()
    expect(page.prompt).to_have_value(translate("heads.preset_text", "en"))
    expect(page.get("change-reading")).to_contain_text("goes from 38% to 13%")


@pytest.mark.parametrize("lang", languages())
def test_it_fits_every_screen(visit_page: VisitPage, lang: str) -> None:
    page = visit_page(PATH, {"lang": lang})
    expect(page.get("change-bars")).to_be_visible()
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        page.resize(width, height)
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width
        if width == 1440:
            assert page.eval_root("root.getBoundingClientRect().bottom <= innerHeight")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page(PATH, {"lang": "zh" if scheme == "dark" else "en"}, color_scheme=scheme)
    expect(page.get("change-bars")).to_be_visible()
    assert page.violations() == []
