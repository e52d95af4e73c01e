"""The page of forgetting in Chromium: a run by a click, rows marked everywhere, every width, both themes, axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from gptviz.errors import ConfigError
from gptviz.i18n import translate
from tests.browser.conftest import VisitPage
from tests.browser.test_tuning import SIZES, TOO_WIDE

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_a_click_learns_a_then_b_and_the_rows_fill(visit_page: VisitPage) -> None:
    page = visit_page("forgetting", {"lang": "en", "model": "small", "n_texts": 40, "epochs": 1, "rehearsal": 0,
                                     "ewc": 0, "p": "It was a fine day."})  # fmt: skip
    expect(page.get("stage")).to_have_count(3)
    page.get("start-forgetting").click()
    expect(page.page.locator(".stage-row:not(.pending, .stage-heads)")).to_have_count(3, timeout=120_000)
    expect(page.get("job-state")).to_contain_text("Done")
    expect(page.get("told").locator("li")).not_to_have_count(0)
    expect(page.get("losses").locator("path.line")).to_have_count(3)
    expect(page.get("said-row")).to_have_count(4)  # before, after A, B without a remedy, B by LoRA
    page.get("stage").nth(2).hover()
    expect(page.page.locator(".said-row.marked")).to_have_attribute("data-at", "lora")
    expect(page.get("losses").locator("path.line.marked")).to_have_count(1)
    page.get("said-row").first.locator(".said-word").nth(1).hover()
    expect(page.page.locator(".said-word.pointed")).to_have_count(4)
    expect(page.get("said-readout")).to_contain_text(translate("forgetting.at.lora", "en"))
    page.page.reload()  # its owner is known again
    expect(page.get("said-row")).to_have_count(4)
    assert page.violations() == []
    for width, height in SIZES:
        page.resize(width, height)
        assert page.eval_root(TOO_WIDE) == [], width
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width
    page.get("job-delete").click()
    expect(page.get("job-state")).to_be_hidden()


@pytest.mark.slow
def test_a_file_whose_columns_are_called_otherwise_is_task_b(visit_page: VisitPage, tmp_path: Path) -> None:
    rows = "".join(f"{i},It was {word} {i}.,{word}\n" for i in range(16) for word in ("good", "bad"))
    (tmp_path / "mine.csv").write_text("nr,review,stars\n" + rows, encoding="utf-8")
    page = visit_page("forgetting", {"lang": "en", "model": "small", "n_texts": 20, "epochs": 1, "rehearsal": 0,
                                     "ewc": 0, "lora": 0})  # fmt: skip
    page.get("then").select_option("own")
    expect(page.get("problem")).to_have_text(ConfigError("tune.no_file").say("en"))
    page.get("file").set_input_files(tmp_path / "mine.csv")
    expect(page.get("source-file")).to_have_text("mine.csv")
    expect(page.get("column")).to_have_count(2)
    page.get("column").first.select_option("review")
    page.get("column").last.select_option("stars")
    expect(page.get("start-forgetting")).to_be_enabled()
    assert page.violations() == []
    page.get("start-forgetting").click()
    expect(page.page.locator(".stage-row:not(.pending, .stage-heads)")).to_have_count(2, timeout=120_000)
    page.page.reload()  # the link says the columns, the job has the file
    expect(page.get("source-file")).to_have_text("mine.csv")
    expect(page.get("column").last).to_have_value("stars")
    expect(page.get("problem")).to_be_hidden()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_overflows(visit_page: VisitPage, lang: str) -> None:
    page = visit_page("forgetting", {"lang": lang})
    for width, height in SIZES:
        page.resize(width, height)
        assert page.eval_root(TOO_WIDE) == [], width
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violations(visit_page: VisitPage, scheme: str) -> None:
    page = visit_page("forgetting", {"lang": "zh" if scheme == "dark" else "en"}, color_scheme=scheme)
    page.page.locator(".choices summary").press("Enter")
    expect(page.get("run_seed")).to_be_visible()
    assert page.violations() == []


def test_a_remedy_that_is_left_out_is_no_row(visit_page: VisitPage) -> None:
    page = visit_page("forgetting", {"lang": "en"})
    expect(page.get("stage")).to_have_count(5)
    page.get("with-ewc").click()
    expect(page.get("stage")).to_have_count(4)
    expect(page.get("strength")).to_be_hidden()
    page.get("then").select_option("reviews_en")
    expect(page.get("problem")).to_be_visible()
    expect(page.get("start-forgetting")).to_be_disabled()


def test_what_is_typed_is_coloured_before_any_run(visit_page: VisitPage) -> None:
    page = visit_page("forgetting", {"lang": "zh", "p": "今天天气"})
    expect(page.get("said-row")).to_have_count(1)
    before = page.get("said-row").locator(".said-mean b").inner_text()
    page.get("said-en").click()
    expect(page.get("said-row").locator(".said-mean b")).not_to_have_text(before)
