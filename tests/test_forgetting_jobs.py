"""Runs of forgetting as jobs: what they say of A, of B with each remedy and of the language; what cannot be learnt."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gptviz import catalogue
from gptviz.errors import GptvizError
from gptviz.jobs import folder, forgetting
from gptviz.jobs.folder import OWN, Ask, Job
from gptviz.language_model import LocalModel
from gptviz.paths import MODELS
from gptviz.recipes import forgetting as recipes
from gptviz.tuning.examples import Example
from gptviz.tuning.forgetting import bits_per_byte, held_out_text, token_bits
from gptviz.tuning.scores import wilson
from gptviz.tuning.sequence import Stage
from gptviz.tuning.trunk import Trunk

MINE = "a" * 32
CHANGES = {"model": "small", "texts": 24, "epochs": 1, "rank": 2, "remedies": ["none", "rehearsal", "lora"]}
SAID = ["The cat sat.", "猫坐着。", ""]
ROWS = "name,what\n" + "".join(f"{x} {i},{x}\n" for i in range(24) for x in ("red", "blue"))


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this test's jobs lie."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))


def gone_through(first: str = "kinds_en", then: str = "reviews_zh", content: str = "",
                 stops: Callable[[list[dict[str, Any]]], str] = lambda said: "",
                 **changes: Any) -> tuple[Job, str, list[dict[str, Any]]]:  # fmt: skip
    """A job, how it ended, and what it said."""
    ask = Ask(first, then, {}, CHANGES | {"sentences": SAID} | changes, kind=folder.FORGETTING,
              given="given.csv" if content else "")  # fmt: skip
    job = folder.create(MINE, ask, content)
    said: list[dict[str, Any]] = []
    return job, forgetting.forget(job, said.append, lambda: stops(said)), said


def of_kind(said: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [record for record in said if record["record"] == kind]


@pytest.mark.slow
def test_a_is_measured_again_after_b_with_each_remedy() -> None:
    job, how, said = gone_through()
    assert how == ""
    (begun,) = of_kind(said, "begun")
    assert (begun["first_steps"], begun["then_steps"], begun["steps"]) == (3, 3, 3 + 3 * 3)
    assert begun["labels"] == [3, 2]
    stages = of_kind(said, "stage")
    assert [stage["remedy"] for stage in stages] == [None, "none", "rehearsal", "lora"]
    for stage in stages:
        assert stage["first_interval"] == wilson(stage["first"], begun["tests"][0])
        assert stage["lost"] == pytest.approx(stages[0]["first"] - stage["first"])
        assert [part["part"] for part in stage["language"]] == ["en", "zh"]
    assert stages[0]["then"] is None
    assert stages[3]["trainable"] < stages[1]["trainable"] / 5  # LoRA
    assert len(of_kind(said, "step")) == begun["steps"]
    assert job.summary is not None
    assert json.loads(json.dumps(stages)) == [{"record": "stage", **stage} for stage in job.summary["stages"]]


@pytest.mark.slow
def test_the_tokens_of_sentences_are_looked_at_by_each_model() -> None:
    _, _, said = gone_through(remedies=["none"])
    looked = of_kind(said, "looked")
    assert [record["at"] for record in looked] == ["before", "first", "none"]
    lm = catalogue.load("small", weights="float32")
    assert isinstance(lm, LocalModel)
    ids, bits = token_bits(Trunk.of(lm), lm.tokenizer, SAID[0])
    assert looked[0]["ids"][0] == ids == lm.tokenizer.encode(SAID[0])
    assert looked[0]["bits"][0] == pytest.approx(bits, abs=1e-3)
    assert looked[0]["bits"] != looked[2]["bits"]
    assert looked[0]["ids"][2] == looked[0]["bits"][2] == []


@pytest.mark.slow
def test_bits_of_tokens_add_up_to_bits_per_byte() -> None:
    lm = catalogue.load("small", weights="float32")
    assert isinstance(lm, LocalModel)
    part = held_out_text(lm.tokenizer)[0]
    trunk = Trunk.of(lm)
    one = part._replace(documents=part.documents[:1], n_bytes=part.n_bytes[:1])
    text = lm.tokenizer.decode(one.documents[0].tolist())
    ids, bits = token_bits(trunk, lm.tokenizer, text)
    if len(ids) == len(one.documents[0]):  # else it is longer than what is read at once
        assert sum(x or 0.0 for x in bits) / one.n_bytes[0] == pytest.approx(bits_per_byte(trunk, lm.tokenizer, one))
    assert token_bits(trunk, lm.tokenizer, "") == ([], [])


@pytest.mark.slow
@pytest.mark.parametrize(("after", "stages"), [(1, 0), (4, 1), (7, 2)])
def test_stopped_in_the_middle_it_keeps_what_was_measured(after: int, stages: int) -> None:
    job, how, said = gone_through(stops=lambda said: "told" if len(of_kind(said, "step")) >= after else "")
    assert how == "told"
    assert len(of_kind(said, "stage")) == stages
    assert len(of_kind(said, "report")) == 1
    assert job.summary is not None
    assert len(job.summary["stages"]) == stages


@pytest.mark.slow
def test_where_the_server_is_gone_nothing_is_said_of_the_end() -> None:
    job, how, said = gone_through(stops=lambda said: "gone" if of_kind(said, "step") else "")
    assert how == "gone"
    assert of_kind(said, "report") == []
    assert job.summary is None


@pytest.mark.slow
def test_b_may_be_a_file_with_columns_of_its_own() -> None:
    _, how, said = gone_through(then=OWN, content=ROWS, file="mine.csv", columns=["name", "what"], remedies=["none"])
    assert how == ""
    (begun,) = of_kind(said, "begun")
    assert (begun["texts"], begun["tests"]) == ([24, 24], [120, 16])


@pytest.mark.slow
@pytest.mark.parametrize(("content", "key"), [
    ("text,label\n" + "a,x\n" * 40, "tune.one_class"),
    ("text,label\na,x\nb,y\n", "forgetting.few"),
    ("text,label\na,\n", "file.empty_cell"),
    ("nothing", ""),
])  # fmt: skip
def test_a_file_that_cannot_be_learnt_from_is_a_sentence(content: str, key: str) -> None:
    with pytest.raises(GptvizError) as caught:
        gone_through(then=OWN, content=content)
    assert caught.value.key == key or not key or key == "file.empty_cell"
    assert caught.value.say("zh") != caught.value.key


@pytest.mark.slow
def test_a_model_that_fills_blanks_has_no_bits_per_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    blanks = catalogue.load_folder(MODELS / "blanks" / "masked", weights="float32")
    monkeypatch.setattr(forgetting, "base", lambda ask: blanks)
    with pytest.raises(GptvizError) as caught:
        gone_through()
    assert caught.value.key == "prompt.fills_blanks"


@pytest.mark.slow
def test_the_python_of_the_menus_does_the_same() -> None:
    ask = Ask("kinds_en", "reviews_zh", {}, CHANGES | {"remedies": ["none"], "rehearse": 0.25, "ewc": 1.0, "seed": 0,
                                                       "learning_rate": 0.0}, kind=folder.FORGETTING)  # fmt: skip
    names: dict[str, Any] = {}
    exec(
        recipes.run("small", ask).replace("    print(found)", "    every = [*globals().get('every', []), found]"), names
    )
    _, _, said = gone_through(remedies=["none"], ewc=1.0)
    stages = [found for found in names["every"] if isinstance(found, Stage)]
    assert [stage.first for stage in stages] == [stage["first"] for stage in of_kind(said, "stage")]
    sentence: dict[str, Any] = {}
    exec(recipes.looked("small", SAID[1]).replace("token_bits(T", "found = token_bits(T"), sentence)
    assert sentence["found"][1] == pytest.approx(of_kind(said, "looked")[0]["bits"][1], abs=1e-2)


def test_a_third_at_most_is_kept_to_measure_on_and_nothing_is_in_both() -> None:
    rows = [Example(f"{label} {i}", label) for i in range(30) for label in ("a", "b")]
    found = forgetting.task(rows, 200, 3)
    assert (len(found.train), len(found.test)) == (40, 20)
    assert not {x.text for x in found.train} & {x.text for x in found.test}
    assert found.chance == max(Counter(x.label for x in found.test).values()) / 20
    assert forgetting.task(rows, 200, 3) == found
    assert len(forgetting.task(rows, 10, 3).train) == 10


@pytest.mark.parametrize("name", forgetting.SHIPPED)
def test_sets_that_ship_have_labels_of_which_there_are_enough(name: str) -> None:
    counts = Counter(row.label for row in forgetting.shipped(name))
    assert counts.keys() == ({"plain", "negation", "mixed"} if name.startswith("kinds") else {"positive", "negative"})
    assert min(counts.values()) >= 120
