"""The surprise page in a browser: two boxes, chips that can be chosen, a check, every screen, both themes, keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.surprise.state import pairs
from tests.browser.any_page import AnyPage
from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH = "surprisal"


def shows(page: AnyPage, side: str, ids: list[int]) -> None:
    """Wait until the chips of a text are those of ``ids``."""
    expect(page.get("chips-" + side)).to_have_attribute("data-ids", ",".join(map(str, ids)))


def test_typing_in_both_boxes(visit_page: VisitPage, lm: LanguageModel) -> None:
    """Neither box eats what is typed into the other; a line ends where the text ends it."""
    page = visit_page(PATH, {"p": "One", "lang": "en"})
    expect(page.get("chips-b")).to_be_hidden()
    page.get("prompt-b").press_sequentially("The cat sat <b>")
    page.prompt.press_sequentially(" more")
    page.prompt.press("Enter")
    page.prompt.press_sequentially("line")
    shows(page, "a", lm.tokenizer.encode("One more\nline"))
    shows(page, "b", lm.tokenizer.encode("The cat sat <b>"))
    expect(page.get("prompt-b")).to_have_value("The cat sat <b>")
    expect(page.get("versus")).to_be_visible()
    page.get("prompt-b").fill("")
    expect(page.get("chips-b")).to_be_hidden()


def test_a_pair_and_a_choice(visit_page: VisitPage, lm: LanguageModel) -> None:
    page = visit_page(PATH, {"lang": "en"})
    page.get("pair").nth(1).click()
    _, one, other = pairs("en")[1]
    shows(page, "a", lm.tokenizer.encode(one))
    expect(page.prompt).to_have_value(one)
    expect(page.get("prompt-b")).to_have_value(other)
    page.get("chips-b").get_by_test_id("word").nth(2).click()
    expect(page.get("expected")).to_have_attribute("data-token", "2")
    page.page.keyboard.press("ArrowRight")
    expect(page.get("expected")).to_have_attribute("data-token", "3")
    expect(page.get("chips-b").get_by_test_id("word").nth(3)).to_be_focused()
    page.get("by-rank").click()
    expect(page.get("chips-a").get_by_test_id("word").nth(1).locator(".i")).to_contain_text("#")
    page.get("check").click()
    expect(page.get("check-result")).to_contain_text(
        translate("surprise.check.done", "en").split(":")[0], timeout=60_000
    )


@pytest.mark.parametrize("lang", languages())
def test_it_fits_every_screen(visit_page: VisitPage, lang: str) -> None:
    page = visit_page(PATH, {"lang": lang})
    expect(page.get("expected")).to_be_visible()
    assert page.eval_root("root.getBoundingClientRect().bottom <= innerHeight")
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        page.resize(width, height)
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    query = {"lang": "zh" if scheme == "dark" else "en", "colour": "rank" if scheme == "dark" else "surprisal"}
    page = visit_page(PATH, query, color_scheme=scheme)
    expect(page.get("expected")).to_be_visible()
    assert page.violations() == []
