"""Short and long prompts in a real browser: the matrix fills its panel, the chips take two lines."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from tests.browser.conftest import Visit
from tests.browser.first_screen import FirstScreen

pytestmark = pytest.mark.browser

LONG = (
    "The old keeper climbed the stairs of the lighthouse every evening, lit the lamp, and watched the ships pass by. "
    "Nobody had told him that the company would close the light in the spring, nor that the sea would take the road "
    "before the end of the year and leave him alone there."
)


def lit_at(screen: FirstScreen, across: float, down: float) -> list[int]:
    """The positions lit by pointing at a place of the matrix, in pixels from its corner (below zero: the other one)."""
    box = screen.get("attention").bounding_box()
    assert box is not None
    x, y = across % box["width"], down % box["height"]
    screen.page.mouse.move(box["x"] + x, box["y"] + y)
    screen.page.evaluate("() => new Promise(requestAnimationFrame)")
    return [int(str(chip.get_attribute("data-pos"))) for chip in screen.page.locator(".chip.lit").all()]


def overflow(screen: FirstScreen) -> list[int]:
    """By how much the matrix is wider and higher than what is seen of it."""
    found: Any = screen.eval_root("""(() => { const box = root.querySelector('.att-scroll');
        return [box.scrollWidth - box.clientWidth, box.scrollHeight - box.clientHeight]; })()""")
    return list(found)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("text", ["我", "Hi there", LONG, " ".join([LONG] * 4)])
def test_the_matrix_fills_its_panel(visit: Visit, text: str, width: int) -> None:
    """From one token to 245: the first row begins below the keys' names and the last ends at the panel's end."""
    screen = visit({"p": text}, viewport={"width": width, "height": 1000})
    last = len(screen.ids()) - 1
    screen.get("attention").scroll_into_view_if_needed()
    assert max(overflow(screen)) <= 0
    assert lit_at(screen, 110, -3.5) == [last]
    assert lit_at(screen, 110, 48.7) == [0]
    half = screen.get("attention").evaluate("(box) => 48 + (box.clientHeight - 51) / 2")
    assert abs(lit_at(screen, 110, half + 1)[0] - (last + 1) // 2) <= 1 + last // 60


def test_a_small_cell_tells_its_number_and_can_be_enlarged(visit: Visit, lm: LanguageModel) -> None:
    screen = visit({"p": LONG, "layer": 2, "head": 3})
    trace = lm.trace(LONG)
    (pos,) = lit_at(screen, 120, 150)
    told = screen.page.locator(".att .readout").inner_text()
    label = told.split(" → ")[0]
    assert label == screen.get("chip").nth(pos).locator(".t").inner_text()
    assert any(told.endswith(f"  {weight:.3f}") for weight in trace.pattern[2, 3, pos, : pos + 1])
    zoom = screen.get("zoom")
    expect(zoom).to_have_text(translate("panel.attention.zoom", "en"))
    zoom.click()
    expect(zoom).to_have_text(translate("panel.attention.whole", "en"))
    assert min(overflow(screen)) > 500
    assert lit_at(screen, 120, -5) == [len(trace) - 1]  # the chosen row came into view
    zoom.click()
    expect(zoom).to_have_text(translate("panel.attention.zoom", "en"))
    assert max(overflow(screen)) <= 0
    screen.write("Hi there")
    screen.drawn(lm.tokenizer.encode("Hi there"))
    expect(zoom).to_be_hidden()


def test_the_folded_are_counted_anew_when_a_font_comes_late(visit: Visit) -> None:
    """The chips' numbers are written in a font of their own, which the drawn chip has not."""
    held: list[Route] = []
    screen = visit(wait=False, viewport={"width": 390, "height": 900})
    screen.page.route("**/SourceCodeVF-Upright*", lambda route: held.append(route))
    screen.open(p=LONG)
    folded = """(list) => [...list.querySelectorAll('.chip')].map((chip) => chip.getBoundingClientRect())
        .filter((box) => box.top < list.getBoundingClientRect().top
                      || box.bottom > list.getBoundingClientRect().bottom).length"""
    wide = "(all) => all.reduce((sum, chip) => sum + chip.getBoundingClientRect().width, 0)"
    chips = screen.get("chips")
    expect(screen.get("fold")).to_have_text(f"+{chips.evaluate(folded)}")
    before = screen.get("chip").evaluate_all(wide), chips.evaluate(folded)
    assert held
    for route in held:
        route.continue_()
    screen.page.evaluate("document.fonts.ready.then(() => 0)")
    after = screen.get("chip").evaluate_all(wide), chips.evaluate(folded)
    assert before[0] != after[0]
    expect(screen.get("fold")).to_have_text(f"+{after[1]}")
    expect(screen.get("next")).to_be_in_viewport()


@pytest.mark.parametrize("width", [1440, 390])
def test_chips_take_two_lines_and_a_button_opens_the_rest(visit: Visit, width: int) -> None:
    screen = visit({"p": LONG}, viewport={"width": width, "height": 900})
    chips, fold = screen.get("chip"), screen.get("fold")
    seen = """(list) => [...list.querySelectorAll('.chip')].map((chip) => [chip, chip.getBoundingClientRect()])
        .filter(([, box]) => box.top >= list.getBoundingClientRect().top
                          && box.bottom <= list.getBoundingClientRect().bottom).map(([, box]) => box.top)"""
    screen.page.evaluate("document.fonts.ready.then(() => 0)")
    count = chips.count() + 1  # and the one that was drawn
    for _ in range(200):  # a font that has just come moves them once more
        tops = screen.get("chips").evaluate(seen)
        if fold.text_content() == f"+{count - len(tops)}":
            break
        screen.page.wait_for_timeout(100)
    assert len(set(tops)) == 2
    expect(fold).to_have_text(f"+{count - len(tops)}")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(screen.get("next")).to_be_in_viewport()
    chips.last.press("Home")  # by the keyboard each chip is reached, and seen
    expect(chips.first).to_be_in_viewport()
    expect(chips.first).to_have_class(re.compile(r"\bsel\b"))
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")
    assert len(screen.get("chips").evaluate(seen)) == count - 1  # nothing is drawn after the first
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "false")
    assert len(set(screen.get("chips").evaluate(seen))) == 2
    screen.write("Hi there")
    expect(fold).to_be_hidden()
