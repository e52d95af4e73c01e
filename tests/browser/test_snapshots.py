"""The page of snapshots in a browser: what is pressed, every screen, the keyboard, axe."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from gptviz.jobs import folder
from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE
from tests.runs import run_of

pytestmark = pytest.mark.browser
PATH, READY = "snapshots", ".moment-map"


def test_the_slider_moves_everything_and_a_head_is_chosen(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"lang": "en"})
    expect(page.page.locator(READY)).to_be_visible()
    slider, best = page.get("at"), page.page.locator("[data-testid=next-row] .bar-number").first
    slider.press("End")
    expect(page.page.locator(".moment-facts dd").first).to_have_text("4,000")
    last = best.inner_text()
    slider.press("Home")
    expect(page.page.locator(".moment-facts dd").first).to_have_text("0")
    expect(best).not_to_have_text(last)
    expect(page.get("written")).not_to_have_text(" …")
    page.page.locator(".snapshots .head-cell").first.press("Enter")
    expect(page.page.locator(".head-cell.sel")).to_have_attribute("data-head", "0")
    page.get("play").click()
    expect(page.page.locator(".moment-facts dd").first).to_have_text("62")
    page.get("play").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_screen_and_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page(PATH, {"lang": "zh" if scheme == "dark" else "en"}, color_scheme=scheme)
    expect(page.page.locator(READY)).to_be_visible()
    assert page.violations() == []
    for width, height in ((1440, 900), (1024, 768), (390, 844), (320, 700)):
        page.resize(width, height)
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture
def two() -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """A visitor with two runs, one of which ran away at its twelfth step: the link that opens both, and the cookie."""
    token = secrets.token_hex(16)
    jobs = run_of(token, (1, 10, 20, 40), warmup=4), run_of(token, (1, 5, 10), warmup=0, lost=12)
    cookie = {"name": "gptviz_owner", "value": token, "domain": "127.0.0.1", "path": "/", "expires": -1,
              "httpOnly": False, "secure": False, "sameSite": "Strict"}  # fmt: skip
    query = {"p": "once a cat", "run": jobs[0].model_name, "beside": jobs[1].model_name, "at": "2"}
    yield query, {"storage_state": {"cookies": [cookie], "origins": []}}
    for job in jobs:
        folder.remove(job)


def test_a_second_run_is_chosen_and_both_move_on_one_slider(visit_page: VisitPage, two: Any) -> None:
    query, options = two
    page = visit_page(PATH, {"lang": "en", **query}, **options)
    expect(page.get("differs")).to_have_text("What differs: warm-up steps 4 in A, none in B.")
    steps = page.page.locator(".moment-facts > div:first-child dd")
    expect(steps).to_have_text(["10", "10"])
    expect(page.get("curve").locator("path.line")).to_have_count(4)
    page.get("at").press("End")
    expect(steps).to_have_text(["40", "10"])
    expect(page.page.locator(".moment-stands").last).to_contain_text("ran away at step 12")
    expect(page.get("other-written")).not_to_have_text(" …")
    page.get("other-heads").locator("button").last.press("Enter")
    expect(page.page.locator(".side.b .head-cell.sel")).to_have_attribute("data-layer", "1")
    page.get("beside").select_option("")
    expect(page.get("other-facts")).to_be_hidden()
    page.get("beside").select_option(query["beside"])
    expect(steps).to_have_text(["40", "10"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_two_runs_fit_every_screen_and_axe_finds_nothing_serious(visit_page: VisitPage, two: Any, scheme: str) -> None:
    query, options = two
    page = visit_page(PATH, {"lang": "zh" if scheme == "dark" else "en", **query}, color_scheme=scheme, **options)
    expect(page.get("other-attention")).to_be_visible()
    expect(page.get("other-written")).not_to_have_text(" …")
    assert page.violations() == []
    for width, height in ((1440, 900), (1024, 768), (390, 844), (320, 700)):
        page.resize(width, height)
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width
