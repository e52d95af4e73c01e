"""Training: it learns, it repeats itself exactly, it stops and goes on exactly, and it reads what it should."""

from __future__ import annotations

import argparse
import json
import lzma
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import gptviz
from gptviz.cli import main
from gptviz.cli import train as command
from gptviz.errors import ConfigError, WeightsError
from gptviz.gpt.config import PRESETS, GPTConfig, TrainConfig
from gptviz.paths import MODELS
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training import checkpoint
from gptviz.training.data import BatchSpec, Mixture, from_ids, mixture, prepare
from gptviz.training.loss import cross_entropy
from gptviz.training.optimizer import orthogonal
from gptviz.training.schedule import learning_rate
from gptviz.training.trainer import Trainer

pytestmark = pytest.mark.slow

TINY = GPTConfig(n_layer=1, n_head=2, n_embd=16, block_size=16, vocab_size=32, dropout=0.1)
CONFIG = TrainConfig(model=TINY, steps=12, batch_size=4, warmup=2, learning_rate=1e-2, eval_every=4, eval_batches=2)
IDS = [n * n % 29 for n in range(400)]


def _data() -> Mixture:
    return mixture({"squares": from_ids("squares", IDS)})


def _trainer(config: TrainConfig = CONFIG) -> Trainer:
    return Trainer(config, _data(), _data(), device="cpu")


@pytest.mark.slow
def test_it_learns_a_text_that_repeats() -> None:
    """n² mod 29 has period 29: a model that sees 16 tokens can know the next; at the start it knows nothing (ln 32)."""
    config = replace(CONFIG, steps=150, model=replace(TINY, dropout=0.0))
    records = list(_trainer(config).run())
    assert records[0].loss == pytest.approx(math.log(32), abs=0.2)
    assert records[-1].loss < 1.0
    assert records[-1].valid_loss is not None
    assert records[-1].tokens == 150 * 4 * 16


def test_the_same_seed_gives_the_same_losses() -> None:
    a, b = ([record.loss for record in _trainer().run()] for _ in range(2))
    assert a == b
    other = [record.loss for record in _trainer(replace(CONFIG, seed=1)).run()]
    assert other != a


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_stopping_and_going_on_changes_nothing(tmp_path: Path, precision: str) -> None:
    """Dropout and batches are functions of (seed, step), so an interrupted run takes the very same steps."""
    config = replace(CONFIG, precision=precision)
    whole = [record.loss for record in _trainer(config).run()]
    first = _trainer(config)
    start = [record.loss for record in first.run(until=5)]
    checkpoint.save(first, tmp_path)
    second = _trainer(config)
    checkpoint.restore(second, tmp_path)
    assert second.step == 5
    assert start + [record.loss for record in second.run()] == whole


def test_a_state_of_other_settings_is_refused(tmp_path: Path) -> None:
    checkpoint.save(_trainer(), tmp_path)
    with pytest.raises(WeightsError) as caught:
        checkpoint.restore(_trainer(replace(CONFIG, learning_rate=5e-3)), tmp_path)
    assert caught.value.key == "weights.other_config"
    with pytest.raises(WeightsError) as caught:
        checkpoint.restore(_trainer(), tmp_path / "nowhere")
    assert caught.value.key == "weights.no_checkpoint"


def test_accumulating_two_halves_equals_one_whole_batch() -> None:
    """The gradient of a mean is the mean of the gradients; the batches differ, so the same one is given twice."""
    config = replace(CONFIG, model=replace(TINY, dropout=0.0))
    one, two = _trainer(config), _trainer(replace(config, accumulate=2))
    batch = one.train.batch(0, 0, BatchSpec(4, 16))
    for trainer in (one, two):
        trainer.train = _Always(batch)
    a, b = next(iter(one.run(until=1))), next(iter(two.run(until=1)))
    assert a.loss == pytest.approx(b.loss, rel=1e-6)
    assert a.grad_norm == pytest.approx(b.grad_norm, rel=1e-5)


class _Always:
    def __init__(self, batch: torch.Tensor) -> None:
        self._batch = batch

    def batch(self, *args: object) -> torch.Tensor:
        return self._batch


def test_chunked_cross_entropy_equals_torchs() -> None:
    """Value and both gradients, with a last chunk that is not full."""
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(2, 25, 8, generator=generator, requires_grad=True)
    weight = torch.randn(40, 8, generator=generator, requires_grad=True)
    targets = torch.randint(0, 40, (2, 25), generator=generator)
    expected = torch.nn.functional.cross_entropy((hidden @ weight.T).flatten(0, 1), targets.flatten())
    expected_grads = torch.autograd.grad(3 * expected, (hidden, weight))
    ours = cross_entropy(hidden, weight, targets, chunk=16)
    with torch.no_grad():
        assert cross_entropy(hidden, weight, targets, chunk=16).item() == pytest.approx(expected.item(), rel=1e-6)
    grads = torch.autograd.grad(3 * ours, (hidden, weight))
    assert torch.allclose(ours, expected, atol=1e-6)
    for a, b in zip(grads, expected_grads, strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def test_the_learning_rate_rises_then_falls_as_a_cosine() -> None:
    config = TrainConfig(steps=110, warmup=10, learning_rate=1.0, min_learning_rate=0.1)
    rates = [learning_rate(step, config) for step in range(111)]
    assert rates[0] == pytest.approx(1 / 11)
    assert rates[10] == 1.0
    assert rates[60] == pytest.approx(0.55)  # half way down the cosine: the middle of 1.0 and 0.1
    assert rates[110] == pytest.approx(0.1)


def test_targets_are_the_inputs_one_step_later_and_weights_are_kept() -> None:
    parts = {"a": from_ids("a", range(1000)), "b": from_ids("b", range(5000, 6000))}
    batch = mixture(parts, {"a": 3.0, "b": 1.0}).batch(0, 0, BatchSpec(800, 8)).numpy()
    assert batch.shape == (800, 9)
    assert (np.diff(batch, axis=1) == 1).all()
    assert (batch[:, 0] < 5000).mean() == pytest.approx(0.75, abs=0.06)  # three sigmas of 800 draws


def test_a_part_too_short_says_so() -> None:
    with pytest.raises(ConfigError) as caught:
        mixture({"a": from_ids("a", range(5))}).batch(0, 0, BatchSpec(1, 8))
    assert caught.value.key == "train.short"


def test_a_part_is_tokenised_once_and_its_lines_are_found(tmp_path: Path) -> None:
    """Documents end with the end-of-text token; each line's place is where windows may start."""
    text = "ab\nc\n<|endoftext|>\nde\n<|endoftext|>\n"
    path = tmp_path / "x.train.txt.xz"
    path.write_bytes(lzma.compress(text.encode()))
    tokenizer = gptviz.load().tokenizer
    part = prepare(path, tokenizer, tmp_path / "tokens")
    pieces = ["ab\n", "c", "de"]
    encoded = [tokenizer.encode(piece) for piece in pieces]
    end = tokenizer.end_of_text
    assert part.ids.tolist() == [*encoded[0], *encoded[1], end, *encoded[2], end]
    assert part.starts.tolist() == [0, len(encoded[0]), len(encoded[0]) + len(encoded[1]) + 1]
    assert part.n_bytes == len(b"ab\nc") + len(b"de")
    path.unlink()  # the second call needs only the token files
    assert prepare(path, tokenizer, tmp_path / "tokens").ids.tolist() == part.ids.tolist()


def test_each_vocabulary_has_its_own_tokens_in_a_shared_cache(tmp_path: Path) -> None:
    data, cache = tmp_path / "data", tmp_path / "cache"
    data.mkdir()
    (data / "rhyme.train.txt").write_text("row row row your boat gently down the stream\n" * 40)
    run = ["train", str(data), str(tmp_path / "a"), "--preset", "tiny", "--steps", "1", "--cache", str(cache)]
    assert main(run) == 0
    [first] = cache.glob("*/rhyme.train.ids")
    before = first.stat().st_mtime_ns
    assert main([*run[:2], str(tmp_path / "b"), *run[3:]]) == 0
    assert first.stat().st_mtime_ns == before  # read, not made again
    assert main([*run[:2], str(tmp_path / "c"), *run[3:], "--tokens", "300"]) == 0
    assert len(list(cache.glob("*/rhyme.train.ids"))) == 2


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"learning_rate": 0.0}, {"warmup": 50, "steps": 20},
                                   {"min_learning_rate": 1.0}, {"line_start": 1.5}])  # fmt: skip
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        TrainConfig(**wrong)  # type: ignore[arg-type]


def test_presets_are_valid_and_the_default_fits_its_budget() -> None:
    """15 to 30 M parameters; at two bytes each at most 48 MiB."""
    assert 15e6 <= PRESETS["default"].model.n_parameters <= 25e6


def test_the_command_trains_stops_and_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From text files to a folder that load() opens; the same command again continues."""
    data = tmp_path / "data"
    data.mkdir()
    for split in ("train", "valid"):
        (data / f"rhyme.{split}.txt").write_text("row row row your boat gently down the stream\n" * 40)
    out = tmp_path / "out"
    command = ["train", str(data), str(out), "--preset", "tiny", "--steps", "6", "--batch-size", "2", "--device", "cpu"]
    assert main([*command, "--minutes", "0.00001"]) == 0  # time is up after one step
    assert main(command) == 0
    steps = [json.loads(line)["step"] for line in (out / "log.jsonl").read_text().splitlines()]
    assert steps == [1, 2, 3, 4, 5, 6]
    lm = gptviz.load(out / "model")
    assert lm.trace("row row").pattern.shape[:2] == (2, 2)
    assert isinstance(lm.tokenizer, Tokenizer)


def test_the_command_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(tmp_path), str(tmp_path / "out")]) == 2
    assert str(tmp_path) in capsys.readouterr().err
    assert main(["train", str(tmp_path), str(tmp_path / "out"), "--preset", "huge"]) == 2
    assert "cpu" in capsys.readouterr().err
    for option, wrong in (("--weights", "[1, 2]"), ("--later-weights", "[1, 2]"), ("--weights", '{"a": NaN}')):
        (tmp_path / "shares.json").write_text(wrong)
        assert main(["train", str(tmp_path), str(tmp_path / "out"), option, str(tmp_path / "shares.json")]) == 2
        assert "shares.json" in capsys.readouterr().err


def test_muon_makes_every_singular_value_alike() -> None:
    """Whatever a matrix's singular values, five iterations bring them near 1 and leave its directions as they are."""
    generator = torch.Generator().manual_seed(0)
    matrices = torch.randn(3, 12, 30, generator=generator) * torch.tensor([1e-3, 1.0, 50.0])[:, None, None]
    found = orthogonal(matrices)
    assert torch.linalg.svdvals(found).min() > 0.5
    assert torch.linalg.svdvals(found).max() < 1.3
    assert torch.allclose(orthogonal(matrices.mT), found.mT, atol=1e-5)  # tall or wide, the same matrix
    u, _, v = torch.linalg.svd(matrices[1], full_matrices=False)
    assert float(((u.T @ found[1]) * v).sum(-1).min()) > 0.5  # each direction kept, none turned around


def test_muon_learns_and_goes_on_exactly(tmp_path: Path) -> None:
    config = replace(CONFIG, steps=40, warmup=0, model=replace(TINY, dropout=0.0), optimizer="muon")
    whole = [record.loss for record in _trainer(config).run()]
    assert whole[-1] < whole[0] / 2
    first = _trainer(config)
    start = [record.loss for record in first.run(until=7)]
    checkpoint.save(first, tmp_path)
    second = _trainer(config)
    checkpoint.restore(second, tmp_path)
    assert start + [record.loss for record in second.run()] == whole


def test_repeated_rows_say_their_passage_again_and_again() -> None:
    """With ``repeat`` 1 every row has a period between 1/32 and 1/2 of its length; held-out rows never have one."""
    data = mixture({"a": from_ids("a", range(10_000))})
    rows = data.batch(0, 0, BatchSpec(50, 127, repeat=1.0, vocab_size=20_000)).numpy()
    periods = [next(p for p in range(1, 128) if (row[p:] == row[:-p]).all()) for row in rows]
    assert min(periods) >= 4
    assert max(periods) < 64
    assert sum(p < 16 for p in periods) > 10  # the middle of a logarithmic scale from 4 to 64 is 16
    in_order = [bool((np.diff(row[:p]) == 1).all()) for row, p in zip(rows, periods, strict=True)]
    assert 15 <= sum(in_order) <= 35  # half are passages of the text, half tokens drawn from all: 25 ± 3 sigmas
    drawn = [row[:p] for row, p, text in zip(rows, periods, in_order, strict=True) if not text]
    assert all(len(set(passage)) == len(passage) for passage in drawn)
    assert max(passage.max() for passage in drawn) >= 10_000
    assert (np.diff(data.batch(0, 0, BatchSpec(50, 63)), axis=1) == 1).all()


def test_positions_can_start_as_waves() -> None:
    """Then the embedding of one position back is one matrix times the embedding: a rotation in each plane."""
    trainer = _trainer(replace(CONFIG, sinusoids=0.1))
    wpe = trainer.model.state_dict()["transformer.wpe.weight"].double()  # (16, 16)
    back, *_ = torch.linalg.lstsq(wpe[1:], wpe[:-1], driver="gelsd")
    assert (wpe[1:] @ back - wpe[:-1]).abs().max() < 1e-6
    assert wpe.norm(dim=1).mean() == pytest.approx(0.1 * math.sqrt(8), rel=1e-5)  # cos² + sin² in each of 8 planes


def test_no_pattern_depends_on_the_keys_biases_and_so_they_are_not_learnt(tmp_path: Path) -> None:
    """Biases a hundred wide move every score of a row alike; their gradient is rounding, which Adam would enlarge."""
    config = replace(CONFIG, steps=30, precision="bfloat16", learning_rate=3e-2, min_learning_rate=0.0)
    trainer = _trainer(config)
    bias = next(iter(trainer.model.blocks)).attn.c_attn.bias
    keys = slice(16, 32)
    ids = torch.tensor([IDS[:16]])
    trainer.model.eval()
    with torch.no_grad():
        bias[keys] = 0.0
        before = trainer.model(ids)
        bias[keys] = torch.linspace(-100, 100, 16)
        assert (trainer.model(ids) - before).abs().max() < 1e-3
    list(trainer.run())
    assert (bias[keys] == 0).all()
    assert bias[:16].abs().max() > 1e-3
    assert bias[32:].abs().max() > 1e-3


def test_with_rotary_positions_keys_have_a_bias_that_counts() -> None:
    trainer = _trainer(replace(CONFIG, model=replace(TINY, position="rotary")))
    list(trainer.run())
    assert next(iter(trainer.model.blocks)).attn.c_attn.bias[16:32].abs().max() > 1e-4


def test_a_saved_run_says_what_made_it(tmp_path: Path) -> None:
    checkpoint.save(_trainer(), tmp_path)
    assert checkpoint.read_versions(tmp_path)["torch"] == torch.__version__
    assert json.loads((tmp_path / "run.json").read_text())["device"] == "cpu"


@pytest.mark.slow
def test_a_run_can_start_from_a_model(tmp_path: Path) -> None:
    """``--init`` takes over shape and weights: with no step worth mentioning, the model that comes out is the same."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "rhyme.train.txt").write_text("row row row your boat gently down the stream\n" * 40)
    first = ["train", str(data), str(tmp_path / "a"), "--preset", "tiny", "--batch-size", "1", "--device", "cpu"]
    assert main([*first, "--steps", "2"]) == 0
    again = [*first[:2], str(tmp_path / "b"), *first[3:], "--init", str(tmp_path / "a" / "model")]
    assert main([*again, "--steps", "1", "--learning-rate", "1e-12", "--min-learning-rate", "1e-12"]) == 0
    a, b = (gptviz.load(tmp_path / run / "model").trace("row row").logits for run in "ab")
    assert np.abs(a - b).max() < 1e-4


@pytest.mark.parametrize(("asked", "expected"), [([], 0.0), (["--sinusoids", "0.2"], 0.2)])
def test_learnt_positions_are_not_started_anew(asked: list[str], expected: float) -> None:
    """The preset's waves are for a model that knows nothing yet: one taken over from a folder keeps what it has."""
    parser = argparse.ArgumentParser()
    command.add_to(parser.add_subparsers())
    options = ["train", "data", "out", "--preset", "cpu", "--init", str(MODELS / "small"), *asked]
    assert command.configure(parser.parse_args(options), 2048).sinusoids == expected
    assert command.configure(parser.parse_args(options[:5]), 2048).sinusoids > 0
