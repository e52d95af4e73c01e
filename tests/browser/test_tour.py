"""The tour of a first visit: offered quietly, driven by what the learner does, found again, refused for good."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from gptviz.i18n import translate
from tests.browser.conftest import Visit, VisitPage
from tests.browser.first_screen import FirstScreen

pytestmark = pytest.mark.browser

#: Pixels of the card that lie on what it points at, and whether it is within the window.
LIES = """(() => {
  const [card, at] = [".tour", ".tour-at"].map((name) => root.querySelector(name).getBoundingClientRect());
  const across = Math.max(0, Math.min(card.right, at.right) - Math.max(card.left, at.left));
  const down = Math.max(0, Math.min(card.bottom, at.bottom) - Math.max(card.top, at.top));
  const inside = card.left >= 0 && card.top >= 0 && card.right <= innerWidth && card.bottom <= innerHeight;
  return [across * down, inside];
})()"""
STANDING = "JSON.parse(localStorage.getItem('gptviz-tour'))"


def canvas(screen: FirstScreen, box: str) -> Locator:
    return screen.page.locator(f"{box} canvas").first


def end_of_prompt(screen: FirstScreen) -> None:
    screen.prompt.press("End")
    screen.prompt.press_sequentially(" mat", delay=30)


def explain(screen: FirstScreen) -> None:
    screen.page.locator(".distribution-card .kpi .gloss").first.focus()
    screen.page.keyboard.press("Tab")
    screen.page.keyboard.press("Shift+Tab")


#: What each card asks for, done.
CARDS: dict[str, Callable[[FirstScreen], None]] = {
    "type": end_of_prompt,
    "token": lambda screen: screen.get("chip").nth(1).click(),
    "cell": lambda screen: canvas(screen, ".att-box").click(position={"x": 110, "y": 150}),
    "head": lambda screen: canvas(screen, ".mosaic-box").click(position={"x": 190, "y": 150}),
    "temperature": lambda screen: screen.get("temperature").press("ArrowLeft"),
    "step": lambda screen: screen.get("step").click(),
    "choose": lambda screen: screen.get("bar").nth(1).click(),
    "term": explain,
}


@pytest.mark.parametrize(
    ("lang", "width", "height"), [("en", 1440, 900), ("zh", 1024, 768), ("en", 390, 844), ("zh", 390, 844)]
)
def test_each_card_is_done_by_doing_and_covers_nothing_it_speaks_of(
    visit: Visit, lang: str, width: int, height: int
) -> None:
    screen = visit({"lang": lang}, viewport={"width": width, "height": height}, reduced_motion="reduce")
    screen.get("tour-offer").click()
    tour, on = screen.get("tour"), screen.get("tour-next")
    for at, (name, do) in enumerate(CARDS.items()):
        expect(tour).to_have_attribute("data-card", name)
        expect(tour).to_contain_text(translate(f"tour.do.{name}", lang))
        expect(tour).to_contain_text(translate("tour.count", lang, at=at + 1, count=len(CARDS)))
        expect(on).to_have_text(translate("tour.skip", lang))
        assert screen.eval_root(LIES) == [0, True], name
        do(screen)
        expect(tour).to_contain_text(translate(f"tour.seen.{name}", lang))
        screen.settled()
        assert screen.eval_root(LIES) == [0, True], name
        on.click()
    expect(tour).to_be_hidden()
    expect(screen.page.locator(".tour-at")).to_have_count(0)
    assert screen.page.evaluate(STANDING)["over"]
    screen.page.reload()
    screen.finished()
    expect(screen.get("tour-offer")).to_be_hidden()


def test_it_leaves_the_focus_and_the_layout_alone(visit: Visit) -> None:
    screen = visit({"lang": "en"})
    fits = "[root.querySelector('.grid').offsetHeight, root.getBoundingClientRect().bottom < innerHeight]"
    before = screen.eval_root(fits)
    assert before[1]
    screen.get("tour-offer").click()
    assert screen.eval_root(fits) == before
    screen.prompt.press("End")
    screen.page.keyboard.type(" mat sat", delay=40)
    expect(screen.page.locator(".tour.done")).to_be_visible()
    expect(screen.prompt).to_be_focused()
    screen.page.keyboard.type(" on", delay=40)
    expect(screen.prompt).to_have_value("The cat sat on the mat sat on")
    screen.finished()
    assert screen.eval_root(fits) == before
    assert screen.violations() == []
    for _ in range(40):  # the keyboard reaches it, and it goes on from there
        if screen.eval_root("root.getRootNode().activeElement?.dataset.testid") == "tour-next":
            break
        screen.page.keyboard.press("Tab")
    screen.page.keyboard.press("Enter")
    expect(screen.get("tour")).to_have_attribute("data-card", "token")
    screen.page.keyboard.press("Escape")
    expect(screen.get("tour")).to_be_hidden()


def test_it_goes_on_after_a_reload_and_can_wait(visit: Visit) -> None:
    screen = visit({"lang": "en"})
    screen.get("tour-offer").click()
    screen.get("tour-next").click()
    screen.get("tour-next").click()
    expect(screen.get("tour")).to_have_attribute("data-card", "cell")
    screen.page.wait_for_url("**p=*")  # the address says what is on the screen, as a link would
    screen.page.reload()
    expect(screen.get("tour")).to_have_attribute("data-card", "cell")
    screen.get("tour-later").click()
    expect(screen.get("tour-offer")).to_have_text(translate("tour.resume", "en", at=3, count=len(CARDS)))
    screen.page.reload()
    screen.get("tour-offer").click()
    expect(screen.get("tour")).to_have_attribute("data-card", "cell")
    screen.page.locator(".st-key-toolbar").get_by_text("中文").click()
    expect(screen.get("tour")).to_contain_text(translate("tour.do.cell", "zh"))


def test_refused_it_is_not_offered_again_until_it_is_asked_for(visit: Visit) -> None:
    screen = visit({"lang": "en"})
    screen.get("tour-refuse").click()
    expect(screen.get("tour-offer")).to_be_hidden()
    screen.open(lang="en")
    expect(screen.get("tour-offer")).to_be_hidden()
    screen.page.get_by_test_id("stPopoverButton").last.click()
    screen.get("start-tour").click()
    expect(screen.get("tour")).to_have_attribute("data-card", "type")


@pytest.mark.parametrize("query", [{"p": "The cat"}, {"seed": 3}, {"projector": 1}])
def test_a_link_that_somebody_gave_is_shown_without_it(visit: Visit, query: dict[str, object]) -> None:
    screen = visit({"lang": "en"} | query)
    expect(screen.get("tour-offer")).to_be_hidden()
    screen.page.evaluate("(standing) => localStorage.setItem('gptviz-tour', standing)", json.dumps({"at": 2}))
    screen.page.reload()
    screen.finished()
    expect(screen.get("tour")).to_be_hidden()


def test_the_settings_of_another_page_start_it(visit_page: VisitPage) -> None:
    page = visit_page("beam", {"lang": "zh", "n": 3, "width": 2})
    page.page.get_by_test_id("stPopoverButton").last.click()
    page.get("start-tour").click()
    expect(page.get("tour")).to_contain_text(translate("tour.do.type", "zh"))
