"""The views in a real browser: picking heads, positions and stages, and numbers that are those of the library."""

from __future__ import annotations

import csv
import math
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from gptviz.decoding import Sample, stages
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from tests.browser.conftest import Visit
from tests.browser.first_screen import FirstScreen

pytestmark = pytest.mark.browser

PROMPTS = {"en": "The cat sat on the", "zh": "人工智能是一门新的"}


def percent(p: float) -> str:
    """A probability as the screen writes it."""
    return f"{p * 100:.1f}%" if 0.0005 <= p <= 0.9995 else "<0.1%" if p < 0.0005 else ">99.9%"


@pytest.mark.parametrize("lang", sorted(PROMPTS))
def test_numbers_on_the_screen_are_the_librarys(visit: Visit, lm: LanguageModel, lang: str) -> None:
    text, layer, head = PROMPTS[lang], 2, 3
    trace = lm.trace(text)
    T = len(trace)
    screen = visit({"lang": lang, "p": text, "layer": layer, "head": head, "t": 0.7, "top_k": 0, "top_p": 0.9})
    screen.drawn(trace.ids)

    final = stages(trace.logits_at(-1), Sample(temperature=0.7, top_p=0.9), trace.ids)[-1].probs
    top = int(final.argmax())
    bar = screen.get("bar").nth(0)
    expect(bar).to_have_attribute("data-id", str(top))
    assert bar.locator(".bar-number").inner_text() == percent(float(final[top]))
    entropy = -float((final[final > 0] * np.log2(final[final > 0])).sum())
    assert f"{entropy:.2f}" in screen.page.locator(".kpi").nth(0).inner_text()

    pattern = trace.pattern[layer, head, -1]
    key = int(pattern.argmax())
    cell = screen.get("cell")
    assert cell.locator("p .strong").inner_text() == f"{pattern[key]:.3f}"
    score = float(trace.q[layer, head, -1] @ trace.k[layer, head, key]) / math.sqrt(lm.config.head_dim)
    written = cell.locator("p").first.inner_text().replace("−", "-")
    assert float(written.split()[-1]) == pytest.approx(score, rel=1e-3)
    assert f"√{lm.config.head_dim}" in written

    for pos in (1, T - 1):
        screen.get("chip").nth(pos).hover()
        bits = -float(trace.logprobs[pos]) / math.log(2)
        expect(screen.page.locator(".chip-readout")).to_contain_text(f"{bits:.1f} {translate('chips.bits', lang)}")
    assert [chip.locator(".i").inner_text() for chip in screen.get("chip").all()] == [str(i) for i in trace.ids]


def test_mosaic_picks_a_head(visit: Visit, lm: LanguageModel) -> None:
    """By mouse: the pickers and the cell show the head that stood under the pointer. By keyboard: its neighbour."""
    screen = visit({"p": PROMPTS["en"]})
    trace = lm.trace(PROMPTS["en"])
    mosaic = screen.get("mosaic")
    box = mosaic.bounding_box()
    assert box is not None
    seen = set()
    for across, down in ((0.75, 0.35), (0.35, 0.75)):
        spot = {"x": box["width"] * across, "y": box["height"] * down}
        mosaic.hover(position=spot)  # type: ignore[arg-type]
        named = screen.page.locator(".mosaic .readout").inner_text()
        mosaic.click(position=spot)  # type: ignore[arg-type]
        layer, head = map(int, re.findall(r"\d+", named))
        assert named == translate("panel.mosaic.head", "en", layer=layer, head=head)
        expect(screen.get("layer")).to_have_value(str(layer))
        expect(screen.get("head")).to_have_value(str(head))
        shows_weight(screen, float(trace.pattern[layer, head, -1].max()))
        seen.add((layer, head))
    assert len(seen) == 2
    layer, head = screen.head()
    mosaic.press("ArrowRight")
    expect(screen.get("head")).to_have_value(str(head + 1))
    assert screen.head() == (layer, head + 1)
    shows_weight(screen, float(trace.pattern[layer, head + 1, -1].max()))
    assert screen.ids() == list(trace.ids)  # arrows there do not step
    screen.get("layer").select_option("0")
    screen.get("head").select_option("1")
    shows_weight(screen, float(trace.pattern[0, 1, -1].max()))


def shows_weight(screen: FirstScreen, weight: float) -> None:
    expect(screen.get("cell").locator("p .strong")).to_have_text(f"{weight:.3f}")


def test_stages_of_the_computation(visit: Visit, lm: LanguageModel) -> None:
    """Each stage shows that stage's value of the chosen cell under the picture."""
    screen = visit({"p": PROMPTS["en"], "layer": 1, "head": 1})
    trace = lm.trace(PROMPTS["en"])
    key = int(trace.pattern[1, 1, -1].argmax())
    score = float(trace.scores[1, 1, -1, key])
    values = {"raw": score * math.sqrt(lm.config.head_dim), "scores": score, "masked": score,
              "pattern": float(trace.pattern[1, 1, -1, key])}  # fmt: skip
    for stage, value in values.items():
        button = screen.get(f"stage-{stage}")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        written = f"{value:.3f}" if stage == "pattern" else f"{abs(value):.2f}"
        expect(screen.page.locator(".att .readout")).to_contain_text(written)
    assert screen.page.locator(".switch [aria-pressed=true]").count() == 1


def test_a_chip_selects_its_position_everywhere(visit: Visit, lm: LanguageModel) -> None:
    screen = visit({"p": PROMPTS["en"]})
    trace = lm.trace(PROMPTS["en"])
    screen.get("chip").nth(1).click()
    expect(screen.get("chip").nth(1)).to_have_attribute("aria-pressed", "true")
    follows = screen.page.locator(".bar.actual")
    expect(follows).to_have_attribute("data-id", str(trace.ids[2]))
    layer, head = screen.head()
    shows_weight(screen, float(trace.pattern[layer, head, 1, :2].max()))
    follows.click(force=True)  # what follows is fixed: nothing is chosen there
    screen.get("chip").nth(1).press("ArrowRight")
    expect(screen.get("chip").nth(2)).to_have_attribute("aria-pressed", "true")
    expect(follows).to_have_attribute("data-id", str(trace.ids[3]))
    screen.get("attention").press("ArrowUp")
    expect(screen.get("chip").nth(1)).to_have_attribute("aria-pressed", "true")
    screen.get("chip").last.click()
    expect(screen.page.locator(".bar.drawn")).to_have_count(1)
    assert screen.ids() == list(trace.ids)


def test_pointing_at_a_chip_lights_its_row_and_column(visit: Visit) -> None:
    screen = visit({"p": PROMPTS["en"], "pos": 1, "key": 2})
    # position 1 may not look at position 2: the weight is 0 by the mask, and no number is made up
    expect(screen.get("cell").locator("p .strong")).to_have_text("0")
    expect(screen.get("cell")).to_contain_text("−∞")
    screen.get("chip").nth(1).hover()
    expect(screen.get("chip").nth(1)).to_have_class(re.compile(r"\blit\b"))
    before = screen.get("attention").screenshot()
    screen.get("chip").nth(3).hover()
    expect(screen.get("chip").nth(3)).to_have_class(re.compile(r"\blit\b"))
    assert screen.get("attention").screenshot() != before


def test_each_panel_gives_its_reading_its_table_and_its_python(visit: Visit) -> None:
    screen = visit({"p": PROMPTS["en"], "path": "264"})
    titles = set()
    buttons = screen.get("more")
    for more in buttons.all():
        more.click()
        dialog = screen.page.locator("dialog[open]")
        titles.add(dialog.get_attribute("aria-label"))
        assert dialog.locator(".reading").inner_text() != ""
        rows = dialog.locator("tbody tr").count()
        assert rows >= 1
        for source in dialog.locator("pre").all_inner_texts():
            compile(source, "<copied>", "exec")
        with screen.page.expect_download() as download:
            dialog.get_by_role("button", name=translate("menu.csv", "en")).click()
        saved = download.value.path().read_text(encoding="utf-8-sig")
        assert len(list(csv.reader(saved.splitlines()))) == rows + 1
        screen.page.keyboard.press("Escape")
    assert len(titles) == buttons.count() >= 7
