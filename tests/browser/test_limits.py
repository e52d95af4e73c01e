"""A very long paste in a browser, and the policy under which every page works."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.i18n import translate
from gptviz.ui.layout import PAGES
from gptviz.ui.limits import MAX_CHARS, MAX_MESSAGE_MB
from tests.browser.any_page import AnyPage
from tests.browser.conftest import VisitPage

pytestmark = pytest.mark.browser

LONG = "𠮷 is one character, and this is a sentence. " * 3000


def beyond(total: int, left: int) -> str:
    values = {"total": total, "limit": MAX_CHARS, "read": total - left, "beyond": left}
    return translate("note.beyond", "en", **{name: f"{value:,}" for name, value in values.items()})


def left_out(text: str) -> int:
    """Of a text as the browser counts: what lies before the last that is read, moved on to a step."""
    units, step = text.encode("utf-16-le", "surrogatepass"), MAX_CHARS // 8
    start = len(text[:-MAX_CHARS].encode("utf-16-le")) // 2
    return len(units[: 2 * (-(-start // step) * step)].decode("utf-16-le"))


def says(page: AnyPage, note: str) -> None:
    expect(page.page.locator(".gv .notes").get_by_text(note, exact=True)).to_be_visible()


@pytest.mark.parametrize("path", ["", "compare"])
def test_a_paste_longer_than_is_read_stays_in_its_box_and_typing_stays_live(visit_page: VisitPage, path: str) -> None:
    page = visit_page(path, {"lang": "en"})
    page.write(LONG)
    says(page, beyond(len(LONG), left_out(LONG)))
    page.settled()
    page.sent.clear()
    page.prompt.press("End")
    page.prompt.press_sequentially("and on")
    says(page, beyond(len(LONG) + 6, left_out(LONG)))
    page.settled()
    assert max(map(len, page.sent)) < 6 * MAX_CHARS
    expect(page.prompt).to_have_value(LONG + "and on")
    page.page.wait_for_timeout(500)  # for the address, which is written once nobody types
    page.page.reload()
    page.settled()
    expect(page.prompt).to_have_value(LONG + "and on")
    says(page, beyond(len(LONG) + 6, left_out(LONG)))


def test_text_b_is_kept_as_well(visit_page: VisitPage) -> None:
    page = visit_page("surprisal", {"lang": "en"})
    page.get("prompt-b").fill(LONG)
    says(page, translate("surprise.of_b", "en", note=beyond(len(LONG), left_out(LONG))))
    expect(page.get("prompt-b")).to_have_value(LONG)


def test_every_page_keeps_to_the_policy(visit_page: VisitPage) -> None:
    """Through all pages by their links: nothing is refused, and the policy is there."""
    page = visit_page("", {"lang": "en"})
    page.page.evaluate(
        "() => { window.refused = []; document.addEventListener('securitypolicyviolation', "
        "({ violatedDirective, blockedURI }) => window.refused.push(violatedDirective + ' ' + blockedURI)); }"
    )
    assert "script-src" in page.page.request.get(page.url).headers["content-security-policy"]
    for name in list(PAGES)[1:]:
        page.page.get_by_test_id("stPageLink").get_by_role("link").click()
        page.page.wait_for_url(f"**/{PAGES[name]}**")
        page.settled()
    page.page.get_by_test_id("stPopover").last.get_by_role("button").click()
    assert page.page.evaluate("window.refused") == []
    # and one that somebody smuggled in does not run, which the browser also says in its log
    page.page.evaluate(
        "() => { const code = document.createElement('script'); code.textContent = 'window.smuggled = 1'; "
        "document.head.append(code); }"
    )
    assert page.page.evaluate("window.smuggled") is None
    assert page.page.evaluate("window.refused") == ["script-src-elem inline"]
    page.troubles = [trouble for trouble in page.troubles if "inline script" not in trouble]


def test_a_file_of_many_pieces_is_opened(visit_page: VisitPage) -> None:
    """Longer than a message may be: it goes in pieces, and where it is none of ours, the page says so."""
    page = visit_page("compare", {"lang": "en", "s": "greedy", "n": 5})
    page.get("file").click()
    content = b"x" * (MAX_MESSAGE_MB * 1_000_000 + 10)
    page.page.locator('input[type="file"]').set_input_files(
        {"name": "run.json", "mimeType": "application/json", "buffer": content}
    )
    expect(page.page.locator(".note.error")).to_be_visible()
    assert max(map(len, page.sent)) < MAX_MESSAGE_MB * 1_000_000
