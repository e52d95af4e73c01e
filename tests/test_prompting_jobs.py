"""Studies of prompts as jobs: what they say is what the classifier says; they stop in the middle, and go on anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gptviz
from gptviz.errors import GptvizError
from gptviz.i18n import languages
from gptviz.jobs import folder, prompting
from gptviz.jobs.folder import Ask, Job
from gptviz.tuning.baseline import bag_of_words
from gptviz.tuning.patterns import Pattern, drawn
from gptviz.tuning.prompts import PromptClassifier
from gptviz.tuning.scores import wilson

MINE = "a" * 32
PATTERNS = ["{text} It was {label}", "Review: {text}\nIt was {label}"]
WORDS = {"positive": "good", "negative": "bad"}
CHANGES = {"model": "small", "lang": "en", "patterns": PATTERNS, "words": WORDS, "texts": 20, "seed": 0}


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this test's jobs lie."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))


def gone_through(stops: Callable[[], str] = lambda: "", **changes: Any) -> tuple[Job, str, list[dict[str, Any]]]:
    """A job, how it ended, and what it said."""
    job = folder.create(MINE, Ask("sentiment", "", {}, CHANGES | changes, kind=folder.PROMPTING))
    said: list[dict[str, Any]] = []
    return job, prompting.study(job, said.append, stops), said


@pytest.mark.slow
def test_every_way_is_measured_on_texts_that_are_in_no_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompting, "COUNTS", (16, 64))
    job, how, said = gone_through()
    assert how == ""
    begun, *ways, report = said
    assert [record["record"] for record in said] == ["begun", *["way"] * begun["ways"], "report"]
    assert begun["shots"] == [0, 1, 2]  # of this model, whose context is short
    assert Counter(way["kind"] for way in ways)["order"] == begun["orders"] == 2
    assert [way["shots"] for way in ways if way["kind"] == "shots"] == begun["shots"]
    assert [way["pattern"] for way in ways if way["kind"] == "pattern"] == PATTERNS
    assert all(way["shots"] > 1 and way["calibrated"] is None for way in ways if way["kind"] == "head")
    learnt = [(way["shots"], way["kind"]) for way in ways if way["kind"] in prompting.LEARNT]
    assert learnt == [(count, kind) for count in begun["counts"] for kind in prompting.LEARNT]
    assert begun["majority"] == [0.5, *wilson(0.5, 20)]
    assert report["ways"] == len(ways)
    assert job.summary is not None
    assert job.summary["ways"][0]["plain"] == ways[0]["plain"]
    # the second one again, by the classifier itself
    lm = gptviz.load("small", weights="float32")
    pool, test = prompting.parts("en", 20)
    examples = drawn(pool, 2, seed=0)[:1]
    asked = PromptClassifier(lm, Pattern(PATTERNS[0]), WORDS, examples)
    for name, calibrated in (("plain", False), ("calibrated", True)):
        probs = asked.probs([one.text for one in test], calibrated=calibrated)
        right = sum(asked.labels[at] == one.label for at, one in zip(probs.argmax(1), test, strict=True))
        assert ways[1][name] == [right / 20, *wilson(right / 20, 20)]
    # and the last one, a bag of words on the most examples
    found = bag_of_words(drawn(pool, len(pool), seed=0)[: begun["counts"][-1]], test)
    right = sum(said == one.label for said, one in zip(found, test, strict=True))
    assert ways[-1]["plain"] == [right / 20, *wilson(right / 20, 20)]


@pytest.mark.slow
def test_told_to_stop_it_keeps_what_is_measured() -> None:
    told = iter(["", "told"])
    job, how, said = gone_through(lambda: next(told))
    assert how == "told"
    assert [record["record"] for record in said] == ["begun", "way", "way", "report"]
    assert job.summary is not None
    assert len(job.summary["ways"]) == 2
    job, how, said = gone_through(lambda: "gone")
    assert how == "gone"
    assert job.summary is None
    assert said[-1]["record"] == "way"


@pytest.mark.slow
def test_it_stops_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 100_000, 3600))
    monkeypatch.setattr(prompting.time, "perf_counter", lambda: float(next(clock)))
    assert gone_through()[1] == "told"


@pytest.mark.parametrize(
    ("changes", "key"),
    [({"patterns": ["{text}"]}, "tune.pattern"), ({"patterns": []}, "config.range"),
     ({"patterns": ["a " * 300 + "{text} {label}"]}, "tune.context"),
     ({"words": {"positive": "good", "negative": "good"}}, "tune.same_words"), ({"words": {}}, "tune.words")],
)  # fmt: skip
def test_what_cannot_be_asked_is_a_sentence(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(GptvizError) as caught:
        gone_through(**changes)
    assert caught.value.key == key


@pytest.mark.parametrize("lang", languages())
def test_no_text_is_in_both_parts_and_each_label_comes_as_often(lang: str) -> None:
    pool, test = prompting.parts(lang, prompting.MOST)
    assert not {one.text for one in pool} & {one.text for one in test}
    assert len(test) == prompting.MOST
    assert set(Counter(one.label for one in test).values()) == {prompting.MOST // 2}


@pytest.mark.slow
def test_a_process_of_its_own_runs_it() -> None:
    from gptviz.jobs.runner import Runner

    runner = Runner()
    job = runner.submit(MINE, Ask("sentiment", "", {}, CHANGES, kind=folder.PROMPTING))
    runner.join(180)
    assert (job.end or {})["how"] == "done"
    assert job.records()[0][0]["record"] == "begun"
