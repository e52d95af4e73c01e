"""The page of forgetting: tasks and remedies, what a job says as numbers and in words. Without Streamlit."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest

from gptviz import catalogue
from gptviz.catalogue import load_folder
from gptviz.errors import ConfigError
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Ask, Job
from gptviz.jobs.forgetting import FIRSTS, THENS, rows_of
from gptviz.language_model import LanguageModel
from gptviz.paths import MODELS
from gptviz.tuning.scores import wilson
from gptviz.ui.pages.forgetting.results import signed
from gptviz.ui.pages.forgetting.state import SENTENCES, Forgetting
from tests.ui.desk import HOSTILE, arrived, do, shown

MINE, OTHERS = "c" * 32, "d" * 32
CSV = "text,label\n" + "".join(f"{x} {i},{x}\n" for i in range(20) for x in ("good", "bad"))


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's own jobs."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))


@pytest.fixture(scope="module")
def small() -> LanguageModel:
    """A model that reads our reviews: the test's own knows a few letters only."""
    return catalogue.load("small")


def stage(remedy: str | None, first: float, then: float | None, lost: float, more: float) -> dict[str, Any]:
    """As a job writes it, of 100 texts each."""
    language = [{"part": part, "before": 1.0, "after": 1.0 + x} for part, x in (("en", more), ("zh", 2 * more))]
    return {"record": "stage", "remedy": remedy, "first": first, "first_interval": wilson(first, 100), "then": then,
            "then_interval": None if then is None else wilson(then, 100), "lost": lost, "language": language,
            "trainable": 1000, "seconds": 2.0}  # fmt: skip


def records(lm: LanguageModel, first: float = 0.9) -> list[dict[str, Any]]:
    """A run that goes on with EWC."""
    ids = lm.tokenizer.encode("a b", add_special_tokens=False)
    looked = [{"record": "looked", "at": at, "ids": [ids] * 3, "bits": [[None, *[x] * (len(ids) - 1)]] * 3}
              for at, x in (("before", 1.0), ("first", 2.0), ("none", 4.0))]  # fmt: skip
    steps = [{"record": "step", "task": "first", "remedy": None, "step": i, "loss": 1.0 / i, "seconds": 0.1 * i}
             for i in range(1, 17)]  # fmt: skip
    then = [{"record": "step", "task": "then", "remedy": remedy, "step": i, "loss": 1.0, "seconds": 0.1 * i}
            for remedy, n in (("none", 16), ("ewc", 8)) for i in range(1, n + 1)]  # fmt: skip
    begun = {"record": "begun", "first_steps": 16, "then_steps": 16, "steps": 48, "remedies": ["none", "ewc"],
             "parameters": 10, "model": lm.name, "fingerprint": lm.fingerprint, "texts": [128, 128],
             "tests": [100, 100], "chance": [0.5, 0.5], "labels": [2, 2]}  # fmt: skip
    return [begun, looked[0], *steps, looked[1], stage(None, first, None, 0.0, 0.1), *then[:16], looked[2],
            stage("none", 0.5, 0.8, first - 0.5, 0.3), *then[16:]]  # fmt: skip


def _page(lm: LanguageModel, owner: str = MINE, **query: str) -> Forgetting:
    state: Forgetting = arrived("forgetting", lm, **query)
    do("forgetting", state, lm, "owner", token=owner)
    return state


def _job(said: list[dict[str, Any]], over: bool = False) -> Job:
    changes = {"sentences": ["a b", *SENTENCES.values()]}
    job = folder.create(MINE, Ask("reviews_en", "reviews_zh", {}, changes, kind=folder.FORGETTING))
    (job.path / folder.RECORDS).write_text("".join(json.dumps(record) + "\n" for record in said), encoding="utf-8")
    if over:
        job.finish("done")
    return job


def test_a_first_visit_says_what_it_takes_and_which_rows_will_come(lm: LanguageModel) -> None:
    header, _ = shown("forgetting", _page(lm), lm)
    assert header["problem"] == ""
    assert "min" in header["button"]
    assert header["cost"][1][1] == "375"
    assert [row["at"] for row in header["outcome"]] == ["first", "none", "rehearsal", "ewc", "lora"]
    assert {row["state"] for row in header["outcome"]} == {"waiting"}
    assert header["told"] == header["curves"] == []
    assert [row["at"] for row in header["said_rows"]] == ["now"]


def test_a_remedy_left_out_is_no_row_and_saves_time(lm: LanguageModel) -> None:
    state = _page(lm)
    state.adopt({"ewc": False, "lora": False})
    header, _ = shown("forgetting", state, lm)
    assert [row["at"] for row in header["outcome"]] == ["first", "none", "rehearsal"]
    assert header["cost"][0][1] == "3"
    do("forgetting", state, lm, "start")
    (job,) = folder.jobs_of(MINE, folder.FORGETTING)
    assert job.ask.changes["remedies"] == ["none", "rehearsal"]
    assert job.ask.changes["sentences"][1:] == list(SENTENCES.values())


@pytest.mark.parametrize("first", FIRSTS)
@pytest.mark.parametrize("then", THENS)
def test_each_pair_of_tasks_starts_a_job_or_says_why_not(first: str, then: str, small: LanguageModel) -> None:
    state = _page(small)
    state.adopt({"first": first, "then": then})
    header, _ = shown("forgetting", state, small)
    do("forgetting", state, small, "start")
    impossible = then in ("own", first)
    assert bool(header["problem"]) == impossible
    assert len(folder.jobs_of(MINE, folder.FORGETTING)) == (not impossible)


def test_a_file_is_task_b(small: LanguageModel) -> None:
    state = _page(small)
    do("forgetting", state, small, "open", name="mine.csv", text=CSV, at=0, last=True)
    header, _ = shown("forgetting", state, small)
    assert (header["view"]["then"], header["file"], header["problem"]) == ("own", "mine.csv", "")
    assert header["cost"][2][1].endswith("+ 27")  # of 40, a third is kept
    do("forgetting", state, small, "start")
    (job,) = folder.jobs_of(MINE, folder.FORGETTING)
    assert (job.path / job.ask.given).read_text(encoding="utf-8") == CSV
    for text in ("text,label\na,x\nb,x\n", "text,label\na,\n", "text,label\na,x\nb,y\n", "\x00"):
        do("forgetting", state, small, "open", name="bad.csv", text=text, at=0, last=True)
        assert shown("forgetting", state, small)[0]["problem"]


OTHER = "nr,review,stars\n" + "".join(f"{i},{x} {i},{x}\n" for i in range(20) for x in ("good", "bad"))


def test_columns_of_a_file_are_picked_and_a_link_says_which(small: LanguageModel) -> None:
    state = _page(small)
    do("forgetting", state, small, "open", name="mine.csv", text=OTHER, at=0, last=True)
    header, _ = shown("forgetting", state, small)
    assert header["columns"] == ["nr", "review", "stars"]
    assert [role["column"] for role in header["roles"]] == [0, 1]  # the first two, where none is called as usual
    assert header["problem"] == ConfigError("tune.rare_labels", count=40, labels=40).say("en")
    for role, at in (("text", 1), ("label", 2)):
        do("forgetting", state, small, "column", role=role, index=at)
    header, _ = shown("forgetting", state, small)
    assert (header["problem"], header["cost"][2][1].split("+ ")[1]) == ("", "27")
    assert "text='review', label='stars'" in header["setup_python"]
    do("forgetting", state, small, "start")
    (job,) = folder.jobs_of(MINE, folder.FORGETTING)
    assert job.ask.changes["columns"] == ["review", "stars"]
    assert {row.label for row in rows_of(job, "own")} == {"good", "bad"}

    query = dict(parse_qsl(header["link"].lstrip("?")))
    assert (query["text_column"], query["label_column"]) == ("review", "stars")
    again = _page(small, **query)  # a reload: the file is that of the job looked at
    header, _ = shown("forgetting", again, small)
    assert (header["file"], header["roles"], header["problem"]) == (
        "mine.csv", [{"role": "text", "column": 1}, {"role": "label", "column": 2}], "")  # fmt: skip
    do("forgetting", again, small, "delete")
    other = _page(small, OTHERS, **query)  # who has the link and not the file
    assert shown("forgetting", other, small)[0]["problem"] == ConfigError("tune.no_file").say("en")
    do("forgetting", other, small, "open", name="mine.csv", text=OTHER, at=0, last=True)
    assert [role["column"] for role in shown("forgetting", other, small)[0]["roles"]] == [1, 2]
    do("forgetting", other, small, "open", name="usual.csv", text=CSV, at=0, last=True)  # which has no such columns
    header, _ = shown("forgetting", other, small)
    assert ([role["column"] for role in header["roles"]], header["view"]["text_column"]) == ([0, 1], "")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("content", ["", "{}", "[]", "[{}]", "[[1]]", "nothing", "\x00,\ud800\n", '"', "a\n" * 50,
                                     "text,label\n" + "x,\n" * 40, "a" * 5000 + ",b\n" + "1,2\n" * 40])  # fmt: skip
@pytest.mark.parametrize("name", ["mine.csv", "mine.jsonl"])
def test_a_file_of_any_kind_ends_in_a_sentence(lang: str, content: str, name: str, small: LanguageModel) -> None:
    state = _page(small, lang=lang)
    do("forgetting", state, small, "open", name=name, text=content, at=0, last=True)
    for role, at in (("text", 1), ("label", 0), ("label", 40), ("label", -1), ("x", 0), ("text", True)):
        do("forgetting", state, small, "column", role=role, index=at)
        header, _ = shown("forgetting", state, small, lang)
        assert header["problem"]
        assert "error." not in header["problem"]
        assert all(len(column) <= 80 for column in header["columns"])
    do("forgetting", state, small, "start")
    assert folder.jobs_of(MINE, folder.FORGETTING) == []


def test_a_model_that_fills_blanks_is_told() -> None:
    blanks = load_folder(MODELS / "blanks" / "masked")
    header, _ = shown("forgetting", _page(blanks), blanks)
    assert header["problem"]
    assert header["cost"] == []


def test_numbers_are_those_of_the_records(tiny_lm: LanguageModel) -> None:
    _job(records(tiny_lm))
    header, _ = shown("forgetting", _page(tiny_lm), tiny_lm)
    after, none, ewc = header["outcome"]
    z = 1.959963984540054  # Wilson 1927, by hand
    middle, n = (0.9 + z * z / 200) / (1 + z * z / 100), 100
    half = z / (1 + z * z / n) * math.sqrt(0.9 * 0.1 / n + z * z / (4 * n * n))
    assert after["first"]["value"] == 0.9
    assert (after["first"]["low"], after["first"]["high"]) == pytest.approx((middle - half, middle + half), abs=1e-4)
    assert after["then"] is None
    assert (none["then"]["said"], none["first"]["said"]) == ("80%", "50%")
    assert [(x["part"], x["more"], x["said"]) for x in none["language"]] == [("en", 0.3, "+0.30"), ("zh", 0.6, "+0.60")]
    assert (ewc["state"], ewc["first"]) == ("waiting", None)  # nothing runs here
    assert (header["least_more"], header["most_more"], header["chance"]) == (0.0, 0.6, [0.5, 0.5])
    assert header["share"] == pytest.approx(40 / 48)


def test_losses_are_means_over_the_last_steps(tiny_lm: LanguageModel) -> None:
    _job(records(tiny_lm))
    header, _ = shown("forgetting", _page(tiny_lm), tiny_lm)
    assert [(one["at"], len(one["points"])) for one in header["curves"]] == [("first", 16), ("none", 16), ("ewc", 8)]
    assert header["mean_of"] == 2
    losses = 1.0 / np.arange(1, 17)
    assert header["curves"][0]["points"][5] == [6.0, pytest.approx(losses[4:6].mean(), abs=1e-4)]
    assert header["curves"][1]["points"][0][0] == 17.0  # B begins where A ends


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_words_say_what_was_lost_and_what_lies_within_the_intervals(lang: str, tiny_lm: LanguageModel) -> None:
    whole = [*records(tiny_lm), stage("ewc", 0.6, 0.5, 0.3, 0.2)]
    _job(whole, over=True)
    state = _page(tiny_lm, lang=lang)
    told = shown("forgetting", state, tiny_lm, lang)[0]["told"]
    assert len(told) == 4  # the last: what intervals and bits per byte are
    assert "90%" in told[0]
    assert "−40" in told[1]  # points
    assert "+0.20" in told[1]  # bits per byte of English since A
    apart, overlap = (translate(f"forgetting.{key}", lang) for key in ("apart", "overlap"))
    assert (apart in told[1], overlap in told[1]) == (True, False)
    assert told[2].index(overlap) < told[2].index(apart)  # A: 60 against 50 of 100; B: 50 against 80
    assert "+10" in told[2]
    assert "−30" in told[2]


def test_where_a_was_hardly_learnt_that_is_said(tiny_lm: LanguageModel) -> None:
    _job(records(tiny_lm, first=0.55), over=True)
    told = shown("forgetting", _page(tiny_lm), tiny_lm)[0]["told"]
    assert any("hardly been learnt" in line for line in told)


def test_a_sentence_has_a_row_for_each_model_so_far(tiny_lm: LanguageModel) -> None:
    _job(records(tiny_lm))
    state = _page(tiny_lm, p="other words")
    header, _ = shown("forgetting", state, tiny_lm)
    assert [(row["at"], row["mean"], row["perplexity"]) for row in header["said_rows"]] == [
        ("before", "1.00", "2"), ("first", "2.00", "4"), ("none", "4.00", "16")]  # fmt: skip
    assert header["of_run"]  # the box says something else by now
    assert len(header["words"]) == len(header["said_rows"][0]["bits"])
    state.adopt({"said": "zh"})
    assert not shown("forgetting", state, tiny_lm)[0]["of_run"]


def test_nobody_sees_what_others_run_and_a_deleted_run_is_gone(tiny_lm: LanguageModel) -> None:
    _job(records(tiny_lm), over=True)
    assert shown("forgetting", _page(tiny_lm, OTHERS), tiny_lm)[0]["jobs"] == []
    state = _page(tiny_lm)
    assert len(shown("forgetting", state, tiny_lm)[0]["jobs"]) == 1
    do("forgetting", state, tiny_lm, "delete")
    header, _ = shown("forgetting", state, tiny_lm)
    assert header["jobs"] == header["told"] == header["curves"] == []


def test_a_run_that_failed_says_why(tiny_lm: LanguageModel) -> None:
    job = _job([])
    job.finish("failed", "forgetting.few", {"count": 3, "fewest": 24})
    header, _ = shown("forgetting", _page(tiny_lm), tiny_lm)
    assert [note["text"] for note in header["notes"]] == [ConfigError("forgetting.few", count=3, fewest=24).say("en")]


def test_words_of_any_kind_are_taken(tiny_lm: LanguageModel) -> None:
    state = _page(tiny_lm)
    for text in HOSTILE:
        state.set_text(text)
        header, _ = shown("forgetting", state, tiny_lm)
        assert len(header["words"]) == len(header["said_rows"][0]["bits"] if header["said_rows"] else [])


def test_more_has_its_sign() -> None:
    assert [signed(x) for x in (0.456, 0.001, 0.0, -0.456)] == ["+0.46", "0.00", "0.00", "−0.46"]
