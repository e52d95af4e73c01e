"""Which heads, or layers, a model can do without, and what leaving ever more of them out costs.

Three orders, from what goes first:

- ``taylor``: by what a small change of a part's gate ξ would do to the loss, |∂L/∂ξ|, mean over texts (Michel et al.
  2019, arXiv 1905.10650, section 4.1). One gradient tells of all parts at once. Of a layer the gate stands at what
  attention and MLP add. There scores are divided by their layer's l2 norm; here not: of the bundled model 19 of 48
  heads less then make 1.704 bits per byte of 1.574, and 1.605 without (the smaller one's curve says the same).
- ``ablation``: by what the loss grows when the part alone is left out. As many passes as there are parts.
- ``random``: drawn, to compare with.

What matters is said by one half of the held-out passages and what it costs by the other, so that no order has seen the
text that it is judged on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
import torch

from gptviz.compression.forms import widened
from gptviz.compression.passes import Gates, logits, nats, nats_of
from gptviz.compression.texts import Passage, halves, passages
from gptviz.gpt.config import GPTConfig
from gptviz.language_model import LocalModel
from gptviz.numbers import BIT

UNITS = ("heads", "layers")
ORDERS = ("taylor", "ablation", "random")
SEED = 7
POINTS = 10  # of a curve, beside nothing gone


class Sensitivity(NamedTuple):
    """|∂L/∂ξ| of every part on one passage; L in nats a token."""

    passage: int
    values: tuple[float, ...]


class Alone(NamedTuple):
    """One passage with one part left out."""

    part: int
    passage: int
    nats: float


class Gone(NamedTuple):
    """One passage with the first ``n_gone`` parts of an order left out."""

    order: str
    n_gone: int
    passage: int
    n_bytes: int
    nats: float


Record: TypeAlias = "Sensitivity | Alone | Gone"


def n_parts(config: GPTConfig, unit: str) -> int:
    """How many there are."""
    return config.n_layer * (config.n_head if unit == "heads" else 1)


def counts(n: int) -> list[int]:
    """How many are gone at each point, from none to all.

    >>> counts(8), counts(48)
    ([0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 5, 10, 14, 19, 24, 29, 34, 38, 43, 48])
    """
    return list(range(n + 1)) if n <= POINTS else [round(n * i / POINTS) for i in range(POINTS + 1)]


def wanted(lm: LocalModel, unit: str) -> int:
    """How many records ``measure`` yields."""
    first, second = halves(passages(lm))
    n = n_parts(lm.config, unit)
    return len(first) * (1 + n) + len(ORDERS) * len(counts(n)) * len(second)


def measure(lm: LocalModel, unit: str) -> Iterator[Record]:
    """What matters, then the curves point by point. Raises ConfigError where the model cannot read the passages."""
    first, second = halves(passages(lm))
    found: list[Record] = []
    for record in _importance(lm, unit, first):
        found.append(record)
        yield record
    model, c = lm.model, lm.config
    for count in counts(n_parts(c, unit)):
        for name in ORDERS:
            heads, layers = _gates(c, unit, order(found, c, unit, name)[:count])
            for at, passage in enumerate(second):
                yield Gone(name, count, at, passage.n_bytes, nats(model, passage, heads=heads, layers=layers))


def _importance(lm: LocalModel, unit: str, texts: list[Passage], *, ablation: bool = True) -> Iterator[Record]:
    wide = widened(lm.model)  # gradients need float32
    for at, passage in enumerate(texts):
        yield Sensitivity(at, sensitivity(LocalModel(wide, lm.tokenizer), passage, unit))
    del wide
    for part in range(n_parts(lm.config, unit) if ablation else 0):
        heads, layers = _gates(lm.config, unit, [part])
        for at, passage in enumerate(texts):
            yield Alone(part, at, nats(lm.model, passage, heads=heads, layers=layers))


def sensitivity(lm: LocalModel, passage: Passage, unit: str) -> tuple[float, ...]:
    """|∂L/∂ξ| of every part at ξ = 1; ``lm`` in float32."""
    c = lm.config
    gates = torch.ones((c.n_layer, c.n_head) if unit == "heads" else (c.n_layer,), requires_grad=True)
    passed = Gates(c, gates if unit == "heads" else None, gates if unit == "layers" else None)
    with torch.enable_grad():
        loss = nats_of(logits(lm.model, passage.ids, passed), passage) / (len(passage.ids) - 1)
        (slope,) = torch.autograd.grad(loss, gates)
    return tuple(slope.abs().flatten().tolist())


def importance(records: Iterable[Record], config: GPTConfig, unit: str, name: str) -> list[float]:
    """Of each part, layer by layer, by ``taylor`` or by ``ablation``; nothing as long as not all has been measured."""
    n = n_parts(config, unit)
    found = list(records)
    if name == "taylor":
        values = [one.values for one in found if isinstance(one, Sensitivity)]
        if not values:
            return []
        return [float(x) for x in np.mean(values, axis=0)]
    sums = np.zeros(n)
    known = set()
    for one in found:
        if isinstance(one, Alone):
            sums[one.part] += one.nats
            known.add(one.part)
    return [float(x) for x in sums] if len(known) == n else []


def order(records: Iterable[Record], config: GPTConfig, unit: str, name: str) -> list[int]:
    """The parts from what goes first to what stays longest; nothing as long as it is not known."""
    if name == "random":
        return [int(i) for i in np.random.default_rng(SEED).permutation(n_parts(config, unit))]
    values = importance(records, config, unit, name)
    return sorted(range(len(values)), key=lambda part: (values[part], part))


def first_to_go(lm: LocalModel, unit: str, name: str, count: int) -> list[int]:
    """The first ``count`` parts of an order, measured now."""
    if not count:
        return []
    first, _ = halves(passages(lm))
    measured = [] if name == "random" else list(_importance(lm, unit, first, ablation=name == "ablation"))
    return order(measured, lm.config, unit, name)[:count]


def curve(records: Iterable[Record], name: str) -> list[tuple[int, float]]:
    """(parts gone, bits per byte) at each point that is known."""
    sums: dict[int, list[float]] = {}
    for one in records:
        if isinstance(one, Gone) and one.order == name:
            total = sums.setdefault(one.n_gone, [0.0, 0.0])
            total[0] += one.nats
            total[1] += one.n_bytes
    return [(count, nats_ / BIT / n_bytes) for count, (nats_, n_bytes) in sorted(sums.items())]


def places(config: GPTConfig, parts: Iterable[int]) -> list[tuple[int, int]]:
    """(layer, head) of parts that are heads."""
    return [divmod(part, config.n_head) for part in parts]


def _gates(config: GPTConfig, unit: str, gone: Iterable[int]) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Heads' and layers' gates with these at 0."""
    gates = torch.ones(n_parts(config, unit))
    gates[list(gone)] = 0.0
    return (gates.view(config.n_layer, config.n_head), None) if unit == "heads" else (None, gates)
