"""The tuning page in Chromium: a head is tuned by a click and labels what is typed; a file of one's own."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gptviz.jobs import folder
from gptviz.jobs.folder import Ask
from tests.browser.conftest import VisitPage
from tests.ui.test_tuning_menu import REPORT

pytestmark = pytest.mark.browser

SIZES = ((1440, 900), (1024, 768), (390, 844), (320, 700))
TOO_WIDE = """[...root.querySelectorAll(".card, button, select, input")].filter((node) => {
  const box = node.getBoundingClientRect();
  const scrolls = node.closest(".examples, .presets, .visually-hidden");
  return box.width > 1 && !scrolls && (box.right > innerWidth + 1 || box.left < -1);
}).map((node) => node.className || node.tagName)"""


@pytest.mark.slow
def test_a_click_tunes_a_head_and_the_text_is_labelled_while_it_is_typed(visit_page: VisitPage, tmp_path: Path) -> None:
    rows = "".join(
        f"It was {word} {i}.,{label}\n" for i in range(12) for word, label in (("good", "yes"), ("bad", "no"))
    )
    (tmp_path / "mine.csv").write_text("review,kind\n" + rows, encoding="utf-8")
    page = visit_page("tuning", {"lang": "en", "model": "small", "method": "head", "epochs": 2, "p": "It was good"})
    page.get("file").set_input_files(tmp_path / "mine.csv")
    expect(page.get("source")).to_have_text("mine.csv")
    expect(page.get("column")).to_have_count(2)
    page.get("start-tuning").click()
    expect(page.get("figure")).to_have_count(3, timeout=120_000)
    expect(page.get("typed-label")).to_have_count(2)
    expect(page.get("lights").locator("li.good").first).to_be_visible()
    expect(page.get("loss").locator("path.line")).to_have_count(2)
    page.page.reload()  # its owner is known again
    expect(page.get("typed-label")).to_have_count(2)
    with page.page.expect_download() as saved:
        page.get("job-learnt").click()
    assert saved.value.suggested_filename.endswith("-learnt.zip")
    page.get("job-delete").click()
    expect(page.get("job-state")).to_be_hidden()


BROKEN = """[...root.querySelectorAll(".sheet .of-label")].filter((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1;
}).map((cell) => cell.textContent)"""


def test_labels_stay_whole_and_bars_begin_below_one_another(visit_page: VisitPage) -> None:
    """However long the words before them are; a label that is too long is cut, and said whole by its title."""
    owner, long = secrets.token_hex(16), "an extraordinarily long label of somebody's own file"
    job = folder.create(owner, Ask("sentiment", "lora", {}, {"model": "small"}, kind=folder.TUNING))
    rows = [[name, 0.5, 0.5, 0.5, 2] for name in ("negative", long)]
    wrong = [["It was not good at all, " * 6, "negative", long, 0.9]]
    said = REPORT | {"rows": rows, "names": ["negative", long], "confusion": [[1, 1], [1, 1]], "wrong": wrong,
                     "n_wrong": 1, "forgotten": [["en", 1.5, 1.75], ["zh", 2.0, 2.5]]}  # fmt: skip
    begun = {"record": "begun", "steps": 30, "fingerprint": "f", "model": "small"}
    (job.path / folder.RECORDS).write_text(json.dumps(begun) + "\n" + json.dumps(said) + "\n", encoding="utf-8")
    (job.path / folder.SUMMARY).write_text(json.dumps(said), encoding="utf-8")
    job.finish("done")
    page = visit_page("tuning", {"lang": "en", "model": "small"})
    page.page.context.add_cookies([{"name": "gptviz_owner", "value": owner, "url": page.page.url}])
    page.page.reload()
    expect(page.get("figure")).to_have_count(3)
    expect(page.get("methods")).to_contain_text("+0.250")
    for width, height in SIZES:
        page.resize(width, height)
        lefts = page.get("figures").locator(".bar-track").evaluate_all("(all) => all.map((x) => x.offsetLeft)")
        assert len(set(lefts)) == 1, width
        assert page.eval_root(BROKEN) == [], width
        assert page.eval_root(TOO_WIDE) == [], width
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width
    assert page.get("wrong").locator("td.of-label").nth(1).get_attribute("title") == long
    page.resize(1440, 900)
    text, label = (page.get("wrong").locator(f"td.of-{kind}").first for kind in ("text", "label"))
    assert text.evaluate("(x) => x.offsetWidth") > 2 * label.evaluate("(x) => x.offsetWidth")  # what is left is its
    assert page.violations() == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_overflows(visit_page: VisitPage, lang: str) -> None:
    page = visit_page("tuning", {"lang": lang, "task": "instructions"})
    assert page.eval_root("root.getBoundingClientRect().bottom <= innerHeight")
    for width, height in SIZES:
        page.resize(width, height)
        assert page.eval_root(TOO_WIDE) == [], width
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violations(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page("tuning", {"lang": "zh" if scheme == "dark" else "en"}, color_scheme=scheme)
    page.page.locator(".choices summary").press("Enter")
    expect(page.get("epochs")).to_be_visible()
    assert page.violations() == []


def test_what_cannot_be_learnt_from_is_said_by_its_line(visit_page: VisitPage, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("text,label\ngood,yes\nbad,\n", encoding="utf-8")
    page = visit_page("tuning", {"lang": "en"})
    page.get("file").set_input_files(tmp_path / "mine.csv")
    expect(page.get("problem")).to_contain_text("line 3")
    expect(page.get("start-tuning")).to_be_disabled()
    page.get("forget").click()
    expect(page.get("problem")).to_be_hidden()


def test_before_the_start_guessing_has_its_line(visit_page: VisitPage) -> None:
    page = visit_page("tuning", {"lang": "en"})
    expect(page.get("loss").locator(".guide")).to_have_count(1)
    expect(page.get("loss")).to_contain_text("ln K = 0.693")
    expect(page.get("lights").locator("li")).to_have_count(6)
    page.get("task").nth(2).click()  # instructions, of which nobody guesses
    expect(page.get("loss")).to_be_hidden()
