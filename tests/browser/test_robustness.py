"""The robustness page in Chromium: an attack on a classifier, a trial's picture, every width, both themes, axe."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

import gptviz
from gptviz import tuning
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Ask
from gptviz.jobs.robustness import FOLDER
from gptviz.language_model import LocalModel
from gptviz.tuning.hard import parts
from tests.browser.conftest import AnyPage, VisitPage
from tests.browser.test_tuning import SIZES, TOO_WIDE
from tests.ui.test_robustness import BEGUN, FGM, PLAIN

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def owner() -> Iterator[str]:
    """A visitor whose trial is over, with a classifier that knows forty reviews."""
    token = secrets.token_hex(16)
    lm = gptviz.load("small", weights="float32")
    assert isinstance(lm, LocalModel)
    config = tuning.TuneConfig(method=tuning.method("lora"), epochs=2, valid_share=0.0, learning_rate=2e-3)
    task = tuning.Classification(lm, parts("en", 0).train[:40], config)
    task.learn()
    job = folder.create(token, Ask("sentiment", "trial", {}, {"ways": BEGUN["ways"]}, kind=folder.ROBUSTNESS))
    records = "".join(json.dumps(one) + "\n" for one in (BEGUN, PLAIN, FGM))
    (job.path / folder.RECORDS).write_text(records, encoding="utf-8")
    tuning.save(task, lm, job.path / FOLDER / "plain", model=False)
    job.finish("stopped")
    yield token
    for one in folder.jobs_of(token):
        folder.remove(one)


def _with_trial(visit_page: VisitPage, owner: str, **settings: str) -> AnyPage:
    """The page of that visitor, on the model that the classifier was learnt on."""
    lang = settings.pop("lang", "en")
    page = visit_page("robustness", {"lang": lang, "model": "small", "p": "The food was good."}, **settings)
    page.page.context.add_cookies([{"name": "gptviz_owner", "value": owner, "url": page.page.url}])
    page.page.reload()
    expect(page.get("label")).to_have_count(2)
    return page


@pytest.mark.slow
def test_words_are_exchanged_until_it_is_over_and_another_text_begins_anew(visit_page: VisitPage, owner: str) -> None:
    page = _with_trial(visit_page, owner)
    expect(page.get("under")).to_have_value(f"{folder.jobs_of(owner)[0].id}/plain")
    page.get("find-attack").click()
    expect(page.get("attack-end")).not_to_have_text("")
    rows = page.get("exchange")
    assert rows.count() >= 1
    for row in rows.all()[1:]:
        expect(row.locator("del")).to_have_count(1)
        expect(row.locator("ins")).to_have_count(1)
    page.get("prompt").fill("<b>The staff were kind.</b>")
    expect(page.get("exchange")).to_have_count(0)
    expect(page.page.locator(".copy-list")).to_contain_text("<b>")
    page.get("copies-say").click()
    expect(page.page.locator(".copy-list > div")).to_have_count(4)


def test_a_trial_is_drawn_with_what_is_beyond_its_intervals(visit_page: VisitPage, owner: str) -> None:
    page = _with_trial(visit_page, owner)
    expect(page.get("measure")).to_have_count(7)
    expect(page.page.locator(".way-row.beyond")).to_have_count(1)
    expect(page.get("trial-said")).to_contain_text("1 of 7")
    expect(page.get("job-stop")).to_be_hidden()
    expect(page.get("job-delete")).to_be_visible()


def test_without_a_classifier_it_leads_to_tuning_and_says_what_so_few_reviews_tell(visit_page: VisitPage) -> None:
    page = visit_page("robustness", {"lang": "en"})
    expect(page.get("no-target")).to_be_visible()
    expect(page.get("to-tuning")).to_have_attribute("href", re.compile(r"^\./tuning\?.*lang=en"))
    expect(page.page.locator(".interval.coin").first).to_be_visible()
    page.get("way").first.click()
    expect(page.get("way").first).to_have_attribute("aria-pressed", "false")
    expect(page.page.locator(".measure").first.locator(".way-row")).to_have_count(5)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_overflows(visit_page: VisitPage, owner: str, lang: str) -> None:
    page = _with_trial(visit_page, owner, lang=lang)
    page.get("find-attack").click()
    expect(page.get("attack-end")).not_to_have_text("")
    for width, height in SIZES:
        page.resize(width, height)
        assert page.eval_root(TOO_WIDE) == [], width
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violations(visit_page: VisitPage, owner: str, scheme: str) -> None:
    page = _with_trial(visit_page, owner, lang="zh" if scheme == "dark" else "en", color_scheme=scheme)
    page.get("find-attack").click()
    expect(page.get("attack-end")).not_to_have_text("")
    page.page.locator(".choices summary").press("Enter")
    expect(page.get("epsilon")).to_be_visible()
    assert page.violations() == []


def test_before_the_start_the_cost_is_said(visit_page: VisitPage) -> None:
    page = visit_page("robustness", {"lang": "zh"})
    expect(page.get("cost")).to_contain_text(translate("robustness.cost.time", "zh"))
    expect(page.get("start-trial")).to_be_enabled()
