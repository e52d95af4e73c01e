"""The tuning page: what a run costs, files of one's own, what a job says, the text tried. Without Streamlit, and
without tuning but of a very small model."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gptviz.jobs import folder, tuned
from gptviz.jobs.folder import Ask, Job
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tuning import TuneConfig, method, sets
from gptviz.tuning.examples import Example, Tagged
from gptviz.tuning.saved import save
from gptviz.tuning.tasks import Classification, Labelling
from gptviz.ui.limits import MAX_PIECE
from gptviz.ui.pages.tuning.own import Upload
from gptviz.ui.pages.tuning.state import ANSWERING, OFFERED, Tuning
from tests.ui.desk import HOSTILE, arrived, do, shown

MINE, OTHERS = "c" * 32, "d" * 32
LETTERS = "text,label\nab,x\nba,x\ncd,y\ndc,y\n"  # which a model of few characters knows
CHANGES = {"epochs": 2, "file": "mine.csv", "columns": ["text", "label"]}
REPORT = {
    "record": "report", "measure": "accuracy", "value": 0.75, "low": 0.6, "high": 0.85, "n": 40, "macro_f1": 0.74,
    "rows": [["yes", 0.8, 0.7, 0.747, 20], ["no", 0.7, 0.8, 0.747, 20]], "names": ["yes", "no"],
    "confusion": [[14, 6], [4, 16]], "majority": 0.5, "words": 0.6, "n_wrong": 10,
    "wrong": [["<b>not bad</b>", "yes", "no", 0.91]], "trainable": 34, "steps": 20, "seconds": 9.0,
    "cpu_seconds": 4.2, "bytes": 700_000_000,
}  # fmt: skip
FORGOTTEN = {"forgotten": [["en", 1.5, 1.75], ["zh", 2.0, 2.0001]]}  # bits per byte before and after
RECORDS: list[dict[str, Any]] = [
    {"record": "begun", "steps": 20, "trainable": 34, "parameters": 1000, "model": "tiny", "fingerprint": "f",
     "train": 160, "valid": 40, "cut": 3, "most": 32},
    {"record": "light", "name": "first", "value": math.log(2), "wanted": math.log(2), "good": True},
    {"record": "step", "step": 0, "steps": 20, "epoch": 0.0, "loss": 0.693, "learning_rate": 0.0, "valid_loss": 0.693,
     "valid_accuracy": 0.5, "seconds": 0.0},
    {"record": "step", "step": 1, "steps": 20, "epoch": 0.1, "loss": 0.7, "learning_rate": 0.1, "valid_loss": None,
     "valid_accuracy": None, "seconds": 0.4},
    {"record": "step", "step": 10, "steps": 20, "epoch": 1.0, "loss": 0.5, "learning_rate": 0.1, "valid_loss": 0.6,
     "valid_accuracy": 0.7, "seconds": 4.0},
    {"record": "light", "name": "frozen", "value": 1, "wanted": 0, "good": False},
]  # fmt: skip


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's own jobs."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))


def _page(lm: LanguageModel, owner: str = MINE, lang: str = "en", **query: str) -> Tuning:
    state: Tuning = arrived("tuning", lm, lang=lang, **query)
    do("tuning", state, lm, "owner", token=owner)
    return state


def _job(*more: dict[str, Any], task: str = "sentiment", name: str = "lora") -> Job:
    job = folder.create(MINE, Ask(task, name, {}, CHANGES, kind=folder.TUNING))
    (job.path / folder.RECORDS).write_text("".join(json.dumps(x) + "\n" for x in (*RECORDS, *more)), encoding="utf-8")
    return job


def _over(job: Job, how: str = "done", more: dict[str, Any] | None = None) -> Job:
    few = {name: REPORT[name] for name in ("measure", "value", "low", "high", "trainable", "cpu_seconds", "bytes")}
    (job.path / folder.SUMMARY).write_text(json.dumps(few | (more or {})), encoding="utf-8")
    job.finish(how)
    return job


def _opened(state: Tuning, lm: LanguageModel, content: str, name: str = "mine.csv") -> dict[str, Any]:
    do("tuning", state, lm, "open", name=name, text=content, at=0, last=True)
    return shown("tuning", state, lm)[0]


def test_a_first_visit_offers_a_run_and_says_what_it_costs(lm: LanguageModel) -> None:
    header, _ = shown("tuning", arrived("tuning", lm), lm)
    assert header["tasks"] == list(sets.TASKS)
    assert [name for name, fits in header["methods"] if fits] == list(OFFERED)
    of_lora = 8 * 8 * (384 + 3 * 384) + 2 * 385  # eight layers of 384 → 1152, and the head
    assert dict(header["cost"])["Numbers learnt"].startswith(f"{of_lora:,} (")
    assert header["data_n"] == 620
    assert sum(n for _, n in header["data_counts"]) == 620
    assert header["mask"] == header["lights"] == header["methods_run"] == []
    assert not header["running"]


@pytest.mark.parametrize("name", OFFERED)
def test_each_method_has_its_fields_and_its_cost(name: str, tiny_lm: LocalModel) -> None:
    state = _page(tiny_lm)
    state.adopt({"method": name, "length": 3})
    header = _opened(state, tiny_lm, LETTERS)
    assert header["problem"] == ""
    assert len(header["fields"]) == (name not in ("bitfit", "head"))
    ask = state.ask("tiny", "en")
    assert ask.kind == folder.TUNING
    assert tuned.config_of(ask).method == state.method()


def test_of_instructions_the_mask_is_shown_and_only_methods_that_answer_fit(lm: LanguageModel) -> None:
    state = _page(lm)
    state.adopt({"task": "instructions"})
    state.own = None
    do("tuning", state, lm, "open", name="a.jsonl", text=json.dumps({"prompt": "ab", "answer": "cd"}) + "\n",
       at=0, last=True)  # fmt: skip
    header, _ = shown("tuning", state, lm)
    assert [name for name, fits in header["methods"] if fits] == list(ANSWERING)
    assert "".join(label for label, inside in header["mask"] if not inside).startswith("Q:")
    inside = [label for label, inside in header["mask"] if inside]
    assert "".join(inside[:-1]).strip(" ·") == "cd"
    assert inside[-1] == "<|endoftext|>"  # that an answer ends is learnt too
    state.adopt({"method": "prefix"})
    assert "prefix" in shown("tuning", state, lm)[0]["problem"]
    do("tuning", state, lm, "start")
    assert shown("tuning", state, lm)[0]["jobs"] == []


def test_columns_of_a_file_are_chosen_and_its_rows_shown(tiny_lm: LocalModel) -> None:
    state = _page(tiny_lm)
    header = _opened(state, tiny_lm, "id,review,stars\n1,ab,five\n2,cd,one\n")
    assert header["file"] == "mine.csv"
    assert header["columns"] == ["id", "review", "stars"]
    assert header["roles"] == [{"role": "text", "column": 0}, {"role": "label", "column": 1}]
    for role, at in (("text", 1), ("label", 2)):
        do("tuning", state, tiny_lm, "column", role=role, index=at)
    header, _ = shown("tuning", state, tiny_lm)
    assert header["data_rows"] == [["ab", "five"], ["cd", "one"]]
    assert header["problem"] == ""
    ask = state.ask("tiny", "en")
    assert ask.changes["columns"] == ["review", "stars"]
    do("tuning", state, tiny_lm, "start")
    (job,) = folder.jobs_of(MINE, folder.TUNING)
    assert tuned.data_of(job) == [Example("ab", "five"), Example("cd", "one")]
    do("tuning", state, tiny_lm, "forget")
    assert shown("tuning", state, tiny_lm)[0]["data_n"] == 620


@pytest.mark.parametrize(
    ("content", "task", "said"),
    [("", "sentiment", "mine.csv"), ("text,label\na,x\nb,x\n", "sentiment", "‘x’"),
     ("text,label\na,x\nb,\n", "sentiment", "line 3"), ("Ann B-PER\nAnn\n", "entities", "line 2"),
     ("a O\n", "entities", "mine.csv"), ("\x00\ud800,\n", "sentiment", "mine.csv")],
)  # fmt: skip
def test_what_cannot_be_learnt_from_is_said_and_nothing_starts(
    content: str, task: str, said: str, tiny_lm: LocalModel
) -> None:
    state = _page(tiny_lm)
    state.adopt({"task": task})
    header = _opened(state, tiny_lm, content)
    assert said in header["problem"]
    assert header["cost"] == []
    do("tuning", state, tiny_lm, "start")
    assert shown("tuning", state, tiny_lm)[0]["jobs"] == []


def test_a_file_in_pieces_is_whole_and_what_is_out_of_place_is_none() -> None:
    upload = Upload()
    emoji = "🙂"
    halves = [part.decode("utf-16-le", "surrogatepass") for part in (emoji.encode("utf-16-le")[:2],
                                                                     emoji.encode("utf-16-le")[2:])]  # fmt: skip
    assert upload.take({"name": "a", "text": "x" + halves[0], "at": 0, "last": False}) is None
    assert upload.take({"name": "a", "text": halves[1], "at": 5, "last": True}) is None  # a piece is missing
    assert upload.take({"name": "a", "text": halves[1], "at": 2, "last": True}) == ("a", "x" + emoji)
    for wrong in (
        {"at": True},
        {"at": -1},
        {"last": 1},
        {"text": 3},
        {"name": "n" * 65},
        {"text": "y" * (MAX_PIECE + 1)},
    ):
        assert upload.take({"name": "a", "text": "y", "at": 0, "last": True} | wrong) is None


def test_a_job_is_shown_as_far_as_it_has_come(tiny_lm: LocalModel) -> None:
    job = _job()
    header, _ = shown("tuning", _page(tiny_lm), tiny_lm)
    assert [(one["id"], one["status"], one["saves"]) for one in header["jobs"]] == [(job.id, "paused", [])]
    assert header["train"] == [[1, 0.7], [10, 0.5]]
    assert header["valid"] == [[0, 0.693], [10, 0.6]]
    assert header["right"][-1] == [10, 0.7]
    assert header["chance"] == pytest.approx(math.log(2))
    assert header["share"] == 0.5
    assert [(name, good) for name, _, _, good in header["lights"]] == [("first", True), ("frozen", False)]
    assert header["lights"][1][2] == "1 | 0"
    assert "3" in header["state"]  # texts that are cut
    assert header["figures"] == []


def test_what_came_of_it_stands_beside_others_and_nobody_else_sees_it(tiny_lm: LocalModel) -> None:
    one = _over(_job(REPORT, name="head"))  # from before it was measured what is forgotten
    two = _over(_job(REPORT | FORGOTTEN), more=FORGOTTEN)
    _over(_job(REPORT, task="entities"))
    state = _page(tiny_lm)
    state.job = two.id
    header, _ = shown("tuning", state, tiny_lm)
    assert header["confusion"] == REPORT["confusion"]
    assert [value for _, _, value in header["figures"]] == [0.75, 0.6, 0.5, -1, -1]
    assert header["wrong"] == [["<b>not bad</b>", "yes", "no", "91%"]]
    assert [(row["name"], row["here"]) for row in header["methods_run"]] == [("LoRA", True), ("Head alone", False)]
    assert {row["memory"] for row in header["methods_run"]} == {"700 MB"}
    assert header["languages"] == ["en", "zh"]
    assert [row["forgotten"] for row in header["methods_run"]] == [["+0.250", "0.000"], ["–", "–"]]
    assert "forgotten +0.250 (English), 0.000 (Chinese) bits per byte; Head alone: 75.0%." in header["methods_reading"]
    assert header["figures"][-2:] == [
        ["English held out, bits per byte", "1.500 → 1.750 (+0.250)", -1],
        ["Chinese held out, bits per byte", "2.000 → 2.000 (0.000)", -1],
    ]
    assert "costs 1.750 bits per byte; before it was 1.500." in header["report_reading"]
    assert header["setup_python"].endswith("tuning.Memory(lm).forgotten(run.trunk)")
    state.job = one.id
    old, _ = shown("tuning", state, tiny_lm)
    assert len(old["figures"]) == 3
    assert "Memory" not in old["setup_python"]
    assert "bits per byte" not in old["report_reading"]
    assert "60%" in header["report_reading"]
    assert one.id in [job["id"] for job in header["jobs"]]
    stranger, _ = shown("tuning", _page(tiny_lm, OTHERS), tiny_lm)
    assert stranger["jobs"] == stranger["methods_run"] == stranger["lights"] == stranger["train"] == []
    training, _ = shown("training", arrived("training", tiny_lm), tiny_lm)
    assert training["jobs"] == []


TEXTS = [Example(f"{word}{i}", label) for i in range(6) for word, label in (("a", "yes"), ("b", "no"))]


def test_what_is_typed_is_labelled_by_the_model_that_was_tuned(tiny_lm: LocalModel) -> None:
    """As the classifier itself says; of another model there is a sentence instead."""
    run = Classification(tiny_lm, TEXTS, TuneConfig(method=method("lora"), epochs=3, batch_size=4))
    list(run.run())
    job = _job({**RECORDS[0], "fingerprint": tiny_lm.fingerprint}, REPORT)
    save(run, tiny_lm, job.path, model=False)
    _over(job)
    state = _page(tiny_lm, p="ab")
    header, _ = shown("tuning", state, tiny_lm)
    logits = run.classifier.logits([tiny_lm.tokenizer.encode("ab")])[0].astype(np.float64)
    wanted = np.exp(logits) / np.exp(logits).sum()
    assert [p for _, p in header["labels"]] == pytest.approx(sorted(wanted, reverse=True), abs=1e-6)
    assert header["said"] == "labels"
    assert header["delta_shape"] == [8, 16, 48]
    for text in HOSTILE:
        state.set_text(text)
        assert isinstance(shown("tuning", state, tiny_lm)[0]["labels"], list)
    other = LocalModel(tiny_lm.model, tiny_lm.tokenizer, name="other")
    other.__dict__["fingerprint"] = "of another"
    state.set_text("ab")
    header, _ = shown("tuning", state, other)
    assert header["labels"] == []
    assert header["said_problem"]


def test_words_that_are_typed_are_tagged(tiny_lm: LocalModel) -> None:
    sentences = [Tagged(("ab", "cd"), ("B-PER", "O"))] * 8
    run = Labelling(tiny_lm, sentences, TuneConfig(method=method("head"), epochs=1, batch_size=4))
    list(run.run())
    job = _job({**RECORDS[0], "fingerprint": tiny_lm.fingerprint}, REPORT, task="entities", name="head")
    save(run, tiny_lm, job.path, model=False)
    _over(job)
    header, _ = shown("tuning", _page(tiny_lm, p="ab cd. e"), tiny_lm)
    assert [word for word, _ in header["tagged"]] == ["ab", "cd", ".", "e"]
    assert header["said"] == "words"


def test_a_head_is_downloaded_once(tiny_lm: LocalModel) -> None:
    run = Classification(tiny_lm, TEXTS, TuneConfig(method=method("lora"), epochs=1))
    job = _job({**RECORDS[0], "fingerprint": tiny_lm.fingerprint}, REPORT)
    save(run, tiny_lm, job.path, model=False)
    _over(job)
    state = _page(tiny_lm)
    assert shown("tuning", state, tiny_lm)[0]["jobs"][0]["saves"] == ["adapter", "learnt"]
    do("tuning", state, tiny_lm, "save", what="adapter")
    header, blobs = shown("tuning", state, tiny_lm)
    assert header["archive"] == f"gptviz-{job.id}-adapter.zip"
    assert bytes(blobs["zip"][:2]) == b"PK"
    assert shown("tuning", state, tiny_lm)[0]["archive"] == ""
    do("tuning", state, tiny_lm, "save", what="model")  # of a head there is none
    assert shown("tuning", state, tiny_lm)[0]["archive"] == ""


def test_before_the_start_guessing_has_its_line_and_the_most_frequent_label_is_said(tiny_lm: LocalModel) -> None:
    state = _page(tiny_lm)
    header, _ = shown("tuning", state, tiny_lm)
    assert header["foreseen"] == pytest.approx(math.log(2))
    most = max(count for _, count in header["data_counts"]) / header["data_n"]
    assert f"{round(100 * most)}% of the time" in header["foreseen_said"]
    state.adopt({"task": "entities"})
    header, _ = shown("tuning", state, tiny_lm)
    assert header["foreseen"] > math.log(4)  # tags, the begun and the continued ones apart
    state.adopt({"task": "instructions", "method": "lora"})
    assert shown("tuning", state, tiny_lm)[0]["foreseen"] == 0
