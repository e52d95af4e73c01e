"""The robustness page: which classifier is attacked, exchange by exchange; what a trial shows. Without Streamlit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gptviz import tuning
from gptviz.jobs import folder
from gptviz.jobs.folder import Ask, Job
from gptviz.jobs.robustness import FOLDER, WAYS
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.numbers import softmax
from gptviz.tuning.augmentation import WAYS as AUGMENTED
from gptviz.tuning.batches import encode
from gptviz.tuning.robustness import CHOICES
from gptviz.tuning.scores import wilson
from gptviz.ui.pages.robustness.copies import apart
from gptviz.ui.pages.robustness.results import COLUMNS
from gptviz.ui.pages.robustness.state import CHOSEN, Robustness
from tests.test_tuning_robustness import CONFIG, LETTERS
from tests.ui.desk import HOSTILE, arrived, do, finished, shown

MINE, OTHERS = "c" * 32, "d" * 32
KINDS = {"plain": 60, "negation": 35, "irony": 6, "mixed": 23}
BEGUN = {"record": "begun", "ways": ["plain", "fgm", "swap"], "texts": 496, "test": 124, "kinds": KINDS,
         "attacked": 20, "flips": 2, "epsilon": 0.05, "model": "t", "fingerprint": "f"}  # fmt: skip


def _row(way: str, right: int, moved: int) -> dict[str, Any]:
    return {"record": "way", "way": way, "learnt": 447, "all": [right, 124], "moved": [moved, 124], "misled": 15,
            "tried": 20, "kinds": {kind: [count // 2, count] for kind, count in KINDS.items()},
            "seconds": 9.0}  # fmt: skip


PLAIN, FGM = _row("plain", 80, 30), _row("fgm", 82, 60)


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's own jobs."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))


def _page(lm: LanguageModel, owner: str = MINE, lang: str = "en", **query: str) -> Robustness:
    state: Robustness = arrived("robustness", lm, lang=lang, **query)
    do("robustness", state, lm, "owner", token=owner)
    return state


def _trial(*records: dict[str, Any], end: str = "") -> Job:
    job = folder.create(MINE, Ask("sentiment", "trial", {}, {"ways": BEGUN["ways"]}, kind=folder.ROBUSTNESS))
    (job.path / folder.RECORDS).write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    if end:
        job.finish(end)
    return job


@pytest.fixture(scope="module")
def learnt(tiny_lm: LanguageModel) -> tuning.Classification:
    """A classifier of letters, which knows its own."""
    assert isinstance(tiny_lm, LocalModel)
    found = tuning.Classification(tiny_lm, LETTERS, CONFIG)
    found.learn()
    return found


@pytest.fixture
def tuned(tiny_lm: LanguageModel, learnt: tuning.Classification) -> Job:
    """A tuning of this visitor's that left it."""
    assert isinstance(tiny_lm, LocalModel)
    job = folder.create(MINE, Ask("sentiment", "full", {}, {}, kind=folder.TUNING))
    tuning.save(learnt, tiny_lm, job.path, model=False)
    job.finish("done")
    return job


# ---- the attack


def test_without_a_classifier_nothing_is_attacked(tiny_lm: LanguageModel) -> None:
    state = _page(tiny_lm, p="a w e")
    do("robustness", state, tiny_lm, "attack")
    header, _ = finished("robustness", state, tiny_lm)
    assert (header["targets"], header["labels"], header["exchanges"], header["attacked_label"]) == ([], [], [], "")
    assert not header["attacking"]


@pytest.mark.slow
def test_the_attack_goes_on_exchange_by_exchange_and_each_number_is_the_classifiers(
    tiny_lm: LanguageModel, tuned: Job, learnt: tuning.Classification
) -> None:
    state = _page(tiny_lm, p="a w e")
    header, _ = shown("robustness", state, tiny_lm)
    assert [name for name, _ in header["targets"]] == [header["target"]] == [tuned.id]
    label, p = header["labels"][0]

    def probs(text: str) -> dict[str, float]:
        found = softmax(learnt.classifier.logits(encode(tiny_lm.tokenizer, [text], 32)).astype(np.float64))[0]
        return dict(zip(learnt.classifier.labels, found.tolist(), strict=True))

    assert p == pytest.approx(probs("a w e")[label], abs=1e-6) == max(probs("a w e").values())
    do("robustness", state, tiny_lm, "attack")
    first, _ = shown("robustness", state, tiny_lm)
    assert len(first["exchanges"]) == 1  # one at each look
    header, _ = finished("robustness", state, tiny_lm)
    assert header["attacked_label"] == label
    assert header["attack_end"]
    before, loss, used = "a w e", -np.log(p), set[str]()
    for step in header["exchanges"]:
        old = "".join(text for text, mark in step["pieces"] if mark != "new")
        new = "".join(text for text, mark in step["pieces"] if mark != "old")
        assert old == before
        assert step["prob"] == pytest.approx(probs(new)[label], abs=1e-5)
        assert step["gained"] == pytest.approx(-np.log(step["prob"]) - loss, abs=1e-4)
        assert step["gained"] > 0
        assert max(probs(new), key=lambda name: probs(new)[name]) == step["found"]
        assert {text for text, mark in step["pieces"] if mark == "before"} <= used
        used |= {text for text, mark in step["pieces"] if mark == "new"}
        before, loss = new, -np.log(step["prob"])
    assert all(step["found"] == label for step in header["exchanges"][:-1])
    state.set_text("b w e")  # of another text it says nothing
    assert shown("robustness", state, tiny_lm)[0]["exchanges"] == []


@pytest.mark.slow
def test_one_goes_from_a_tuning_to_a_trials_classifiers_and_never_to_anothers(
    tiny_lm: LanguageModel, tuned: Job, learnt: tuning.Classification
) -> None:
    assert isinstance(tiny_lm, LocalModel)
    job = _trial(BEGUN, PLAIN)
    for way in ("plain", "fgm"):
        tuning.save(learnt, tiny_lm, job.path / FOLDER / way, model=False)
    state = _page(tiny_lm, p="a w e")
    header, _ = shown("robustness", state, tiny_lm)
    assert [name for name, _ in header["targets"]] == [tuned.id, f"{job.id}/plain", f"{job.id}/fgm"]
    do("robustness", state, tiny_lm, "under", name=f"{job.id}/fgm")
    assert shown("robustness", state, tiny_lm)[0]["target"] == f"{job.id}/fgm"
    for forged in ("../../etc", f"{job.id}/../plain", "x" * 64):
        do("robustness", state, tiny_lm, "under", name=forged)
        assert shown("robustness", state, tiny_lm)[0]["target"] == tuned.id
    other = _page(tiny_lm, OTHERS, p="a w e")
    do("robustness", other, tiny_lm, "under", name=f"{job.id}/fgm")
    header, _ = shown("robustness", other, tiny_lm)
    assert (header["targets"], header["jobs"]) == ([], [])


@pytest.mark.slow
def test_words_of_any_kind_are_attacked_and_changed(tiny_lm: LanguageModel, tuned: Job) -> None:
    state = _page(tiny_lm)
    for text in HOSTILE:
        state.set_text(text)
        for kind in ("attack", "say", "again"):
            do("robustness", state, tiny_lm, kind)
        header, _ = finished("robustness", state, tiny_lm)
        assert isinstance(header["copies"], list)
        assert bool(header["copies"]) == bool(text[:200].strip()) or not header["copies"]


# ---- copies


def test_copies_put_together_are_the_text_and_what_became_of_it(lm: LanguageModel) -> None:
    for text in ("The food was good and the staff were kind.", "菜很好吃，服务员也很热情。"):
        state = _page(lm, p=text)
        for _ in range(3):
            header, _ = shown("robustness", state, lm)
            for one in header["copies"]:
                kept = "".join(piece for piece, mark in one["pieces"] if mark != "new")
                assert kept.strip() == text
            assert any(mark == "new" for one in header["copies"] for _, mark in one["pieces"])
            do("robustness", state, lm, "again")
    do("robustness", state, lm, "say")
    header, _ = shown("robustness", state, lm)
    assert header["other_words_asked"]
    state.set_text("x" * 300)
    header, _ = shown("robustness", state, lm)
    assert (header["copies_cut"], header["other_words_asked"]) == (200, False)
    assert apart("好吃", "吃好") == [("吃", "new"), ("好", "same"), ("吃", "old")]


# ---- the trial


def test_before_a_trial_the_picture_says_how_little_so_few_reviews_tell(lm: LanguageModel) -> None:
    header, _ = shown("robustness", _page(lm), lm)
    assert [column["name"] for column in header["columns"]] == list(COLUMNS)
    for column in header["columns"]:
        assert column["coin"] == list(wilson(0.5, column["of"]))
        assert [row["way"] for row in column["rows"]] == list(WAYS)
        assert all(row["right"] == -1 for row in column["rows"])
    state = _page(lm)
    state.adopt({"attacked": 0, "swap": False, "pgd": False})
    header, _ = shown("robustness", state, lm)
    assert "words" not in [column["name"] for column in header["columns"]]
    assert [row["way"] for row in header["columns"][0]["rows"]] == ["plain", "fgm", "replace", "delete"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_measured_stands_with_its_interval_and_what_is_beyond_is_said(lm: LanguageModel, lang: str) -> None:
    _trial(BEGUN, PLAIN, FGM)
    header, _ = shown("robustness", _page(lm, lang=lang), lm, lang)
    columns = {column["name"]: column["rows"] for column in header["columns"]}
    plain, fgm, swap = columns["all"]
    assert (plain["right"], plain["of"], plain["low"], plain["high"]) == (80, 124, *wilson(80 / 124, 124))
    assert (fgm["right"], fgm["beyond"], swap["right"]) == (82, 0, -1)
    assert columns["irony"][0]["low"] == wilson(0.5, 6)[0]
    assert (columns["words"][0]["right"], columns["words"][0]["of"]) == (5, 20)  # 15 of 20 were misled
    assert wilson(60 / 124, 124)[0] > wilson(30 / 124, 124)[1]  # by hand: 0.398 and 0.324
    assert columns["moved"][1]["beyond"] == 1
    assert header["n_ways"] == 2
    assert "0.05" in header["trial_said"]
    assert ("1 of 7" if lang == "en" else "7 处差别中，有 1 处") in header["trial_said"]


def test_where_nothing_is_beyond_that_is_said(lm: LanguageModel) -> None:
    _trial(BEGUN, PLAIN, _row("fgm", 82, 32))
    assert "None of the 7" in shown("robustness", _page(lm), lm)[0]["trial_said"]


def test_a_trial_is_started_with_what_was_chosen_and_says_where_it_stands(lm: LanguageModel) -> None:
    state = _page(lm)
    state.adopt({"pgd": False, "delete": False, "epsilon": 0.1, "run_seed": 4})
    do("robustness", state, lm, "start")
    [job] = folder.jobs_of(MINE, folder.ROBUSTNESS)
    assert job.ask.changes["ways"] == ["plain", "fgm", "replace", "swap"]
    assert (job.ask.changes["epsilon"], job.ask.changes["seed"], job.ask.changes["model"]) == (0.1, 4, lm.name)
    moment = {"record": "moment", "way": "fgm", "doing": "learning", "done": 42, "of": 84, "place": 1, "seconds": 60.0}
    job = _trial(BEGUN, PLAIN, moment, end="stopped")
    state.job = job.id
    header, _ = shown("robustness", state, lm)
    assert header["share"] == pytest.approx((1 + 0.33) / 3)
    assert header["state"] == "Stopped. 1 of 3 ways are measured."
    do("robustness", state, lm, "delete")
    assert job.id not in [one["id"] for one in shown("robustness", state, lm)[0]["jobs"]]


def test_the_ways_are_those_of_the_engine_but_for_the_slow_one() -> None:
    assert set(CHOICES) - set(WAYS) == {"paraphrase"} <= set(AUGMENTED)
    assert set(WAYS) - set(CHOSEN) == {"plain"}
