"""Behind each ⋯: the reading, the table, a picture, the link and the Python, on every page."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import expect

from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.ui.layout import PAGES
from tests.browser.any_page import AnyPage
from tests.browser.conftest import VisitPage
from tests.browser.test_training import SMALL, trained

pytestmark = pytest.mark.browser

# a text with two branches, another beside it, and a die that was rolled
PROMPT = {"p": "The cat sat on the", "b": "The cat sat on a", "rolls": 10,
          "path": "3752.44.578", "branches": "1.46.3208", "at": 2}  # fmt: skip
#: Panels of which the message has no Python yet.
WITHOUT_PYTHON = {"path.title"}
#: Menus of pages that have more once something has been run: see their own tests.
BEFORE_A_RUN = {"tuning": 2, "robustness": 3, "forgetting": 2, "alignment": 1}
SVG = "{http://www.w3.org/2000/svg}"


def press(page: AnyPage, key: str, folder: Path) -> Path:
    """Press a button of the open sheet and give the file that it saves."""
    with page.page.expect_download() as saved:
        page.page.get_by_role("button", name=translate(key, "en"), exact=True).click()
    path = folder / saved.value.suggested_filename
    saved.value.save_as(path)
    return path


@pytest.mark.parametrize("name", PAGES)
def test_every_menu_holds_what_was_promised(visit_page: VisitPage, name: str) -> None:
    page = visit_page("" if name == "next_token" else PAGES[name], PROMPT | (SMALL if name == "training" else {}))
    bare = {translate(key, "en") for key in WITHOUT_PYTHON}
    if name == "compare":
        page.get("run").click()
        expect(page.page.locator(".col-text:not(.draft)")).to_have_count(6, timeout=60_000)
        page.settled()
    if name == "training":  # which has something to tell once there is a model
        trained(page)
        expect(page.get("next-row").first).to_be_visible()
    if name == "room":  # which has something to tell once a round is over in which hands were raised
        for button in ("open", "ask", "hands"):
            page.get(button).click()
        page.get("raised").first.fill("3")
        page.get("raised").first.press("Tab")
        expect(page.page.locator(".tally-number").first).to_contain_text("3 ·")
        for button in ("close", "reveal"):
            page.get(button).click()
        expect(page.get("came")).to_be_visible()
    if name == "deploy":  # which measures first
        for card in (".forms-card", ".answer-card"):
            expect(page.page.locator(f"{card} [data-testid=more]")).to_be_visible(timeout=60_000)
    opened = 0
    for more in page.get("more").all():
        if not more.is_visible():
            continue
        more.click()
        sheet = page.page.locator("dialog.sheet")
        title = sheet.get_attribute("aria-label") or ""
        assert sheet.locator(".reading").inner_text().strip(), title
        expect(sheet.locator("tbody tr").first).to_be_attached()
        wanted = ["menu.csv", "menu.json", "menu.png", "menu.svg", "menu.link"]
        if name not in ("model", "room") and title not in bare:
            wanted.append("menu.python")
        said = sheet.locator(".actions").inner_text()
        assert [key for key in wanted if translate(key, "en") not in said] == [], title
        page.page.keyboard.press("Escape")
        opened += 1
    assert opened >= BEFORE_A_RUN.get(name, 3)
    assert page.troubles == []


def test_a_panel_of_html_is_saved_as_it_is_seen(visit_page: VisitPage, tmp_path: Path) -> None:
    """The tokens as an SVG with each label where it stands and its colour behind it, and as a PNG twice as fine."""
    page = visit_page("surprisal", {"p": "The cat <b> sat", "b": ""})
    page.get("more").nth(1).click()
    png = press(page, "menu.png", tmp_path).read_bytes()
    drawing = ElementTree.parse(press(page, "menu.svg", tmp_path)).getroot()
    width, height = float(drawing.attrib["width"]), float(drawing.attrib["height"])
    assert png.startswith(b"\x89PNG")
    assert [int.from_bytes(png[at : at + 4]) for at in (16, 20)] == [2 * width, 2 * height]
    page.page.keyboard.press("Escape")
    chips = page.page.locator(".chips-card .chip, [data-testid=word]").all()
    labels = [chip.locator(".t span").inner_text() for chip in chips]
    said = [text.text or "" for text in drawing.iter(f"{SVG}text")]
    assert labels
    assert set(labels) <= set(said)
    boxes = [chip.bounding_box() for chip in chips]
    drawn = [rect for rect in drawing.iter(f"{SVG}rect") if rect.attrib.get("fill", "").startswith("rgb")]
    wide = {round(float(rect.attrib["width"])) for rect in drawn}
    assert {round(box["width"]) for box in boxes if box} - wide == set()
    assert not re.search(r"color-mix|var\(|color\(srgb", ElementTree.tostring(drawing, encoding="unicode"))


def test_a_canvas_is_saved_as_a_drawing_of_the_same_numbers(visit_page: VisitPage, tmp_path: Path) -> None:
    """One cell for each pair that may look, each struck out that may not, every label; heads as images, each framed."""
    page = visit_page("", {"p": "The cat sat on the", "lang": "en"})
    saved = {}
    for panel in ("attention", "mosaic", "mask"):
        page.get(panel).evaluate("(node) => node.closest('figure, .card').querySelector('[data-testid=more]').click()")
        assert press(page, "menu.png", tmp_path).read_bytes().startswith(b"\x89PNG")
        saved[panel] = ElementTree.parse(press(page, "menu.svg", tmp_path)).getroot()
        page.page.keyboard.press("Escape")
    cells = [rect for rect in saved["attention"].iter(f"{SVG}rect") if rect.attrib["fill"].startswith("rgb")]
    assert len(cells) == 5 * 6 / 2
    struck = [path.attrib["d"].count("M") for path in saved["attention"].iter(f"{SVG}path")]
    assert 5 * 4 / 2 in struck
    said = [text.text or "" for text in saved["attention"].iter(f"{SVG}text")]
    assert said.count("1.00") >= 1  # the first token can only look at itself
    assert {"The", "cat", "sat", "on", "the"} <= set(said)
    assert len(list(saved["mosaic"].iter(f"{SVG}image"))) == 8 * 6
    assert {f"L{i}" for i in range(8)} | {f"H{i}" for i in range(6)} <= {
        t.text for t in saved["mosaic"].iter(f"{SVG}text")
    }
    assert len(list(saved["mask"].iter(f"{SVG}image"))) == 1


def test_the_link_of_a_panel_brings_the_page_back(visit_page: VisitPage) -> None:
    page = visit_page("surprisal", PROMPT)
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get("more").first.click()
    sheet = page.page.locator("dialog.sheet")
    sheet.get_by_role("button", name=translate("menu.link", "en"), exact=True).click()
    expect(page.page.locator(".actions .done")).to_have_text(translate("menu.copied", "en"))
    link = page.page.evaluate("navigator.clipboard.readText()")
    page.page.goto(link)
    page.settled()
    expect(page.prompt).to_have_value(PROMPT["p"])
    expect(page.get("prompt-b")).to_have_value(PROMPT["b"])


def test_the_matrix_of_a_long_text_is_saved_exact(visit_page: VisitPage, lm: LanguageModel, tmp_path: Path) -> None:
    """On the screen its weights come in steps of 1/10,000; behind ⋯ every number is the model's own."""
    text = "The old man and the sea were friends for many years, and nobody knew how they had met. " * 4
    page = visit_page("", {"p": text, "layer": 2, "head": 3})
    page.page.locator(".panel.att").get_by_test_id("more").first.click()
    page.page.locator("dialog.sheet tbody tr").first.wait_for(state="attached")
    rows = list(csv.reader(press(page, "menu.csv", tmp_path).read_text("utf-8-sig").splitlines()))[1:]
    pattern = lm.trace(text).pattern_of(2, 3)
    assert len(rows) == len(pattern) > 64
    saved = np.array([[float(cell or "nan") for cell in row[1:]] for row in rows])
    below = np.tri(len(pattern), dtype=bool)
    np.testing.assert_array_equal(np.isnan(saved), ~below)
    np.testing.assert_allclose(saved[below], pattern[below], atol=1e-6)
    assert np.abs(saved[below] * 1e4 % 1).max() > 0.01  # in no steps
    page.page.keyboard.press("Escape")
    page.page.get_by_test_id("attention").hover()
    expect(page.page.locator(".att .readout")).to_contain_text("→")
    assert page.troubles == []
