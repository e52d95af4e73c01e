"""Ways of tuning: each begins where the model is, learns what it says it does, and merges into the same."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch
from torch import Tensor

from gptviz.errors import ConfigError
from gptviz.gpt.config import GPTConfig
from gptviz.language_model import LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tuning.method import matrices
from gptviz.tuning.methods import METHODS, method
from gptviz.tuning.methods.adalora import BETA, AdaLoRA, Triplets
from gptviz.tuning.methods.lora import LoRA, LowRank
from gptviz.tuning.methods.prefix import Prefixed
from gptviz.tuning.trunk import Trunk
from tests.conftest import random_model

pytestmark = pytest.mark.slow

IDS = torch.tensor([[5, 1, 9, 4, 3], [7, 7, 2, 0, 11]])
C, LAYERS = 16, 2
BEFORE = ("prefix", "prompt")  # stand before a text and so change it from the start
GATED = GPTConfig(n_layer=LAYERS, n_head=4, n_kv_head=2, n_embd=C, block_size=32, vocab_size=64, position="rotary",
                  norm="rmsnorm", gated=True, biases=(), activation="silu")  # fmt: skip


LETTERS = Tokenizer.characters("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .")


@pytest.fixture(params=["gpt2", "gated"])
def tunable(request: pytest.FixtureRequest, tiny_config: GPTConfig) -> LocalModel:
    config = tiny_config if request.param == "gpt2" else GATED
    return LocalModel(random_model(config), LETTERS)


def prepared(lm: LocalModel, name: str, **settings: object) -> Trunk:
    torch.manual_seed(3)
    trunk = Trunk.of(lm)
    method(name, **settings).prepare(trunk)
    return trunk.eval()


def shaken(trunk: Trunk) -> Trunk:
    """Something else in all that is learnt."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in trunk.parameters():
            if parameter.requires_grad:
                parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
    return trunk


def learnt(trunk: Trunk) -> int:
    return sum(parameter.numel() for parameter in trunk.parameters() if parameter.requires_grad)


@pytest.mark.parametrize("name", sorted(set(METHODS) - {*BEFORE, "bitfit"}))
def test_at_first_it_is_the_model(tunable: LocalModel, name: str) -> None:
    with torch.no_grad():
        assert torch.equal(prepared(tunable, name)(IDS), tunable.model(IDS))


def test_bitfit_learns_every_bias_and_needs_some(tunable: LocalModel) -> None:
    if tunable.config.norm == "rmsnorm":
        with pytest.raises(ConfigError, match="has no biases"):
            prepared(tunable, "bitfit")
        return
    trunk = prepared(tunable, "bitfit")
    assert learnt(trunk) == LAYERS * (3 * C + C + 4 * C + C + 2 * C) + C  # qkv, out, MLP, two norms; the last norm
    with torch.no_grad():
        assert torch.equal(trunk(IDS), tunable.model(IDS))


def test_how_much_is_learnt(tiny_config: GPTConfig) -> None:
    """Numbers worked out by hand: 2 layers, 16 wide, c_attn 16 → 48, c_proj 16 → 16, MLP 16 → 64 → 16."""
    lm = LocalModel(random_model(tiny_config), LETTERS)
    counts = {
        ("head", ()): 0,
        ("lora", (("rank", 3),)): 2 * 3 * (16 + 48),
        ("lora", (("rank", 3), ("targets", ("mlp.c_fc", "mlp.c_proj")))): 2 * 3 * (16 + 64 + 64 + 16),
        ("adalora", (("rank", 2), ("first_rank", 4))): 2 * 4 * (16 + 48 + 1),
        ("adapter", (("width", 5),)): 2 * 2 * (2 * 16 * 5 + 5 + 16) + 5 * 32,
        ("prefix", (("length", 7),)): 2 * 2 * 7 * 16,
        ("prompt", (("length", 7),)): 7 * 16,
        ("full", ()): tiny_config.n_parameters,
        ("full", (("last_layers", 1),)): (16 * 48 + 48 + 16 * 16 + 16 + 16 * 64 + 64 + 64 * 16 + 16 + 4 * 16) + 2 * 16,
    }
    for (name, settings), count in counts.items():
        assert learnt(prepared(lm, name, **dict(settings))) == count, (name, settings)


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"bitfit"}))
def test_the_model_that_it_came_from_is_left_as_it_was(tunable: LocalModel, name: str) -> None:
    before = {key: value.clone() for key, value in tunable.model.state_dict().items()}
    trunk = prepared(tunable, name).train()
    optimizer = torch.optim.SGD([p for p in trunk.parameters() if p.requires_grad] or [torch.zeros(1)], lr=0.1)
    frozen = {key: p.detach().clone() for key, p in trunk.named_parameters() if not p.requires_grad}
    if learnt(trunk):
        trunk(IDS).square().sum().backward()
        optimizer.step()
    assert all(torch.equal(value, before[key]) for key, value in tunable.model.state_dict().items())
    now = dict(trunk.named_parameters())
    assert all(torch.equal(value, now[key]) for key, value in frozen.items())


@pytest.mark.parametrize("name", ["full", "head", "lora", "adalora"])
def test_merged_is_unmerged(tunable: LocalModel, name: str) -> None:
    trunk = shaken(prepared(tunable, name))
    with torch.no_grad():
        before = trunk(IDS)
        assert name == "head" or not torch.allclose(before, tunable.model(IDS), atol=1e-3)
        method(name).merge(trunk)
        torch.testing.assert_close(trunk(IDS), before, atol=1e-5, rtol=1e-5)
    plain = {key for key, _ in tunable.model.state_dict().items()}
    assert {key.removeprefix("model.") for key in trunk.state_dict()} == plain


@pytest.mark.parametrize("name", ["adapter", *BEFORE])
def test_what_stands_beside_does_not_merge(tunable: LocalModel, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot become part"):
        method(name).merge(prepared(tunable, name))


def test_lora_by_hand(tunable: LocalModel) -> None:
    """Hu et al. 2021, equation 3, in numpy."""
    trunk = shaken(prepared(tunable, "lora", rank=2, alpha=6.0))
    (_, _, found), *_ = matrices(trunk.model, ("attn.c_attn",))
    beside = cast("LowRank", found)
    x = np.random.default_rng(0).standard_normal((3, C)).astype(np.float32)
    W, A, B = (p.detach().numpy().astype(np.float64) for p in (beside.base.weight, beside.A, beside.B))
    wanted = x @ W + 3.0 * (B @ (A @ x.T)).T
    if beside.base.bias is not None:
        wanted = wanted + beside.base.bias.detach().numpy()
    np.testing.assert_allclose(beside(torch.from_numpy(x)).detach().numpy(), wanted, atol=1e-5)


def test_a_virtual_token_that_is_a_token_does_what_it_does(tunable: LocalModel) -> None:
    """Rows of the embedding as virtual tokens: the text is read as if these tokens stood before it."""
    trunk = prepared(tunable, "prompt", length=2)
    before = torch.tensor([8, 13])
    with torch.no_grad():
        trunk.virtual = torch.nn.Parameter(trunk.model.transformer["wte"](before[None])[0])
        whole = torch.cat((before.expand(len(IDS), -1), IDS), dim=1)
        torch.testing.assert_close(trunk(IDS), tunable.model(whole)[:, 2:], atol=1e-5, rtol=1e-5)
    assert trunk.most == tunable.config.block_size - 2


def test_a_prefix_is_seen_by_all_and_hides_no_mask() -> None:
    """Against a softmax written out: each query sees the prefix and what stands up to it."""
    torch.manual_seed(0)
    H, K, T, d, m = 4, 2, 3, 5, 2
    q, k, v = (torch.randn(1, H, T, d) for _ in range(3))
    prefix = Prefixed(m, K, d, H // K)
    found = prefix(q, k, v, 0.0).detach().numpy()
    keys, values = (part.repeat_interleave(H // K, dim=0) for part in prefix.kv.detach())  # (H, m, d)
    for h in range(H):
        for t in range(T):
            K_ = np.concatenate([keys[h].numpy(), k[0, h, : t + 1].numpy()])
            V_ = np.concatenate([values[h].numpy(), v[0, h, : t + 1].numpy()])
            scores = K_ @ q[0, h, t].numpy() / np.sqrt(d)
            weights = np.exp(scores - scores.max())
            np.testing.assert_allclose(found[0, h, t], weights / weights.sum() @ V_, atol=1e-6)


def test_a_prefix_changes_every_position_and_an_empty_window_is_refused(tiny_config: GPTConfig) -> None:
    lm = LocalModel(random_model(tiny_config), LETTERS)
    with torch.no_grad():
        moved = (prepared(lm, "prefix")(IDS) - lm.model(IDS)).abs().amax(-1)
    assert (moved > 1e-6).all()
    narrow = GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=32, vocab_size=64, windows=(4, 0))
    with pytest.raises(ConfigError, match="looks back only so far"):
        prepared(LocalModel(random_model(narrow), LETTERS), "prefix")


# ---- AdaLoRA


def triplets(trunk: Trunk) -> list[Triplets]:
    return [cast("Triplets", found) for _, _, found in matrices(trunk.model, ("attn.c_attn",))]


def test_the_budget_falls_by_a_cube_and_ends_where_it_should() -> None:
    """100 steps, warm 0.1, settled 0.3: whole until 10, a half from 70 on; at 40, half-way, 12 + 12 · (1/2)³ = 13."""
    chosen = AdaLoRA(rank=4, first_rank=8, warm=0.1, settled=0.3)
    assert [chosen.budget(step, 100, 3).left for step in (1, 10, 40, 70, 100)] == [24, 24, 13, 12, 12]
    falling = [chosen.budget(step, 100, 3).left for step in range(1, 101)]
    assert falling == sorted(falling, reverse=True)


@pytest.mark.parametrize("rank", [1, 3])
def test_what_survives_is_the_target_rank_times_the_matrices(tunable: LocalModel, rank: int) -> None:
    chosen, steps = AdaLoRA(rank=rank, first_rank=4), 40
    trunk = prepared(tunable, "adalora", rank=rank, first_rank=4).train()
    optimizer = torch.optim.AdamW([p for p in trunk.parameters() if p.requires_grad], lr=1e-2)
    for step in range(1, steps + 1):
        (trunk(IDS)[:, :, 0].sum() + trunk(IDS)[0, 1, 3]).backward()
        optimizer.step()
        chosen.after_step(trunk, step, steps)
        optimizer.zero_grad()
    assert sum(chosen.ranks(trunk)) == rank * LAYERS
    for found in triplets(trunk):
        singular = torch.linalg.svdvals(found.delta())
        assert int((singular > 1e-6).sum()) <= int(found.kept.sum())
        assert not found.E[~found.kept].any()


def test_importance_by_hand(tunable: LocalModel) -> None:
    """Equations 8 to 11 of Zhang et al. 2023 in numpy, over three steps."""
    trunk = prepared(tunable, "adalora", first_rank=3, rank=1)
    found = triplets(trunk)[0]
    rng = np.random.default_rng(0)
    mean = dict.fromkeys("ABE", 0.0)
    spread = dict.fromkeys("ABE", 0.0)
    for _ in range(3):
        for name in "ABE":
            parameter = cast("Tensor", getattr(found, name))
            parameter.data += 0.1
            parameter.grad = torch.from_numpy(rng.standard_normal(parameter.shape).astype(np.float32))
            now = np.abs(parameter.detach().numpy() * parameter.grad.numpy())
            mean[name] = BETA * mean[name] + (1 - BETA) * now
            spread[name] = BETA * spread[name] + (1 - BETA) * np.abs(now - mean[name])
        found.look()
    s = {name: mean[name] * spread[name] for name in "ABE"}
    np.testing.assert_allclose(found.scores().numpy(), s["E"][:, 0] + s["A"].mean(1) + s["B"].mean(0), rtol=1e-4)


def test_the_penalty_is_none_of_orthogonal_rows() -> None:
    lm = LocalModel(random_model(GATED), LETTERS)
    chosen = AdaLoRA(rank=2, first_rank=2)
    trunk = prepared(lm, "adalora", rank=2, first_rank=2)
    for found in triplets(trunk):
        found.A.data = torch.eye(2, found.base.n_in)
        found.B.data = torch.eye(found.base.n_out, 2)
    assert float(cast("Tensor", chosen.penalty(trunk)).detach()) == pytest.approx(0.0, abs=1e-6)
    for found in triplets(trunk):
        found.A.data *= 2  # A Aᵀ − I = 3 I, of norm 3 √2; B's stays 0; half of the mean, weight 0.5
    assert float(cast("Tensor", chosen.penalty(trunk)).detach()) == pytest.approx(0.5 * 3 * 2**0.5 / 2)


@pytest.mark.parametrize(
    ("name", "settings"),
    [("lora", {"rank": 0}), ("lora", {"alpha": float("nan")}), ("lora", {"targets": ("attn.c_k",)}),
     ("lora", {"targets": ()}), ("adalora", {"rank": 9, "first_rank": 8}), ("adalora", {"warm": 0.8, "settled": 0.3}),
     ("prefix", {"length": 0}), ("prompt", {"length": 10**6}), ("adapter", {"width": 0}), ("full", {"last_layers": 0}),
     ("lora", {"wide": 1}), ("nothing", {})],
)  # fmt: skip
def test_settings_out_of_bounds_are_told(name: str, settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        method(name, **settings)


def test_lora_is_the_default_and_all_are_found() -> None:
    assert sorted(METHODS) == ["adalora", "adapter", "bitfit", "full", "head", "lora", "prefix", "prompt"]
    assert method("lora") == LoRA()
