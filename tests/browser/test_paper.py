"""Paper, zoom and stillness: print keeps all columns, 200 and 400 % lose nothing, reduced motion moves nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.ui.layout import PAGES
from tests.browser.any_page import AnyPage
from tests.browser.conftest import VisitPage

pytestmark = pytest.mark.browser

EVERY = ["", *list(PAGES.values())[1:]]
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

MOVING = """[...root.querySelectorAll("*")].filter((node) => {
  const { transitionDuration, animationName } = getComputedStyle(node);
  return animationName !== "none" || transitionDuration.split(",").some((time) => parseFloat(time) > 0);
}).map((node) => node.className)"""


@pytest.mark.parametrize("path", EVERY)
def test_paper_zoom_and_less_motion(visit_page: VisitPage, path: str) -> None:
    opened = visit_page(path, {"lang": "en"}, viewport=A4, reduced_motion="reduce")
    expect(opened.page.locator("[role=progressbar]")).to_be_hidden()
    assert opened.eval_root(MOVING) == []
    for zoom in (2, 4):
        scrolls_down_only(opened, zoom)
    opened.page.set_viewport_size(A4)
    keeps_all_columns(opened)


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


def keeps_all_columns(opened: AnyPage) -> None:
    """On upright paper nothing is cut, and there is no button to press."""
    opened.page.emulate_media(media="print")
    assert opened.eval_root(LOST) == []
    assert opened.page.locator(".btn").evaluate_all("all => all.filter((e) => e.checkVisibility()).length") == 0
    expect(opened.page.get_by_test_id("stPopoverButton").first).to_be_hidden()


def scrolls_down_only(opened: AnyPage, zoom: int) -> None:
    """A window of 1440 x 900 is one of 720 x 450 CSS pixels at 200 %, of 360 x 225 at 400 %: all can be reached."""
    opened.page.set_viewport_size({"width": 1440 // zoom, "height": 900 // zoom})
    opened.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    wide = opened.page.evaluate("""() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
      .map((box) => box.scrollWidth - box.clientWidth)""")
    assert max(wide) <= 0
    # what holds a text has room for one line at least
    flat = opened.eval_root("""[...root.querySelectorAll("section")].filter((card) => card.checkVisibility()
      && card.getBoundingClientRect().height < 30).map((card) => card.className)""")
    assert flat == []
    last = opened.page.locator("section:visible").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
