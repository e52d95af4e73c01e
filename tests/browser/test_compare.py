"""The comparison in a browser: it writes, it reacts, it saves and opens, it fits, it can be used by keyboard."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from gptviz.i18n import languages, translate
from tests.browser.any_page import AnyPage
from tests.browser.conftest import VisitPage

pytestmark = pytest.mark.browser
SMALL = {"s": "greedy,beam:width:3,sample:temperature:1.2", "n": 8, "p": "Once upon a time"}

# what is wider than its window; the columns themselves may be scrolled on a telephone
TOO_WIDE = """(() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push("page");
  const main = document.querySelector('[data-testid="stMain"]');
  if (main.scrollWidth > main.clientWidth) found.push("main");
  for (const part of root.querySelectorAll(".card, button, input, select, .compare-bar")) {
    const box = part.getBoundingClientRect();
    const scrolls = part.closest(".examples") || (innerWidth < 700 && part.closest(".compare-columns"));
    const out = box.width && (box.right > innerWidth + 1 || box.left < -1);
    if (out && !scrolls) found.push(part.className || part.tagName);
  }
  return found;
})()"""


def written(page: AnyPage) -> AnyPage:
    """Wait until all columns are written."""
    expect(page.get("run")).to_have_attribute("data-state", "run")
    page.settled()
    return page


@pytest.mark.parametrize("lang", languages())
def test_the_columns_fill_and_fit(visit_page: VisitPage, lang: str) -> None:
    """Six columns stand side by side on a laptop, in threes on a tablet, and slide on a telephone."""
    page = written(visit_page("compare", {"n": 5, "lang": lang}))
    expect(page.get("column")).to_have_count(6)
    for size, per_row in (((1440, 900), 6), ((1024, 768), 3), ((390, 844), None)):
        page.page.set_viewport_size({"width": size[0], "height": size[1]})
        page.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert page.eval_root(TOO_WIDE) == [], size
        tops = page.eval_root("[...root.querySelectorAll('.col')].map((card) => card.offsetTop)")
        assert per_row is None or tops.count(tops[0]) == per_row
    first = page.eval_root("[...root.querySelectorAll('.w')].map((word) => word.textContent).join('')")
    assert first.strip()


def test_a_word_chosen_is_chosen_in_all_columns_and_keys_move_it(visit_page: VisitPage) -> None:
    page = written(visit_page("compare", SMALL))
    page.get("text").first.locator(".w").nth(3).click()
    page.settled()
    assert _marked(page) == [3, 3, 3]
    page.page.keyboard.press("ArrowRight")
    page.settled()
    assert _marked(page) == [4, 4, 4]
    expect(page.get("step")).to_have_text(translate("compare.step", "en", step=5, steps=8))
    expect(page.get("candidates").first.locator(".cand.drawn")).to_have_count(1)
    page.page.keyboard.press("ArrowLeft")
    page.settled()
    assert _marked(page) == [3, 3, 3]


def _marked(page: AnyPage) -> Any:
    return page.eval_root("[...root.querySelectorAll('.w.at')].map((word) => Number(word.dataset.first))")


def test_a_column_is_changed_by_keyboard_and_only_that_one(visit_page: VisitPage) -> None:
    page = written(visit_page("compare", SMALL))
    before = page.get("text").all_inner_texts()
    page.get("column-name").nth(2).focus()
    page.page.keyboard.press("Enter")
    expect(page.get("strategy")).to_be_focused()
    page.get("set-temperature").fill("0")
    written(page)
    page.page.keyboard.press("Escape")
    expect(page.get("editor")).to_have_count(0)
    expect(page.get("column-name").nth(2)).to_be_focused()
    after = page.get("text").all_inner_texts()
    assert after[:2] == before[:2]
    assert after[2].replace("×", "") == after[0].replace("×", "")  # temperature 0 is greedy


def test_typing_runs_nothing_until_asked(visit_page: VisitPage) -> None:
    page = written(visit_page("compare", SMALL))
    page.write("The cat sat")
    expect(page.page.locator(".col.stale")).to_have_count(3)
    page.settled()
    expect(page.get("run")).to_have_attribute("data-state", "run")
    page.prompt.press("Control+Enter")
    expect(page.page.locator(".col.stale")).to_have_count(0)
    written(page)


def test_a_saved_comparison_can_be_opened(visit_page: VisitPage, tmp_path: Any) -> None:
    page = written(visit_page("compare", SMALL))
    page.get("file").click()
    with page.page.expect_download() as coming:
        page.get("file-json").click()
    file = tmp_path / "run.json"
    coming.value.save_as(file)
    saved = json.loads(file.read_text(encoding="utf-8"))
    assert [len(column["steps"]) for column in saved["columns"]] == [8, 8, 8]
    other = written(visit_page("compare", {"s": "greedy", "n": 5, "p": "x"}))
    other.get("file").click()
    other.page.locator('input[type="file"]').set_input_files(file)
    expect(other.get("column")).to_have_count(3)
    expect(other.prompt).to_have_value(SMALL["p"])
    assert other.get("text").all_inner_texts() == page.get("text").all_inner_texts()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    """With the form of a strategy and many draws open."""
    lang = "zh" if scheme == "dark" else "en"
    page = written(visit_page("compare", SMALL | {"lang": lang}, color_scheme=scheme))
    page.get("column-name").nth(2).click()
    page.get("edit-draws").click()
    written(page)
    page.get("column-name").first.click()
    assert page.violations() == []


def test_no_sliver_of_a_words_colour_is_left_at_the_end_of_a_line(visit_page: VisitPage) -> None:
    """The space before a word that begins a line takes no room on the line above."""
    page = visit_page("compare", {"lang": "en", "p": "The capital of France is"})
    expect(page.page.locator("[role=progressbar]")).to_be_hidden()
    pieces = page.eval_root("""[...root.querySelectorAll(".w")].filter((word) => word.getClientRects().length > 1)
      .map((word) => word.getClientRects()[0].width)""")
    assert len(pieces) > 10  # words that begin a line
    assert [width for width in pieces if 0.1 < width < 7] == []
