"""Snapshots of a run: where on the way they are taken, and that they are the model as it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

import gptviz
from gptviz.cli import main
from gptviz.errors import WeightsError
from gptviz.training import snapshots


@pytest.mark.parametrize("steps", [1, 2, 7, 100, 1000, 8000])
@pytest.mark.parametrize("count", [3, 5, 12])
def test_the_grid_goes_from_nothing_to_the_end(steps: int, count: int) -> None:
    points = snapshots.grid(steps, count)
    assert points[0] == 0
    assert points[-1] == steps
    assert list(points) == sorted(set(points))
    assert len(points) <= count


def test_the_grid_has_equal_ratios() -> None:
    """1000 ** (i / 6) for i = 0 … 6; and 50 * 2 ** i."""
    assert snapshots.grid(1000, 8) == (0, 1, 3, 10, 32, 100, 316, 1000)
    assert snapshots.grid(800, 6, first=50) == (0, 50, 100, 200, 400, 800)
    assert snapshots.grid(40, 6, first=50) == (0, 40)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short run with snapshots, stopped after its third step (which is none of theirs) and continued."""
    folder = tmp_path_factory.mktemp("run")
    text = "the cat sat on the mat and the dog sat on the log\n" * 60
    for split in ("train", "valid"):
        (folder / f"rhyme.{split}.txt").write_text(text)
    command = ["train", str(folder), str(folder / "out"), "--preset", "tiny", "--tokens", "400", "--steps", "8",
               "--batch-size", "2", "--device", "cpu", "--snapshots", "5"]  # fmt: skip
    clock = iter([0.0, 0.0, 1.0, 2.0, 100.0])  # when it began, when it began to train, after each step
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gptviz.training.run.time", SimpleNamespace(monotonic=lambda: next(clock, 100.0)))
        assert main([*command, "--minutes", "1"]) == 0
    assert len((folder / "out" / "log.jsonl").read_text().splitlines()) == 3
    assert main(command) == 0
    return folder / "out"


def test_snapshots_are_the_model_as_it_was(run: Path) -> None:
    kept = snapshots.read(run / "model")
    assert [moment.step for moment in kept.moments] == [0, 1, 2, 4, 8]
    assert len(kept.losses) == 8
    logged = [json.loads(line)["loss"] for line in (run / "log.jsonl").read_text().splitlines()]
    assert list(kept.losses) == pytest.approx(logged, abs=1e-4)
    start, end = kept.model(kept.moments[0]), kept.model(kept.moments[-1])
    finished = gptviz.load(run / "model")
    assert finished.config.vocab_size == 448  # 400 tokens, rounded up to a multiple of 64
    assert [path.name for path in sorted((run / "model" / "snapshots").glob("step-*"))] == [
        f"step-{step:06d}" for step in (0, 1, 2, 4)
    ]  # the last is the model itself
    weight = "transformer.h.0.mlp.c_fc.weight"
    assert (end.state_dict()[weight] == finished.model.state_dict()[weight]).all()
    assert (start.state_dict()[weight] != end.state_dict()[weight]).any()
    assert kept.moments[0].valid_loss is not None
    assert kept.moments[-1].valid_loss is not None
    assert kept.moments[-1].valid_loss < kept.moments[0].valid_loss


def test_a_shortened_vocabulary_is_the_beginning_of_the_long_one(run: Path) -> None:
    """Its tokens are the first of the bundled vocabulary, any text survives, and no later merge is made."""
    short, long = gptviz.load(run / "model").tokenizer, gptviz.load().tokenizer
    for text in ("the cat", "人工智能 🙂", "def f(x):\n\treturn x"):
        ids = short.encode(text)
        assert short.decode(ids) == text
        assert max(ids) < 399
        assert [short.token_bytes(i) for i in ids] == [long.token_bytes(i) for i in ids]
    assert short.end_of_text == 399
    with pytest.raises(WeightsError):
        long.shortened(100)


def test_the_end_alone_and_odd_beginnings(run: Path, tmp_path: Path) -> None:
    """A finished run gets the one moment that is left; a first step that is none is the first."""
    out = tmp_path / "out"
    shutil.copytree(run / "state", out / "state")
    command = ["train", str(run.parent), str(out), "--preset", "tiny", "--tokens", "400", "--steps", "8",
               "--batch-size", "2", "--device", "cpu", "--snapshots", "5"]  # fmt: skip
    assert main(command) == 0
    assert [moment.step for moment in snapshots.read(out / "model").moments] == [8]
    for first in (0, -3):
        assert snapshots.grid(8, 5, first) == snapshots.grid(8, 5, 1)


def test_a_folder_without_snapshots_says_so(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        snapshots.read(tmp_path)
    assert caught.value.key == "weights.no_snapshots"
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "index.json").write_text('{"moments": [{"step": 1}], "losses": []}')
    with pytest.raises(WeightsError) as caught:
        snapshots.read(tmp_path)
    assert caught.value.key == "weights.damaged"
