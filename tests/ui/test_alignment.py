"""The alignment page: two answers to choose from, where pairs are from, what a job says. Without Streamlit."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from gptviz.jobs import folder
from gptviz.jobs.folder import Ask, Job
from gptviz.language_model import LanguageModel
from gptviz.tuning.pairs import Pair
from gptviz.tuning.rules import RULES
from gptviz.ui.pages.alignment.state import SOURCES, Alignment
from tests.ui.desk import HOSTILE, arrived, do, shown

MINE, OTHERS = "c" * 32, "d" * 32
_VOTE = {"chosen": "yes", "rejected": "no", "chosen_votes": 3, "rejected_votes": 1, "model": "m"}  # as a room saves it
VOTES = "".join(json.dumps({"prompt": f"q{i}", **_VOTE}) + "\n" for i in range(5))
BEGUN = {
    "record": "begun",
    "steps": 10,
    "trainable": 34,
    "parameters": 1000,
    "model": "t",
    "fingerprint": "f",
    "pairs": 9,
}
DPO: list[dict[str, Any]] = [
    BEGUN,
    {"record": "light", "name": "ln2", "value": math.log(2), "wanted": math.log(2), "good": True},
    {"record": "preferred", "step": 0, "chosen": -9.0, "rejected": -8.0, "reference_chosen": -9.0,
     "reference_rejected": -8.0},
    {"record": "step", "step": 5, "loss": 0.5, "learning_rate": 0.1, "valid_loss": 0.6, "valid_accuracy": 0.75,
     "seconds": 2.0},
    {"record": "preferred", "step": 5, "chosen": -9.5, "rejected": -12.0, "reference_chosen": -9.0,
     "reference_rejected": -8.0},
]  # fmt: skip
PPO: list[dict[str, Any]] = [
    BEGUN,
    *({"record": "ppo", "step": i, "reward": 0.1 * i, "reward_std": 0.1, "kl": 0.2 * (i - 1), "seconds": 1.0 * i}
      for i in (1, 2)),
    {"record": "light", "name": "variance", "value": 0.0, "wanted": 0.0, "good": False},
]  # fmt: skip


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's own jobs."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))


def _page(lm: LanguageModel, owner: str = MINE, **query: str) -> Alignment:
    state: Alignment = arrived("alignment", lm, lang="en", **query)
    do("alignment", state, lm, "owner", token=owner)
    return state


def _job(records: list[dict[str, Any]], by: str, answers: list[list[str]] | None = None,
         forgotten: list[list[Any]] | None = None) -> Job:  # fmt: skip
    job = folder.create(MINE, Ask("ours", by, {}, {}, kind=folder.ALIGNMENT))
    (job.path / folder.RECORDS).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    if answers is not None:
        (job.path / folder.SUMMARY).write_text(json.dumps({"by": by, "answers": answers, "forgotten": forgotten}),
                                               encoding="utf-8")  # fmt: skip
        job.finish("done")
    return job


def test_two_answers_are_drawn_and_the_better_one_is_kept_as_a_pair(lm: LanguageModel) -> None:
    state = _page(lm, p="Who?")
    assert shown("alignment", state, lm)[0]["offered"] == []
    do("alignment", state, lm, "choose", index=0)  # nothing is there to choose from
    assert state.mine == []
    do("alignment", state, lm, "draw")
    one, other = shown("alignment", state, lm)[0]["offered"]
    assert one != other
    do("alignment", state, lm, "choose", index=1)
    assert state.mine == [Pair("Who?", other, one)]
    header, _ = shown("alignment", state, lm)
    assert header["offered"] != [one, other]  # two others follow
    assert header["chosen_so_far"] == 1
    do("alignment", state, lm, "undo")
    assert shown("alignment", state, lm)[0]["chosen_so_far"] == 0


@pytest.mark.parametrize("source", SOURCES)
def test_each_source_of_pairs_starts_a_job_or_says_what_it_lacks(source: str, lm: LanguageModel) -> None:
    state = _page(lm)
    state.adopt({"source": source})
    header, _ = shown("alignment", state, lm)
    do("alignment", state, lm, "start")
    started = folder.jobs_of(MINE, folder.ALIGNMENT)
    if source in ("mine", "file"):
        assert header["problem"]
        assert started == []
    else:
        assert header["problem"] == ""
        assert [job.ask.source for job in started] == [source]
    assert bool(header["pairs"]) == (source == "ours")
    assert (source in RULES) == (source not in ("ours", "mine", "file"))


def test_the_rooms_votes_are_what_is_learnt_from(lm: LanguageModel) -> None:
    state = _page(lm)
    do("alignment", state, lm, "open", name="votes.jsonl", text=VOTES, at=0, last=True)
    header, _ = shown("alignment", state, lm)
    assert header["view"]["source"] == "file"
    assert (header["file"], header["n_pairs"]) == ("votes.jsonl", 5)
    assert header["pairs"][0] == ["q0", "yes", "no"]
    do("alignment", state, lm, "start")
    (job,) = folder.jobs_of(MINE, folder.ALIGNMENT)
    assert (job.path / job.ask.given).read_text(encoding="utf-8") == VOTES
    do("alignment", state, lm, "open", name="bad.csv", text="prompt,chosen,rejected\na,b,b\n", at=0, last=True)
    assert "line 2" in shown("alignment", state, lm)[0]["problem"]


def test_own_choices_go_with_the_job(lm: LanguageModel) -> None:
    state = _page(lm)
    state.adopt({"source": "mine"})
    state.mine = [Pair(f"q{i}", "好", "bad") for i in range(4)]
    do("alignment", state, lm, "start")
    (job,) = folder.jobs_of(MINE, folder.ALIGNMENT)
    rows = (job.path / job.ask.given).read_text(encoding="utf-8").splitlines()
    assert json.loads(rows[3]) == {"prompt": "q3", "chosen": "好", "rejected": "bad"}


def test_dpo_shows_chosen_and_rejected_against_the_reference(lm: LanguageModel) -> None:
    job = _job(DPO, "dpo")
    header, _ = shown("alignment", _page(lm), lm)
    assert header["way"] == "dpo"
    assert header["chosen"] == [[0, 0.0], [5, -0.5]]
    assert header["rejected"] == [[0, 0.0], [5, -4.0]]
    assert header["pairs_right"] == "75%"
    assert header["share"] == 0.5
    assert [one["id"] for one in header["jobs"]] == [job.id]
    assert shown("alignment", _page(lm, OTHERS), lm)[0]["jobs"] == []


def test_ppo_shows_what_the_reward_costs_and_a_red_light(lm: LanguageModel) -> None:
    _job(PPO, "ppo")
    header, _ = shown("alignment", _page(lm), lm)
    assert header["way"] == "ppo"
    assert header["tradeoff"] == [[0.0, 0.1], [0.2, 0.2]]
    assert [(name, good, numbers) for name, _, numbers, good in header["lights"]] == [("variance", False, "0 | > 0")]


def test_both_ways_answer_the_same_questions_side_by_side(lm: LanguageModel) -> None:
    _job(PPO, "ppo", [["q", "was", "by ppo"], ["other", "x", "y"]])
    _job(DPO, "dpo", [["q", "was", "by dpo"]])
    header, _ = shown("alignment", _page(lm), lm)
    assert header["answers"] == [["q", "was", "by dpo", "by ppo"], ["other", "x", "–", "y"]]
    assert header["forgotten"] == []  # jobs from before it was measured


def test_what_each_way_has_forgotten_stands_below_the_answers(lm: LanguageModel) -> None:
    """What came of another model has no place there: its text cost something else before."""
    _job(DPO, "dpo", [["q", "was", "by dpo"]], [["en", 1.5, 1.75], ["zh", 2.0, 1.999]])
    other = _job(PPO, "ppo", [["q", "was", "by ppo"]], [["en", 1.5, 1.6], ["zh", 3.0, 3.1]])
    state = _page(lm)
    state.job = folder.jobs_of(MINE, folder.ALIGNMENT)[-1].id
    header, _ = shown("alignment", state, lm)
    assert header["forgotten"] == [
        ["English held out, bits per byte", "1.500", "1.750 (+0.250)", "1.600 (+0.100)"],
        ["Chinese held out, bits per byte", "2.000", "1.999 (−0.001)", "–"],
    ]
    assert "Held-out text in English costs 1.600 bits per byte after PPO" in header["answers_reading"]
    state.job = other.id
    header, _ = shown("alignment", state, lm)
    assert [row[1:] for row in header["forgotten"]][1] == ["3.000", "–", "3.100 (+0.100)"]


def test_words_of_any_kind_are_taken(lm: LanguageModel) -> None:
    state = _page(lm)
    for text in HOSTILE:
        state.set_text(text)
        do("alignment", state, lm, "draw")
        header, _ = shown("alignment", state, lm)
        assert isinstance(header["offered"], list)
