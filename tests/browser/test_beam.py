"""The beam page in a browser: the tree is drawn and can be walked, nothing overflows, everybody can use it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gptviz.decoding import Beam, beam_search
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from tests.browser.any_page import AnyPage
from tests.browser.conftest import VisitPage

pytestmark = pytest.mark.browser

SMALL = {"width": 2, "n": 4}  # a short search
SIZES = ((1440, 900), (1024, 768), (390, 844))
TOO_WIDE = """[...root.querySelectorAll(".card, button, select, input")].filter((node) => {
  const box = node.getBoundingClientRect();
  const scrolls = node.closest(".beam-tree-scroll, .examples, .presets");
  return box.width && !scrolls && (box.right > innerWidth + 1 || box.left < -1);
}).map((node) => node.className || node.tagName)"""


def found(page: AnyPage) -> AnyPage:
    """Wait until the search and those of the other widths are over."""
    expect(page.get("ladder-note")).to_have_text(re.compile(r"[.。]$"))
    return page


def test_the_tree_is_drawn_and_walked(visit_page: VisitPage, lm: LanguageModel) -> None:
    page = found(visit_page("beam", SMALL | {"p": "Once upon a time", "lang": "en"}))
    steps = list(beam_search(lm, "Once upon a time", Beam(2), max_new_tokens=4))
    expect(page.page.locator(".node")).to_have_count(4 * len(steps))
    expect(page.page.locator(".node.lead")).to_have_count(len(steps[-1].finished[0].tokens))
    page.get("tree").focus()
    page.page.locator("body").press("ArrowRight")  # from the whole to the first step
    expect(page.page.locator(".node:not(.ahead)")).to_have_count(4)
    expect(page.get("tree-small")).to_contain_text(translate("beam.at", "en", step=1, steps=4).lower())
    page.get("node").nth(3).click()
    last = max(step.total for step in steps[0].kept[-1:])
    expect(page.get("fate")).to_contain_text(f"{last:.2f}".replace("-", "−"))  # the last kept
    page.page.locator(".node.chosen").press("ArrowUp")
    expect(page.page.locator(".node.chosen")).to_have_attribute("data-id", "2")
    page.get("whole").click()
    expect(page.page.locator(".node.ahead")).to_have_count(0)


def test_a_preset_and_a_control_search_again(visit_page: VisitPage) -> None:
    page = found(visit_page("beam", SMALL | {"p": "Once", "lang": "en"}))
    page.get("preset").first.click()
    expect(page.prompt).to_have_value("She opened the door and")
    expect(page.get("width")).to_have_value("4")
    found(page)
    page.get("width").fill("2")  # as it was before the preset
    expect(page.page.locator('[data-step="0"]')).to_have_count(4)
    found(page)
    page.page.locator(".ladder-card .line:not([aria-disabled])").nth(1).click()
    expect(page.get("width")).to_have_value("4")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_overflows(visit_page: VisitPage, lang: str) -> None:
    page = found(visit_page("beam", SMALL | {"lang": lang, "p": "The cat sat on the 垫子 " * 4}))
    assert page.eval_root("root.getBoundingClientRect().bottom <= innerHeight")
    for width, height in SIZES:
        page.resize(width, height)
        assert page.eval_root(TOO_WIDE) == [], width
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violations(visit_page: VisitPage, scheme: str) -> None:
    query = SMALL | {"lang": "zh" if scheme == "dark" else "en", "p": "The cat sat on the 垫子", "groups": 2}
    page = found(visit_page("beam", query, color_scheme=scheme))
    assert page.violations() == []


def test_the_tree_as_a_picture_and_a_table(visit_page: VisitPage, tmp_path: Path) -> None:
    """What was typed is shown as it is."""
    page = found(visit_page("beam", SMALL | {"lang": "en", "p": "<b>x</b> $y$ "}))
    assert page.page.locator(".gv b:text-is('x')").count() == 0
    page.page.locator(".tree-card").get_by_test_id("more").click()
    expect(page.page.locator(".sheet tbody tr")).to_have_count(16)
    with page.page.expect_download() as saved:
        page.page.get_by_role("button", name=translate("menu.png", "en")).click()
    saved.value.save_as(tmp_path / "tree.png")
    data = (tmp_path / "tree.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) > 5000
