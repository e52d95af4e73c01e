"""Where a run computes: what is not there is said in a sentence before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from gptviz import cli
from gptviz.errors import ConfigError
from gptviz.gpt.config import GPTConfig, TrainConfig
from gptviz.i18n import languages
from gptviz.tools import sweep
from gptviz.training.data import Mixture, from_ids
from gptviz.training.device import available, usable
from gptviz.training.trainer import Trainer

no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
UNKNOWN = ["nonsense", "gpu", "cuda:x", "CUDA", "", " ", "cuda:-1", "cpu,cuda", "<b>", "0"]
ABSENT = ["cuda:9", "mps:7", "meta", "xpu", "hip", "vulkan", "fpga"]


def test_by_default_there_is_a_device() -> None:
    assert usable(None) == ("cuda" if torch.cuda.is_available() else "cpu")
    assert usable("cpu") == "cpu"
    assert available()[0] == "cpu"
    for name in available():
        assert usable(name) == name


@pytest.mark.parametrize("name", [*UNKNOWN, *ABSENT, *(pytest.param(f"cuda{n}", marks=no_gpu) for n in ("", ":0"))])
def test_what_is_not_there_is_a_sentence(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        usable(name)
    for lang in languages():
        said = caught.value.say(lang)
        assert "cpu" in said
        assert name.strip() in said
        assert "{" not in said


@pytest.mark.parametrize("name", ["nonsense", "cuda:9", pytest.param("cuda", marks=no_gpu), "mps:7", "meta"])
def test_train_says_so_before_it_reads_or_writes(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The text is not even there: a device is cheaper to look at."""
    out = tmp_path / "out"
    assert cli.main(["train", str(tmp_path / "none.txt"), str(out), "--device", name]) == 2
    said = capsys.readouterr().err
    assert said.startswith("gptviz: ")
    assert said.count("\n") == 1
    assert name in said
    assert not out.exists()


def test_so_do_the_trainer_and_the_sweep(tmp_path: Path) -> None:
    config = TrainConfig(model=GPTConfig(n_layer=1, n_head=1, n_embd=8, block_size=8, vocab_size=11))
    with pytest.raises(ConfigError):
        Trainer(config, Mixture((from_ids("a", range(11)),), (1.0,)), device="cuda:9")
    with pytest.raises(SystemExit, match="cuda:9"):
        sweep.main([str(tmp_path), "--device", "cuda:9"])
