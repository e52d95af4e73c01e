"""Projector mode in a real browser: what matters is large, on one screen, and nothing that a teacher needs is gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from gptviz.ui.layout import FIRST, PAGES
from tests.browser.any_page import AnyPage
from tests.browser.conftest import Visit, visiting

pytestmark = pytest.mark.browser

BAR = ".bar:not(.vacant)"
BACK_ROW = (".prompt", ".chip .t", f"{BAR} .bar-word", f"{BAR} .bar-number", ".cell p", ".cum-words", ".node .l")
SIZES = [(1920, 1080), (1024, 768), (1366, 768)]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_matters_is_24_px_at_full_hd(visit: Visit, lang: str) -> None:
    """And the page has the whole width, after a reload too."""
    screen = visit({"lang": lang, "projector": "1"}, viewport={"width": 1920, "height": 1080})
    screen.page.reload()
    screen.finished()
    for what in BACK_ROW:
        sizes = screen.page.locator(what).evaluate_all("all => all.map(e => parseFloat(getComputedStyle(e).fontSize))")
        assert sizes, what
        assert min(sizes) >= 24, what
    assert screen.eval_root("root.getBoundingClientRect().width") >= 1840


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_prompt_bars_and_path_are_on_one_screen(visit: Visit, lang: str, size: tuple[int, int]) -> None:
    width, height = size
    screen = visit({"lang": lang, "projector": "1"}, viewport={"width": width, "height": height})
    for shown in ("prompt", "bar", "tail", "path"):
        for one in screen.get(shown).all():
            box = one.bounding_box()
            assert box is not None
            assert box["y"] >= 56, shown  # below the header
            assert box["y"] + box["height"] <= height, shown
    for needed in ("example", "share", "more", "seed"):
        expect(screen.get(needed).first).to_be_visible()
    expect(screen.page.locator(".legend-bits")).to_be_visible()
    assert screen.page.evaluate("document.documentElement.scrollWidth") <= width
    within = """(card) => [...card.querySelectorAll('*')].filter((e) => e.checkVisibility()
        && !e.closest('.att-scroll, .terms-box')
        && e.getBoundingClientRect().bottom > card.getBoundingClientRect().bottom + 1).map((e) => e.className)"""
    for card in (".attention-card", ".mosaic-card", ".distribution-card"):
        assert screen.page.locator(card).evaluate(within) == [], card


#: What the back row must read on each of the other pages, and what stands on the first screen of a full HD projector.
READ = {
    "training": (".prompt", ".cost dd"),
    "steps": (".prompt", ".pipe-label:not(.others) .l", ".pipe-cell .n", ".pipe-line b", ".token .l", ".node .l"),
    "temperature": (".prompt", f"{BAR}:not(.others) .bar-word", f"{BAR} .bar-number", ".formula", ".heat .kpi b"),
    "surprisal": (".prompt", ".text-verdict b", ".chain-bits", ".chain-formula", ".chip .t", f"{BAR} .bar-word"),
    "compare": (".prompt", ".col-name", ".w-text", ".cand:not(.vacant)"),
    "beam": (".prompt", ".node:not(.low) .token", ".term", ".sums", ".contest .words", ".contest .score"),
    "tokens": (
        ".prompt",
        ".film-part",
        ".film-merge",
        ".cost-tokens",
        ".letter-key",
        ".entry-label",
        ".language-count",
    ),
    "embeddings": (".prompt", ".strip-told", ".near-label", ".near-cosine", ".formula", ".position-said", ".turn-told"),
    "attention": (
        ".prompt",
        ".queries .chip .t",
        ".key-label",
        ".number",
        ".sum-title",
        ".terms-table td",
        ".sum-total",
    ),
    "heads": (".prompt", ".head-cell .n", f"{BAR} .bar-word", f"{BAR} .bar-number"),
    "stream": (
        ".prompt",
        ".lens-cell",
        ".lens-name",
        ".ledger-name",
        ".ledger-amount",
        ".ledger-sum",
        ".named",
        f"{BAR} .bar-word",
        f"{BAR} .bar-number",
    ),
    "what-if": (
        ".prompt",
        ".changes li",
        f"{BAR} .bar-word",
        f"{BAR} .bar-number",
        ".change-reading",
        ".patch-cell",
        ".patch-readout",
    ),
    "masks": (
        ".prompt",
        ".mask-facts dd",
        ".claim",
        ".claim-truth",
        ".fill-sentence",
        ".fill-word",
        ".fill-number",
        ".fill-says",
        f"{BAR} .bar-word",
    ),
    "limits": (".prompt", ".limit-text p", ".limit-word", ".limit-reading"),
    "series": (".series-reading", ".series-changed", ".series-facts dd", ".kind-models .pill"),
    "uses": (".prompt", ".use-text", ".use-what", ".use-honest"),
    "room-teacher": (".prompt", ".door-closed p", ".tally-empty"),  # its rounds: in test_room.py
    "snapshots": (
        ".prompt",
        ".moment-facts dd",
        ".written-text",
        ".head-cell",
        f"{BAR} .bar-word",
        f"{BAR} .bar-number",
    ),
    "one-step": (".prompt", ".target-name", ".target-cost", ".logit-row b", ".update-value", ".weight-name"),
    "origins": (".prompt", ".origin-choice b", ".origin-table td", ".origin-bits b"),
    "tuning": (".prompt", ".cost dd"),
    "forgetting": (".prompt", ".stage-name", ".said-words"),
    "prompting": (".prompt", ".read-body", f"{BAR} .bar-word", f"{BAR} .bar-number"),
    "robustness": (".prompt", ".copy-list dd", ".trial-said", ".cost dd"),  # an attack: in test_robustness.py
    "alignment": (".prompt",),  # two answers to choose from: in test_alignment.py
    "scaling": (".scaling-formula", ".ci strong", ".scaling-loss b", ".scaling-loss small"),
    "deploy": (".prompt", ".form-name", ".form-cell b", ".duty h3", ".duty dd"),
    "about-the-model": (".said", ".one", ".share-list", ".model-fact b"),
    "lessons": (".lesson-name", ".lesson-go .btn"),
}
ON_SCREEN = {
    "training": (".prompt-card", ".setup-card", ".curve-card", ".samples-card", ".next-card", ".heads-card"),
    "steps": (".prompt-card", ".pipe", ".pipe-line", ".tree-card"),
    "temperature": (".prompt-card", ".temperature-card", ".bars-card", ".rank-card", ".entropy-card", ".roll-card"),
    "surprisal": (".prompt-card", ".chain-card", ".words-card", ".expected-card", ".training-card"),
    "compare": (".prompt-card", ".compare-bar", ".col"),
    "beam": (".prompt-card", ".settings-card", ".tree-card", ".detail-card", ".ranking-card", ".ladder-card"),
    "tokens": (".prompt-card", ".film-card", ".costs-card", ".letters-card", ".browser-card"),
    "embeddings": (".prompt-card", ".strips-card", ".near-card", ".map-card", ".positions-card"),
    "attention": (".prompt-card", ".flow-card", ".sum-card", ".lines-card", ".maps-card", ".heads-card"),
    "heads": (".prompt-card", ".grid-card", ".one-card", ".test-card", ".claims-card"),
    "stream": (".prompt-card", ".lens-card", ".ledger-card", ".sizes-card", ".through-card", ".neurons-card"),
    "what-if": (".prompt-card", ".switches-card", ".before-card", ".attention-card", ".patch-card", ".curve-card"),
    "masks": (".prompt-card", ".masks-card", ".fill-card", ".claims-card"),
    "limits": (".picks-card", ".prompt-card", ".live-card", ".side-card"),
    "series": (".chart-card", ".one-card"),
    "uses": (".list-card", ".prompt-card", ".written-card"),
    "room-teacher": (".prompt-card", ".door-card", ".tally-card"),
    "snapshots": (".prompt-card", ".moments-card", ".curve-card", ".next-card", ".written-card", ".heads-card"),
    "one-step": (".prompt-card", ".targets-card", ".after-card", ".logits-card", ".down-card", ".update-card"),
    "origins": (".prompt-card", ".choices-card", ".counts-card"),
    "forgetting": (".prompt-card", ".setup-card", ".outcome-card", ".sentence-card", ".curve-card"),
    "prompting": (".prompt-card", ".asking-card", ".read-card", ".labels-card"),
    "robustness": (".prompt-card", ".attack-card", ".setup-card", ".copies-card"),
    "alignment": (".prompt-card", ".setup-card", ".choice-card", ".curve-card", ".lights-card"),
    "tuning": (".prompt-card", ".setup-card", ".curve-card", ".typed-card", ".data-card", ".lights-card"),
    "scaling": (".curves-card", ".law-card", ".ask-card"),
    "deploy": (".prompt-card", ".forms-card", ".parts-card"),
    "about-the-model": (),
    "lessons": (),
}
#: What a teacher needs besides, and must not be hidden.
NEEDED = {
    "training": ("example", "share", "more", "preset", "start-training"),
    "steps": ("example", "share", "more", "seed"),
    "temperature": ("example", "share", "more", "seed"),
    "surprisal": ("share", "more"),
    "compare": ("example", "share", "more", "seed", "add", "file", "run"),
    "beam": ("example", "share", "more", "preset", "pruned"),
    "tokens": ("example", "share", "more", "preset", "at", "find"),
    "embeddings": ("example", "share", "more", "turn", "script"),
    "attention": ("share", "more", "preset"),
    "heads": ("example", "share", "more", "test", "mode"),
    "stream": ("example", "share", "more", "preset", "detail-heads", "token"),
    "what-if": ("example", "share", "more", "pair", "layer", "head", "query", "mode", "drop", "curve-go"),
    "masks": ("example", "share", "more", "prefix", "sentence", "offered", "turn-halves"),
    "limits": ("example", "share", "more", "preset", "pick", "seed"),
    "series": ("share", "more", "entry", "model"),
    "uses": ("example", "share", "more", "use", "way", "seed", "write", "compare", "steps"),
    "room-teacher": ("example", "share", "open", "game-guess"),
    "snapshots": ("example", "share", "more", "preset", "play", "at"),
    "one-step": ("example", "share", "more", "preset", "next", "rate", "steepest", "race"),
    "origins": ("example", "share", "more", "preset", "choice", "pairs"),
    "forgetting": ("example", "share", "more", "first", "then", "with-ewc", "said-zh", "start-forgetting"),
    "prompting": ("example", "another", "share", "more", "preset", "pattern", "shots", "start-study"),
    "robustness": ("example", "share", "more", "way", "start-trial", "copies-again"),
    "alignment": ("example", "share", "way", "source", "draw", "start-aligning"),
    "tuning": ("example", "share", "more", "task", "start-tuning"),
    "scaling": ("share", "more", "add-table", "log_n", "log_d"),
    "deploy": ("example", "share", "more", "preset", "unit-heads", "by-taylor", "gone"),
    "about-the-model": ("more",),
    "lessons": ("own-open",),
}
NUMBERS = (
    ".bar-number, .c-number, .node .l, .term, .kpi b, .pipe-cell .n, .near-cosine, .cost-tokens, .language-count, "
    ".number, .ledger-amount, .patch-cell"
)
#: Which of them reach out of the place that they are given.
TOO_WIDE = """(all) => all.filter((e) => e.checkVisibility() && e.clientWidth && e.scrollWidth > e.clientWidth + 1)
    .map((e) => e.className + " " + e.textContent)"""


#: Pages that are looked at by eye only: they have large type, and not yet all that matters on one screen.
BY_EYE: set[str] = set()


def test_every_page_is_looked_at() -> None:
    others = {path for name, path in PAGES.items() if name != FIRST}
    assert set(READ) == set(ON_SCREEN) == set(NEEDED) == others - BY_EYE


@pytest.fixture(scope="module", params=[(lang, path) for path in READ for lang in ("en", "zh")])
def projected(request: pytest.FixtureRequest, chromium: Browser, app_url: str) -> Iterator[tuple[str, AnyPage]]:
    """Every page in turn, as it is projected; in one language loaded anew, as a teacher does."""
    lang, path = request.param
    with visiting(chromium, app_url) as visit:
        opened = visit(path, {"lang": lang, "projector": "1"}, viewport={"width": 1920, "height": 1080})
        if lang == "zh":
            opened.page.reload()
            opened.settled()
        expect(opened.page.locator("[role=progressbar]")).to_be_hidden()
        yield path, opened


def test_other_pages_are_for_the_back_row_too(projected: tuple[str, AnyPage]) -> None:
    """24 px at full HD, on one screen, nothing gone, nothing cut off, after a reload too."""
    path, opened = projected
    opened.resize(1920, 1080)
    for what in READ[path]:
        expect(opened.page.locator(what).first).to_be_visible()
        sizes = opened.page.locator(what).evaluate_all("all => all.map(e => parseFloat(getComputedStyle(e).fontSize))")
        assert min(sizes) >= 24, what
    for what in ON_SCREEN[path]:
        for box in opened.page.locator(what).evaluate_all("all => all.map(e => e.getBoundingClientRect().toJSON())"):
            assert 56 <= box["top"] < box["bottom"] <= 1080, what
    assert opened.page.locator(NUMBERS).evaluate_all(TOO_WIDE) == []
    for needed in NEEDED[path]:
        expect(opened.get(needed).first).to_be_visible()
    assert opened.eval_root("root.getBoundingClientRect().width") >= 1840


def test_a_small_projector_has_no_sideways_scroll_and_shows_the_picture(projected: tuple[str, AnyPage]) -> None:
    path, opened = projected
    opened.resize(1024, 768)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 1024
    assert opened.page.locator(NUMBERS).evaluate_all(TOO_WIDE) == []
    first = {"steps": ".pipe", "temperature": ".bars-card", "compare": ".col", "beam": ".tree-card",
             "tokens": ".film-card", "embeddings": ".strips-card"}.get(path)  # fmt: skip
    if first:
        box = opened.page.locator(first).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 768


def test_the_seed_can_be_read_where_the_projector_is_small(visit: Visit) -> None:
    screen = visit({"lang": "zh", "projector": "1", "seed": "1234"}, viewport={"width": 1024, "height": 768})
    room = """(box) => { const { font, paddingLeft, paddingRight } = getComputedStyle(box);
        const pen = document.createElement("canvas").getContext("2d"); pen.font = font;
        const inside = box.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
        return inside - pen.measureText(box.value).width; }"""
    assert screen.get("seed").evaluate(room) >= 0
