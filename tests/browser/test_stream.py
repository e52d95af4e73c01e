"""The stream page in a browser: a grid that can be walked, a ledger that sums, every screen, both themes, axe."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gptviz.i18n import languages
from gptviz.ui.pages.stream.presets import PRESETS
from tests.browser.conftest import VisitPage

pytestmark = pytest.mark.browser
PATH = "stream"
TOO_WIDE = """[...root.querySelectorAll(".card, button, select, input")].filter((node) => {
  const box = node.getBoundingClientRect();
  const scrolls = node.closest(".lens-scroll, .examples, .presets");
  return box.width && !scrolls && (box.right > innerWidth + 1 || box.left < -1);
}).map((node) => node.className || node.tagName)"""


def test_the_grid_is_walked_and_a_token_followed(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"p": "The capital of France is", "layer": "6", "lang": "en"})
    chosen = page.get("lens").locator(".lens-cell.sel")
    expect(chosen).to_have_text("·Paris")
    chosen.focus()
    page.page.keyboard.press("ArrowUp")
    expect(chosen).to_have_attribute("data-stage", "6")
    expect(chosen).to_be_focused()
    page.page.keyboard.press("ArrowLeft")
    expect(chosen).to_have_attribute("data-pos", "3")
    page.get("lens").locator('[data-stage="8"][data-pos="4"]').click()
    expect(page.get("ledger-of")).to_contain_text("·Paris")
    page.get("cell").locator("button").nth(1).click()
    expect(page.get("token")).not_to_have_value("")
    page.get("token").fill("London")
    expect(page.get("ledger-of")).to_contain_text("·London")
    lines = page.get("ledger").locator("button")
    coarse = lines.count()
    page.get("detail-heads").click()
    expect(lines).not_to_have_count(coarse)
    shown = [
        float(text.replace("−", "-").replace(",", "")) for text in lines.locator(".ledger-amount").all_inner_texts()
    ]
    total = re.search(r"lines (−?[\d.]+) = logit (−?[\d.]+)", page.get("ledger-sum").inner_text())
    assert total is not None
    assert total[1] == total[2]
    assert sum(shown) == pytest.approx(float(total[1].replace("−", "-")), abs=0.0006 * len(shown))
    page.get("token").fill("\u2603\u2603 no such")
    expect(page.get("neurons").locator("button")).to_have_count(8)
    page.get("neurons").locator("button").nth(2).click()
    expect(page.get("neurons").locator("button").nth(2)).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("lang", languages())
def test_it_fits_every_screen(visit_page: VisitPage, lang: str) -> None:
    page = visit_page(PATH, {"lang": lang})
    expect(page.prompt).to_have_value(PRESETS["fact"].of(lang)[0])
    assert page.eval_root("root.getBoundingClientRect().bottom <= innerHeight")
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        page.resize(width, height)
        assert [part for part in page.eval_root(TOO_WIDE) if "toolbar" not in part] == [], width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    query = {"lang": "zh" if scheme == "dark" else "en", "grid": "rank" if scheme == "dark" else "top"}
    page = visit_page(PATH, query, color_scheme=scheme)
    expect(page.get("ledger-sum")).to_be_visible()
    assert page.violations() == []
