"""The series page in a browser: a card by mouse and keyboard, every screen, axe."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gptviz.analysis.series import series
from gptviz.i18n import languages
from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH = "series"


def test_a_mark_shows_its_card(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en"})
    marks = page.get("entry")
    expect(marks).to_have_count(len(series()) + 1)  # and the open model's
    page.page.locator('[data-key="gpt4"]').focus()
    page.page.keyboard.press("Enter")
    expect(page.get("changed")).to_contain_text("secret")
    expect(page.page.locator('[data-key="gpt4"]')).to_have_attribute("aria-pressed", "true")
    expect(page.page.locator('[data-key="gpt4"]')).to_be_focused()
    page.page.locator('[data-key="open"]').click()
    expect(page.get("card")).to_contain_text("20.6 M")
    expect(page.page).to_have_url(re.compile("card=open"))


@pytest.mark.parametrize("lang", languages())
def test_it_fits_every_screen_and_no_names_lie_on_one_another(visit_page: VisitPage, lang: str) -> None:
    page = visit_page(PATH, {"lang": lang})
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        page.resize(width, height)
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width
        if width < 1000:
            continue
        boxes = page.page.locator(".entry-name").evaluate_all(
            "all => all.map((e) => e.getBoundingClientRect().toJSON())"
        )
        for i, one in enumerate(boxes):
            for other in boxes[:i]:
                across = min(one["right"], other["right"]) - max(one["left"], other["left"])
                down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
                assert across <= 2 or down <= 5, (one, other)  # a line's box is higher than its letters


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page(PATH, {"lang": "zh" if scheme == "dark" else "en"}, color_scheme=scheme)
    expect(page.get("card")).to_be_visible()
    assert page.violations() == []
