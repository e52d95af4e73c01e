"""The page of snapshots in the app, without a browser: the bundled run from noise to induction, a job of one's own."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from gptviz.i18n import languages
from gptviz.jobs import child, folder
from gptviz.jobs.folder import Ask
from gptviz.paths import MODELS
from gptviz.training import snapshots
from gptviz.training.snapshots import Snapshots
from tests.app.visitor import Visitor
from tests.ui.desk import HOSTILE

SMALL: Snapshots = snapshots.read(MODELS / "small")
LAST = len(SMALL.moments) - 1


class Watcher(Visitor):
    name = "snapshots"


@pytest.mark.parametrize("lang", languages())
def test_one_slider_moves_everything_from_noise_to_words(lang: str) -> None:
    visitor = Watcher(lang=lang).run().settle()
    assert visitor.header["steps"] == [moment.step for moment in SMALL.moments]
    visitor.say(at=0)
    first = visitor.settle().header
    visitor.say(at=LAST)
    last = visitor.settle().header
    assert first["curve"]["at"] == 0
    assert last["curve"]["at"] == SMALL.moments[-1].step
    assert first["answer"]["bits"] > 10.9 > 8 > last["answer"]["bits"]  # of 2,047 tokens: 11 bits know nothing
    assert max(max(row) for row in first["heads"]["scores"]) < 0.1
    assert max(max(row) for row in last["heads"]["scores"]) > 0.5
    best = max(
        (score, layer, head) for layer, row in enumerate(last["heads"]["scores"]) for head, score in enumerate(row)
    )
    assert best[1:] == (last["heads"]["layer"], last["heads"]["head"])  # that is the head that is shown
    assert first["written"]["text"] != last["written"]["text"]
    bits = [float(header["facts"][-1][1]) for header in (first, last)]  # a byte of the text
    assert bits[1] < 0.5 * bits[0]


def test_the_curve_and_the_heads_are_those_of_the_index_and_the_model() -> None:
    visitor = Watcher(lang="en").run().settle()
    curve = visitor.header["curve"]
    assert all(loss == SMALL.losses[step - 1] for step, loss in curve["train"])
    assert curve["moments"] == [[moment.step, moment.valid_loss] for moment in SMALL.moments]
    visitor.say(layer=0, head=1)
    assert visitor.header["attention"]["reading"].startswith("In layer 0, head 1")
    visitor.say(layer=99, head=99, at=999, run="trained/nobody")
    header = visitor.header
    assert (header["run"], header["at"], header["heads"]["layer"]) == ("small", LAST, 3)


def test_hostile_words_and_none_at_all() -> None:
    visitor = Watcher(lang="en").run()
    visitor.say(text="")
    assert visitor.header["answer"] is None
    assert visitor.header["curve"]["train"]
    for text in HOSTILE:
        visitor.say(text=text)
        assert visitor.header["text"] == text or "\ud800" in text


SHAPE = {"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 32, "position": "learned"}
CHANGES = {"steps": 60, "batch_size": 2, "warmup": 2, "eval_every": 30, "log_every": 1, "seed": 1}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs of this test alone, which ``child.main`` trains in this process."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path))
    monkeypatch.setattr(child.os, "nice", lambda _: 0)
    monkeypatch.setattr(child, "use_threads", lambda _: None)
    monkeypatch.setattr(child.signal, "signal", lambda *_: None)


@pytest.mark.usefixtures("here")
def test_a_job_of_ones_own_keeps_moments_and_can_be_watched_again() -> None:
    token = "c" * 32
    job = folder.create(token, Ask("names", "one-minute", SHAPE, CHANGES))
    assert child.main(job.path) == 0
    kept = snapshots.read(job.path / folder.MODEL)
    assert [moment.step for moment in kept.moments][-1] == 60
    assert len(kept.moments) > 4
    assert len(kept.losses) == 60
    visitor = Watcher(lang="en").run()
    assert [run["name"] for run in visitor.header["runs"]] == ["small"]
    visitor.do("owner", token=token)
    assert [run["name"] for run in visitor.header["runs"]] == ["small", job.model_name]
    visitor.say(run=job.model_name, text="anna")
    header = visitor.settle().header
    assert header["run"] == job.model_name
    assert header["steps"] == [moment.step for moment in kept.moments]
    assert header["answer"]["rows"]
    visitor.do("owner", token="d" * 32)
    assert visitor.header["run"] == "small"  # nobody else's


@pytest.mark.usefixtures("here")
def test_a_run_whose_numbers_ran_away_stands_beside_one_that_learnt() -> None:
    """Up to there it can be seen; a model it has not become, and the address brings both back."""
    token, wild = "e" * 32, {**CHANGES, "warmup": 0, "learning_rate": 100.0}
    one, other = (folder.create(token, Ask("names", "gpt2-parts", SHAPE, said)) for said in (CHANGES, wild))
    assert [child.main(job.path) for job in (one, other)] == [0, 0]
    assert other.end is not None
    assert (other.end["key"], other.lost, other.has_model) == (folder.LOST, True, False)
    assert folder.place(other.model_name) is None
    visitor = Watcher(lang="en").run()
    visitor.do("owner", token=token)
    visitor.say(run=one.model_name, beside=other.model_name, text="anna")
    header = visitor.settle().header
    beside = header["beside"]
    assert header["lost"][1][0] == other.end["values"]["step"]
    assert f"ran away at step {other.end['values']['step']}" in beside["stands"][1]
    assert "warm-up steps 2 in A, none in B; learning rate 0.003 in A, 100 in B" in beside["differs"]
    assert [bool(header[name]) for name in ("answer", "written", "attention")] == [True] * 3
    assert [bool(beside[name]) for name in ("answer", "written", "attention")] == [True] * 3
    again = Watcher(**dict(parse_qsl(header["link"]))).run()
    assert (again.header["beside"], again.header["run"]) == (None, "small")  # the browser has not said yet whose it is
    again.do("owner", token=token)
    assert again.settle().header["beside"] == beside
    assert again.header["link"] == header["link"]
