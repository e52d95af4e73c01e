"""The Python that the pages of prompting and of forgetting offer: run as it stands, it prints the numbers that the page
shows, and of a run those that its job has written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gptviz import catalogue
from gptviz.jobs import folder, forgetting, prompting
from gptviz.jobs.folder import Job
from gptviz.language_model import LanguageModel
from gptviz.tuning import curve, prompt_study
from gptviz.tuning.curve import Point
from gptviz.tuning.prompt_study import Prompted
from gptviz.tuning.sequence import Stage
from gptviz.ui.pages.forgetting.state import Forgetting
from gptviz.ui.pages.prompting.state import Prompting
from tests.ui.desk import arrived, do, shown

pytestmark = pytest.mark.slow

MINE = "c" * 32
#: Who has a file of their own runs the Python beside it.
CSV = "nr,review,stars\n" + "".join(f"{i},It was {x} {i}.,{x}\n" for i in range(16) for x in ("good", "bad"))


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's own jobs, and its own folder to run in."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def small() -> LanguageModel:
    """Fast, and able to read."""
    return catalogue.load("small")


def printed(code: str) -> list[tuple[Any, ...]]:
    """What a recipe prints, line by line: the objects themselves."""
    said: list[tuple[Any, ...]] = []
    exec(compile(code, "recipe", "exec"), {"print": lambda *things: said.append(things)})
    return said


def said_of(work: Callable[..., str], job: Job, kind: str) -> list[dict[str, Any]]:
    """What a job writes, of one kind of record."""
    records: list[dict[str, Any]] = []
    assert work(job, records.append, lambda: "") == ""
    return [record for record in records if record["record"] == kind]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_python_of_a_prompt_prints_what_the_page_shows(lang: str, small: LanguageModel) -> None:
    text = {"en": "The soup was cold.", "zh": "汤是冷的。"}[lang]
    state: Prompting = arrived("prompting", small, lang=lang, p=text, shots="1")
    header, _ = shown("prompting", state, small, lang)
    (labels, logprobs, leaning), (plain, calibrated) = printed(header["labels_python"])
    rows = header["label_rows"]
    assert len(labels) == len(rows) == 2
    for i, row in enumerate(rows):
        assert row["logprob"] == pytest.approx(float(logprobs[0][i]), abs=1e-4)
        assert row["leaning"] == pytest.approx(float(leaning[i]), abs=1e-4)
        assert row["plain"] == pytest.approx(float(plain[0][i]), abs=1e-4)
        assert row["calibrated"] == pytest.approx(float(calibrated[0][i]), abs=1e-4)
    assert header["asking_python"] == header["labels_python"]


def test_the_python_of_a_study_prints_what_its_job_writes(small: LanguageModel, monkeypatch: pytest.MonkeyPatch
                                                         ) -> None:  # fmt: skip
    monkeypatch.setattr(prompting, "COUNTS", (8,))
    monkeypatch.setattr(prompting, "ORDERS", 2)
    monkeypatch.setattr(curve, "_STEPS", 4)
    monkeypatch.setattr(prompt_study, "_HEAD", prompt_study._HEAD | {"epochs": 2})
    state: Prompting = arrived("prompting", small, n_texts="20")
    do("prompting", state, small, "owner", token=MINE)
    do("prompting", state, small, "start")
    [job] = folder.jobs_of(MINE, folder.PROMPTING)
    ways = said_of(prompting.study, job, "way")
    found = [record for (record,) in printed(shown("prompting", state, small)[0]["study_python"])]
    assert len(found) == len(ways)
    for record, way in zip(found, ways, strict=True):
        if isinstance(record, Prompted):
            assert (record.kind, record.pattern, record.shots) == (way["kind"], way["pattern"], way["shots"])
            measured = record.plain
        else:
            assert isinstance(record, Point)
            assert (record.way, record.examples) == (way["kind"], way["shots"])
            measured = record.scores
        assert [measured.accuracy, measured.low, measured.high] == way["plain"]


@pytest.mark.parametrize("own", [False, True])
def test_the_python_of_forgetting_prints_the_stages_of_its_job(own: bool, small: LanguageModel) -> None:
    state: Forgetting = arrived("forgetting", small, n_texts="20", epochs="1", ewc="0", lora="0")
    do("forgetting", state, small, "owner", token=MINE)
    if own:
        Path("mine.csv").write_text(CSV, encoding="utf-8")
        do("forgetting", state, small, "open", name="mine.csv", text=CSV, at=0, last=True)
        for role, at in (("text", 1), ("label", 2)):
            do("forgetting", state, small, "column", role=role, index=at)
    do("forgetting", state, small, "start")
    [job] = folder.jobs_of(MINE, folder.FORGETTING)
    stages = said_of(forgetting.forget, job, "stage")
    found = [one for (one,) in printed(shown("forgetting", state, small)[0]["setup_python"]) if isinstance(one, Stage)]
    assert len(found) == len(stages) == 3  # A; B without a remedy and with rehearsal
    for one, stage in zip(found, stages, strict=True):
        for name in ("remedy", "first", "first_interval", "then", "then_interval", "lost"):
            assert getattr(one, name) == stage[name], name
        assert [part.after for part in one.language] == pytest.approx([part["after"] for part in stage["language"]])


def test_the_python_of_a_sentence_gives_the_bits_that_are_shown(small: LanguageModel) -> None:
    state: Forgetting = arrived("forgetting", small, p="It was a fine day.")
    header, _ = shown("forgetting", state, small)
    *body, last = header["sentence_python"].splitlines()
    names: dict[str, Any] = {}
    exec("\n".join([*body, f"ids, bits = {last}"]), names)
    [row] = header["said_rows"]
    assert len(names["ids"]) == len(header["words"])
    assert row["bits"] == pytest.approx(names["bits"], abs=0.01)
