"""A trial as a job: what it says and leaves, how it is stopped, and what it is measured on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gptviz
from gptviz.errors import GptvizError
from gptviz.jobs import folder, robustness
from gptviz.jobs.folder import Ask, Job
from gptviz.language_model import LocalModel
from gptviz.tuning import hard
from gptviz.tuning.batches import encode
from gptviz.tuning.classifier import Classifier
from gptviz.tuning.hard import KINDS, Parts, parts
from gptviz.tuning.saved import classifies, open_tuned

MINE = "a" * 32
CHANGES = {"model": "small", "lang": "en", "epochs": 1, "attacked": 2, "flips": 1, "seed": 3}


@pytest.fixture(autouse=True)
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parts:
    """Where this test's jobs lie; and few reviews, so that a way takes a moment."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))
    train, test, kinds = parts("en", 3)
    found = Parts(train[:40], test[:20], kinds[:20])
    monkeypatch.setattr(robustness, "parts", lambda lang, seed: found)
    return found


def gone_through(stops: Callable[[], str] = lambda: "", **changes: Any) -> tuple[Job, str, list[dict[str, Any]]]:
    """A job, how it ended, and what it said."""
    ask = Ask("sentiment", "trial", {}, CHANGES | changes, kind=folder.ROBUSTNESS)
    job = folder.create(MINE, ask)
    said: list[dict[str, Any]] = []
    return job, robustness.work(job, said.append, stops), said


def _ways(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for record in said if record["record"] == "way"]


@pytest.mark.slow
def test_each_way_is_measured_on_the_same_reviews_and_leaves_a_classifier(few: Parts) -> None:
    job, how, said = gone_through(ways=["swap", "fgm"])
    assert how == ""
    assert [record["record"] for record in said if record["record"] != "moment"] == ["begun", *["way"] * 3, "report"]
    begun, rows = said[0], _ways(said)
    assert begun["ways"] == ["plain", "fgm", "swap"]  # in our order, the plain way always
    assert begun["kinds"] == few.counts
    assert [row["way"] for row in rows] == ["plain", "fgm", "swap"]
    assert rows[2]["learnt"] > rows[0]["learnt"] == rows[1]["learnt"]
    lm = gptviz.load("small", weights="float32")
    assert isinstance(lm, LocalModel)
    for row in rows:
        assert {kind: part[1] for kind, part in row["kinds"].items()} == few.counts
        assert sum(part[0] for part in row["kinds"].values()) == row["all"][0]
        assert 0 <= row["misled"] <= row["tried"] == min(2, row["all"][0])
        path = job.path / robustness.FOLDER / row["way"]
        assert classifies(path, lm)
        classifier = open_tuned(path, lm)
        assert isinstance(classifier, Classifier)  # what is said of it is what it does
        logits = classifier.logits(encode(lm.tokenizer, [x.text for x in few.test], 256))
        found = [classifier.labels[i] for i in logits.argmax(1)]
        assert row["all"] == (sum(one == x.label for one, x in zip(found, few.test, strict=True)), len(few.test))
        assert not (path / "model").exists()
    assert job.summary is not None
    assert [row["way"] for row in job.summary["ways"]] == ["plain", "fgm", "swap"]
    json.dumps(said)  # lines of JSON


@pytest.mark.slow
def test_stopped_in_the_middle_it_keeps_what_is_measured() -> None:
    said: list[dict[str, Any]] = []
    ask = Ask("sentiment", "trial", {}, CHANGES | {"ways": ["swap"]}, kind=folder.ROBUSTNESS)
    job = folder.create(MINE, ask)
    how = robustness.work(job, said.append, lambda: "told" if _ways(said) else "")
    assert how == "told"
    assert [row["way"] for row in _ways(said)] == ["plain"]
    assert said[-1]["record"] == "report"
    assert gone_through(stops=lambda: "gone")[1] == "gone"
    job, how, said = gone_through(stops=lambda: "told")
    assert (how, _ways(said)) == ("told", [])
    assert job.summary is not None


@pytest.mark.slow
def test_it_takes_no_longer_than_a_job_may(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10**6, 100))
    monkeypatch.setattr("gptviz.jobs.robustness.time.perf_counter", lambda: float(next(clock)))
    _, how, said = gone_through()
    assert how == "told"
    assert said[-1]["late"]


def test_a_way_that_there_is_not_is_a_sentence_and_a_paraphrase_is_none_of_a_trial() -> None:
    ask = Ask("sentiment", "trial", {}, {"ways": ["plain", "paraphrase", "prayer", 7]}, kind=folder.ROBUSTNESS)
    assert robustness.trial_of(ask).ways == ("plain",)
    with pytest.raises(GptvizError):
        robustness.trial_of(Ask("sentiment", "trial", {}, {"epsilon": -1.0}))


@pytest.mark.parametrize("lang", ["en", "zh", "xx"])
def test_the_reviews_are_cut_into_fifths_that_have_nothing_in_common(lang: str) -> None:
    found = [hard.parts(lang, seed) for seed in range(hard.FIFTHS)]
    texts = [x.text for one in found for x in one.test]
    assert len(texts) == len(found[0].train) + len(found[0].test)
    for one in found:
        assert len(one.test) == len(one.kinds) == sum(one.counts.values())
        assert list(one.counts) == [kind for kind in KINDS if kind in one.counts]
    assert hard.parts(lang, 2**31 - 1) == found[(2**31 - 1) % hard.FIFTHS]


def test_only_a_classifier_of_this_model_is_one(tmp_path: Path, lm: LocalModel) -> None:
    assert not classifies(tmp_path, lm)
    said = {"labels": ["a", "b"], "fingerprint": lm.fingerprint}
    for content, good in ((json.dumps(said), True), (json.dumps(said | {"fingerprint": "other"}), False), ("[", False),
                          (json.dumps({"fingerprint": lm.fingerprint}), False), ("[]", False)):  # fmt: skip
        (tmp_path / "tuning.json").write_text(content, encoding="utf-8")
        assert classifies(tmp_path, lm) == good, content
