"""Runs on generated worlds, by the shell and by plan: what they say, and what they do where they cannot go on."""

from __future__ import annotations

import errno
import json
import math
import os
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from gptviz.cli import main
from gptviz.cli.train import worlds
from gptviz.errors import ConfigError, GptvizError, TrainingError
from gptviz.training import characters, checkpoint
from gptviz.training.lines import KINDS, as_line
from gptviz.training.run import Known, Outcome, Plan, train
from gptviz.training.trainer import TrainRecord
from gptviz.training.worlds import WORLDS, entropy

pytestmark = pytest.mark.slow

_SMALL = ["--preset", "tiny", "--steps", "8", "--batch-size", "2", "--eval-every", "4", "--device", "cpu"]


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worlds of a second's text: what is tested here does not depend on how much there is."""
    monkeypatch.setattr(characters, "WORLD_CHARACTERS", 20_000)
    monkeypatch.setattr(characters, "HELD_OUT_CHARACTERS", 5_000)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    changes = {"steps": 6, "batch_size": 4, "eval_every": 3}
    return Plan(None, tmp_path / "out", changes=changes, world="names", device="cpu")


def _said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_shell_writes_a_line_for_each_record_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--world", "stories", str(tmp_path / "a"), *_SMALL, "--log", "-"]) == 0
    lines = _said(capsys)
    assert [line["record"] for line in lines] == ["begun", "known", *["step"] * 8, "saved", "outcome"]
    last, known = lines[-1], lines[1]
    assert last["floor"] == known["floor"] == entropy(WORLDS["stories"])
    assert known["uniform"] == math.log(len(WORLDS["stories"].alphabet))
    assert last["start"] == known["start"] == pytest.approx(known["uniform"], rel=0.01)
    assert last["loss"] == lines[-3]["valid_loss"] < last["start"]
    assert last["seconds"] > 0
    assert main(["train", str(tmp_path / "a"), "--world=stories", *_SMALL, "--log", "-"]) == 0  # nothing left to do
    again = _said(capsys)
    assert [line["record"] for line in again] == ["begun", "known", "saved", "outcome"]
    assert {k: v for k, v in again[-1].items() if k != "seconds"} == {k: v for k, v in last.items() if k != "seconds"}


def test_records_go_to_a_file_too_and_shapes_are_taken(tmp_path: Path) -> None:
    log, shape = tmp_path / "log", ["--n-layer", "1", "--n-head", "4", "--n-embd", "16", "--position", "rotary"]
    assert main(["train", "--world", "names", str(tmp_path / "a"), *_SMALL, *shape, "--log", str(log)]) == 0
    begun = json.loads(log.read_text(encoding="utf-8").splitlines()[0])
    model = begun["config"]["model"]
    assert [model[name] for name in ("n_layer", "n_head", "n_embd", "position")] == [1, 4, 16, "rotary"]


def test_the_shell_knows_every_world_without_making_them() -> None:
    assert worlds() == sorted(WORLDS)


def test_a_line_is_json_whatever_it_says() -> None:
    said = json.loads(as_line(TrainRecord(3, math.nan, 0.1, math.inf, 64, 0.5, None)))
    assert said["record"] == "step"
    assert said["loss"] is said["grad_norm"] is said["valid_loss"] is None
    assert len(set(KINDS.values())) == len(KINDS)


def test_one_seed_has_one_curve(plan: Plan, tmp_path: Path) -> None:
    def curve(out: str, seed: int) -> list[float]:
        run = train(replace(plan, out=tmp_path / out, changes={**plan.changes, "seed": seed}))
        return [record.loss for record in run if isinstance(record, TrainRecord)]

    assert curve("a", 5) == curve("b", 5) != curve("c", 6)


@pytest.mark.parametrize(
    ("changes", "key"),
    [({"world": "narnia"}, "train.world"), ({"data": Path("text.txt")}, "train.text_or_world"),
     ({"world": ""}, "train.text_or_world")],
)  # fmt: skip
def test_either_a_world_or_a_text(plan: Plan, changes: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        next(train(replace(plan, **changes)))
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("data", "key"),
    [(b"a", "train.no_file"), (b"a" * 5000, "train.one_character"), (b"\x89PNG\r\n\x1a\n\x00" * 99, "text.encoding"),
     (b"the cat " * 4, "train.short")],
)  # fmt: skip
def test_texts_from_which_nothing_is_learnt_are_a_sentence(plan: Plan, tmp_path: Path, data: bytes, key: str) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(data)
    with pytest.raises(GptvizError) as caught:
        list(train(replace(plan, world="", data=path, characters=True)))
    assert caught.value.key == key


def test_a_rate_of_a_hundred_is_stopped_and_what_was_saved_stays(plan: Plan) -> None:
    list(train(plan))
    before = (plan.out / "state" / "state.safetensors").read_bytes(), _model(plan.out)
    state = json.loads((plan.out / "state" / "run.json").read_text(encoding="utf-8"))
    wild = replace(plan, changes={**plan.changes, "steps": 400, "learning_rate": 100.0, "warmup": 0})
    with pytest.raises(TrainingError) as caught:
        list(train(replace(wild, out=plan.out.parent / "wild")))
    assert caught.value.key == "train.lost"
    assert "100" in str(caught.value)
    assert not (plan.out.parent / "wild" / "model").exists()
    assert before == ((plan.out / "state" / "state.safetensors").read_bytes(), _model(plan.out))
    assert state["config"]["steps"] == 6


def test_a_disk_that_is_full_is_a_sentence_and_leaves_the_run_as_it_was(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    whole = [record.loss for record in train(replace(plan, out=plan.out.parent / "whole")) if hasattr(record, "loss")]
    first = train(plan)
    for _ in range(5):
        next(first)
    first.close()
    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "_replace", full)
        with pytest.raises(TrainingError) as caught:
            list(train(plan))
    assert caught.value.key == "train.not_written"
    assert os.strerror(errno.ENOSPC) in caught.value.say("zh")
    rest = [record.loss for record in train(plan) if hasattr(record, "loss")]
    assert rest == whole[-len(rest) :]
    assert capsys.readouterr().out == ""


def _model(out: Path) -> dict[str, bytes]:
    return {name: value.tobytes() for name, value in load_file(out / "model" / "model.safetensors").items()}


def _curve(out: Path) -> list[tuple[int, float]]:
    lines = map(json.loads, (out / "log.jsonl").read_text(encoding="utf-8").splitlines())
    return [(line["step"], line["loss"]) for line in lines]


@pytest.mark.slow
def test_a_run_killed_at_three_moments_comes_out_as_one_that_was_not(tmp_path: Path) -> None:
    """By SIGKILL: before a state was saved, between two, just after one; and no step stands twice in the log."""
    size = ["--preset", "tiny", "--steps", "60", "--device", "cpu", "--save-every", "10", "--save-seconds", "0"]
    command = [sys.executable, "-m", "gptviz", "train", "--world", "names", "--log", "-", *size]
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    for moment in (4, 25, 41):
        with subprocess.Popen([*command, str(killed)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
            assert run.stdout is not None
            for line in run.stdout:
                if json.loads(line).get("step", 0) >= moment and json.loads(line)["record"] == "step":
                    run.send_signal(signal.SIGKILL)
                    break
    begun = checkpoint.saved_step(killed / "state")
    assert 30 <= begun < 60
    for out in (killed, whole):
        subprocess.run([*command, str(out)], check=True, capture_output=True)
    assert _model(killed) == _model(whole)
    assert _curve(killed) == _curve(whole)
    assert all(b[0] == a[0] + 1 for a, b in pairwise(_curve(killed)))


def test_parts_that_could_not_be_kept_are_refused_before_the_first_step(plan: Plan) -> None:
    with pytest.raises(GptvizError, match="norm"):
        next(train(replace(plan, shape={"norm": "rmsnorm"})))


BARE = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"streamlit", "plotly", "huggingface_hub", "tokenizers", "tqdm", "scipy", "gguf"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
import gptviz.training.run, gptviz.training.lines, gptviz.training.worlds
print(sorted({name.split(".")[0] for name in sys.modules} & {"torch", "numpy", "tiktoken", "safetensors"}))
"""


def test_training_needs_four_libraries_and_no_other() -> None:
    said = subprocess.run([sys.executable, "-c", BARE], check=True, capture_output=True, text=True)
    assert said.stdout.strip() == str(["numpy", "safetensors", "tiktoken", "torch"])


def test_what_is_known_comes_before_the_first_step(plan: Plan) -> None:
    kinds = [type(record) for record in train(plan)]
    assert kinds[1] is Known
    assert kinds[-1] is Outcome
