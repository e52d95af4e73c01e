"""What a run may be asked to be: parts, rates, precisions, when it ends, and what vocabulary it learns."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import gptviz
from gptviz.cli import main
from gptviz.errors import ConfigError
from gptviz.gpt.config import PAIRS, PRESETS, GPTConfig, TrainConfig, modern
from gptviz.training import characters, checkpoint
from gptviz.training.cost import FLOPS, cost
from gptviz.training.data import BatchSpec, from_ids, mixture
from gptviz.training.optimizer import ADAMW_RMS, Muon
from gptviz.training.run import Learnt, Outcome, Plan, Saved, train
from gptviz.training.schedule import learning_rate
from gptviz.training.trainer import Trainer, TrainRecord

SHAPE = GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=16, vocab_size=32)
CONFIG = TrainConfig(model=SHAPE, steps=6, batch_size=4, warmup=1, eval_every=2, eval_batches=2)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(characters, "WORLD_CHARACTERS", 20_000)
    monkeypatch.setattr(characters, "HELD_OUT_CHARACTERS", 5_000)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    changes = {"steps": 6, "batch_size": 4, "eval_every": 2, "warmup": 1}
    return Plan(None, tmp_path / "out", changes=changes, world="names", device="cpu")


def _trainer(**changes: Any) -> Trainer:
    ids = np.random.default_rng(0).integers(0, 32, 500).tolist()
    return Trainer(replace(CONFIG, **changes), mixture({"a": from_ids("a", ids)}), device="cpu")


def _losses(trainer: Trainer) -> list[float]:
    return [record.loss for record in trainer.run()]


# -- what it is built of


@pytest.mark.parametrize("position", ["learned", "sinusoidal", "rotary"])
@pytest.mark.parametrize("parts", ["classic", "modern"])
def test_every_pair_of_parts_and_positions_is_kept_as_it_was_trained(plan: Plan, parts: str, position: str) -> None:
    wanted = replace(plan, parts=parts, shape={"position": position, "n_embd": 32, "n_head": 4})
    kept: list[Any] = []
    ids = torch.tensor([[1, 2, 3, 1, 2]])

    def look(trainer: Trainer, *_: object) -> None:
        with torch.no_grad():
            kept.append(trainer.model.half().float().logits(trainer.model(ids)).numpy()[0, :, : trainer.model.n_tokens])

    *_, last = train(replace(wanted, changes={**plan.changes, "steps": 1, "warmup": 0}), look)
    assert isinstance(last, Outcome)
    lm: Any = gptviz.load(plan.out / "model")
    assert (lm.config.norm, lm.config.gated) == (("rmsnorm", True) if parts == "modern" else ("layernorm", False))
    assert lm.config.position == position
    ours = lm.trace(ids[0].tolist()).logits[:, : lm.model.n_tokens]
    assert np.abs(ours - kept[-1]).max() < 1e-4


def test_a_modern_model_is_a_llama_to_transformers(plan: Plan) -> None:
    transformers = pytest.importorskip("transformers")
    list(train(replace(plan, parts="modern", shape={"position": "rotary", "n_embd": 48, "n_head": 4})))
    theirs = transformers.AutoModelForCausalLM.from_pretrained(plan.out / "model", dtype=torch.float32)
    assert type(theirs).__name__ == "LlamaForCausalLM"
    lm: Any = gptviz.load(plan.out / "model")
    ids = lm.tokenizer.encode("ana\nlo")
    with torch.no_grad():
        logits = theirs(torch.tensor([ids])).logits[0, :, : lm.model.n_tokens].numpy()
    ours = lm.trace(ids).logits[:, : logits.shape[1]]
    assert np.abs(logits - ours).max() < 1e-4 * max(1.0, np.abs(logits).max())


def test_modern_parts_have_about_as_many_parameters() -> None:
    gpt2, today = (PRESETS[name].model for name in PAIRS["modern-against-gpt2"])
    assert modern(today) == today
    assert gpt2.unlike_gpt2() == {}
    inner = [sum(shape.parameters[part] for part in ("attention", "mlp")) for shape in (gpt2, today)]
    assert inner[1] == pytest.approx(inner[0], rel=0.02)
    one, other = (PRESETS[name] for name in PAIRS["modern-against-gpt2"])
    assert replace(one, model=SHAPE) == replace(other, model=SHAPE)


def test_muon_makes_each_matrix_orthogonal_that_lies_beside_another() -> None:
    """A gate and its neurons are two of (16, 48), queries, keys and values three of (16, 16)."""
    for parts, width in ((2, 96), (3, 48)):
        weight = torch.nn.Parameter(torch.zeros(16, width))
        weight.grad = torch.randn(16, width, generator=torch.Generator().manual_seed(1))
        Muon([{"params": [weight], "parts": parts}], lr=1.0, weight_decay=0.0).step()
        for piece in weight.detach().chunk(parts, -1):
            values = torch.linalg.svdvals(piece) / (ADAMW_RMS * math.sqrt(max(piece.shape)))
            assert 0.6 < values.min() < values.max() < 1.3


# -- the rate


def test_a_constant_rate_stays_at_its_peak() -> None:
    config = replace(CONFIG, schedule="constant", learning_rate=0.5, steps=100, warmup=4)
    rates = [learning_rate(step, config) for step in range(100)]
    assert rates[:4] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert rates[4:] == [0.5] * 96


def test_time_counts_only_where_steps_are_behind_it() -> None:
    config = replace(CONFIG, seconds=60.0, steps=100, warmup=0, learning_rate=1.0, min_learning_rate=0.0)
    plain = replace(config, seconds=None)
    assert learning_rate(50, config, elapsed=29.0) == learning_rate(50, plain)
    assert learning_rate(50, config, elapsed=45.0) == pytest.approx(learning_rate(75, plain))
    assert learning_rate(3, config, elapsed=60.0) == learning_rate(3, config, elapsed=999.0) == 0.0


# -- when it ends


def test_time_that_is_over_ends_the_run_for_good(plan: Plan) -> None:
    short = replace(plan, changes={**plan.changes, "seconds": 1e-9})
    *middle, saved, outcome = train(short)
    assert [r.valid_loss is not None for r in middle if isinstance(r, TrainRecord)] == [True]
    assert saved == Saved(1, finished=True, early="seconds")
    assert isinstance(outcome, Outcome)
    assert (outcome.step, outcome.early) == (1, "seconds")
    *rest, again, _ = train(short)
    assert again == saved
    assert not any(isinstance(record, TrainRecord) for record in rest)


def test_enough_time_changes_nothing(plan: Plan, tmp_path: Path) -> None:
    def curve(out: str, **changes: Any) -> list[float]:
        run = train(replace(plan, out=tmp_path / out, changes={**plan.changes, **changes}))
        return [record.loss for record in run if isinstance(record, TrainRecord)]

    assert curve("a", seconds=1e6) == curve("b")


@pytest.fixture
def rising(monkeypatch: pytest.MonkeyPatch) -> None:
    """Held-out losses that fall once and then rise."""
    said = iter([9.0, 3.0, 2.0, 2.5, 2.1, 1.0, 1.0, 1.0])
    monkeypatch.setattr(Trainer, "evaluate", lambda _: next(said))


@pytest.mark.usefixtures("rising")
def test_patience_ends_it_with_the_best_weights(plan: Plan) -> None:
    """Before the first step, then after 2, 4, 6, 8: the lowest is at 4, and the second that is not lower at 8."""
    patient = replace(plan, keep="best", changes={**plan.changes, "steps": 20, "patience": 2})
    *_, saved, outcome = train(patient)  # as the shell asks for it with --patience
    assert saved == Saved(8, finished=True, early="patience")
    assert isinstance(outcome, Outcome)
    assert outcome.early == "patience"
    assert json.loads((plan.out / "state" / "best.json").read_text()) == {"step": 4, "valid_loss": 2.0}


@pytest.mark.usefixtures("rising")
def test_patience_is_kept_when_a_run_is_stopped(plan: Plan) -> None:
    patient = replace(plan, changes={**plan.changes, "steps": 20, "patience": 2})
    first = train(patient)
    assert any(isinstance(record, TrainRecord) and record.step == 6 for record in first)  # which stops there
    first.close()
    data = mixture({"a": from_ids("a", [1, 2] * 200)})
    found = Trainer(patient.configure(15), data, data, device="cpu")
    checkpoint.restore(found, plan.out / "state")
    assert (found.so_far.lowest, found.so_far.since, found.so_far.early) == (2.0, 1, "")


# -- precision and memory


def test_checkpointing_gives_the_same_gradients_of_less_that_is_kept() -> None:
    """With dropout, too, whose chance is the same on the second way through."""
    shape = replace(SHAPE, n_layer=4, dropout=0.3)

    def run(recompute: bool) -> tuple[list[float], int]:
        trainer, kept = _trainer(model=shape, recompute=recompute), [0]

        def pack(tensor: torch.Tensor) -> torch.Tensor:
            kept[0] += tensor.numel()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            return _losses(trainer), kept[0]

    (plain, much), (again, little) = run(False), run(True)
    assert again == pytest.approx(plain, rel=1e-5)
    assert little < much / 2


def test_float16_is_scaled_and_learns_what_float32_does() -> None:
    wide, narrow = _trainer(precision="float32"), _trainer(precision="float16")
    assert narrow.scaler.is_enabled()
    assert _losses(narrow) == pytest.approx(_losses(wide), abs=0.02)
    assert all(parameter.dtype is torch.float32 for parameter in narrow.model.parameters())


def test_a_step_that_overflows_is_left_out_and_the_scale_comes_down() -> None:
    for optimizer in ("adamw", "muon"):
        trainer = _trainer(precision="float16", optimizer=optimizer)
        trainer.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**40)
        before = [parameter.detach().clone() for parameter in trainer.model.parameters()]
        record = next(iter(trainer.run()))
        assert not math.isfinite(record.grad_norm)
        assert math.isfinite(record.loss)
        assert trainer.scaler.get_scale() == 2.0**39
        assert all(torch.equal(a, b) for a, b in zip(before, trainer.model.parameters(), strict=True))


# -- vocabularies


TEXT = "the cat sat on the mat, the rat ran to the cat\n" * 40


def _own(plan: Plan, tmp_path: Path, learn: int) -> Plan:
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return replace(plan, world="", data=path, learn=learn, shape={"block_size": 16})


def test_a_vocabulary_is_learnt_and_its_merges_are_said(plan: Plan, tmp_path: Path) -> None:
    """The most frequent pair comes first: of "the" and "cat" and "mat", " t" stands before "he" and "at" are merged."""
    pytest.importorskip("tokenizers")
    own = _own(plan, tmp_path, 270)
    records = list(train(own))
    learnt = next(record for record in records if isinstance(record, Learnt))
    assert learnt.tokens == 270
    assert len(learnt.merges) == 270 - 257
    text, seen = TEXT[: int(0.9 * len(TEXT))], set[str]()
    left, right = learnt.merges[0]
    counts = {a + b: text.count(a + b) for a, b in pairwise(text) if "\n" not in a + b}
    assert counts[left + right] == max(counts.values())
    for left, right in learnt.merges:  # each is made of what there was
        assert {left, right} <= seen | set(text)
        seen.add(left + right)
    lm: Any = gptviz.load(own.out / "model")
    assert lm.tokenizer.decode(lm.ids("the cat")) == "the cat"
    assert len(lm.ids("the cat sat")) < len("the cat sat")
    vocabulary = (own.out / "vocabulary" / "vocabulary.json").read_bytes()
    list(train(own))  # going on, it is found and not learnt again
    assert (own.out / "vocabulary" / "vocabulary.json").read_bytes() == vocabulary


def test_single_bytes_need_no_library_and_have_no_merges(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    own = _own(plan, tmp_path, 257)
    assert next(r for r in train(own) if isinstance(r, Learnt)) == Learnt(257, ())
    assert len(gptviz.load(own.out / "model").ids("né")) == 3


@pytest.mark.parametrize("size", [0, 256, 10**6])
def test_a_vocabulary_of_no_such_size_is_a_sentence(plan: Plan, tmp_path: Path, size: int) -> None:
    with pytest.raises(ConfigError) as caught:
        next(train(_own(plan, tmp_path, size)))
    assert caught.value.key == "config.range"
    assert not (plan.out / "vocabulary").exists()


def test_passages_are_not_shorter_than_is_said() -> None:
    """A row of 65 with passages of 12 to 32: none repeats after fewer, and of short ones there were some before."""
    data = mixture({"a": from_ids("a", range(20_000))})

    def shortest(passage: int) -> int:
        rows = data.batch(0, 0, BatchSpec(200, 64, repeat=1.0, vocab_size=20_000, passage=passage)).numpy()
        return min(next(p for p in range(1, 64) if (row[p:] == row[:-p]).all()) for row in rows)

    assert shortest(0) == 2
    assert 12 <= shortest(12) <= 14


# -- what it costs


def test_the_cost_of_modern_parts_by_hand() -> None:
    """One layer of width 24, two heads, context 4, 16 tokens: 4·24² in attention, 3·24·64 in the MLP, 24·16 out."""
    shape = modern(GPTConfig(n_layer=1, n_head=2, n_embd=24, block_size=4, vocab_size=16, position="rotary"))
    found = cost(TrainConfig(model=shape, batch_size=3, accumulate=2, steps=5, warmup=0))
    blocks, out, attention = 4 * 24**2 + 3 * 24 * 64, 24 * 16, 2 * 24 * 4
    assert found.flops == 3 * (2 * (blocks + out) + attention)
    assert found.n_parameters == blocks + out + 3 * 24
    assert found.n_tokens == 3 * 2 * 4 * 5
    assert found.seconds == pytest.approx(found.n_tokens * found.flops / FLOPS)
    assert found.tokens_a_second == pytest.approx(FLOPS / found.flops)
    less = cost(TrainConfig(model=shape, batch_size=3, accumulate=2, steps=5, warmup=0, recompute=True))
    assert less.flops == found.flops + 2 * blocks + attention
    deep = [cost(TrainConfig(model=replace(shape, n_layer=8), warmup=0, recompute=r)).n_bytes for r in (False, True)]
    assert deep[1] < deep[0]
    assert cost(TrainConfig(model=shape, steps=10**6, seconds=9.0)).seconds == 9.0


def test_the_shell_says_the_cost_and_begins_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        "train",
        "--world",
        "names",
        str(tmp_path / "a"),
        "--preset",
        "one-minute",
        "--parts",
        "modern",
        "--cost",
    ]
    assert main(command) == 0
    said = capsys.readouterr().out
    plan = Plan(None, tmp_path, preset="one-minute", parts="modern", world="names")
    found = cost(plan.configure(16))
    assert f"{found.n_parameters:,}" in said
    assert f"6N: {found.flops_rule:,.0f}" in said
    assert not (tmp_path / "a").exists()


def test_the_shell_trains_a_pair_and_learns_a_vocabulary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    size = [
        "--steps",
        "2",
        "--warmup",
        "0",
        "--batch-size",
        "2",
        "--n-embd",
        "16",
        "--block-size",
        "32",
        "--device",
        "cpu",
    ]
    assert main(["train", "--world", "names", str(tmp_path / "pair"), "--preset", "modern-against-gpt2", *size]) == 0
    kinds = [gptviz.load(tmp_path / "pair" / name / "model").config.norm for name in PAIRS["modern-against-gpt2"]]
    assert kinds == ["layernorm", "rmsnorm"]
    (tmp_path / "text.txt").write_bytes(TEXT.encode("utf-16"))
    own = ["train", str(tmp_path / "text.txt"), str(tmp_path / "own"), "--bytes", "--encoding", "utf-16", *size]
    assert main([*own, "--log", "-"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["tokens"] for line in lines if line["record"] == "learnt"] == [257]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_the_induction_preset_has_an_induction_head_after_its_first_half(tmp_path: Path, seed: int) -> None:
    """By the project's own test on random tokens said twice (Olsson et al. 2022's score); it comes by step 300."""
    from gptviz.evaluation.induction import induction_test
    from gptviz.language_model import LocalModel

    plan = Plan(None, tmp_path / "out", preset="induction", changes={"seed": seed}, world="repeats", device="cpu")
    tokenizer, text, valid = plan.open_text()
    trainer = Trainer(plan.configure(tokenizer.vocab_size), text, valid, device="cpu")
    for _ in trainer.run(until=350):
        pass
    found = induction_test(LocalModel(trainer.model, tokenizer))
    assert found.prefix_matching.max() > 0.5
    assert found.ratio < 0.2
