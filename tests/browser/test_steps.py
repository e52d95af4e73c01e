"""The step machine in a real browser: it draws, it reacts, nothing overflows, keyboard and readers are served."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gptviz.decoding import uniform_at
from gptviz.language_model import LanguageModel
from tests.browser.any_page import AnyPage
from tests.browser.conftest import VisitPage

pytestmark = pytest.mark.browser

# a fork after the first token: one branch goes on with two tokens, one with three
FORK = {"p": "The cat sat on the", "path": "3752.44.578", "branches": "1.46.3208", "at": 2}
WIDER = """(() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push("page");
  for (const part of root.querySelectorAll(".card, .card > *, .filter, .pair-body > *")) {
    const box = part.getBoundingClientRect();
    if (box.width && (box.right > innerWidth + 1 || box.left < -1)) found.push(part.className);
  }
  return found;
})()"""


def ids(page: AnyPage) -> list[int]:
    """The ids that the pipeline was last drawn for."""
    listed = page.get("pipeline").get_attribute("data-ids") or ""
    return [int(i) for i in listed.split(",") if i]


def test_steps_back_and_a_branch(visit_page: VisitPage, lm: LanguageModel) -> None:
    """By keys and by mouse: the drawn token is added, a clicked row opens a branch, and two can be compared."""
    page = visit_page("steps", {"p": "The cat sat on the"})
    prompt = lm.tokenizer.encode("The cat sat on the")
    expect(page.get("pair").locator(".hint")).to_be_visible()
    drawn = int(page.page.locator(".pipe-label.drawn").get_attribute("data-id") or -1)
    assert f"{uniform_at(7, 0):.3f}"[:5] in (page.page.locator(".pipe-line").inner_text())
    page.prompt.press("Escape")
    page.page.keyboard.press("ArrowRight")
    expect(page.get("pipeline")).to_have_attribute("data-ids", ",".join(map(str, [*prompt, drawn])))
    page.page.keyboard.press("ArrowLeft")
    expect(page.get("pipeline")).to_have_attribute("data-ids", ",".join(map(str, prompt)))
    page.settled()
    expect(page.page.locator(".pipe-label.taken")).to_have_attribute("data-id", str(drawn))
    other = page.page.locator(".pipe-label[data-id]:not(.drawn)").first
    chosen = int(other.get_attribute("data-id") or -1)
    other.click()
    expect(page.get("pipeline")).to_have_attribute("data-ids", ",".join(map(str, [*prompt, chosen])))
    expect(page.get("versus")).to_be_visible()
    expect(page.get("pick-b").nth(1)).to_have_attribute("aria-pressed", "true")
    page.get("pick-a").nth(1).click()  # exchanges the two
    expect(page.get("pick-b").nth(0)).to_have_attribute("aria-pressed", "true")
    page.get("tree-node").nth(1).click()
    expect(page.get("pipeline")).to_have_attribute("data-ids", ",".join(map(str, [*prompt, drawn])))


def test_a_filter_is_switched_on_and_named(visit_page: VisitPage) -> None:
    page = visit_page("steps", {"p": "The cat sat on the", "t": 1, "top_p": 1})
    heads = page.page.locator(".pipe-columns .pipe-head b")
    expect(heads).to_have_count(2)
    page.get("filter-top_k").click()
    expect(heads).to_have_count(3)
    page.get("set-top_k").fill("3")
    column = page.page.locator(".pipe-column", has=page.page.locator("b", has_text="top-k"))
    expect(column.locator(".pipe-foot span").first).to_have_text(re.compile("^3 "))
    expect(column.locator(".pipe-cell.cut")).to_have_count(8)  # seven of ten rows, and all others as one
    page.get("filter-top_k").click()
    expect(heads).to_have_count(2)


def test_a_click_on_the_bar_takes_that_token(visit_page: VisitPage) -> None:
    page = visit_page("steps", {"p": "The cat sat on the", "top_k": 3, "top_p": 1})
    before = ids(page)
    page.page.locator(".stretch").first.click(position={"x": 5, "y": 2})
    expect(page.get("tree-node")).to_have_count(2)
    first = page.page.locator(".pipe-label[data-id]").first
    expect(first).to_be_visible()
    page.settled()
    assert len(ids(page)) == len(before) + 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_overflows(visit_page: VisitPage, lang: str) -> None:
    page = visit_page("steps", FORK | {"lang": lang, "min_p": 0.05, "penalty": 1.2, "top_k": 50, "typical_p": 0.9})
    expect(page.get("glances")).to_be_visible()
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        page.resize(width, height)
        assert page.eval_root(WIDER) == [], width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page("steps", FORK | {"lang": "zh" if scheme == "dark" else "en"}, color_scheme=scheme)
    expect(page.get("glances")).to_be_visible()
    assert page.violations() == []


def test_sheets_say_it_in_words(visit_page: VisitPage) -> None:
    """Each panel's "⋯": a reading, a table, Python."""
    page = visit_page("steps", FORK)
    expect(page.get("glances")).to_be_visible()
    for at in range(3):
        page.get("more").nth(at).click()
        sheet = page.page.locator("dialog.sheet")
        expect(sheet.locator(".reading")).to_have_text(re.compile(r"\w"))
        expect(sheet.locator("tbody tr").first).to_be_visible()
        expect(sheet.locator("pre")).to_contain_text("import gptviz")
        page.page.keyboard.press("Escape")
