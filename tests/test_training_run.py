"""A whole training run as records, without a command line."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

import gptviz
from gptviz.errors import ConfigError
from gptviz.gpt.config import PRESETS
from gptviz.training import checkpoint
from gptviz.training.run import Begun, Plan, Saved, train
from gptviz.training.trainer import TrainRecord


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Six steps on one small file, by characters."""
    path = tmp_path / "text.txt"
    path.write_text("the cat sat on the mat\n" * 60, encoding="utf-8")
    changes = {"steps": 6, "batch_size": 2, "eval_every": 3}
    return Plan(path, tmp_path / "out", changes=changes, characters=True, device="cpu")


def _steps(records: list[object]) -> list[int]:
    return [record.step for record in records if isinstance(record, TrainRecord)]


def test_a_run_says_what_happens_and_leaves_a_model(plan: Plan) -> None:
    begun, *middle, last = train(plan)
    assert begun == Begun(0, 6, plan.configure(11).model.n_parameters, "cpu", plan.configure(11))
    assert _steps(middle) == [1, 2, 3, 4, 5, 6]
    assert [record.step for record in middle if isinstance(record, TrainRecord) and record.valid_loss] == [3, 6]
    assert last == Saved(6, finished=True)
    log = [json.loads(line) for line in (plan.out / "log.jsonl").read_text().splitlines()]
    assert [line["loss"] for line in log] == [record.loss for record in middle if isinstance(record, TrainRecord)]
    assert log[0]["loss"] == pytest.approx(math.log(11), abs=0.15)  # characters, not rows of the matrix
    lm = gptviz.load(plan.out / "model")
    assert lm.tokenizer.decode(lm.ids("the cat")) == "the cat"
    assert lm.config == replace(plan.configure(11).model, dropout=0.0)


def test_what_is_closed_on_the_way_goes_on_as_if_it_had_not_been(plan: Plan, tmp_path: Path) -> None:
    """Closing saves; the same plan takes the steps that are left, with the losses of a run that was never stopped."""
    records = train(plan)
    first = [next(records) for _ in range(4)]  # begun, and three steps
    records.close()
    assert checkpoint.saved_step(plan.out / "state") == 3
    assert (plan.out / "model" / "config.json").is_file()
    begun, *rest = train(plan)
    assert isinstance(begun, Begun)
    assert begun.step == 3
    assert _steps(rest) == [4, 5, 6]
    whole = list(train(replace(plan, out=tmp_path / "whole")))
    losses = [[r.loss for r in run if isinstance(r, TrainRecord)] for run in ([*first, *rest], whole)]
    assert losses[0] == losses[1]
    assert list(train(plan))[-1] == Saved(6, finished=True)  # nothing is left to do, which is said


def test_an_exception_on_the_way_saves_what_there_is(plan: Plan) -> None:
    records = train(plan)
    assert [next(records) for _ in range(3)][-1].step == 2  # type: ignore[union-attr]
    with pytest.raises(KeyboardInterrupt):
        records.throw(KeyboardInterrupt)
    assert checkpoint.saved_step(plan.out / "state") == 2


def test_a_run_out_of_time_says_that_it_is_not_finished(plan: Plan) -> None:
    *_, last = train(replace(plan, minutes=1e-9))
    assert last == Saved(1, finished=False)


def test_the_state_is_saved_now_and_then(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gptviz.training.run.SAVE_SECONDS", 0.0)
    saved = [record for record in train(replace(plan, save_every=2)) if isinstance(record, Saved)]
    assert saved == [Saved(2, finished=False), Saved(4, finished=False), Saved(6, finished=False),
                     Saved(6, finished=True)]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "key"),
    [({"preset": "huge"}, "config.preset"), ({"keep": "none"}, "config.choice"),
     ({"data": Path("nowhere.txt")}, "train.no_file"), ({"keep": "best", "snapshots": 3}, "train.best_and_snapshots")],
)  # fmt: skip
def test_what_cannot_begin_says_why_and_leaves_nothing(plan: Plan, changes: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        next(train(replace(plan, **changes)))  # type: ignore[arg-type]
    assert caught.value.key == key
    assert not (plan.out / "model").exists()


def test_changes_are_of_the_presets_configuration(plan: Plan) -> None:
    """The warm-up shrinks with the steps and the lowest rate with the highest, unless they are given as well."""
    short = replace(plan, preset="default", changes={"steps": 50, "learning_rate": 1e-5}).configure(12)
    assert (short.warmup, short.min_learning_rate) == (5, 0.0)
    given = replace(plan, preset="cpu", changes={"steps": 50, "warmup": 7, "learning_rate": 1e-6}).configure(12)
    assert (given.warmup, given.min_learning_rate) == (7, 1e-6)
    assert replace(plan, changes={}).configure(64).steps == PRESETS["tiny"].steps
