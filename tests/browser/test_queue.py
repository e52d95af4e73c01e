"""The queue in a real browser, before a server of one place: what is seen of it, and that it opens what a link says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.serving import server
from gptviz.i18n import translate
from gptviz.paths import ROOT
from tests.browser.any_page import AnyPage
from tests.browser.conftest import PATIENCE

pytestmark = pytest.mark.browser
TEXT = "The dog ran"


@pytest.fixture(scope="module")
def one_place() -> Iterator[str]:
    """The address of a public server that takes one visitor at a time."""
    with server(ROOT / "app.py", GPTVIZ_PUBLIC="1", GPTVIZ_VISITORS="1", HF_HUB_OFFLINE="1") as app:
        yield f"{app.url}/"


def test_who_waits_sees_their_place_and_comes_in_by_themselves(chromium: Browser, one_place: str) -> None:
    def open_page(path: str, *, waits: bool = True, **options: object) -> AnyPage:
        context = chromium.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE * 1000)
        opened = AnyPage(context.new_page(), one_place)
        opened.page.goto(f"{one_place}{path}")
        if waits:
            expect(opened.page.locator(".st-key-queue_place")).to_be_visible()
        return opened

    first = open_page("", waits=False, locale="en-GB")
    first.settled()
    second = open_page(f"surprisal?p={TEXT.replace(' ', '+')}", locale="en-GB")
    third = open_page("beam", locale="zh-CN", color_scheme="dark", viewport={"width": 390, "height": 844})
    for lang, waits, place in (("en", second, 1), ("zh", third, 2)):
        expect(waits.page.locator(".st-key-queue_place p").first).to_have_text(str(place))
        expect(waits.page.locator(".st-key-queue")).to_contain_text(translate("queue.title", lang))
        expect(waits.page.locator(".st-key-queue")).to_contain_text(translate("queue.wait", lang, most=1))
        assert waits.widths() == [0, 0]
        assert waits.violations() == []
    first.page.context.close()
    second.settled()
    expect(second.prompt).to_have_value(TEXT)
    assert "/surprisal?" in second.page.url
    expect(third.page.locator(".st-key-queue_place p").first).to_have_text("1")
    second.page.context.close()
    third.settled()
    assert "/beam" in third.page.url
    assert [first.troubles, second.troubles, third.troubles] == [[], [], []]
    third.page.context.close()
