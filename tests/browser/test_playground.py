"""The playground in a browser: it follows the slider at once, rolls by itself, fits, and can be used by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.i18n import languages, translate
from tests.browser.any_page import AnyPage
from tests.browser.conftest import VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH = "temperature"


def first_bar(page: AnyPage) -> str:
    """What stands behind the bar of the most likely token."""
    return page.get("softmax").locator(".bar .bar-number").first.inner_text()


def test_the_bars_follow_the_slider_without_python(visit_page: VisitPage) -> None:
    """Every value of a temperature is at hand: nothing is sent while the slider moves, one message when it rests."""
    page = visit_page(PATH, {"p": "The cat sat on the", "lang": "en"})
    page.settled()
    sent = len(page.sent)
    shown = page.eval_root("""(() => {
      const slider = root.querySelector('[data-testid=temperature]');
      const found = [];
      for (const step of [20, 10, 4, 0]) {
        slider.value = step;
        slider.dispatchEvent(new Event('input'));
        found.push(root.querySelector('[data-testid=softmax] .bar-number').textContent);
      }
      return found;
    })()""")
    shares = [float(text.strip("<>%")) for text in shown]
    assert shares == sorted(shares)
    assert shown[-1] == "100%"  # the limit
    assert len(page.sent) == sent
    expect(page.get("temperature")).to_have_attribute("aria-valuetext", translate("playground.limit", "en"))
    for _ in range(400):  # it is sent when the slider has rested for a moment
        if len(page.sent) > sent:
            break
        page.page.wait_for_timeout(50)
    assert len(page.sent) > sent


def test_rolling_goes_on_by_itself_and_typing_ends_it(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"p": "Once upon a time", "lang": "en"})
    page.get("roll-1000").click()
    expect(page.get("roll")).to_have_attribute("data-n", "1000", timeout=60_000)
    expect(page.get("softmax")).to_have_class("panel soft rolled")
    page.prompt.press_sequentially("!")
    expect(page.get("roll")).to_have_attribute("data-n", "0")
    page.get("roll-1").click()
    expect(page.get("roll")).to_have_attribute("data-n", "1")
    page.get("reset").click()
    expect(page.get("roll")).to_have_attribute("data-n", "0")


@pytest.mark.parametrize("lang", languages())
def test_it_fits_every_screen(visit_page: VisitPage, lang: str) -> None:
    page = visit_page(PATH, {"p": "The cat sat on the 垫子", "lang": lang, "rolls": 100})
    expect(page.get("nucleus").locator(".nucleus-column")).not_to_have_count(0)
    assert page.eval_root("root.getBoundingClientRect().bottom <= innerHeight")
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        page.resize(width, height)
        wide = page.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page(PATH, {"lang": "zh" if scheme == "dark" else "en", "rolls": 10, "t": 2}, color_scheme=scheme)
    page.settled()
    assert page.violations() == []


def test_keys_move_the_slider_and_the_menu_tells_its_numbers(visit_page: VisitPage) -> None:
    page = visit_page(PATH, {"p": "<b>x</b>", "lang": "en"})
    before = first_bar(page)
    page.get("temperature").focus()
    page.page.keyboard.press("ArrowLeft")
    page.page.keyboard.press("ArrowLeft")
    expect(page.get("temperature")).to_have_attribute("aria-valuetext", "0.90")
    page.settled()
    assert first_bar(page) != before
    expect(page.page.locator(".bars-card small").first).to_contain_text("“>”")  # shown as it is
    page.page.locator(".bars-card .more").click()
    expect(page.page.locator(".sheet tbody tr")).to_have_count(21)
    expect(page.page.locator(".sheet .reading")).to_contain_text("0.9")
