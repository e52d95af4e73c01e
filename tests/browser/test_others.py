"""The app in Firefox and in WebKit, as Debian has them: each page opens, can be typed into, and shows its picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest

from gptviz.ui.layout import PAGES
from tests.browser.others import PATIENCE, Driven, Firefox, WebKit, absent

pytestmark = pytest.mark.browser

BROWSERS: dict[str, Callable[[Path], Driven]] = {"firefox": Firefox, "webkit": WebKit}
EVERY = ["", *list(PAGES.values())[1:]]
#: What a page's picture is: one of these is there, and has ink.
PICTURE = {
    "": "canvas[data-testid='mosaic'], .mosaic-box canvas", "steps": ".pipe-columns", "temperature": ".soft-bars",
    "surprisal": ".chain-track", "compare": ".cands", "beam": "svg.tree", "about-the-model": ".share-bar",
    "tokens": ".film-pieces", "embeddings": ".strip-canvas",
    "attention": ".map-box canvas", "heads": ".head-scores", "stream": ".lens-card",
    "what-if": ".attention-card canvas", "masks": ".mask-tokens",
    "limits": ".limit-texts", "series": "svg.timeline", "uses": ".use-text",
    "room-teacher": ".door-closed",
    "lessons": ".lesson-list",
    "training": ".cost dd",
    "snapshots": ".moment-map",
    "one-step": ".down-grid",
    "origins": ".pair-table",
    "scaling": ".scaling-plots .plot",
    "deploy": ".duties",
    "tuning": ".cost dd",
    "forgetting": ".stage-table",
    "prompting": ".piece, .bar-fill",
    "robustness": ".copy-list, .measure",
    "alignment": ".pairs-head, .sheet",
}  # fmt: skip

#: The pages that read no text, and so have no box for one: a lesson's text is typed on the page it opens.
WITHOUT_BOX = ("about-the-model", "series", "scaling", "lessons")


@pytest.fixture(scope="module", params=BROWSERS)
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    """Each browser in turn, for all tests here."""
    name = str(request.param)
    if why := absent(name):
        pytest.skip(why)
    driven = BROWSERS[name](tmp_path_factory.mktemp(name))
    yield driven
    driven.close()


@pytest.mark.parametrize("path", EVERY)
def test_each_page_shows_its_picture(browser: Driven, app_url: str, path: str) -> None:
    browser.open(app_url + path + "?lang=en")
    browser.until("[...root.querySelectorAll('[role=progressbar]')].every((bar) => !bar.checkVisibility())")
    assert (
        browser.run('document.querySelectorAll(\'[data-testid="stAlert"], [data-testid="stException"]\').length') == 0
    )
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")
    seen = browser.look(PICTURE[path])
    assert len(np.unique(seen.reshape(-1, 3), axis=0)) > 4  # more than ground and one ink
    assert seen.std() > 5


@pytest.mark.parametrize("path", [path for path in EVERY if path not in WITHOUT_BOX])
def test_what_is_typed_is_read(browser: Driven, app_url: str, path: str) -> None:
    browser.open(f"{app_url}{path}?{urlencode({'lang': 'en', 'p': 'The cat'})}")
    box = "root.querySelector('textarea')"
    browser.root(f"{box}.focus()")
    browser.root(f"{box}.setSelectionRange(7, 7)")
    browser.press(" sat on")
    browser.until(f"{box}.value === 'The cat sat on' && root.dataset.waiting === undefined")
    # the address follows the picture that was drawn, never the box alone
    end = time.monotonic() + PATIENCE
    while "sat+on" not in browser.run("location.search"):
        assert time.monotonic() < end
        time.sleep(0.1)
    assert browser.root(f"{box}.value") == "The cat sat on"


def stripes(pixels: np.ndarray) -> int:
    """How often, along the middle row, the picture turns from lighter to darker or back."""
    row = pixels[pixels.shape[0] // 2].sum(axis=1)
    dark = row < (row.min() + row.max()) / 2
    return int((dark[1:] != dark[:-1]).sum())


def test_what_is_cut_or_rest_is_hatched(browser: Driven, app_url: str) -> None:
    """By a gradient in HTML, by a pattern in SVG."""
    browser.open(f"{app_url}?{urlencode({'lang': 'en', 'p': 'The capital of'})}")
    assert stripes(browser.look(".bar.others .bar-fill")) > 10
    browser.open(f"{app_url}beam?{urlencode({'lang': 'en'})}")
    browser.until("root.querySelector('.tree .low .face') !== null")
    browser.root("root.querySelectorAll('.tree text, .tree .edge').forEach((node) => node.remove())")
    assert stripes(browser.look(".tree .low .face")) > 10


def test_what_repeats_is_underlined_by_dots(browser: Driven, app_url: str) -> None:
    browser.open(f"{app_url}compare?{urlencode({'lang': 'en', 'p': 'The capital of France is'})}")
    browser.until("root.querySelector('.w.loop') !== null")
    assert browser.root("getComputedStyle(root.querySelector('.w.loop')).textDecorationStyle") == "dotted"
    # the longest word, its letters made clear: its lowest lines are dots
    browser.root("""[...root.querySelectorAll('.w.loop')].filter((word) => word.getClientRects().length === 1)
      .sort((a, b) => b.offsetWidth - a.offsetWidth)[0].setAttribute('data-longest', '')""")
    browser.root("""root.querySelectorAll('.w').forEach((word) => Object.assign(word.style,
      { color: 'transparent', background: 'none', boxShadow: 'none', outline: 'none' }))""")
    dots = max(stripes(line[None]) for line in browser.look("[data-longest]")[-12:])
    assert dots >= 4
