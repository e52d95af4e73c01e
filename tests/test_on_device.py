"""What a GPU is for, tested on a CPU as far as it goes: batches from a device, compiled steps, sparse records."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import gptviz
from gptviz.cli import main
from gptviz.cli.train import said
from gptviz.errors import ConfigError, WeightsError
from gptviz.gpt.config import PRESETS, GPTConfig, TrainConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.rotary import Rotary
from gptviz.i18n import languages
from gptviz.language_model import LocalModel
from gptviz.training import checkpoint, compiled
from gptviz.training.cost import cost
from gptviz.training.data import Batches, BatchSpec, Mixture, Part, from_ids, mixture
from gptviz.training.loss import cross_entropy
from gptviz.training.on_device import DeviceMixture
from gptviz.training.schedule import learning_rate
from gptviz.training.trainer import Trainer

TINY = GPTConfig(n_layer=1, n_head=2, n_embd=16, block_size=16, vocab_size=32, dropout=0.1)
CONFIG = TrainConfig(model=TINY, steps=12, batch_size=4, warmup=2, learning_rate=1e-2, eval_every=4, eval_batches=2)
IDS = [n * n % 29 for n in range(400)]
LINE, DOCUMENT = 7, 70  # tokens; each document is ended by a mark


def _kept(data: Mixture) -> Batches:
    return data


def _moved(data: Mixture) -> Batches:
    return DeviceMixture(data, "cpu")


@pytest.fixture(params=[_kept, _moved], ids=["host", "device"])
def place(request: pytest.FixtureRequest) -> Callable[[Mixture], Batches]:
    """Both rooms that batches come from keep the same rules."""
    found: Callable[[Mixture], Batches] = request.param
    return found


def _lined(name: str, first: int) -> Part:
    """1,400 ids from ``first`` on, in lines and documents; what is before a document is its neighbour's last id."""
    ids = np.arange(first, first + 1400, dtype=np.uint32)
    return Part(name, ids, np.arange(0, 1400, LINE), np.arange(0, 1400, DOCUMENT), 0)


def test_shares_change_when_they_should(place: Callable[[Mixture], Batches]) -> None:
    data = place(mixture({"a": _lined("a", 0), "b": _lined("b", 5000)}, {"a": 3.0, "b": 1.0}, {"b": 1.0}))
    first, later = (data.batch(0, 0, BatchSpec(800, 8, later=later)) for later in (False, True))
    assert first.shape == (800, 9)
    assert (first.diff(dim=1) == 1).all()  # never across the seam of two parts
    assert (first[:, 0] < 5000).float().mean() == pytest.approx(0.75, abs=0.06)  # three sigmas of 800 draws
    assert (later[:, 0] >= 5000).all()


def test_sequences_begin_where_lines_and_documents_do(place: Callable[[Mixture], Batches]) -> None:
    data = place(mixture({"a": _lined("a", 0), "b": _lined("b", 5000)}))
    begins = data.batch(0, 0, BatchSpec(4000, 8, line_start=0.3, document_start=0.4))[:, 0].numpy() % 5000
    at_line, at_document = begins % LINE == 0, begins % DOCUMENT == 0
    marked = begins % DOCUMENT == DOCUMENT - 1
    anywhere = 0.3  # what begins anywhere hits a line's start by chance, too
    assert at_line.mean() == pytest.approx(0.3 + 0.4 / 2 * (1 + 1 / 20) + anywhere / LINE, abs=0.03)
    # lines are documents' first ones in a tenth of the cases; the first document of a part has no mark before it
    assert at_document.mean() == pytest.approx(0.4 / 2 * (1 + 1 / 20) + 0.3 / 10 + anywhere / DOCUMENT, abs=0.03)
    assert marked.mean() == pytest.approx(0.4 / 2 * (1 - 1 / 20) + anywhere / DOCUMENT, abs=0.03)


def test_some_rows_say_a_passage_again_and_again(place: Callable[[Mixture], Batches]) -> None:
    data = place(mixture({"a": from_ids("a", range(10_000))}))
    rows = data.batch(0, 0, BatchSpec(60, 127, repeat=1.0, vocab_size=20_000)).numpy()
    periods = [next(p for p in range(1, 128) if (row[p:] == row[:-p]).all()) for row in rows]
    assert min(periods) >= 4
    assert max(periods) <= 64
    in_order = [bool((np.diff(row[:p]) == 1).all()) for row, p in zip(rows, periods, strict=True)]
    assert 18 <= sum(in_order) <= 42  # half of the text, half of random tokens: 30 ± 3 sigmas
    some = data.batch(0, 0, BatchSpec(400, 127, repeat=0.25, vocab_size=20_000)).numpy()
    assert ((np.diff(some, axis=1) != 1).any(axis=1)).mean() == pytest.approx(0.25, abs=0.07)


def test_a_batch_is_a_function_of_seed_and_step(place: Callable[[Mixture], Batches]) -> None:
    data, spec = mixture({"a": _lined("a", 0)}), BatchSpec(6, 8, 0.3, 0.3, 0.3, 99)
    one, other = place(data), place(data)
    one.batch(3, 4, spec)  # what was drawn before makes no difference
    assert torch.equal(one.batch(1, 2, spec), other.batch(1, 2, spec))
    assert not torch.equal(one.batch(1, 2, spec), one.batch(1, 3, spec))
    assert not torch.equal(one.batch(1, 2, spec), one.batch(2, 2, spec))


def test_a_part_too_short_says_so(place: Callable[[Mixture], Batches]) -> None:
    with pytest.raises(ConfigError) as caught:
        place(mixture({"a": from_ids("a", range(8))})).batch(0, 0, BatchSpec(1, 8))
    assert caught.value.key == "train.short"
    assert place(mixture({"a": from_ids("a", range(9))})).batch(0, 0, BatchSpec(1, 8)).tolist() == [[*range(9)]]


def test_a_straight_schedule_ends_at_zero() -> None:
    config = TrainConfig(steps=110, warmup=10, learning_rate=1.0, min_learning_rate=0.0, schedule="linear")
    assert [learning_rate(step, config) for step in (10, 35, 60, 110)] == pytest.approx([1.0, 0.75, 0.5, 0.0])
    with pytest.raises(ConfigError):
        replace(config, schedule="steps")
    with pytest.raises(ConfigError):
        replace(config, line_start=0.6, document_start=0.5)


def test_what_is_read_changes_at_a_part_of_the_run() -> None:
    """From half of 12 steps on, all sequences come from the second part."""
    data = mixture({"a": from_ids("a", [3] * 100), "b": from_ids("b", [5] * 100)}, {"a": 1.0}, {"b": 1.0})
    trainer = Trainer(replace(CONFIG, later_from=0.5), data, device="cpu")
    seen: list[set[int]] = []
    read = trainer.train.batch

    class Noted:
        def batch(self, seed: int, step: int, spec: BatchSpec) -> torch.Tensor:
            batch = read(seed, step, spec)
            seen.append(set(batch.flatten().tolist()))
            return batch

    trainer.train = Noted()
    list(trainer.run())
    assert seen == [{3}] * 6 + [{5}] * 6


def _trainer(config: TrainConfig = CONFIG, *, compiled: bool = False) -> Trainer:
    data = mixture({"squares": from_ids("squares", IDS)})
    return Trainer(config, data, data, device="cpu", compiled=compiled)


def test_fewer_records_tell_the_same_run() -> None:
    """Each record is the mean of its steps; an evaluation and the last step always make one."""
    every = list(_trainer().run())
    some = list(_trainer(replace(CONFIG, log_every=3)).run())
    assert [record.step for record in some] == [3, 4, 6, 8, 9, 12]
    assert [record.valid_loss is None for record in some] == [True, False, True, False, True, False]
    assert some[-1].loss == pytest.approx(sum(r.loss for r in every[9:]) / 3, rel=1e-6)
    assert some[1].loss == pytest.approx(every[3].loss, rel=1e-6)
    assert some[-1].valid_loss == every[-1].valid_loss
    assert [record.tokens for record in some] == [record.step * 64 for record in some]


#: While it traces the cross-entropy of a CPU, torch makes an object that it warns of itself.
TORCHS_OWN = pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")


@pytest.fixture
def traced_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """torch.compile up to the code that it would hand to a compiler, which a test machine may not have."""
    calls: list[int] = []
    whole = torch.compile

    def compile_(function: Callable[..., object], **options: object) -> object:
        calls.append(1)
        return whole(function, backend="aot_eager", **options)  # type: ignore[call-overload]

    monkeypatch.setattr(torch, "compile", compile_)
    yield calls
    torch.compiler.reset()


@pytest.mark.slow
@TORCHS_OWN
def test_a_compiled_step_is_the_same_step(traced_only: list[int]) -> None:
    """Also with dropout, whose random numbers the trial of the compiler must not use up."""
    plain = [record.loss for record in _trainer().run()]
    trainer = _trainer(compiled=True)
    assert [record.loss for record in trainer.run()] == pytest.approx(plain, rel=1e-5)
    assert traced_only
    assert trainer.not_compiled is None


@pytest.mark.slow
@TORCHS_OWN
def test_a_compiled_run_goes_on_exactly(traced_only: list[int], tmp_path: Path) -> None:
    whole = [record.loss for record in _trainer(compiled=True).run()]
    first = _trainer(compiled=True)
    start = [record.loss for record in first.run(until=5)]
    checkpoint.save(first, tmp_path)
    second = _trainer(compiled=True)
    checkpoint.restore(second, tmp_path)
    assert start + [record.loss for record in second.run()] == whole


def test_without_a_compiler_steps_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(function: object, **options: object) -> Callable[[torch.Tensor], torch.Tensor]:
        def call(batch: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("no compiler here\nand a long story")

        return call

    monkeypatch.setattr(compiled.torch, "compile", fails)
    trainer = _trainer(compiled=True)
    assert [record.loss for record in trainer.run()] == [record.loss for record in _trainer().run()]
    assert trainer.not_compiled == "RuntimeError: no compiler here"


RHYME = "row row row your boat gently down the stream\n"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for split in ("train", "valid"):
        (folder / f"rhyme.{split}.txt").write_text(RHYME * 40)
    return folder


@pytest.mark.slow
def test_the_best_weights_are_kept_and_not_the_last(text: Path, tmp_path: Path) -> None:
    """Held-out text of other words, which a model that learns its text by heart knows worse and worse."""
    (text / "rhyme.valid.txt").write_text("merrily life is but a dream said the rower to his oar\n" * 40)
    out = tmp_path / "out"
    run = ["train", str(text), str(out), "--preset", "tiny", "--batch-size", "8", "--device", "cpu", "--keep", "best",
           "--learning-rate", "0.01", "--min-learning-rate", "0.01", "--eval-every", "10"]  # fmt: skip
    assert main([*run, "--steps", "60"]) == 0
    records = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    losses = {r["step"]: r["valid_loss"] for r in records if r["valid_loss"] is not None}
    step = min(losses, key=losses.__getitem__)
    assert step < 60  # else there would be nothing to tell them apart by
    assert json.loads((out / "state" / "best.json").read_text()) == {"step": step, "valid_loss": losses[step]}
    kept = gptviz.load(out / "model").model
    assert kept.state_dict().keys()
    config = replace(PRESETS["tiny"], steps=60, warmup=6, batch_size=8, learning_rate=0.01, min_learning_rate=0.01,
                     eval_every=10, model=replace(PRESETS["tiny"].model, vocab_size=16384))  # fmt: skip
    assert checkpoint.read_config(out / "state") == config
    # gone back to, they are those weights: their held-out loss is the lowest, up to fp16
    assert _held_out(kept, out) == pytest.approx(losses[step], abs=2e-3)
    assert _held_out(kept, out) < losses[60]


def _held_out(model: gptviz.gpt.model.GPT, out: Path) -> float:
    """The evaluation of the run in ``out``, of another model's weights."""
    from gptviz.training.run import open_parts

    lm = gptviz.load(out / "model")
    cache = next((out / "tokens").iterdir())
    valid = open_parts(out.parent / "data", "valid", lm.tokenizer, cache, None)
    assert valid is not None
    trainer = Trainer(checkpoint.read_config(out / "state"), valid, valid, device="cpu")
    trainer.model.load_state_dict(model.state_dict())
    return trainer.evaluate()


def test_the_best_needs_something_to_be_told_by(text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = ["train", str(text), str(tmp_path / "out"), "--preset", "tiny", "--steps", "1", "--keep", "best"]
    assert main([*run, "--snapshots", "3"]) == 2
    assert "--snapshots" in capsys.readouterr().err
    (text / "rhyme.valid.txt").unlink()
    assert main(run) == 2
    assert str(text) in capsys.readouterr().err


def test_the_default_preset_is_the_run_of_the_bundled_model() -> None:
    config = PRESETS["default"]
    assert config.tokens_per_step == 65_536
    assert config.min_learning_rate == 0.0
    assert [config.is_later(step) for step in (0, 11_009, 11_010, 15_727)] == [False, False, True, True]
    assert math.isclose(config.line_start + config.document_start, 0.6)


ELSEWHERE = [
    {}, {"windows": (4, 0)}, {"position": "rotary"}, {"position": "rotary", "rotary": Rotary(halves=True, width=4)},
    {"position": "sinusoidal"}, {"norm": "rmsnorm", "gated": True, "activation": "silu", "qk_norm": True},
    {"n_kv_head": 1}, {"parallel": True, "tied": False}, {"causal": False}, {"embedding_scale": 4.0}, {"n_tokens": 30},
]  # fmt: skip


@pytest.mark.parametrize("parts", ELSEWHERE, ids=str)
@pytest.mark.parametrize("training", [True, False])
def test_a_pass_is_on_one_device(parts: dict[str, Any], training: bool) -> None:
    """torch's meta device has shapes and no numbers, and like a GPU refuses what lies on another one: a mask, an angle,
    a row of positions made on the CPU would end this."""
    config = GPTConfig(**{"n_layer": 2, "n_head": 2, "n_embd": 16, "block_size": 16, "vocab_size": 32} | parts)
    with torch.device("meta"):
        model, ids = GPT(config).train(training), torch.zeros(2, 12, dtype=torch.long)
    hidden = model(ids)
    assert model.logits(hidden).device == hidden.device == torch.device("meta")
    assert cross_entropy(hidden, model.output_rows, ids).device == torch.device("meta")


def test_what_looks_into_a_model_says_that_it_computes_on_the_cpu(tiny_lm: LocalModel) -> None:
    """Instead of torch's own words about tensors, at the first text."""
    with torch.device("meta"):
        model = GPT(tiny_lm.config)
    with pytest.raises(WeightsError) as caught:
        LocalModel(model, tiny_lm.tokenizer)
    for lang in languages():
        assert "meta" in caught.value.say(lang)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_what_an_optimiser_remembers_lies_where_its_parameter_does(optimizer: str, tmp_path: Path) -> None:
    """The count of steps too: on a GPU a fused step reads it there, and a run that went on ended in an error."""
    config = replace(CONFIG, optimizer=optimizer)
    trainer = Trainer(config, mixture({"a": from_ids("a", IDS)}), device="cpu")
    next(trainer.run())
    checkpoint.save(trainer, tmp_path)
    tensors = load_file(tmp_path / "state.safetensors")
    kept = {name.split(".", 1)[1] for name in tensors if name.startswith("optimizer.")}
    assert any(name.endswith(".step") for name in kept)
    for name, parameter in trainer.model.named_parameters():
        found = checkpoint._optimizer_state(tensors, name, parameter.to("meta"))
        assert {f"{name}.{key}" for key in found} == {one for one in kept if one.rpartition(".")[0] == name} != set()
        assert {value.device for value in found.values()} == {torch.device("meta")}


def _too_much(*args: Any, **options: Any) -> None:
    torch.empty(2**55)


def _gpu_full(*args: Any, **options: Any) -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 195.31 GiB.")


@pytest.mark.parametrize("happens", [_too_much, _gpu_full])
def test_too_little_memory_is_a_sentence(
    happens: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing is saved of a run that could take no step: the same folder takes a smaller one."""
    text = tmp_path / "text.txt"
    text.write_text("the cat sat on the mat. " * 400, encoding="utf-8")
    run = ["train", str(text), str(tmp_path / "out"), "--preset", "tiny", "--characters", "--steps", "2"]
    with monkeypatch.context() as patched:
        patched.setattr(Trainer, "_take_step", happens)
        assert main([*run, "--batch-size", "64"]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("gptviz: ")
    assert "memory" in said
    assert main([*run, "--batch-size", "2"]) == 0


@pytest.mark.parametrize("happens", [_too_much, _gpu_full])
def test_so_it_is_in_every_other_command(
    happens: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tuning, scoring, writing: none of them ends in a traceback. What else goes wrong is nobody's lack of memory."""
    monkeypatch.setattr(gptviz.catalogue, "load", happens)
    assert main(["generate", "The cat"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("gptviz: ")
    assert "memory" in said
    assert said.count("\n") == 1

    def broken(*args: Any, **options: Any) -> None:
        raise RuntimeError("something else")

    monkeypatch.setattr(gptviz.catalogue, "load", broken)
    with pytest.raises(RuntimeError):
        main(["generate", "The cat"])


def test_a_trial_that_has_no_memory_is_no_failed_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda plain, **options: _gpu_full)
    step = compiled.Compiled(lambda batch: batch.sum(), [])
    with pytest.raises(torch.OutOfMemoryError):
        step(torch.ones(2))
    assert step.failure is None


def test_how_fast_it_will_be_is_known_of_a_cpu_only() -> None:
    """The rule of thumb is a core's."""
    found = cost(CONFIG)
    on_cpu, on_gpu = (said(found, device).splitlines() for device in ("cpu", "cuda"))
    assert on_cpu[: len(on_gpu)] == on_gpu
    assert len(on_cpu) == len(on_gpu) + 2
