"""The page around the views: links, languages, models, sizes, light and dark, accessibility, nobody else's state."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import expect

from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.ui.walk.state import View
from tests.browser.conftest import Visit
from tests.browser.first_screen import FirstScreen

pytestmark = pytest.mark.browser

# what is wider than its window: the page, Streamlit's own scrolling box, or one of our cards
TOO_WIDE = """(() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push("page");
  const main = document.querySelector('[data-testid="stMain"]');
  if (main.scrollWidth > main.clientWidth) found.push("main");
  for (const card of [root, ...root.querySelectorAll(".card, button, canvas, .slider")]) {
    const box = card.getBoundingClientRect();
    const scrolls = card.closest(".att-scroll, .path-line, .branches, .examples, .presets, " +
      ".targets, .down-grid, .origin-scroll");
    if (box.width && (box.right > innerWidth + 1 || box.left < -1) && !scrolls)
      found.push(card.className || card.tagName);
  }
  for (const button of document.querySelectorAll(".st-key-toolbar button")) {
    const box = button.getBoundingClientRect();
    if (box.right > innerWidth + 1 || box.left < -1) found.push("toolbar: " + button.textContent);
  }
  return found;
})()"""


def settle(screen: FirstScreen) -> None:
    """Wait until a changed window has been laid out and drawn."""
    screen.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.mark.parametrize("lang", languages())
def test_nothing_overflows(visit: Visit, lang: str) -> None:
    """A short prompt needs no scrolling on a laptop; a long one is never wider than the window, however narrow."""
    screen = visit({"lang": lang, "p": "The cat sat on the 垫子"})
    assert screen.eval_root("root.getBoundingClientRect().bottom <= innerHeight")
    screen.write("The cat sat on the mat, 猫坐在垫子上。" * 3)
    screen.finished()
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        screen.page.set_viewport_size({"width": width, "height": height})
        settle(screen)
        assert screen.eval_root(TOO_WIDE) == [], width
        expect(screen.get("step")).to_be_visible()


def test_copied_link_restores_the_screen(visit: Visit, lm: LanguageModel) -> None:
    first = visit({"lang": "zh"})
    first.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    first.write("A <b> & 中文 #1?")
    first.drawn(lm.tokenizer.encode("A <b> & 中文 #1?"))
    first.get("layer").select_option("2")
    first.get("head").select_option("4")
    first.get("stage-scores").click()
    first.get("temperature").fill("1.25")
    first.get("step").click()
    ids = _after_a_step(first, lm.tokenizer.encode("A <b> & 中文 #1?"))
    expect(first.get("stage-scores")).to_have_attribute("aria-pressed", "true")
    first.get("share").click()
    expect(first.get("share")).to_contain_text(translate("path.shared", "zh"))
    link = first.page.evaluate("navigator.clipboard.readText()")
    assert urlsplit(link).netloc == urlsplit(first.url).netloc
    second = visit(dict(parse_qsl(urlsplit(link).query)))
    second.drawn(ids)
    expect(second.prompt).to_have_value("A <b> & 中文 #1?")
    assert second.head() == (2, 4)
    expect(second.get("stage-scores")).to_have_attribute("aria-pressed", "true")
    expect(second.get("temperature")).to_have_value("1.25")
    assert second.eval_root("root.lang") == "zh"
    assert second.drawn_id() == first.drawn_id()


def _after_a_step(screen: FirstScreen, prompt: list[int]) -> list[int]:
    """The ids once one token has been added to ``prompt``."""
    expect(screen.get("back")).not_to_have_attribute("aria-disabled", "true")
    screen.finished()
    ids = screen.ids()
    assert ids[:-1] == prompt
    return ids


def test_language_switch_keeps_what_was_typed(visit: Visit, lm: LanguageModel) -> None:
    screen = visit(locale="zh-CN")
    assert screen.eval_root("root.lang") == "zh"  # the browser's own, where none is asked for
    screen.write("Kept 保留")
    ids = lm.tokenizer.encode("Kept 保留")
    screen.drawn(ids)
    screen.get("layer").select_option("1")
    screen.page.locator(".st-key-toolbar_language button", has_text=translate("language.short", "en")).click()
    expect(screen.get("step")).to_contain_text(translate("path.step", "en"))
    screen.drawn(ids)
    expect(screen.prompt).to_have_value("Kept 保留")
    assert screen.head()[0] == 1
    assert screen.eval_root("root.lang") == "en"
    screen.prompt.press_sequentially("!")
    screen.drawn(lm.tokenizer.encode("Kept 保留!"))


def test_a_model_that_cannot_be_had_and_the_way_back(visit: Visit, lm: LanguageModel) -> None:
    """The text stays in the box while another model fails, and while its message is put away."""
    screen = visit()
    screen.write("Typed before")
    screen.drawn(lm.tokenizer.encode("Typed before"))
    screen.page.locator(".st-key-toolbar button").first.click()
    screen.page.locator(".st-key-model_gpt2 button").click()
    alert = screen.page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("gpt2")
    screen.drawn(lm.tokenizer.encode("Typed before"))  # the bundled model's picture
    expect(screen.prompt).to_have_value("Typed before")
    screen.page.get_by_role("button", name=translate("toolbar.use_default", "en")).click()
    expect(alert).to_have_count(0)
    screen.drawn(lm.tokenizer.encode("Typed before"))
    expect(screen.prompt).to_have_value("Typed before")
    screen.prompt.press_sequentially("!")
    screen.drawn(lm.tokenizer.encode("Typed before!"))
    screen.get("step").click()
    _after_a_step(screen, lm.tokenizer.encode("Typed before!"))


def test_a_hostile_model_name_is_shown_literally(visit: Visit) -> None:
    name = "<b>x</b> **m** $x$ [a](b) :red[c]"
    screen = visit(wait=False)
    screen.page.goto(screen.url + "?" + "model=" + "".join(f"%{byte:02x}" for byte in name.encode()))
    expect(screen.page.get_by_test_id("stAlert")).to_contain_text(name)
    assert screen.page.get_by_test_id("stAlert").locator("b, strong, a, em").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit: Visit, scheme: str) -> None:
    """Contrast, names and roles are among its rules."""
    lang = "zh" if scheme == "dark" else "en"
    screen = visit({"p": "The cat sat on the 垫子", "lang": lang}, color_scheme=scheme)
    assert screen.violations() == []


def test_theme_follows_the_systems_even_when_it_changes(visit: Visit) -> None:
    screen = visit(color_scheme="dark")
    assert brightness(screen) < 64
    screen.page.emulate_media(color_scheme="light")
    expect(screen.page.locator(".gv")).to_have_attribute("data-theme", "light")
    assert brightness(screen) > 192


def brightness(screen: FirstScreen) -> float:
    """Mean of red, green and blue (0..255) of the cards."""
    colour = screen.eval_root("getComputedStyle(root.querySelector('.card')).backgroundColor")
    return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3


def test_two_visitors_share_nothing(visit: Visit, lm: LanguageModel) -> None:
    first, second = visit({"p": "First"}), visit({"p": "Second"})
    first.prompt.press_sequentially(" of all")
    first.get("layer").select_option("3")
    first.drawn(lm.tokenizer.encode("First of all"))
    second.prompt.press_sequentially(" to none")
    second.drawn(lm.tokenizer.encode("Second to none"))
    assert second.head()[0] == View().layer != 3
    first.get("step").click()
    _after_a_step(first, lm.tokenizer.encode("First of all"))
    second.drawn(lm.tokenizer.encode("Second to none"))


def test_projector_mode_enlarges_and_keeps_the_text(visit: Visit, lm: LanguageModel) -> None:
    screen = visit({"p": "Large"})
    size = "Number.parseFloat(getComputedStyle(root.querySelector('textarea')).fontSize)"
    before = screen.eval_root(size)
    screen.write("Larger")
    screen.page.locator(".st-key-toolbar button").last.click()
    screen.page.locator(".st-key-toolbar_projector label").click()
    expect(screen.page.locator(".gv.projector")).to_be_visible()
    expect(screen.get("example").first).to_be_visible()  # nothing that a teacher needs goes away
    expect(screen.get("share")).to_be_visible()
    assert screen.eval_root(size) > 1.2 * before
    screen.drawn(lm.tokenizer.encode("Larger"))
    expect(screen.prompt).to_have_value("Larger")
