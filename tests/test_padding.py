"""Rows of the embedding that only pad a vocabulary: no token, no probability, no part in any loss.

Padded models here have 64 rows and 11 tokens. What they say is compared with the same weights cut to 11 rows.
"""

from __future__ import annotations

import argparse
import math
import warnings
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz import decoding, views
from gptviz.catalogue import load_folder
from gptviz.cli import train as command
from gptviz.decoding import filters
from gptviz.errors import ConfigError, PromptError
from gptviz.evaluation.held_out import score_rows
from gptviz.gpt import quantization
from gptviz.gpt.config import PRESETS, GPTConfig, TrainConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import load_model, save_model
from gptviz.language_model import LocalModel, count_tokens
from gptviz.numbers import log_softmax
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training import characters, checkpoint
from gptviz.training.data import Mixture, from_ids, mixture
from gptviz.training.trainer import Trainer
from gptviz.views import softmax
from tests.conftest import random_model
from tests.parity import random_gpt2

pytestmark = pytest.mark.slow

ALPHABET = "abcdefghij "
TOKENS, ROWS = len(ALPHABET), 64
SHAPE = GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=32, vocab_size=ROWS)
TEXT = "abc jihgfed"
TIED = "transformer.wte.weight"


def _cut(model: GPT) -> GPT:
    """The same weights with no more rows than there are tokens."""
    smaller = GPT(replace(model.config, vocab_size=TOKENS, n_tokens=None))
    state = {name: value[:TOKENS] if len(value) == ROWS and value.ndim == 2 and ("wte" in name or "lm_head" in name)
             else value for name, value in model.state_dict().items()}  # fmt: skip
    smaller.load_state_dict(state)
    return smaller.eval().requires_grad_(False)


@pytest.fixture(scope="module", params=["float32", "float16"])
def lms(request: pytest.FixtureRequest) -> tuple[LocalModel, LocalModel]:
    """(padded, without padding), of equal weights."""
    model = random_model(SHAPE)
    with torch.no_grad():
        model.lm_head.weight[TOKENS:] += 3.0  # what pads would be most of what is said
        for parameter in model.parameters():
            parameter.copy_(parameter.half().float())
    tokenizer = Tokenizer.characters(ALPHABET)
    smaller = _cut(model)
    if request.param == "float16":
        patch = pytest.MonkeyPatch()
        patch.setattr(quantization, "LARGE", 1)
        model = quantization.narrowed(deepcopy(model), "float16")
        patch.undo()
    return LocalModel(model, tokenizer, name="padded"), LocalModel(smaller, tokenizer, name="cut")


def _same(padded: npt.NDArray[np.float32], cut: npt.NDArray[np.float32]) -> None:
    """The tokens' logits are those of the cut model; the others' are -inf."""
    assert padded.shape == (*cut.shape[:-1], ROWS)
    np.testing.assert_allclose(padded[..., :TOKENS], cut, atol=1e-4)
    assert np.isneginf(padded[..., TOKENS:]).all()


def test_wherever_logits_are_read_padding_has_none(lms: tuple[LocalModel, LocalModel]) -> None:
    """A trace, whole and by rows; a reader after a prompt, after a token, with rows chosen; scores of a text."""
    padded, cut = lms
    ours, theirs = padded.trace(TEXT), cut.trace(TEXT)
    _same(ours.logits_at(-1), theirs.logits_at(-1))
    _same(ours.logits_between(2, 5), theirs.logits_between(2, 5))
    np.testing.assert_allclose(ours.logprobs, theirs.logprobs, atol=1e-4)
    _same(ours.logits, theirs.logits)
    _same(padded.trace(TEXT, reuse=padded.trace(TEXT[:4])).logits, theirs.logits)
    readers = [lm.prefill(TEXT, batch=2) for lm in lms]
    _same(readers[0].logits, readers[1].logits)
    for reader in readers:
        reader.append([1, 2])
    _same(readers[0].logits, readers[1].logits)
    _same(readers[0].select([1, 1, 0]).logits, readers[1].select([1, 1, 0]).logits)
    rows = [padded.ids(TEXT), padded.ids(TEXT[::-1])]
    for one, other in zip(padded.score(rows), cut.score(rows), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    held = [np.asarray(row) for row in rows]
    scored, expected = ([x for x, _ in score_rows(lm, held)] for lm in lms)
    np.testing.assert_allclose(np.concatenate(scored), np.concatenate(expected), atol=1e-4)


@pytest.mark.parametrize(
    "strategy",
    [decoding.Greedy(), decoding.Sample(temperature=50),
     decoding.Sample(temperature=50, typical_p=0.9, eta_cutoff=0.01),
     decoding.Sample(top_k=40, repetition_penalty=1.5, no_repeat_ngram_size=2), decoding.Beam(width=8),
     decoding.Beam(width=6, n_groups=3, diversity_penalty=0.5), decoding.Contrastive(top_k=4, penalty_alpha=0.6)],
    ids=repr,
)  # fmt: skip
def test_nothing_is_written_that_is_no_token(lms: tuple[LocalModel, LocalModel], strategy: decoding.Strategy) -> None:
    """The same texts as without padding, even where all is nearly equally likely or a beam is as wide as the choice."""
    written = [[step.token for step in lm.generate(TEXT, strategy, max_new_tokens=20, seed=5)] for lm in lms]
    assert written[0] == written[1]
    assert max(written[0]) < TOKENS


def test_every_stage_of_a_draw_leaves_padding_out(lms: tuple[LocalModel, LocalModel]) -> None:
    padded, _ = lms
    strategy = decoding.Sample(temperature=50, top_p=0.99, min_p=0.01)
    for stage in decoding.stages(padded.trace(TEXT).logits_at(-1), strategy):
        assert stage.probs[TOKENS:].sum() == 0
        assert not stage.kept[TOKENS:].any()
    assert decoding.stages(padded.trace(TEXT).logits_at(-1), strategy)[0].kept.sum() == TOKENS


def test_pictures_speak_of_tokens_alone(lms: tuple[LocalModel, LocalModel]) -> None:
    """As many rows, ranks and others as without padding, all of them finite, although more were asked for."""
    seen = []
    for lm in lms:
        logits, tokenizer = lm.trace(TEXT).logits_at(-1), lm.tokenizer
        stages = decoding.stages(logits, decoding.Sample(temperature=2, top_k=5))
        bars = views.distribution(logits, stages, tokenizer, pos=3, top=10)
        few = views.distribution(logits, stages, tokenizer, pos=3, top=4)
        grid = softmax.sweep(logits, tokenizer, top=20, temperatures=(0, 0.5, 1, 5))
        chain = views.pipeline(logits, stages, tokenizer, pos=3, top=9)
        assert bars.vocab_size == grid.vocab_size == chain.vocab_size == few.vocab_size == TOKENS
        assert [len(bars.rows), bars.tail.count, few.tail.count, len(grid.rows), chain.tail.count] == [10, 1, 7, 11, 2]
        assert all(math.isfinite(row.logit) for row in (*grid.rows, *chain.rows))
        assert chain.tail.logit is not None
        assert math.isfinite(chain.tail.logit)
        assert np.isfinite(grid.curve[1:]).all()
        counts = softmax.nucleus([logits], ["x"], shares=(0.5, 1.0))
        assert (counts.vocab_size, counts.counts[0, 1]) == (TOKENS, TOKENS)
        seen.append((bars, few, grid.probs.round(5).tolist(), counts.counts.tolist()))
    for one, other in zip(seen[0][0].rows, seen[1][0].rows, strict=True):
        assert (one.id, one.rank, one.cut) == (other.id, other.rank, other.cut)
        assert one.p_model == pytest.approx(other.p_model, abs=1e-5)
    assert seen[0][0].entropy_model == pytest.approx(seen[1][0].entropy_model, abs=1e-4)
    np.testing.assert_allclose(seen[0][2], seen[1][2], atol=1e-4)
    assert seen[0][3] == seen[1][3]


def test_an_id_that_is_no_token_is_not_read(lms: tuple[LocalModel, LocalModel]) -> None:
    padded, _ = lms
    for ids in ([0, TOKENS], [ROWS - 1], [-1]):
        with pytest.raises(PromptError) as caught:
            padded.trace(ids)
        assert caught.value.key == "prompt.bad_id"
        assert str(TOKENS) in caught.value.say("en")
    with pytest.raises(PromptError):
        padded.score([[1, 2, TOKENS]])


@pytest.mark.parametrize("stored", [None, TOKENS])
def test_the_tokenizer_says_how_many_tokens_there_are(tmp_path: Path, stored: int | None) -> None:
    """A folder of others does not: its vocabulary has 11 tokens, its matrix 64 rows. One of ours notes it too."""
    save_model(GPT(replace(SHAPE, n_tokens=stored)), tmp_path)
    Tokenizer.characters(ALPHABET).save(tmp_path)
    assert load_model(tmp_path).n_tokens == (stored or ROWS)
    lm = load_folder(tmp_path)
    assert count_tokens(lm.tokenizer) == lm.model.n_tokens == TOKENS
    assert lm.config.vocab_size == ROWS
    assert lm.config.n_tokens == stored
    assert np.isneginf(lm.trace("abc").logits[:, TOKENS:]).all()


def test_rounding_is_measured_between_tokens() -> None:
    """Padding is -inf on both sides, which has no difference."""
    model = random_model(SHAPE)
    tokenizer = Tokenizer.characters(ALPHABET)
    ours = LocalModel(model, tokenizer).trace(TEXT).logits
    found = quantization.difference(ours, ours + np.float32(0.5))
    assert found.largest == pytest.approx(0.5, abs=1e-4)
    assert found.divergence == pytest.approx(0, abs=1e-6)
    assert found.agreement == 1


def test_the_models_of_others_keep_every_row_that_is_a_token(tmp_path: Path) -> None:
    """97 rows, 97 tokens: nothing is cut."""
    random_gpt2(tmp_path)
    Tokenizer.characters("".join(chr(0x4E00 + n) for n in range(97))).save(tmp_path)
    assert np.isfinite(load_folder(tmp_path).trace([1, 2]).logits).all()


def test_more_tokens_than_rows_is_impossible() -> None:
    for wrong in (0, ROWS + 1, 1.5, True):
        with pytest.raises(ConfigError):
            replace(SHAPE, n_tokens=wrong)  # type: ignore[arg-type]


# ---- training


def _data(length: int = 400) -> Mixture:
    return mixture({"text": from_ids("text", [n * n % TOKENS for n in range(length)])})


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("tied", [True, False])
def test_a_padded_model_is_trained_as_one_without_padding(precision: str, tied: bool) -> None:
    """Loss, held-out loss and gradients of the tokens' rows are the same; what pads gets no gradient from the loss."""
    shape = replace(SHAPE, tied=tied, n_tokens=TOKENS)
    config = TrainConfig(
        model=shape, steps=4, warmup=0, batch_size=4, precision=precision, eval_every=1, eval_batches=2
    )
    padded = Trainer(config, _data(), _data(), device="cpu")
    cut = Trainer(
        replace(config, model=replace(shape, vocab_size=TOKENS, n_tokens=None)), _data(), _data(), device="cpu"
    )
    cut.model.load_state_dict(_cut(padded.model).state_dict())
    trainers = (padded, cut)
    for trainer in trainers:
        trainer.model.train()
        if trainer.mixed:
            trainer.mixed.refresh()
        trainer._loss(trainer.train.batch(1, 0, trainer._spec())).backward()  # type: ignore[no-untyped-call]
        if trainer.mixed:
            trainer.mixed.hand_over()
    grads = [trainer.model.lm_head.weight.grad for trainer in trainers]
    assert grads[0] is not None
    assert grads[1] is not None
    close = 1e-6 if precision == "float32" else 2e-3
    torch.testing.assert_close(grads[0][:TOKENS], grads[1], atol=close, rtol=0.05)
    assert (grads[0][TOKENS:] == 0).all()
    assert padded.evaluate() == pytest.approx(cut.evaluate(), abs=1e-5)
    assert characters.whole_loss(padded.model, _data()) == pytest.approx(
        characters.whole_loss(cut.model, _data()), abs=1e-5
    )


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_first_loss_of_shakespeare_is_ln_65(precision: str) -> None:
    """Before it has learnt anything a model gives each of the 65 characters about the same.

    About: its first logits are N(0, σ²) with σ² = 128 · 0.02² = 0.05, which costs σ²/2 = 0.026 nats on average.
    """
    parser = argparse.ArgumentParser()
    command.add_to(parser.add_subparsers())
    args = parser.parse_args(["train", "text", "out", "--preset", "shakespeare", "--precision", precision])
    config = command.configure(args, 65)
    assert (config.model.vocab_size, config.model.n_tokens) == (128, 65)
    data = mixture({"text": from_ids("text", np.random.default_rng(0).integers(0, 65, 5000).tolist())})
    trainer = Trainer(config, data, data, device="cpu")
    assert trainer.evaluate() == pytest.approx(math.log(65) + 0.026, abs=0.03)
    assert next(trainer.run()).loss == pytest.approx(math.log(65) + 0.026, abs=0.03)


def test_passages_of_random_tokens_are_of_tokens() -> None:
    shape = replace(SHAPE, n_tokens=TOKENS)
    trainer = Trainer(TrainConfig(model=shape, steps=2, warmup=0, batch_size=64, repeat=1.0), _data(), device="cpu")
    batch = trainer.train.batch(3, 0, trainer._spec(repeat=1.0))
    assert int(batch.max()) < TOKENS
    assert next(trainer.run()).loss == pytest.approx(math.log(TOKENS), abs=0.2)


def test_a_vocabulary_that_fills_its_rows_is_not_padded() -> None:
    """So that a bundled model's configuration stays what it was."""
    parser = argparse.ArgumentParser()
    command.add_to(parser.add_subparsers())
    for preset in PRESETS:
        args = parser.parse_args(["train", "text", "out", "--preset", preset])
        assert command.configure(args, 16384).model.n_tokens is None
        assert command.configure(args, 16385).model.n_tokens == 16385


def test_a_run_goes_on_with_its_padding(tmp_path: Path) -> None:
    config = TrainConfig(model=replace(SHAPE, n_tokens=TOKENS), steps=2, warmup=0, batch_size=2)
    trainer = Trainer(config, _data(), device="cpu")
    checkpoint.save(trainer, tmp_path)
    assert checkpoint.read_config(tmp_path) == config
    checkpoint.restore(Trainer(config, _data(), device="cpu"), tmp_path)


# ---- the rule itself

logits = st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=20).map(np.float32)


@settings(max_examples=200, deadline=None)
@given(logits, st.integers(1, 30), st.floats(0, 0.9999))
def test_padding_changes_no_filter_and_no_draw(values: npt.NDArray[np.float32], padding: int, u: float) -> None:
    """Every filter keeps the same tokens with as many -inf behind them as you like, and the draw falls on the same."""
    padded = np.append(values, np.full(padding, -np.inf, dtype=np.float32))
    for rule in (filters.Temperature(0.7), filters.TopK(3), filters.TopP(0.8), filters.MinP(0.1), filters.Typical(0.7),
                 filters.Eta(0.01)):  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            one, other = rule(values), rule(padded)
        np.testing.assert_array_equal(np.isneginf(one), np.isneginf(other[: len(values)]))
        probs = np.exp(log_softmax(other))
        assert decoding.draw(probs, u) < len(values)
