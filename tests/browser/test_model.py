"""The page about the model in a real browser: it draws its card, fits every window, and is fit for screen readers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.evaluation.card import read_card
from gptviz.paths import MODELS
from tests.browser.conftest import VisitPage

pytestmark = pytest.mark.browser

#: Cards beyond the window, and whether the page itself can be scrolled sideways; tables scroll within their cards.
TOO_WIDE = """(() => {
  const main = document.querySelector('[data-testid="stMain"]');
  const cards = [...root.querySelectorAll(".card")];
  const wide = cards.filter((card) => card.getBoundingClientRect().right > innerWidth + 1);
  return [...wide.map((card) => card.className), ...(main.scrollWidth > main.clientWidth ? ["page"] : [])];
})()"""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_card_is_drawn_and_fits(visit_page: VisitPage, lang: str) -> None:
    page = visit_page("about-the-model", {"lang": lang})
    for name in ("facts", "next", "curve", "heads", "held", "cloze", "samples", "data", "how"):
        expect(page.get(f"model-{name}")).to_be_visible()
    assert page.eval_root("root.querySelectorAll('.curve .tick').length") > 6  # both axes have their numbers
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        page.resize(width, height)
        assert page.eval_root(TOO_WIDE) == [], width


@pytest.mark.parametrize("model", ["bilingual", "small"])
def test_knowledge_has_its_rows_where_it_was_measured(visit_page: VisitPage, model: str) -> None:
    """Cards of before it was asked for have no rows for it, and no word about it."""
    card = read_card(MODELS / model)
    assert card is not None
    known = card.evaluation.get("knowledge", {})
    page = visit_page("about-the-model", {"lang": "en", "model": model})
    expect(page.get("model-cloze").locator("tbody tr")).to_have_count(len(card.evaluation["cloze"]) + len(known))
    expect(page.get("knowledge")).to_have_count(1 if known else 0)


def test_the_tables_behind_the_pictures(visit_page: VisitPage) -> None:
    card = read_card(MODELS / "bilingual")
    assert card is not None
    page = visit_page("about-the-model", {"lang": "en"})
    page.get("model-held").get_by_test_id("more").click()
    parts = len(card.evaluation["held_out"])  # and all of them together
    expect(page.page.locator(".sheet[open] tbody tr")).to_have_count(parts)
