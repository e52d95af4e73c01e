"""The page of uses in a browser: a use is pressed, the text comes, the same prompt opens elsewhere; screens, axe."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gptviz.i18n import languages
from gptviz.ui.layout import PAGES
from gptviz.ui.pages.uses.state import USES, prompt_of
from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH = "uses"


def test_a_use_is_written_and_opened_elsewhere(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en", "length": "12"})
    expect(page.get("added").locator("span")).to_have_count(12)
    page.get("use").nth(USES.index("question")).click()
    expect(page.get("prompt")).to_have_value(prompt_of("question", "en", chat=False))
    expect(page.get("added").locator("span").first).to_be_attached()
    for name in ("compare", "steps"):
        assert str(page.get(name).get_attribute("href")).startswith(PAGES[name] + "?")
    page.get("steps").click()
    expect(page.page).to_have_url(re.compile(r"/steps\?"))
    expect(page.get("prompt")).to_have_value(prompt_of("question", "en", chat=False))


@pytest.mark.parametrize("lang", languages())
def test_it_fits_every_screen(visit_page: VisitPage, lang: str) -> None:
    page = visit_page(PATH, {"lang": lang, "length": "12"})
    for width, height in ((1440, 900), (1024, 768), (390, 844), (320, 700)):
        page.resize(width, height)
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page(PATH, {"lang": "zh" if scheme == "dark" else "en", "length": "12"}, color_scheme=scheme)
    expect(page.get("added").locator("span")).to_have_count(12)
    assert page.violations() == []
