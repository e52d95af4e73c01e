"""A head's steps, the sums behind them, value-weighted patterns and rollout: computed again in plain numpy."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gptviz import analysis
from gptviz.analysis.terms import BY_KEY, STEPS, there, width
from gptviz.gpt.config import GPTConfig, Rotary
from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import random_model
from tests.plain_attention import attention

pytestmark = pytest.mark.slow  # heads of every kind of model in plain numpy

IDS = [5, 17, 3, 3, 60, 41, 8]
#: As Qwen 3 is built: gated, grouped queries, RMSNorm on the stream and on queries and keys, rotary in halves.
GATED = GPTConfig(n_layer=3, n_head=6, n_kv_head=2, n_embd=20, head_width=8, block_size=32, vocab_size=64,
                  position="rotary", norm="rmsnorm", qk_norm=True, gated=True, biases=("qkv",), n_inner=24,
                  rotary=Rotary(base=500.0, halves=True))  # fmt: skip
#: As GPT-NeoX: parallel, a part of each head turned, pair by pair; and a window as in GPT-Neo.
PARTLY = GPTConfig(n_layer=2, n_head=3, n_embd=24, block_size=32, vocab_size=64, position="rotary", parallel=True,
                   rotary=Rotary(base=300.0, width=4), windows=(3, 0))  # fmt: skip
SINES = GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=32, vocab_size=64, position="sinusoidal",
                  embedding_scale=4.0)  # fmt: skip
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ."
RANDOM = {"gated, grouped": GATED, "partly turned, windows": PARTLY, "sines": SINES, "gpt2": replace(
    PARTLY, position="learned", parallel=False, windows=())}  # fmt: skip


def random_lm(config: GPTConfig) -> LocalModel:
    return LocalModel(random_model(config), Tokenizer.characters(ALPHABET), name="random")


@pytest.fixture(params=["bundled", *RANDOM])
def read(request: pytest.FixtureRequest, lm: LanguageModel) -> tuple[Trace, Any]:
    """A trace, and the model that made it."""
    if request.param == "bundled":
        return lm.trace("The cat sat on the mat"), lm.model  # type: ignore[attr-defined]
    found = random_lm(RANDOM[request.param])
    return found.trace(IDS), found.model


def close(ours: Any, plain: Any, what: str) -> None:
    finite = np.isfinite(plain)
    scale = max(1.0, float(np.abs(np.asarray(plain)[finite]).max(initial=0.0)))
    np.testing.assert_allclose(ours, plain, atol=1e-4 * scale, rtol=0, err_msg=what)


def of_plain(plain: dict[str, Any], step: str, head: int, kv: int, query: int) -> Any:
    """One head's numbers at one query."""
    if step in ("x", "norm", "concat", "out", "mid"):
        return plain[step][query]
    if step in ("k_plain", "k_unit", "k", "v"):
        return plain[step][kv]
    return plain[step][head, query]


def test_every_step_is_what_plain_numpy_computes(read: tuple[Trace, Any]) -> None:
    trace, model = read
    c = trace.config
    for layer in range(c.n_layer):
        plain = attention(model, layer, trace.resid[layer])
        for head in range(c.n_head):
            for query in range(len(trace)):
                steps = analysis.attend(trace, layer, head, query)
                assert steps.kv_head == head // (c.n_head // c.kv_heads)
                assert set(there(steps)) == set(STEPS) - (set() if c.qk_norm else {"q_unit", "k_unit"})
                for step in there(steps):
                    close(getattr(steps, step), of_plain(plain, step, head, steps.kv_head, query), step)


def test_every_sum_comes_to_the_number_that_it_explains(read: tuple[Trace, Any]) -> None:
    """Its terms, its bias and its total, for the ends of every step; those of products are their operands' products."""
    trace, _ = read
    query = len(trace) - 2
    for layer, head in ((0, 0), (trace.config.n_layer - 1, trace.config.n_head - 1)):
        steps = analysis.attend(trace, layer, head, query)
        for step in there(steps):
            for index in {0, 1 % width(steps, step), width(steps, step) - 1}:
                for key in range(len(trace)) if step in BY_KEY else (None,):
                    found = analysis.written_out(trace, layer, head, query, step, index, key, steps=steps)
                    shown = getattr(steps, step) if key is None else getattr(steps, step)[key]
                    close(found.total, shown if np.ndim(shown) == 0 else shown[index], f"{step} {index} {key}")
                    assert found.key == key
                    assert len(found.amounts) == max(len(found.a), len(found.amounts))
                    if found.rule in ("products", "turn", "norm"):
                        assert found.amounts == pytest.approx(np.multiply(found.a, found.b))
                    if found.rule in ("products", "turn", "norm", "parts"):
                        assert found.total == pytest.approx(math.fsum(found.amounts) + (found.bias or 0.0))


def test_what_a_sum_says_beside_its_terms(read: tuple[Trace, Any]) -> None:
    trace, model = read
    steps = analysis.attend(trace, 0, 0, 2)
    x = trace.resid[0, 2].astype(np.float64)
    norm = analysis.written_out(trace, 0, 0, 2, "norm", 1).facts
    assert norm["x"] == pytest.approx(x[1])
    if model.config.norm == "rmsnorm":
        assert "mean" not in norm
        assert norm["spread"] == pytest.approx(math.sqrt((x**2).mean() + model.config.eps))
    else:
        assert norm["mean"] == pytest.approx(x.mean())
        assert norm["spread"] == pytest.approx(math.sqrt(x.var() + model.config.eps))
    weight = analysis.written_out(trace, 0, 0, 2, "pattern", 0, 1)
    assert weight.facts["exp"] / weight.facts["sum"] == pytest.approx(weight.total)
    assert weight.facts["sum"] == pytest.approx(sum(weight.amounts))
    assert len(weight.amounts) == 3 - steps.first
    future = analysis.written_out(trace, 0, 0, 2, "pattern", 0, 4)
    assert (future.total, future.facts["open"]) == (0.0, 0.0)
    assert analysis.written_out(trace, 0, 0, 2, "masked", 0, 4).total == -math.inf
    parts = analysis.written_out(trace, 0, 0, 2, "out", 3)
    assert len(parts.amounts) == model.config.n_head
    assert analysis.written_out(trace, 0, 0, 2, "concat", model.config.head_dim).facts == {"head": 1.0, "index": 0.0}


def test_embeddings_are_the_rows_of_the_matrices(read: tuple[Trace, Any]) -> None:
    trace, model = read
    rows = model.state_dict()
    token, position = trace.embedding(3)
    np.testing.assert_allclose(
        token, rows["transformer.wte.weight"][trace.ids[3]].float() * model.config.embedding_scale, rtol=1e-6
    )
    names = analysis.written_out(trace, 0, 0, 3, "x", 5).names
    if model.config.position == "rotary":
        assert (position, names) == (None, ("token",))
    else:
        assert names == ("token", "position")
        close(token + position, trace.resid[0, 3], "embedding")
    assert analysis.written_out(trace, 1, 0, 3, "x", 5).names == ("before", "attention", "mlp")


def test_value_weighted_patterns(read: tuple[Trace, Any]) -> None:
    trace, model = read
    moved = analysis.value_weighted(trace)
    assert moved.shape == trace.pattern.shape
    for layer in range(model.config.n_layer):
        close(moved[layer], attention(model, layer, trace.resid[layer])["moved"], f"layer {layer}")
    assert not np.triu(moved, 1).any()


def test_rollout(read: tuple[Trace, Any]) -> None:
    """The product of (A + I) / 2, layer by layer; rows are shares, and nothing comes from the future."""
    trace, model = read
    found, wanted = analysis.rollout(trace), np.eye(len(trace))
    assert found.shape == (model.config.n_layer, len(trace), len(trace))
    for layer in range(model.config.n_layer):
        pattern = attention(model, layer, trace.resid[layer])["pattern"]
        wanted = 0.5 * (pattern.mean(0) + np.eye(len(trace))) @ wanted
        close(found[layer], wanted, f"layer {layer}")
    np.testing.assert_allclose(found.sum(-1), 1.0, atol=1e-5)
    assert not np.triu(found, 1).any()


def test_a_rollout_of_changed_patterns_still_has_shares(tiny_lm: LanguageModel) -> None:
    def doubled(pattern: Any) -> Any:
        return pattern * 2

    found = analysis.rollout(tiny_lm.trace(IDS, edits=[("pattern", doubled)]))
    np.testing.assert_allclose(found.sum(-1), 1.0, atol=1e-5)


@pytest.mark.parametrize(("where", "error"), [
    ({"layer": 2}, IndexError), ({"layer": -1}, IndexError), ({"head": 2}, IndexError), ({"query": 7}, IndexError),
    ({"step": "q", "index": 8}, IndexError), ({"step": "z", "index": -1}, IndexError),
    ({"step": "raw", "key": 7}, IndexError), ({"step": "raw", "index": 1}, IndexError),
    ({"step": "nothing"}, ValueError), ({"step": "q_unit"}, ValueError),
])  # fmt: skip
def test_places_that_are_not_there(tiny_lm: LanguageModel, where: dict[str, Any], error: type[Exception]) -> None:
    given = {"layer": 0, "head": 0, "query": 0, "step": "x", "index": 0, "key": None} | where
    with pytest.raises(error):
        analysis.written_out(tiny_lm.trace(IDS), **given)
