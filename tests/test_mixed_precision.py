"""Training in bfloat16 on a CPU: the same losses and gradients as in float32, up to that type's rounding."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from gptviz.errors import ConfigError
from gptviz.gpt.config import GPTConfig, TrainConfig
from gptviz.gpt.model import GPT, fused_attention
from gptviz.training.data import from_ids, mixture
from gptviz.training.loss import cross_entropy
from gptviz.training.mixed_precision import Bfloat16CrossEntropy, MixedPrecision, causal_attention
from gptviz.training.trainer import Trainer

SMALL = GPTConfig(n_layer=2, n_head=2, n_embd=32, block_size=32, vocab_size=192)
CONFIG = TrainConfig(model=SMALL, steps=8, batch_size=4, warmup=2, learning_rate=1e-2, optimizer="muon", eval_every=4,
                     eval_batches=1, precision="bfloat16")  # fmt: skip
ROUNDING = 2.0**-8  # of a bfloat16, relative


def _trainer(config: TrainConfig = CONFIG) -> Trainer:
    data = mixture({"squares": from_ids("squares", [n * n % 29 for n in range(400)])})
    return Trainer(config, data, data, device="cpu")


def _model(config: GPTConfig) -> GPT:
    """Random weights large enough that attention and predictions are far from even."""
    torch.manual_seed(0)
    model = GPT(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter.mul_(6)
    return model.train()


def _close(ours: Tensor, theirs: Tensor, tolerance: float = 8 * ROUNDING) -> None:
    """As vectors: the difference is small against the whole."""
    assert (ours.float() - theirs.float()).norm() <= tolerance * theirs.float().norm()


@pytest.mark.parametrize("position", ["learned", "rotary"])
@pytest.mark.parametrize("tied", [True, False])
def test_losses_and_gradients_are_those_of_float32(position: str, tied: bool) -> None:
    model = _model(replace(SMALL, position=position, tied=tied))
    ids = torch.randint(SMALL.vocab_size, (5, 33), generator=torch.manual_seed(1))
    inputs, targets = ids[:, :-1], ids[:, 1:]
    wide = cross_entropy(model(inputs), model.lm_head.weight, targets)
    wide.backward()
    expected = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    mixed = MixedPrecision(model)
    mixed.refresh()
    loss = mixed.loss(inputs, targets)
    loss.backward()
    mixed.hand_over()
    assert loss.item() == pytest.approx(wide.item(), rel=2 * ROUNDING)
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None
        assert parameter.grad.dtype is torch.float32
        _close(parameter.grad, expected[name], 0.05)
    assert all(parameter.grad is None for parameter in mixed.model.parameters())


def test_attention_equals_torchs_forwards_and_backwards() -> None:
    """Against torch's kernel in float64, for which bfloat16's inputs are exact."""
    torch.manual_seed(2)
    narrow = [torch.randn(2, 3, 40, 16).bfloat16().requires_grad_() for _ in range(3)]
    wide = [x.detach().double().requires_grad_() for x in narrow]
    direction = torch.randn(2, 3, 40, 16)
    ours, theirs = causal_attention(*narrow, 0.0), fused_attention(*wide, 0.0)
    _close(ours, theirs)
    ours.backward(direction.bfloat16())
    theirs.backward(direction.double())
    for n, w in zip(narrow, wide, strict=True):
        assert n.grad is not None
        assert w.grad is not None
        _close(n.grad, w.grad)


def test_dropout_of_attention_is_left_to_torch() -> None:
    q = torch.randn(1, 2, 8, 4).bfloat16()
    torch.manual_seed(3)
    ours = causal_attention(q, q, q, 0.5)
    torch.manual_seed(3)
    assert torch.equal(ours, fused_attention(q, q, q, 0.5))


@pytest.mark.parametrize("size", [1.0, 30.0, 80.0, 400.0])
def test_cross_entropy_equals_torchs_even_where_exponentials_overflow(size: float) -> None:
    """Logits of ±400 have no exponential in this type; the loss is finite all the same, and its gradient right."""
    torch.manual_seed(4)
    hidden = torch.randn(300, 16).bfloat16().requires_grad_()  # more rows than one chunk
    weight = (torch.randn(50, 16) * size / 4).bfloat16().requires_grad_()
    targets = torch.randint(50, (300,))
    scratch = torch.empty(300, 50, dtype=torch.bfloat16)
    ours = Bfloat16CrossEntropy.apply(hidden, weight, targets, scratch) * 3.0  # type: ignore[no-untyped-call]
    ours.backward()
    h, w = (x.detach().double().requires_grad_() for x in (hidden, weight))
    theirs = F.cross_entropy(h @ w.T, targets) * 3.0
    theirs.backward()
    assert ours.item() == pytest.approx(theirs.item(), rel=2 * ROUNDING)
    for narrow, wide in ((hidden, h), (weight, w)):
        assert narrow.grad is not None
        assert wide.grad is not None
        _close(narrow.grad, wide.grad, 0.05)


@pytest.mark.slow
def test_a_run_learns_as_in_float32() -> None:
    narrow, wide = (
        [r.loss for r in _trainer(replace(CONFIG, precision=p)).run()] for p in ("bfloat16", "float32")
    )  # fmt: skip
    assert narrow != wide
    assert narrow[-1] < narrow[0] - 1.0
    assert narrow[-1] == pytest.approx(wide[-1], abs=0.1)


def test_the_weights_stay_float32_and_held_out_losses_are_theirs() -> None:
    trainer = _trainer()
    list(trainer.run(until=2))
    assert {p.dtype for p in trainer.model.parameters()} == {torch.float32}
    assert trainer.mixed is not None
    before = trainer.evaluate()
    with torch.no_grad():
        for parameter in trainer.mixed.model.parameters():
            parameter.zero_()
    assert trainer.evaluate() == before


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        replace(CONFIG, precision="int8")
    assert caught.value.key == "config.choice"


@pytest.mark.parametrize(
    ("size", "has", "expected"),
    [
        (32, {"amx_tile"}, torch.float32),
        (512, {"amx_tile"}, torch.bfloat16),
        (512, {"avx512_bf16"}, torch.bfloat16),
        (512, set(), torch.float32),
    ],
)
def test_auto_takes_bfloat16_where_it_pays(
    monkeypatch: pytest.MonkeyPatch, size: int, has: set[str], expected: torch.dtype
) -> None:
    for name in ("amx_tile", "avx512_bf16"):
        monkeypatch.setattr(torch.cpu, f"_is_{name}_supported", lambda name=name: name in has)
    config = replace(CONFIG, precision="auto", model=GPTConfig(n_layer=1, n_head=2, n_embd=size, vocab_size=192))
    assert _trainer(config).dtype is expected
