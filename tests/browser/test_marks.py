"""What the marks on chips and bars mean, in a real browser: a key, a hint after a space, pieces of words."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_bars_have_one_key(visit: Visit, lang: str, width: int) -> None:
    """Every mark is named, and nothing of it is clipped."""
    screen = visit({"lang": lang}, viewport={"width": width, "height": 900})
    key = screen.get("bar-key")
    expect(key).to_have_count(1)
    names = [translate(f"panel.distribution.key.{name}", lang) for name in ("model", "others", "cut", "piece")]
    expect(key.locator("span")).to_have_text(names)
    expect(key.locator("i")).to_have_count(5)
    clipped = key.evaluate("""(key) => [...key.querySelectorAll('span')].filter((entry) =>
        entry.scrollWidth > entry.clientWidth || entry.getBoundingClientRect().right
        > key.getBoundingClientRect().right + 0.5 || entry.getBoundingClientRect().bottom
        > key.getBoundingClientRect().bottom + 0.5).map((entry) => entry.textContent)""")
    assert clipped == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_trailing_space_gives_a_hint(visit: Visit, lm: LanguageModel, lang: str) -> None:
    """Above the bars, where a line stands anyway: nothing moves while one types."""
    screen = visit({"lang": lang, "p": "The cat sat"})
    beside = screen.page.locator(".dist .panel-head small")
    hint = translate("panel.distribution.space", lang)
    before = screen.get("bar").first.bounding_box()
    for text, hinted in (("The cat sat ", True), ("The cat sat on", False), ("The cat sat on ", True)):
        screen.write(text)
        screen.drawn(lm.tokenizer.encode(text))
        (expect(beside).to_have_text if hinted else expect(beside).not_to_have_text)(hint)
        assert screen.get("bar").first.bounding_box() == before
    screen.get("chip").nth(1).click()  # what is looked at is no space any more
    expect(beside).not_to_have_text(hint)


def test_pieces_of_words_are_marked(visit: Visit, lm: LanguageModel) -> None:
    """A chip that goes on the word before it; a bar that would. Chinese needs no mark."""
    text = "The unbelievable keeper 人工智能"
    screen = visit({"p": text, "top_p": 1})
    tokens = [lm.tokenizer.token_bytes(i).decode(errors="replace") for i in lm.tokenizer.encode(text)]
    ascii_letter = re.compile("[A-Za-z]")
    wanted = [i for i in range(1, len(tokens)) if ascii_letter.match(tokens[i][0]) and tokens[i - 1][-1:].isalpha()]
    marked = screen.get("chip").evaluate_all("all => all.flatMap((c, i) => c.classList.contains('joins') ? [i] : [])")
    assert marked == wanted
    assert len(wanted) >= 2
    screen.get("chip").nth(wanted[0]).hover()
    expect(screen.page.locator(".chip-readout")).to_contain_text(translate("chips.joins", "en"))
    screen.get("chip").nth(wanted[0]).click()
    expect(screen.page.locator(".gv[data-waiting]")).to_have_count(0)  # the bars are those after that chip
    bars = screen.page.locator(".bars .bar:not(.vacant)[data-id]")
    for bar in bars.all():
        piece = lm.tokenizer.token_bytes(int(bar.get_attribute("data-id") or -1)).decode(errors="replace")
        assert ("joins" in (bar.get_attribute("class") or "").split()) == bool(ascii_letter.match(piece)), piece
    assert screen.page.locator(".bars .bar.joins:not(.vacant)").count() >= 1
