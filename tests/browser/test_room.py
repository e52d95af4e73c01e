"""A lesson in the room: a teacher who projects, three phones beside it, a whole round, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from gptviz.i18n import languages, translate
from tests.browser.any_page import AnyPage, violations
from tests.browser.conftest import PATIENCE, VisitPage
from tests.browser.test_frame import TOO_WIDE

pytestmark = pytest.mark.browser
PATH = "room-teacher"
#: What the back row reads while a round is on, and once it is told.
BACK_ROW = (".door-code", ".door-address", ".tally-card .head small", ".tally-prompt", ".tally-row b", ".tally-number")


class Phone:
    """One student's."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def get(self, testid: str) -> Any:
        return self.page.get_by_test_id(testid)


@pytest.fixture
def phones(chromium: Browser) -> Iterator[list[Phone]]:
    """Three of them, each a browser of its own."""
    contexts = [chromium.new_context(viewport={"width": 390, "height": 844}) for _ in range(3)]
    found = []
    for context in contexts:
        context.set_default_timeout(PATIENCE * 1000)
        found.append(Phone(context.new_page()))
    yield found
    troubles = [phone.troubles for phone in found]
    for context in contexts:
        context.close()
    assert troubles == [[], [], []]


def opened(visit_page: VisitPage, lang: str, **options: Any) -> tuple[AnyPage, str]:
    """A teacher with an open room, and the link to it."""
    teacher = visit_page(PATH, {"lang": lang} | options.pop("query", {}), **options)
    teacher.get("open").click()
    words = teacher.get("code").locator("span")
    expect(words).to_have_count(4)
    return teacher, teacher.url + f"room?lang={lang}#" + "-".join(words.all_inner_texts())


@pytest.mark.parametrize("lang", languages())
def test_a_whole_round(visit_page: VisitPage, phones: list[Phone], lang: str) -> None:
    query = {"projector": "1"}
    teacher, link = opened(visit_page, lang, query=query, viewport={"width": 1920, "height": 1080})
    for phone in phones:
        phone.page.goto(link)
        expect(phone.get("name")).to_be_visible()
    assert len({phone.get("name").inner_text() for phone in phones}) == 3
    expect(teacher.get("members")).to_contain_text("3")
    teacher.get("ask").click()
    one, other, typing = phones
    one.get("pick0").click()
    other.get("pick3").click()
    other.get("pick1").click()  # thought again
    typing.get("word").fill("xyzzy")
    typing.get("send-word").click()
    expect(teacher.page.locator(".tally-card .head small")).to_contain_text("3")
    expect(teacher.get("tally")).not_to_contain_text("xyzzy")
    expect(teacher.get("queue")).to_be_hidden()  # everybody would look
    expect(teacher.get("waiting")).to_contain_text("1")
    for what in BACK_ROW:
        sizes = teacher.page.locator(what).evaluate_all("all => all.map(e => parseFloat(getComputedStyle(e).fontSize))")
        assert min(sizes) >= 24, what
    name = one.get("name").inner_text()
    one.page.reload()
    expect(one.get("pick0")).to_have_attribute("aria-pressed", "true")
    expect(one.get("name")).to_have_text(name)
    teacher.get("close").click()
    expect(one.get("pick0")).to_be_disabled()
    teacher.get("reveal").click()
    expect(teacher.get("came")).to_be_visible()
    for card in (".door-card", ".tally-card"):
        box = teacher.page.locator(card).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 1080, card
    for phone in phones:
        expect(phone.get("came")).to_be_visible()
        expect(phone.get("own")).to_be_visible()
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(teacher.get("tally")).not_to_contain_text("xyzzy")
    teacher.page.reload()
    teacher.settled()
    expect(teacher.get("came")).to_be_visible()  # the room is still there
    teacher.get("end").click()
    teacher.get("end-now").click()
    expect(teacher.get("open")).to_be_visible()
    for phone in phones:
        expect(phone.get("error")).to_have_text(translate("room_phone.ended", lang))


def test_chips_a_second_window_and_the_keyboard_alone(visit_page: VisitPage, phones: list[Phone]) -> None:
    teacher, link = opened(visit_page, "en")
    teacher.get("how-chips").click()
    expect(teacher.get("how-chips")).to_have_attribute("aria-pressed", "true")
    teacher.get("ask").focus()
    teacher.page.keyboard.press("Enter")
    expect(teacher.get("asked")).to_be_visible()
    phone = phones[0]
    phone.page.goto(link)
    for _ in range(15):
        phone.get("more2").focus()
        phone.page.keyboard.press("Enter")
    expect(phone.get("left")).to_contain_text("5")
    for _ in range(4):
        phone.get("more0").click()
    expect(phone.get("more0")).to_be_disabled()  # one stays on everything else
    phone.page.context.set_offline(True)
    phone.get("send-chips").click()
    expect(phone.get("status")).to_have_text(translate("room_phone.sending", "en"))
    phone.page.context.set_offline(False)  # said again by itself
    expect(teacher.get("tally")).to_contain_text("75%")
    beside = AnyPage(teacher.page.context.new_page(), teacher.url)
    beside.open(PATH, lang="en")
    expect(beside.get("code")).to_be_visible()
    beside.get("close").click()
    beside.get("reveal").click()
    expect(teacher.get("came")).to_be_visible()
    expect(teacher.get("score")).to_contain_text("bits")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_screen_and_axe_finds_nothing_serious(
    visit_page: VisitPage, phones: list[Phone], scheme: str
) -> None:
    lang = "zh" if scheme == "dark" else "en"
    teacher, link = opened(visit_page, lang, color_scheme=scheme)
    teacher.get("ask").click()
    expect(teacher.get("close")).to_be_visible()
    phone = phones[0]
    phone.page.emulate_media(color_scheme=scheme)
    phone.page.goto(link)
    phone.get("pick0").click()
    teacher.get("close").click()
    teacher.get("reveal").click()
    expect(teacher.get("came")).to_be_visible()
    expect(phone.get("came")).to_be_visible()
    for page in (teacher.page, phone.page):
        assert violations(page) == []
    for width, height in ((1440, 900), (1024, 768), (390, 844), (320, 640)):
        teacher.resize(width, height)
        wide = teacher.eval_root(TOO_WIDE)
        assert [part for part in wide if "toolbar" not in part] == [], width


def test_opened_from_another_page_it_comes_first_and_goes_back_by_one_click(
    visit_page: VisitPage, phones: list[Phone]
) -> None:
    """By keyboard; who follows sees where their teacher is. On a narrow screen what is asked stands before the door."""
    page = visit_page("heads", {"lang": "en", "layer": "1", "head": "2"}, viewport={"width": 390, "height": 844})
    button = page.page.locator(".st-key-toolbar_room button")
    expect(button).to_have_accessible_name(re.compile("Open a room"))
    button.press("Enter")
    words = page.get("code").locator("span")
    expect(words).to_have_count(4)
    phone = phones[0]
    phone.page.goto(page.url + "room?lang=en#" + "-".join(words.all_inner_texts()))
    page.get("ask").click()
    expect(page.page.locator(".tally-card")).to_have_attribute("data-phase", re.compile("^(?!none$)."))
    tally, door = (page.page.locator(what).bounding_box() for what in (".tally-card", ".door-card"))
    assert tally is not None
    assert door is not None
    assert tally["y"] < door["y"]
    page.get("game-follow").click()
    expect(page.get("game-follow")).to_have_attribute("aria-pressed", "true")
    page.get("ask").click()
    link = phone.get("open-page")
    expect(link).to_have_attribute("href", re.compile("heads.*layer=1.*head=2"))
    button.press("Enter")
    expect(page.page).to_have_url(re.compile("heads"))
    expect(button).to_have_accessible_name(re.compile("To the room"))
