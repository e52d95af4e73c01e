"""The forward pass: parity with transformers, causality, positions."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from gptviz.errors import ConfigError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.layers import FEW, Conv1D, Embedding, by_columns, few_rows
from gptviz.gpt.model import GPT, KVCache, causal_mask
from gptviz.gpt.positions import rotary_angles, rotate, sinusoids
from tests.conftest import random_model
from tests.parity import pair


@pytest.mark.parametrize("T", [1, 2, 17, 40])
@pytest.mark.parametrize("changes", [{}, {"n_layer": 1, "n_head": 1}, {"tie_word_embeddings": False}])
def test_logits_attentions_and_hidden_states_equal_transformers(
    tmp_path: Path, T: int, changes: dict[str, int]
) -> None:
    """The reference is Hugging Face's eager GPT-2 on the same random weights; 1e-4 relative to each tensor's scale."""
    theirs, ours = pair(tmp_path, **changes)
    ids = torch.randint(0, 97, (1, T), generator=torch.Generator().manual_seed(T))
    with torch.inference_mode():
        expected = theirs(ids, output_attentions=True, output_hidden_states=True)
        logits = ours.logits(ours(ids, KVCache(ours.config)))
        fused = ours.logits(ours(ids))
    scale = expected.logits.abs().max()
    assert (logits - expected.logits).abs().max() < 1e-4 * scale
    assert (fused - expected.logits).abs().max() < 1e-4 * scale


def test_a_later_token_changes_nothing_before_it(tiny_model: GPT) -> None:
    """Causality: the hidden state at position t may depend on ids 0 … t only."""
    a = torch.arange(20)[None]
    b = a.clone()
    b[0, 12] = 63
    with torch.inference_mode():
        first, second = tiny_model(a), tiny_model(b)
    assert torch.allclose(first[:, :12], second[:, :12], atol=1e-6)
    assert not torch.allclose(first[:, 12:], second[:, 12:], atol=1e-3)


def test_reading_in_pieces_equals_reading_at_once(tiny_model: GPT) -> None:
    ids = torch.randint(0, 64, (3, 30), generator=torch.Generator().manual_seed(1))
    cache = KVCache(tiny_model.config, batch=3, capacity=4)  # too small: it has to grow
    with torch.inference_mode():
        whole = tiny_model(ids)
        parts = torch.cat([tiny_model(piece, cache) for piece in ids.split([7, 1, 15, 7], dim=1)], dim=1)
    assert torch.allclose(whole, parts, atol=1e-5)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("n_threads", [1, 2, 3, 4])
def test_few_rows_shared_out_are_the_same_product(n_threads: int) -> None:
    """12 columns in 2, 3 and 4 equal parts, and 10 that cannot be cut in 3 or 4, against x W + b in float64."""
    torch.set_num_threads(n_threads)
    torch.manual_seed(0)
    for n_out in (12, 10):
        for rows in (1, 2, 4):
            x, weight = torch.randn(rows, 7), torch.randn(n_out, 7)
            product = few_rows(x, weight)
            assert product.shape == (rows, n_out)
            assert product.is_contiguous()
            assert (product.double() - x.double() @ weight.double().t()).abs().max() < 1e-5


@pytest.mark.parametrize("rows", [1, 3, FEW, FEW + 1])
def test_a_matrix_by_columns_is_the_same_matrix(rows: int) -> None:
    """Large enough to be shared out: with a bias and without, and as a head with a row too many for equal parts."""
    torch.manual_seed(0)
    x = torch.randn(rows, 300)
    with torch.no_grad():
        for bias in (True, False):
            layer = Conv1D(300, 500, bias=bias)
            for parameter in layer.parameters():
                parameter.normal_()
            expected = x.double() @ layer.weight.double() + (layer.bias.double() if layer.bias is not None else 0.0)
            layer.weight = torch.nn.Parameter(by_columns(layer.weight.detach()))
            assert layer.weight.shape == (300, 500)
            assert (layer(x).double() - expected).abs().max() < 1e-4
        head = Embedding(501, 300)
        head.weight.normal_()
        assert (head.project(x[None]).double() - x.double() @ head.weight.double().t()).abs().max() < 1e-4


@pytest.mark.parametrize("position", ["learned", "sinusoidal", "rotary"])
def test_every_kind_of_position_tells_orders_apart(position: str) -> None:
    """Without positions, attention sees a set: the last state would not change when earlier tokens swap places."""
    config = GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=16, vocab_size=32, position=position)
    model = random_model(config)
    with torch.inference_mode():
        a, b = model(torch.tensor([[1, 2, 3, 4]])), model(torch.tensor([[2, 1, 3, 4]]))
    assert not torch.allclose(a[:, -1], b[:, -1], atol=1e-3)


def test_rotary_scores_depend_on_distance_only() -> None:
    """Su et al. 2021, equation 11: <R_m q, R_n k> is a function of n - m."""
    q, k = torch.randn(2, 1, 1, 1, 8)
    turned = [rotary_angles(place, 1, 8) for place in range(10)]
    near = (rotate(q, turned[2]) * rotate(k, turned[5])).sum()
    far = (rotate(q, turned[6]) * rotate(k, turned[9])).sum()
    assert torch.allclose(near, far, atol=1e-5)


def test_sinusoids_follow_the_paper() -> None:
    """PE(pos, 2i) = sin(pos / 10000^(2i/d)), PE(pos, 2i+1) = cos of the same: at pos 3, d 4, i 1, 3 / 100."""
    table = sinusoids(0, 5, 4)
    assert table[3, 2].item() == pytest.approx(math.sin(0.03), abs=1e-6)
    assert table[3, 3].item() == pytest.approx(math.cos(0.03), abs=1e-6)


def test_the_mask_of_a_continuation_starts_where_it_continues() -> None:
    assert causal_mask(2, 2).tolist() == [[False, False, False, True], [False, False, False, False]]


def test_an_untrained_model_is_as_unsure_as_it_can_be() -> None:
    """At the start all logits are near 0, so the loss is near ln(vocab_size) nats."""
    config = GPTConfig(n_layer=2, n_head=2, n_embd=32, block_size=32, vocab_size=500)
    torch.manual_seed(0)
    model = GPT(config).eval()
    ids = torch.randint(0, 500, (4, 33))
    loss = torch.nn.functional.cross_entropy(model.logits(model(ids[:, :-1])).flatten(0, 1), ids[:, 1:].flatten())
    assert loss.item() == pytest.approx(math.log(500), abs=0.1)


def test_n_parameters_counts_them() -> None:
    for config in (GPTConfig(), GPTConfig(tied=False), GPTConfig(position="rotary"), GPTConfig(n_layer=2, n_embd=48)):
        assert config.n_parameters == sum(p.numel() for p in GPT(config).parameters())


@pytest.mark.parametrize(
    "wrong",
    [{"n_layer": 0}, {"n_head": -1}, {"n_embd": 10, "n_head": 3}, {"vocab_size": 1.5}, {"dropout": 1.0},
     {"dropout": float("nan")}, {"position": "none"}, {"position": "rotary", "n_embd": 6, "n_head": 2},
     {"block_size": True}],
)  # fmt: skip
def test_an_impossible_shape_is_refused_when_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        GPTConfig(**wrong)  # type: ignore[arg-type]


def test_selected_rows_continue_their_own_past(tiny_model: GPT) -> None:
    """A beam that forks must carry its parent's keys and values, not its neighbour's."""
    ids = torch.tensor([[1, 2, 3], [4, 5, 6]])
    cache = KVCache(tiny_model.config, batch=2)
    with torch.inference_mode():
        tiny_model(ids, cache)
        forked = tiny_model(torch.tensor([[7], [8], [9]]), cache.select([1, 0, 1]))
        alone = [tiny_model(torch.tensor([row])) for row in ([4, 5, 6, 7], [1, 2, 3, 8], [4, 5, 6, 9])]
    for row, whole in enumerate(alone):
        np.testing.assert_allclose(forked[row, -1], whole[0, -1], atol=1e-5)
