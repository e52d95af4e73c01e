"""A classifier in the menu of models: whose it is, what is said of it, and its labels on what is typed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gptviz import catalogue
from gptviz.i18n import languages
from gptviz.jobs import folder
from gptviz.jobs.folder import Ask, Job
from gptviz.language_model import LocalModel
from gptviz.tuning import TuneConfig, method
from gptviz.tuning.examples import Example
from gptviz.tuning.saved import save
from gptviz.tuning.saved_names import SAID
from gptviz.tuning.tasks import Classification
from gptviz.ui import model_choice, session, stories
from gptviz.ui.pages.tuning.state import Tuning
from tests.ui.desk import arrived, do, shown

MINE, OTHERS = "c" * 32, "d" * 32
TEXTS = [Example(f"{word}{i}", label) for i in range(6) for word, label in (("a", "yes"), ("b", "<i>no</i>"))]
REPORT = {"record": "report", "measure": "accuracy", "value": 0.75, "low": 0.6, "high": 0.85, "n": 4, "macro_f1": 0.7,
          "rows": [], "names": [], "confusion": [], "majority": 0.5, "words": 0.6, "wrong": [], "n_wrong": 0,
          "trainable": 34, "cpu_seconds": 1.0, "bytes": 1}  # fmt: skip


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's own jobs."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))


def made(lm: LocalModel, name: str = "lora") -> tuple[Job, Classification]:
    """A tuning that is over, with what it left."""
    run = Classification(lm, TEXTS, TuneConfig(method=method(name), epochs=3, batch_size=4, valid_share=0))
    run.learn()
    job = folder.create(MINE, Ask("sentiment", name, {}, {"model": lm.name}, kind=folder.TUNING))
    begun = {"record": "begun", "steps": 9, "model": lm.name, "fingerprint": lm.fingerprint}
    (job.path / folder.RECORDS).write_text("".join(json.dumps(x) + "\n" for x in (begun, REPORT)), encoding="utf-8")
    save(run, lm, job.path, model=name != "head")
    job.finish("done")
    return job, run


def page(lm: LocalModel, owner: str = MINE, **query: str) -> Tuning:
    state: Tuning = arrived("tuning", lm, **query)
    do("tuning", state, lm, "owner", token=owner)
    return state


def test_it_stands_in_its_owners_menu_alone(tiny_lm: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    job, _ = made(tiny_lm)
    for owner, mine in ((MINE, [job.model_name]), (OTHERS, []), ("", [])):
        monkeypatch.setattr(session, "owner", lambda owner=owner: owner)
        assert list(model_choice.trained()) == mine
        assert model_choice._allowed(job.model_name) == bool(mine)
    assert model_choice.title(job.model_name, "en") == "Tuned here: Sentiment, LoRA"


@pytest.mark.parametrize(("name", "there", "said"), [
    ("lora", True, "in the menu of models"), ("full", True, "in the menu of models"),
    ("bitfit", True, "in the menu of models"), ("head", False, "unchanged"),
    ("adapter", False, "cannot become part"), ("prefix", False, "cannot become part"),
    ("prompt", False, "cannot become part"),
])  # fmt: skip
def test_what_cannot_be_a_model_is_said_plainly(name: str, there: bool, said: str, tiny_lm: LocalModel) -> None:
    job, _ = made(tiny_lm, name)
    header, _ = shown("tuning", page(tiny_lm), tiny_lm)
    assert (header["jobs"][0]["model"] == job.model_name) == there
    assert ("model" in header["jobs"][0]["saves"]) == there
    assert said in header["model_note"]
    stranger, _ = shown("tuning", page(tiny_lm, OTHERS), tiny_lm)
    assert stranger["model_note"] == ""


def test_what_is_typed_is_labelled_by_the_model_in_the_menu_as_by_the_tuning(tiny_lm: LocalModel) -> None:
    """Whoever comes with it looks at its job, though another is newer; of a third model there is a sentence."""
    job, run = made(tiny_lm)
    newer, _ = made(tiny_lm, "bitfit")
    lm = catalogue.load_folder(job.path / "model", name=job.model_name)
    state = page(lm, p="ab")
    header, _ = shown("tuning", state, lm)
    assert header["job"] == job.id
    logits = run.classifier.logits([tiny_lm.tokenizer.encode("ab")])[0].astype(np.float64)
    wanted = np.exp(logits) / np.exp(logits).sum()
    assert [p for _, p in header["labels"]] == pytest.approx(sorted(wanted, reverse=True), abs=1e-5)
    assert {name for name, _ in header["labels"]} == {"yes", "<i>no</i>"}
    do("tuning", state, lm, "look", index=[one["id"] for one in header["jobs"]].index(newer.id))
    header, _ = shown("tuning", state, lm)
    assert header["job"] == newer.id  # looked at on purpose: it stays so
    assert header["labels"] == []
    assert header["said_problem"]
    stranger, _ = shown("tuning", page(lm, OTHERS, p="ab"), lm)
    assert stranger["labels"] == stranger["jobs"] == []


@pytest.mark.parametrize("lang", languages())
def test_the_models_page_says_what_it_was_tuned_for_and_where_its_labels_are(lang: str, tiny_lm: LocalModel) -> None:
    job, _ = made(tiny_lm)
    lm = catalogue.load_folder(job.path / "model", name=job.model_name)
    header, _ = shown("model", arrived("model", lm, lang=lang), lm, lang)
    for word in ("yes", "<i>no</i>", "tiny", "LoRA"):
        assert word in header["tuned"]
    assert header["labelled_at"] == f"./tuning?model=trained%2F{job.id}&lang={lang}"
    header, _ = shown("model", arrived("model", tiny_lm, lang=lang), tiny_lm, lang)
    assert (header["tuned"], header["labelled_at"]) == ("", "")


def test_a_story_of_many_labels_names_the_first(tmp_path: Path) -> None:
    many = {"labels": [f"l{i}" for i in range(30)], "base": "small", "method": "magic"}
    (tmp_path / SAID).write_text(json.dumps(many), encoding="utf-8")
    said = stories.told(tmp_path, "en")
    assert "l0, l1, l2, l3, l4, l5, l6, l7 +22" in said
    assert "by magic" in said
    assert stories.told(None, "en") == ""


def test_pages_of_a_training_text_have_none_of_a_tuning(tiny_lm: LocalModel) -> None:
    """It has no text of its own, and another page's name for it would be no word."""
    made(tiny_lm)
    state = arrived("origins", tiny_lm)
    do("origins", state, tiny_lm, "owner", token=MINE)
    assert state.owner == MINE
    assert state.jobs() == []
