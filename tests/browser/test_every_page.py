"""What holds on every page: no sideways scroll, paper, zoom, stillness, terms marked once. Each is opened once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from gptviz.glossary import terms
from gptviz.ui.layout import PAGES
from tests.browser.any_page import AnyPage
from tests.browser.conftest import VisitPage, visiting

pytestmark = pytest.mark.browser

EVERY = ["", *list(PAGES.values())[1:]]
#: Fills a bar to its end, and has words in it that are terms elsewhere.
TEXT = "The token key sat on the mat. The token key sat on the"
A4 = {"width": 720, "height": 1018}  # what is left of A4 upright, in CSS pixels

#: What is cut off at the right: its box ends outside the page, or more lies in it than it shows.
LOST = """(() => {
  const lost = [];
  for (const node of root.querySelectorAll("section, table, .col, canvas, svg, .bars, .chips, .pipe-columns, .top")) {
    if (!node.checkVisibility()) continue;
    const box = node.getBoundingClientRect();
    if (box.right > innerWidth + 1) lost.push(["outside", node.getAttribute("class") || node.tagName]);
    const { overflowX } = getComputedStyle(node);
    if (overflowX !== "visible" && node.scrollWidth > node.clientWidth + 1 && node.clientWidth)
      lost.push(["cut", node.getAttribute("class") || node.tagName]);
  }
  return lost;
})()"""

#: Words and numbers that are cut off without a sign of it: one that lost a digit reads as another number.
SHORTENED = """[...root.querySelectorAll("*")].filter((node) => {
  if (!node.checkVisibility() || node.clientWidth < 4) return false;
  const { overflowX, textOverflow } = getComputedStyle(node);
  const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
  return own && /hidden|clip/.test(overflowX) && textOverflow !== "ellipsis" && node.scrollWidth > node.clientWidth + 1;
}).map((node) => [node.className, node.textContent])"""
#: Boxes with an edge that fades, where more lies behind it and it does not fade, or the other way round.
UNMARKED = """[...root.querySelectorAll(".edged")].filter((box) => box.checkVisibility()
  && (box.hasAttribute("data-right") !== box.scrollWidth - box.clientWidth - box.scrollLeft > 2
    || box.hasAttribute("data-below") !== box.scrollHeight - box.clientHeight - box.scrollTop > 2))
  .map((box) => box.className)"""
#: Cards whose menu is not at their right edge, in the first line of its head.
STRAYED = """[...root.querySelectorAll(".card > .head > .more:last-child")].filter((more) => {
  if (!more.checkVisibility()) return false;
  const boxes = [more, more.parentElement, more.closest(".card")].map((node) => node.getBoundingClientRect());
  const [box, head, card] = boxes;
  return card.right - box.right > 24 || card.right < box.right || box.top - head.top > 14;
}).map((more) => more.closest(".card").className)"""

MOVING = """[...root.querySelectorAll("*")].filter((node) => {
  const { transitionDuration, animationName } = getComputedStyle(node);
  return animationName !== "none" || transitionDuration.split(",").some((time) => parseFloat(time) > 0);
}).map((node) => node.className)"""
#: By card: the terms marked in it, those of all cards of one kind as one list.
MARKED = """(() => {
  const kinds = {};
  for (const card of root.querySelectorAll(".card")) {
    const found = [...card.querySelectorAll(".gloss")].map((mark) => mark.dataset.gloss);
    kinds[card.className] = [...(kinds[card.className] ?? []), ...found];
  }
  return kinds;
})()"""
#: Where everything lies that is no mark, to a tenth of a pixel.
LAID = """[...root.querySelectorAll(".grid *:not(.gloss, svg *)")].map((node) => {
  const { left, top, width, height } = node.getBoundingClientRect();
  return [left, top, width, height].map((x) => x.toFixed(1)).join();
})"""
WITHOUT = "[...root.querySelectorAll('.gloss')].forEach((mark) => mark.replaceWith(...mark.childNodes))"


@pytest.fixture(scope="module", params=EVERY)
def opened(request: pytest.FixtureRequest, chromium: Browser, app_url: str) -> Iterator[AnyPage]:
    """Every page in turn; who looks at it gives the window its size first, and leaves it as it was but for that."""
    with visiting(chromium, app_url) as visit:
        page = visit(request.param, {"lang": "en", "p": TEXT}, reduced_motion="reduce")
        expect(page.page.locator("[role=progressbar]")).to_be_hidden()
        yield page


def test_it_is_not_wider_than_its_window(opened: AnyPage) -> None:
    """From a small phone to a projector."""
    for width in (320, 390, 768, 1024, 1440, 1920):
        opened.resize(width, 900)
        assert max(opened.widths()) <= 0, width


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_what_is_cut_says_so_and_menus_lie_in_the_corner(opened: AnyPage, width: int) -> None:
    """A word goes on behind an ellipsis or an edge that fades, no number loses a digit, each ⋯ is where others are."""
    opened.resize(width, 900)
    opened.page.wait_for_timeout(200)  # edges are looked after in the frame after the one that drew
    assert opened.eval_root(SHORTENED) == []
    assert opened.eval_root(UNMARKED) == []
    assert opened.eval_root(STRAYED) == []


def test_nothing_moves_where_less_motion_is_asked_for(opened: AnyPage) -> None:
    assert opened.eval_root(MOVING) == []


@pytest.mark.parametrize("zoom", [2, 4])
def test_enlarged_it_scrolls_down_only(opened: AnyPage, zoom: int) -> None:
    """A window of 1440 x 900 is one of 720 x 450 CSS pixels at 200 %, of 360 x 225 at 400 %: all can be reached."""
    opened.resize(1440 // zoom, 900 // zoom)
    assert max(opened.widths()) <= 0
    # what holds a text has room for one line at least
    flat = opened.eval_root("""[...root.querySelectorAll("section")].filter((card) => card.checkVisibility()
      && card.getBoundingClientRect().height < 30).map((card) => card.className)""")
    assert flat == []
    last = opened.page.locator("section:visible").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()


def test_paper_keeps_all_columns(opened: AnyPage) -> None:
    """On upright paper nothing is cut, and there is no button to press."""
    opened.resize(**A4)
    opened.page.emulate_media(media="print")
    assert opened.eval_root(LOST) == []
    assert opened.page.locator(".btn").evaluate_all("all => all.filter((e) => e.checkVisibility()).length") == 0
    expect(opened.page.get_by_test_id("stPopoverButton").first).to_be_hidden()
    opened.page.emulate_media(media="screen")


def test_terms_are_marked_once_and_move_nothing(opened: AnyPage) -> None:
    """The last: it takes the marks away."""
    opened.resize(1440, 900)
    expect(opened.page.locator(".gloss").first).to_be_attached()
    kinds = opened.eval_root(MARKED)
    assert any(kinds.values())
    for name, keys in kinds.items():
        assert len(keys) == len(set(keys)), name
        assert set(keys) <= terms("en").keys()
    marked = ".chip .gloss, .prompt-card textarea .gloss, button .gloss, a .gloss"
    assert opened.page.locator(marked).count() == 0
    laid = opened.eval_root(LAID)
    opened.eval_root(WITHOUT)
    assert opened.eval_root(LAID) == laid


def test_strips_drawn_for_a_screen_fit_the_paper(visit_page: VisitPage) -> None:
    """Paper is laid out without being drawn anew: a strip as wide as it was on the screen would be cut."""
    opened = visit_page("embeddings", {"lang": "en"}, viewport=A4, reduced_motion="reduce")
    opened.page.emulate_media(media="print")
    fits = """[...root.querySelectorAll(".strip-canvas")].map((canvas) => {
      Object.assign(canvas.style, { width: "650px", height: "92px" });
      const [inner, outer] = [canvas.getBoundingClientRect(), canvas.parentElement.getBoundingClientRect()];
      return Math.max(Math.abs(inner.width - outer.width), Math.abs(inner.height - outer.height)) < 1;
    })"""
    assert set(opened.eval_root(fits)) == {True}
