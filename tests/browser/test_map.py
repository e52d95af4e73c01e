"""The map of pages in a real browser: groups, the page named in the header, a drawer, the next step of the story."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.i18n import translate
from gptviz.ui.layout import GROUPS, PAGES
from tests.browser.conftest import VisitPage

pytestmark = pytest.mark.browser

SHOWN = [group for group, names in GROUPS.items() if names]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_header_has_the_groups_and_names_the_page(visit_page: VisitPage, lang: str) -> None:
    page = visit_page("compare", {"lang": lang}).page
    sections = page.get_by_test_id("stTopNavSection")
    expect(sections).to_have_text([translate(f"nav.group.{group}", lang) for group in SHOWN])
    told = [sections.nth(i).locator("p").evaluate("p => getComputedStyle(p, '::after').content") for i in range(3)]
    assert told == ["none", f'" · {translate("nav.compare", lang)}"', "none"]
    sections.nth(0).click()
    links = page.get_by_test_id("stTopNavDropdownLink")
    expect(links).to_have_text([translate(f"nav.{name}", lang) for name in GROUPS["predict"]])
    links.nth(2).click()
    expect(sections.nth(0).locator("p")).to_be_visible()
    page.wait_for_url("**/temperature**")


def test_nothing_covers_the_drawer_of_a_phone(visit_page: VisitPage) -> None:
    """What is tapped in it is what is opened: the toolbar lies under it."""
    page = visit_page("compare", {"lang": "en"}, viewport={"width": 390, "height": 844}, has_touch=True).page
    page.get_by_test_id("stExpandSidebarButton").tap()
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text="Next token")
    expect(link).to_be_visible()
    link.tap()  # waits until nothing else would receive it
    page.wait_for_url(lambda url: "compare" not in url)


def test_the_story_goes_on_from_page_to_page(visit_page: VisitPage) -> None:
    """Every page but the last leads to the next one, in the order of the map."""
    page = visit_page("", {"lang": "en"}).page
    for name in list(PAGES)[1:]:
        following = page.get_by_test_id("stPageLink").get_by_role("link")
        expect(following).to_have_text(translate("nav.next", "en", title=translate(f"nav.{name}", "en")))
        following.click()
        page.wait_for_url(f"**/{PAGES[name]}**")
        expect(page.locator(".gv[data-drawn]")).to_be_visible()
    expect(page.get_by_test_id("stPageLink")).to_have_count(0)


def test_a_click_on_another_page_outlasts_what_the_old_one_still_says(visit_page: VisitPage) -> None:
    """Both in one moment, the click first: the other page comes, whole, and the old one does not come back."""
    page = visit_page("what-if", {"lang": "en"}).page
    following = page.get_by_test_id("stPageLink").get_by_role("link")
    expect(following).to_be_visible()
    said = page.get_by_role("button", name="One plus two equals")
    said.evaluate("""said => {
        document.querySelector('[data-testid="stPageLink"] a').click();
        said.click();
    }""")
    page.wait_for_url("**/masks**")
    expect(following).to_have_text(translate("nav.next", "en", title=translate("nav.training", "en")))
    expect(page.locator(".gv[data-drawn]")).to_be_visible()
    page.wait_for_timeout(1000)  # time for the old page to come back
    assert "/masks" in page.url
    expect(following).to_have_text(translate("nav.next", "en", title=translate("nav.training", "en")))
