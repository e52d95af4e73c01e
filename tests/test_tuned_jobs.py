"""Tunings as jobs: what one leaves, what one says that cannot be, stopping in the middle, and how many there may be."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gptviz
from gptviz.errors import ConfigError, GptvizError
from gptviz.jobs import folder, tuned
from gptviz.jobs import forgotten as jobs_forgotten
from gptviz.jobs.folder import Ask, Job
from gptviz.jobs.forgotten import forgotten, within
from gptviz.jobs.runner import Runner, command
from gptviz.jobs.settings import settings
from gptviz.language_model import LocalModel
from gptviz.recipes.tuning import changed
from gptviz.tuning.changes import read, there
from gptviz.tuning.classifier import Classifier
from gptviz.tuning.forgetting import held_out_text
from gptviz.tuning.saved import open_tuned
from gptviz.tuning.trunk import Trunk

MINE = "e" * 32
WORDS = (("good", "yes"), ("bad", "no"))
ROWS = "text,label\n" + "".join(f"It was {word} {i}.,{label}\n" for i in range(15) for word, label in WORDS)
CHANGES = {"model": "small", "epochs": 1, "batch_size": 8, "lang": "en"}


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this test's jobs lie."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))


def made(content: str = ROWS, task: str = "sentiment", method: str = "lora", **changes: Any) -> Job:
    """A job with a file of its own, which nobody runs."""
    asked = CHANGES | {"file": "mine.csv", "columns": ["text", "label"]} | changes
    return folder.create(MINE, Ask(task, method, {}, asked, kind=folder.TUNING, given="given.csv"), content)


def gone_through(job: Job, stops: Callable[[], str] = lambda: "") -> tuple[str, list[dict[str, Any]]]:
    """How it ended, and what it said."""
    said: list[dict[str, Any]] = []
    return tuned.tune(job, said.append, stops), said


@pytest.mark.slow
def test_a_job_leaves_a_head_that_opens_and_an_adapter() -> None:
    job = made(epochs=6)
    how, said = gone_through(job)
    assert how == ""
    kinds = [record["record"] for record in said]
    assert kinds[:2] == ["read", "begun"]
    assert kinds[-1] == "report"
    assert all(record["good"] for record in said if record["record"] == "light")
    report = said[-1]
    assert report["n"] == 6  # a fifth of thirty
    assert [part for part, _, _ in report["forgotten"]] == ["en", "zh"]
    assert all(after != before and 0 < after < 9 for _, before, after in report["forgotten"])
    assert sum(map(sum, report["confusion"])) == 6
    assert report["words"] == 1.0  # a word tells them apart
    assert job.summary is not None
    assert job.summary["trainable"] == said[1]["trainable"]
    assert job.summary["forgotten"] == [list(row) for row in report["forgotten"]]
    lm: Any = gptviz.load("small", weights="float32")
    learner = open_tuned(job.path, lm)
    assert isinstance(learner, Classifier)
    assert set(learner.labels) == {"yes", "no"}
    with pytest.raises(GptvizError) as caught:
        open_tuned(job.path, gptviz.load(weights="float32"))  # type: ignore[arg-type]
    assert caught.value.key == "tune.other_model"
    with zipfile.ZipFile(BytesIO(job.archive(("adapter",)))) as archive:
        assert {name.split("/")[1] for name in archive.namelist()} == {"adapter_config.json",
                                                                       "adapter_model.safetensors"}  # fmt: skip
    assert not job.has_model  # while it is not over
    job.finish("done")
    assert job.has_model
    became: Any = gptviz.load(job.path / "model")
    assert isinstance(open_tuned(job.path, became), Classifier)


@pytest.mark.slow
def test_full_tuning_leaves_what_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's file, and its Python on the model that it left, say the same of a matrix."""
    job = made(method="full", epochs=2)
    assert gone_through(job)[0] == ""
    places = there(job.path)
    found = read(job.path, 0, "mlp.c_fc")
    assert found is not None
    assert len({layer for _, layer in places}) * 4 == len(places)
    (tmp_path / "out").symlink_to(job.path)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(changed("small", 0, "mlp.c_fc"), names)
    np.testing.assert_allclose(names["one"].singular, found.singular, rtol=1e-5)
    assert found.singular[0] > 0


@pytest.mark.slow
def test_one_that_is_told_to_stop_keeps_the_best_so_far_and_says_so() -> None:
    job = made(epochs=3)
    how, said = gone_through(job, Stopping(2))
    assert how == "told"
    assert said[-1]["record"] == "report"
    assert max(record["step"] for record in said if record["record"] == "step") == 1
    assert (job.path / "learnt.safetensors").is_file()
    how, said = gone_through(made(epochs=3), lambda: "gone")  # the server has ended: nothing is left to be believed
    assert how == "gone"
    assert said[-1]["record"] != "report"


def test_what_is_forgotten_is_measured_on_as_much_as_takes_seconds_and_left_out_where_there_are_no_bytes(
    tiny_lm: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    lm: Any = gptviz.load("small", weights="float32")
    (en, zh) = held_out_text(lm.tokenizer)
    assert within(en, lm) == en
    monkeypatch.setattr(jobs_forgotten, "FLOPS", 1e6)  # as if the model were far larger
    assert len(within(en, lm).documents) == len(within(zh, lm).n_bytes) == 1
    assert forgotten(tiny_lm, Trunk.of(tiny_lm)) == []  # its few characters do not write these texts


class Stopping:
    """Told after so many records."""

    def __init__(self, after: int) -> None:
        self._left = after

    def __call__(self) -> str:
        self._left -= 1
        return "" if self._left else "told"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "method", "changes", "key"),
    [("text,label\na,x\nb,x\n", "lora", {}, "tune.one_class"), ("", "lora", {}, "tune.nothing"),
     (ROWS, "full", {"learning_rate": 1000.0, "epochs": 5}, "tune.nan"),
     (ROWS, "lora", {"columns": ["text", "kind"]}, "tune.column"),
     (ROWS, "lora", {"settings": {"rank": 0}}, "config.range")],
)  # fmt: skip
def test_what_cannot_be_learnt_from_is_a_sentence(content: str, method: str, changes: dict[str, Any], key: str) -> None:
    with pytest.raises(GptvizError) as caught:
        gone_through(made(content, method=method, **changes))
    assert caught.value.key == key
    assert caught.value.say("zh") != caught.value.say("en")


@pytest.mark.slow
def test_rows_of_ten_thousand_characters_are_read_as_far_as_they_are_and_counted() -> None:
    content = "text,label\n" + "".join(f"{word * 2000},{y}\n" for word, y in (("good ", "yes"), ("bad ", "no")) * 8)
    _, said = gone_through(made(content))
    assert said[1]["cut"] == 16
    assert said[1]["most"] == 128


@pytest.mark.slow
def test_instructions_need_a_method_that_becomes_part_of_the_model() -> None:
    rows = "".join(json.dumps({"prompt": f"Say {x}", "answer": x}) + "\n" for x in "abcdefgh")
    with pytest.raises(ConfigError) as caught:
        gone_through(made(rows, "instructions", "prefix", file="mine.jsonl", columns=["prompt", "answer"]))
    assert caught.value.key == "tune.no_model"
    job = made(rows, "instructions", file="mine.jsonl", columns=["prompt", "answer"])
    _, said = gone_through(job)
    assert said[-1]["answers"][0][0].startswith("Say ")
    job.finish("done")
    assert job.has_model
    assert gptviz.load(job.path / "model").chat_template is not None


def test_a_kind_has_its_program_and_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPTVIZ_JOBS_EACH", "1")
    runner = Runner(start=lambda said: pytest.fail(f"{said}"))
    monkeypatch.setattr(Runner, "_enqueue", lambda self, job: None)
    assert (settings().most("training"), settings().most("tuning")) == (1, 2)
    training = runner.submit(MINE, Ask("names", "tiny"))
    one, two = (runner.submit(MINE, Ask("sentiment", "lora", kind="tuning")) for _ in range(2))
    with pytest.raises(ConfigError) as caught:
        runner.submit(MINE, Ask("sentiment", "lora", kind="tuning"))
    assert caught.value.values["most"] == 2
    assert "gptviz.jobs.tuned" in command(one)
    assert "gptviz.jobs.child" in command(training)
    assert {job.id for job in folder.jobs_of(MINE, "tuning")} == {one.id, two.id}
    assert folder.jobs_of(MINE, "training") == [training]
    assert len(folder.jobs_of(MINE)) == 3


@pytest.fixture
def runner() -> Iterator[Runner]:
    found = Runner()
    yield found
    for job in list(folder.every()):
        found.stop(job)
    found.join(60)


@pytest.mark.slow
def test_in_a_process_of_its_own_it_ends_with_a_summary(runner: Runner) -> None:
    asked = Ask("sentiment", "head", {}, CHANGES | {"file": "mine.csv"}, kind=folder.TUNING, given="given.csv")
    good, bad = runner.submit(MINE, asked, ROWS), runner.submit(MINE, asked, "text,label\na,x\n")
    runner.join(200)
    assert runner.status(good) == "done", good.end
    assert good.summary is not None
    assert [after - before for _, before, after in good.summary["forgotten"]] == [0, 0]  # inside nothing has changed
    assert bad.end is not None
    assert (bad.end["how"], bad.end["key"]) == ("failed", "tune.one_class")
