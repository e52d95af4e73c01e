"""One optimiser step on one short text, with every number of it: what ``trainer`` does a thousand times a minute.

Forward, what each target cost, the gradient where it is born (at the logits: p - onehot), its size in each tensor on
the way down, AdamW's averages and the update of one weight written out, and the loss after it beside what a straight
line would have said. Everything happens on a copy: the model that is given stays as it is.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim import AdamW

from gptviz.errors import ConfigError
from gptviz.gpt.cache import KVCache
from gptviz.gpt.model import GPT

#: A step makes a copy with gradients and two averages, sixteen bytes a parameter, for each visitor who looks at one.
MOST_PARAMETERS = 3_000_000
MOST_TOKENS = 64
MOST_STEPS = 20
TOP = 5
#: Where the way down ends: what the first block reads.
EMBEDDINGS = ("wte.weight", "wpe.weight")


@dataclass(frozen=True)
class Rule:
    """AdamW's numbers (Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2)."""

    learning_rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.95)
    eps: float = 1e-8
    weight_decay: float = 0.1  # of matrices; vectors do not decay

    def __post_init__(self) -> None:
        for name, value, low, high in (("learning_rate", self.learning_rate, 0.0, 1.0), ("eps", self.eps, 0.0, 1.0),
                                       ("weight_decay", self.weight_decay, 0.0, 10.0)):  # fmt: skip
            if not low <= value <= high:
                raise ConfigError("config.range", name=name, value=value, low=low, high=high)
        for value in self.betas:
            if not 0.0 <= value < 1.0:
                raise ConfigError("config.range", name="betas", value=value, low=0, high=1)


class Forward(NamedTuple):
    """The pass over the text: T targets, each the token after its input."""

    inputs: list[int]
    targets: list[int]
    losses: list[float]  # nats: -log p of each target
    loss: float  # their mean, which is what the step lowers
    earlier: list[float]  # the loss before each step that was taken before this one


class LogitGradient(NamedTuple):
    """The gradient of one token's logit at one position: (p - onehot) / T, as the loss is a mean over T targets."""

    id: int
    p: float
    onehot: int
    gradient: float


class AtLogits(NamedTuple):
    """Where the gradient begins, at one position: the target and the tokens of the highest p, the rest as one sum."""

    position: int
    rows: list[LogitGradient]
    rest: float  # the gradients of all other tokens together; all of a position sum to 0


class TensorNorm(NamedTuple):
    """One tensor on the way down: the length of its gradient, and its own."""

    name: str
    gradient: float
    weight: float
    size: int


class Backward(NamedTuple):
    """The gradient in each tensor, from the output down to the embeddings, and the length of all of it."""

    tensors: list[TensorNorm]
    norm: float


class Update(NamedTuple):
    """One weight's step, in the order in which AdamW works it out; ``step`` counts from 1."""

    name: str
    place: tuple[int, ...]  # of the weight in its tensor
    step: int
    weight: float
    gradient: float
    m_before: float
    v_before: float
    m: float  # β₁ m + (1 - β₁) g
    v: float  # β₂ v + (1 - β₂) g²
    m_hat: float  # m / (1 - β₁ᵗ)
    v_hat: float  # v / (1 - β₂ᵗ)
    decay: float  # η λ w: what decay takes off
    move: float  # η m̂ / (√v̂ + ε): what the gradient takes off
    after: float  # w - decay - move


class After(NamedTuple):
    """The loss of the same text after the step, and what a straight line says: loss + Σ g·Δw over all weights."""

    loss: float
    linear: float


Record: TypeAlias = Forward | AtLogits | Backward | Update | After


def practice(model: GPT) -> GPT:
    """A copy to take steps with, in float32 and without dropout. Raises ConfigError where that would be too large.

    Matrices that are held narrow for speed are no parameters and have no gradient: such a model is refused too.
    """
    if model.config.n_parameters > MOST_PARAMETERS:
        raise ConfigError("glass.large", parameters=f"{model.config.n_parameters:,}", most=f"{MOST_PARAMETERS:,}")
    if sum(p.numel() for p in model.parameters()) < model.config.n_parameters:
        raise ConfigError("glass.narrow")
    return copy.deepcopy(model).float().eval().requires_grad_(True)


def one_step(model: GPT, ids: Sequence[int], *, rule: Rule | None = None, step: int = 1, position: int | None = -1,
             weight: tuple[str, tuple[int, ...]] | None = None) -> Iterator[Record]:  # fmt: skip
    """The ``step``-th step on ``ids`` from the model as it is, as records; those before it are taken without a word.

    ``position`` is the target whose logits are looked at, None the costliest; ``weight`` the one that is written out:
    by default that of the largest gradient, with an empty place that of the largest in the tensor named. Raises
    ConfigError before the first record.
    """
    rule = rule or Rule()
    if not 2 <= len(ids) <= min(MOST_TOKENS, model.config.block_size + 1):
        raise ConfigError("glass.length", tokens=len(ids), most=min(MOST_TOKENS, model.config.block_size + 1))
    if not 1 <= step <= MOST_STEPS:
        raise ConfigError("config.range", name="step", value=step, low=1, high=MOST_STEPS)
    learner = practice(model)
    row = torch.tensor([list(ids)])
    if not 0 <= int(row.min()) <= int(row.max()) < learner.n_tokens:
        raise ConfigError("glass.ids", vocab_size=learner.n_tokens)
    with torch.enable_grad():
        yield from _steps(learner, row, rule, step, position, weight)


def adamw(model: GPT, rule: Rule) -> AdamW:
    """The optimiser; matrices decay, vectors do not (as in ``optimizer.make_optimizers``)."""
    parameters = list(model.parameters())
    groups = [{"params": [p for p in parameters if p.ndim >= 2], "weight_decay": rule.weight_decay},
              {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0}]  # fmt: skip
    return AdamW(groups, lr=rule.learning_rate, betas=rule.betas, eps=rule.eps, foreach=False)


def _steps(learner: GPT, row: Tensor, rule: Rule, step: int, position: int | None,
           weight: tuple[str, tuple[int, ...]] | None) -> Iterator[Record]:  # fmt: skip
    optimizer = adamw(learner, rule)
    earlier: list[float] = []
    for _ in range(step - 1):
        loss = _losses(learner, row)[1].mean()
        earlier.append(loss.item())
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
    logits, losses = _losses(learner, row)
    loss = losses.mean()
    loss.backward()  # type: ignore[no-untyped-call]
    yield Forward(row[0, :-1].tolist(), row[0, 1:].tolist(), losses.tolist(), loss.item(), earlier)
    yield _at_logits(logits.detach(), row[0, 1:], int(losses.argmax()) if position is None else position)
    named = dict(learner.named_parameters())
    yield _backward(named)
    name, index = weight or _steepest(named)
    if not index and name in named:
        index = _steepest({name: named[name]})[1]
    before = {key: value.detach().clone() for key, value in named.items()}
    yield _update(named, optimizer, rule, step, name, index)
    gradients = {key: value.grad.clone() for key, value in named.items() if value.grad is not None}
    optimizer.step()
    moved = sum(
        float((g.double() * (named[key].detach() - before[key]).double()).sum()) for key, g in gradients.items()
    )
    with torch.no_grad():
        yield After(_losses(learner, row)[1].mean().item(), loss.item() + moved)


def _losses(learner: GPT, row: Tensor) -> tuple[Tensor, Tensor]:
    """(T, n_tokens) logits, and (T,) nats of each target."""
    logits = learner.logits(learner(row[:, :-1]))[0, :, : learner.n_tokens]
    return logits, F.cross_entropy(logits, row[0, 1:], reduction="none")


def _at_logits(logits: Tensor, targets: Tensor, position: int) -> AtLogits:
    T = len(targets)
    if not -T <= position < T:
        raise ConfigError("config.range", name="position", value=position, low=-T, high=T - 1)
    position %= T
    probs = logits[position].double().softmax(-1)
    target = int(targets[position])
    shown = [target, *(int(i) for i in probs.topk(min(TOP + 1, len(probs))).indices if int(i) != target)][: TOP + 1]
    rows = [LogitGradient(i, float(probs[i]), int(i == target), (float(probs[i]) - (i == target)) / T) for i in shown]
    return AtLogits(position, rows, -sum(row.gradient for row in rows))


def _backward(named: dict[str, torch.nn.Parameter]) -> Backward:
    down = list(named.items())
    down.reverse()
    down.sort(key=lambda item: item[0].endswith(EMBEDDINGS))  # a stable sort: these come last, the others stay
    norms = [TensorNorm(name, float(_gradient(p).norm()), float(p.detach().norm()), p.numel()) for name, p in down]
    return Backward(norms, math.sqrt(sum(norm.gradient**2 for norm in norms)))


def _steepest(named: dict[str, torch.nn.Parameter]) -> tuple[str, tuple[int, ...]]:
    """The weight with the largest gradient of all."""
    name = max(named, key=lambda key: float(_gradient(named[key]).abs().max()))
    gradient = _gradient(named[name])
    flat = int(gradient.abs().argmax())
    return name, tuple(int(i) for i in torch.unravel_index(torch.tensor(flat), gradient.shape))


def _update(named: dict[str, torch.nn.Parameter], optimizer: AdamW, rule: Rule, step: int, name: str,
            index: tuple[int, ...]) -> Update:  # fmt: skip
    """One weight's step worked out in float64 from what the optimiser holds before it."""
    if name not in named or len(index) != named[name].ndim:
        raise ConfigError("glass.weight", name=name[:60])
    if not all(0 <= i < n for i, n in zip(index, named[name].shape, strict=True)):
        raise ConfigError("glass.weight", name=f"{name[:60]}{list(index)}")
    parameter = named[name]
    held = optimizer.state.get(parameter, {})
    w, g = float(parameter.detach()[index]), float(_gradient(parameter)[index])
    m0, v0 = (float(held[key][index]) if key in held else 0.0 for key in ("exp_avg", "exp_avg_sq"))
    (b1, b2), lr = rule.betas, rule.learning_rate
    m, v = b1 * m0 + (1 - b1) * g, b2 * v0 + (1 - b2) * g * g
    m_hat, v_hat = m / (1 - b1**step), v / (1 - b2**step)
    decay = lr * rule.weight_decay * w if parameter.ndim >= 2 else 0.0
    denominator = math.sqrt(v_hat) + rule.eps
    move = lr * m_hat / denominator if denominator else 0.0
    return Update(name, index, step, w, g, m0, v0, m, v, m_hat, v_hat, decay, move, w - decay - move)


def _gradient(parameter: torch.nn.Parameter) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


class Raced(NamedTuple):
    """The same predictions in one pass, as training reads, and one after the other, as writing must."""

    tokens: int
    at_once: float  # seconds
    one_by_one: float
    difference: float  # the largest between two logits


@torch.no_grad()
def race(model: GPT, ids: Sequence[int]) -> Raced:
    """Read ``ids`` both ways, with the keys and values kept in the second, and compare times and logits."""
    row = torch.tensor([list(ids)])
    began = time.perf_counter()
    whole = model.logits(model(row))[0, :, : model.n_tokens]
    at_once, began = time.perf_counter() - began, time.perf_counter()
    cache = KVCache(model.config)
    parts = [model.logits(model(row[:, at : at + 1], cache))[0, -1, : model.n_tokens] for at in range(len(ids))]
    one_by_one = time.perf_counter() - began
    difference = float((whole - torch.stack(parts)).abs().max())
    return Raced(len(ids), at_once, one_by_one, difference)
