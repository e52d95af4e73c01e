"""Typing in a real browser: every pause updates all views, no key is lost, and the box belongs to whoever types."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gptviz.language_model import LanguageModel
from gptviz.ui.prompts import examples, prompt_ids
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

HOSTILE = "<b>bold</b><img src=x onerror='window.__pwned=1'><script>window.__pwned=1</script> **m** $x^2$ &amp;"

# a text goes in and out as UTF-16 codes: half a character would not survive the way between Python and the browser
PUT = """(area, codes) => {
  area.value = String.fromCharCode(...codes);
  area.dispatchEvent(new Event("input"));
}"""
HELD = "(area) => [...Array(area.value.length).keys()].map((i) => area.value.charCodeAt(i))"


@pytest.mark.parametrize(("lang", "text"), [("en", "The cat sat on the"), ("zh", "我今天很高兴，")])
def test_typing_updates_all_views_without_enter(visit: Visit, lm: LanguageModel, lang: str, text: str) -> None:
    screen = visit({"lang": lang})
    screen.write("")
    screen.drawn([])
    for end in range(1, len(text) + 1):
        screen.page.keyboard.insert_text(text[end - 1])
        if end in (1, len(text) // 2, len(text)):
            screen.drawn(lm.tokenizer.encode(text[:end]))
    expect(screen.prompt).to_be_focused()
    expect(screen.prompt).to_have_value(text)
    assert screen.get("chip").count() == len(lm.tokenizer.encode(text))


def test_fast_typing_loses_no_key_and_the_views_keep_up(visit: Visit, lm: LanguageModel) -> None:
    """Keys 25 ms apart never leave a pause as long as the debounce; still pictures come before the last key, and late.

    A late picture is of an older text than what is in the box: it must not take the newer keys back.
    """
    text = "Sphinx of black quartz, judge my vow; jackdaws love my big sphinx. 0123456789"
    screen = visit()
    screen.get("chips").evaluate("""(chips) => {
        window.seen = new Set();
        const look = () => seen.add(chips.dataset.ids);
        new MutationObserver(look).observe(chips, { attributes: true, attributeFilter: ["data-ids"] });
    }""")
    for _ in range(5):  # of a machine that is busy for two seconds the first may come after the last key
        screen.write("")
        screen.drawn([])
        screen.page.evaluate("seen.clear()")
        screen.prompt.press_sequentially(text, delay=25)
        if screen.page.evaluate("seen.size") >= 2:
            break
    else:
        raise AssertionError("no picture came between the keys")
    screen.drawn(lm.tokenizer.encode(text))
    expect(screen.prompt).to_have_value(text)
    assert screen.texts_sent()[-1] == text


def test_caret_stays_when_typing_in_the_middle(visit: Visit, lm: LanguageModel) -> None:
    screen = visit()
    screen.write("The sat on the mat")
    screen.prompt.evaluate("(area) => area.setSelectionRange(4, 4)")
    screen.page.keyboard.type("old cat ", delay=90)  # slower than the debounce: pictures arrive between the keys
    screen.drawn(lm.tokenizer.encode("The old cat sat on the mat"))
    expect(screen.prompt).to_have_value("The old cat sat on the mat")
    assert screen.prompt.evaluate("(area) => [area.selectionStart, area.selectionEnd]") == [12, 12]


def test_input_method_sends_only_what_was_composed(visit: Visit, lm: LanguageModel) -> None:
    """Pinyin while it is composed is no text yet: only 你好 goes to the server."""
    screen = visit({"lang": "zh"})
    screen.write("")
    screen.drawn([])
    screen.sent.clear()
    session = screen.page.context.new_cdp_session(screen.page)
    for part in ("n", "ni", "nih", "niha", "nihao"):
        session.send("Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)})
        screen.page.wait_for_timeout(100)  # the debounce would send by now
    session.send("Input.insertText", {"text": "你好"})
    screen.drawn(lm.tokenizer.encode("你好"))
    assert [text for text in screen.texts_sent() if text] == ["你好"]
    expect(screen.prompt).to_have_value("你好")


def test_examples_are_one_click(visit: Visit, lm: LanguageModel) -> None:
    screen = visit()
    pills = screen.get("example")
    assert [pill.get_attribute("value") for pill in pills.all()] == examples("en")
    for index in (2, 4):
        pills.nth(index).click()
        screen.drawn(lm.tokenizer.encode(examples("en")[index]))
        expect(screen.prompt).to_have_value(examples("en")[index])


def test_empty_and_blank_prompts(visit: Visit, lm: LanguageModel) -> None:
    screen = visit()
    screen.write("")
    screen.drawn([])
    expect(screen.get("step")).to_have_attribute("aria-disabled", "true")
    screen.leave_box()
    for key in ("ArrowRight", "ArrowLeft", " "):
        screen.page.keyboard.press(key)
    screen.write("   ")
    screen.drawn(lm.tokenizer.encode("   "))
    assert screen.eval_root("root.querySelector('[data-testid=chip]').textContent.startsWith('·')")


def test_hostile_text_is_shown_literally(visit: Visit, lm: LanguageModel) -> None:
    screen = visit()
    screen.write(HOSTILE)
    screen.drawn(lm.tokenizer.encode(HOSTILE))
    shown = "".join(chip.locator(".t").inner_text() for chip in screen.get("chip").all())
    assert shown == HOSTILE.replace(" ", "·")
    for _ in range(2):
        screen.get("step").click()
    for more in screen.get("more").all():  # readings, tables and Python calls quote the text, too
        more.click()
        screen.page.keyboard.press("Escape")
    screen.write("x")
    screen.drawn(lm.tokenizer.encode("x"))
    screen.get("earlier").click()
    expect(screen.page.locator("ul.earlier .text").first).to_have_text(HOSTILE)
    assert screen.eval_root(
        "[...root.querySelectorAll('script, img, b, strong, em')].map((e) => e.textContent).join()"
    ) == (",".join(screen.page.locator(".kpi b").all_inner_texts()))
    assert screen.page.evaluate("window.__pwned") is None


def test_lone_surrogates_nul_and_long_texts_survive(visit: Visit, lm: LanguageModel) -> None:
    """Each is in the box afterwards exactly as it was put there, and drawn as the tokenizer reads it."""
    screen = visit()
    for text in ("a\ud800b\udc00", "nul\x00 bell\x07", "e\u0301\u0300 \u202eمرحبا 👩\u200d👧", "word 字 " * 200):
        screen.prompt.evaluate(PUT, _utf16(text))
        screen.drawn(list(prompt_ids(lm, text)[0]))
        assert screen.prompt.evaluate(HELD) == _utf16(text)


def _utf16(text: str) -> list[int]:
    data = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)]


def test_nothing_typed_is_lost_while_pictures_come_in_quick_succession(visit: Visit, lm: LanguageModel) -> None:
    """Streamlit takes leave of a component that it goes on with; whoever types in it must not lose the box."""
    screen = visit({"lang": "en"})
    text = "every day she went to the river to play with her friends and to look for shells, " * 8
    screen.page.locator("[data-testid=prompt]").select_text()
    screen.page.keyboard.type(text)
    expect(screen.prompt).to_have_value(text)
    expect(screen.prompt).to_be_focused()
    screen.drawn(lm.tokenizer.encode(text))
