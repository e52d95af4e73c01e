"""The training page in Chromium: a model is trained by a click, answers while it learns, and opens on another page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gptviz.i18n import translate
from tests.browser.any_page import AnyPage
from tests.browser.conftest import VisitPage

pytestmark = pytest.mark.browser

SMALL = {"source": "names", "steps": 30, "n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 32, "batch_size": 4}
SIZES = ((1440, 900), (1024, 768), (390, 844), (320, 700))
TOO_WIDE = """[...root.querySelectorAll(".card, button, select, input")].filter((node) => {
  const box = node.getBoundingClientRect();
  const scrolls = node.closest(".examples, .presets");
  return box.width && !scrolls && (box.right > innerWidth + 1 || box.left < -1);
}).map((node) => node.className || node.tagName)"""


def trained(page: AnyPage) -> AnyPage:
    """Press the button, and wait until it is done."""
    page.get("start-training").click()
    expect(page.get("job-state")).to_contain_text(translate("training.state.done", "en", steps="30"), timeout=180_000)
    return page


@pytest.mark.slow
def test_a_click_trains_a_model_that_opens_elsewhere_for_its_owner_alone(visit_page: VisitPage) -> None:
    page = trained(visit_page("training", SMALL | {"lang": "en", "p": "an"}))
    expect(page.get("loss").locator("path.line")).to_have_count(2)
    expect(page.get("next-row").first).to_be_visible()
    expect(page.get("head-grid").locator("span")).to_have_count(2)
    expect(page.get("samples").locator("li").first).to_be_visible()
    page.page.reload()  # its owner is known again
    expect(page.get("job-state")).to_be_visible()
    link = page.get("open-model").get_attribute("href")
    assert link is not None
    page.page.goto(page.url + link.removeprefix("./"))
    page.settled()
    expect(page.page.get_by_text(translate("toolbar.trained", "en", source="Names")).first).to_be_visible()
    stranger = visit_page("", {"lang": "en", "model": re.findall(r"model=([^&]*)", link)[0].replace("%2F", "/")})
    expect(stranger.page.get_by_text("trained/", exact=False).first).to_be_visible()  # what the link asks for
    assert "Names" not in stranger.page.get_by_test_id("stMain").inner_text()
    back = page.open("training", lang="en")
    with back.page.expect_download() as saved:
        back.get("job-save").click()
    assert saved.value.suggested_filename.endswith(".zip")
    back.get("job-delete").click()
    expect(back.get("job-state")).to_be_hidden()


@pytest.mark.slow
def test_a_part_of_the_steps_is_looked_at_and_a_head_chosen(visit_page: VisitPage) -> None:
    """Drawn across by mouse, typed by keyboard, and back to all of it; a head by a press."""
    page = visit_page("training", SMALL | {"lang": "en", "log_x": "0"})
    expect(page.get("loss").locator(".guide")).to_have_count(2)  # before the start: ln V and the floor
    expect(page.get("texts").locator("li")).to_have_count(3)
    trained(page)
    expect(page.get("to_step")).to_have_value("30")
    plot = page.get("loss").locator(".plot-box")
    box = plot.bounding_box()
    assert box is not None
    page.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 60)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 70, steps=4)
    expect(page.page.locator(".zoom-band")).to_be_visible()
    page.page.mouse.up()
    expect(page.get("all-steps")).to_be_visible()
    expect(page.get("from_step")).not_to_have_value("0")
    assert 5 < int(page.get("from_step").input_value()) < int(page.get("to_step").input_value()) < 30
    page.get("all-steps").press("Enter")
    expect(page.get("all-steps")).to_be_hidden()
    page.get("from_step").fill("20")
    page.get("from_step").press("Enter")
    expect(page.get("all-steps")).to_be_visible()
    plot.dblclick()
    expect(page.get("from_step")).to_have_value("0")
    expect(page.get("live-attention").locator(".live-row").first).to_be_visible()
    for head in (0, 1):
        page.get("head-grid").locator("button").nth(head).press("Enter")
        expect(page.get("head-grid").locator("button").nth(head)).to_have_attribute("aria-pressed", "true")
        expect(page.get("which-head")).to_contain_text(f"head {head}")
    expect(page.get("alike")).to_be_visible()
    assert page.violations() == []
    for width, height in SIZES:
        page.resize(width, height)
        assert page.eval_root(TOO_WIDE) == [], width
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_overflows(visit_page: VisitPage, lang: str) -> None:
    page = visit_page("training", {"lang": lang})
    assert page.eval_root("root.getBoundingClientRect().bottom <= innerHeight")
    for width, height in SIZES:
        page.resize(width, height)
        assert page.eval_root(TOO_WIDE) == [], width
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violations(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page("training", {"lang": "zh" if scheme == "dark" else "en"}, color_scheme=scheme)
    page.page.locator(".choices summary").press("Enter")
    expect(page.get("n_layer")).to_be_visible()
    assert page.violations() == []


def test_a_preset_sets_the_choices_and_a_shape_that_cannot_be_is_said(visit_page: VisitPage) -> None:
    page = visit_page("training", {"lang": "en"})
    page.get("preset").nth(3).click()
    expect(page.get("source")).to_have_value("addition")
    page.page.locator(".choices summary").click()
    page.get("n_head").fill("5")
    page.get("n_head").press("Enter")
    expect(page.page.locator(".setup-card .note")).to_be_visible()
    expect(page.get("start-training")).to_be_disabled()


@pytest.mark.slow
def test_a_text_of_ones_own_is_sent_and_its_vocabulary_learnt(visit_page: VisitPage, tmp_path: Path) -> None:
    """In another encoding than UTF-8, which is said; then one that is no text, which is said too."""
    book = tmp_path / "cats.txt"
    book.write_bytes("the cat sat on the mat, 今天天气很好。\n".encode("gbk") * 400)
    page = visit_page("training", SMALL | {"lang": "en", "source": "own", "letters": "bpe", "learnt": "290"})
    expect(page.get("start-training")).to_be_disabled()
    page.get("own-file").set_input_files(book)
    expect(page.get("own-said")).to_contain_text("read as GB18030")
    trained(page)
    expect(page.get("merges")).to_contain_text("+")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00" * 99)
    page.get("own-file").set_input_files(tmp_path / "picture.png")
    expect(page.page.get_by_text(translate("error.jobs.text_binary", "en", file="picture.png"))).to_be_visible()
    expect(page.get("own-said")).to_contain_text("cats.txt")
