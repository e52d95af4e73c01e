"""Every number on the first screen, computed again from the weights alone by a GPT-2 of forty lines of plain numpy.

Nothing of gptviz is used for the expected side but the tokenizer's ids and the file of weights: no torch, no trace, no
filter. Source: Radford et al. 2019 as released (GELU in its tanh form, LayerNorm before each part, tied output matrix).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from safetensors.numpy import load_file

from gptviz import decoding, views
from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel
from gptviz.paths import MODELS

Doubles = npt.NDArray[np.float64]
Weights = dict[str, Doubles]
PROMPTS = {
    "english": "The cat sat on the",
    "chinese": "我今天很高兴，因为天气非常好",
    "python": "def add(a, b):\n    return",
}
#: float32 forward passes of 1e8 multiplications and sums in another order: relative to the size of the numbers.
CLOSE = 2e-4


class Plain(NamedTuple):
    """What plain numpy says, all float64. Lists are by layer."""

    q: list[Doubles]  # (n_head, T, d)
    k: list[Doubles]
    scores: list[Doubles]  # (n_head, T, T), q·k/√d
    pattern: list[Doubles]
    probs: Doubles  # (T, vocab_size)


def gpt2(w: Weights, ids: list[int], n_layer: int, n_head: int, eps: float) -> Plain:
    """One forward pass; ``w`` has GPT-2's names, its matrices are (in, out)."""
    out = Plain([], [], [], [], np.empty(0))
    T, future = len(ids), np.triu(np.ones((len(ids), len(ids)), dtype=bool), 1)
    x = w["wte.weight"][ids] + w["wpe.weight"][:T]  # (T, C)
    for layer in range(n_layer):
        name = f"h.{layer}."
        qkv = linear(w, name + "attn.c_attn", norm(w, name + "ln_1", x, eps))  # (T, 3C)
        q, k, v = (part.reshape(T, n_head, -1).transpose(1, 0, 2) for part in np.split(qkv, 3, axis=1))
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])  # (n_head, T, T)
        pattern = softmax(np.where(future, -np.inf, scores))
        z = (pattern @ v).transpose(1, 0, 2).reshape(T, -1)  # (T, C)
        x = x + linear(w, name + "attn.c_proj", z)
        hidden = linear(w, name + "mlp.c_fc", norm(w, name + "ln_2", x, eps))
        gelu = 0.5 * hidden * (1 + np.tanh(math.sqrt(2 / math.pi) * (hidden + 0.044715 * hidden**3)))
        x = x + linear(w, name + "mlp.c_proj", gelu)
        for kept, value in zip(out, (q, k, scores, pattern), strict=False):
            kept.append(value)
    return out._replace(probs=softmax(norm(w, "ln_f", x, eps) @ w["wte.weight"].T))


def norm(w: Weights, name: str, x: Doubles, eps: float) -> Doubles:
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + eps)
    return scaled * w[name + ".weight"] + w[name + ".bias"]


def linear(w: Weights, name: str, x: Doubles) -> Doubles:
    return x @ w[name + ".weight"] + w[name + ".bias"]


def softmax(x: Doubles) -> Doubles:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


class Screen(NamedTuple):
    lm: LanguageModel
    trace: Trace
    plain: Plain
    ids: list[int]


@pytest.fixture(scope="module", params=PROMPTS.values(), ids=PROMPTS)
def screen(request: pytest.FixtureRequest, lm: LanguageModel) -> Screen:
    """The bundled model on one prompt, traced by gptviz and computed by hand."""
    stored = [item for path in Path(MODELS / lm.name).glob("*.safetensors") for item in load_file(path).items()]
    weights = {name.removeprefix("transformer."): array.astype(np.float64) for name, array in stored}
    config = lm.config
    ids = lm.tokenizer.encode(request.param)
    assert len(ids) >= 5
    return Screen(lm, lm.trace(request.param), gpt2(weights, ids, config.n_layer, config.n_head, config.eps), ids)


def test_chips_surprisal(screen: Screen) -> None:
    """−log2 of the probability that the position before gave to the token that came."""
    chips = views.chips(screen.trace).chips
    assert [chip.id for chip in chips] == screen.ids
    assert chips[0].surprisal is None
    expected = [-math.log2(screen.plain.probs[pos - 1, token]) for pos, token in enumerate(screen.ids) if pos]
    np.testing.assert_allclose([chip.surprisal for chip in chips[1:]], expected, rtol=CLOSE, atol=CLOSE)
    np.testing.assert_allclose([chip.prob for chip in chips[1:]], np.exp2(-np.array(expected)), rtol=10 * CLOSE)


def test_every_head_at_every_stage(screen: Screen) -> None:
    """q·k, ÷√d, masked, softmax: all layers, all heads; and the mask itself."""
    T, config = len(screen.ids), screen.lm.config
    future = np.triu(np.ones((T, T), dtype=bool), 1)
    np.testing.assert_array_equal(views.mask(screen.trace).allowed, ~future)
    for layer in range(config.n_layer):
        for head in range(config.n_head):
            scores = screen.plain.scores[layer][head]
            expected = {
                "raw": scores * math.sqrt(config.head_dim), "scores": scores,
                "masked": np.where(future, np.nan, scores),
                "pattern": np.where(future, np.nan, screen.plain.pattern[layer][head]),
            }  # fmt: skip
            for stage in views.STAGES:
                view = views.attention(screen.trace, layer, head, stage)
                scale = max(1.0, np.nanmax(np.abs(expected[stage])))
                np.testing.assert_allclose(view.values, expected[stage], atol=CLOSE * scale)
                low, high = np.nanmin(expected[stage]), np.nanmax(expected[stage])
                np.testing.assert_allclose([view.min, view.max], [low, high], atol=CLOSE * scale)


def test_the_arithmetic_of_every_cell_of_a_head(screen: Screen) -> None:
    """Operands from the weights, and each line of the equation from the line before it."""
    layer, head = 2, 3
    T, d, plain = len(screen.ids), screen.lm.config.head_dim, screen.plain
    for query in range(T):
        for key in range(T):
            cell = views.cell(screen.trace, layer, head, query, key)
            q, k, score = plain.q[layer][head, query], plain.k[layer][head, key], plain.scores[layer][head, query, key]
            scale = max(1.0, np.abs(plain.scores[layer][head]).max()) * math.sqrt(d)
            for shown, expected in ((cell.q, q), (cell.k, k), (cell.products, q * k), (cell.dot, q @ k)):
                np.testing.assert_allclose(shown, expected, atol=CLOSE * scale)
            np.testing.assert_allclose(cell.score, score, atol=CLOSE * scale)
            np.testing.assert_array_equal(cell.products, np.multiply(cell.q, cell.k))
            assert cell.dot == pytest.approx(sum(cell.products), abs=1e-12)
            assert cell.score == cell.dot / cell.sqrt_d == cell.dot / math.sqrt(d)
            assert cell.masked == (key > query) == (cell.weight is None)
            if cell.weight is None:
                continue
            assert cell.exp == pytest.approx(math.exp(cell.score - cell.shift), rel=1e-12)
            assert cell.weight == cell.exp / cell.sum_exp
            row = plain.scores[layer][head, query, : query + 1]
            assert cell.sum_exp == pytest.approx(np.exp(row - cell.shift).sum(), rel=20 * CLOSE)
            assert cell.weight == pytest.approx(plain.pattern[layer][head, query, key], abs=CLOSE)
            assert cell.weight == pytest.approx(views.attention(screen.trace, layer, head).values[query, key], abs=1e-5)


def test_mosaic(screen: Screen) -> None:
    """Every weight of every head to within half a step of 255, and a rounding."""
    view = views.mosaic(screen.trace)
    assert view.block == 1
    np.testing.assert_allclose(view.tiles / 255, np.stack(screen.plain.pattern), atol=0.5 / 255 + CLOSE)


def test_distribution_of_the_model(screen: Screen) -> None:
    """Probabilities, ranks, entropy, effective choices and tail over the whole vocabulary, at every position."""
    for pos, probs in enumerate(screen.plain.probs):
        logits = screen.trace.logits_at(pos)
        follows = screen.ids[pos + 1] if pos + 1 < len(screen.ids) else None
        stages = decoding.stages(logits, decoding.Sample(), screen.ids[: pos + 1])
        view = views.distribution(logits, stages, screen.lm.tokenizer, pos=pos, actual_id=follows)
        shown = [row.id for row in view.rows]
        np.testing.assert_allclose([row.p_model for row in view.rows], probs[shown], rtol=20 * CLOSE)
        np.testing.assert_allclose(
            [row.rank for row in view.rows], [1 + (probs > probs[i]).sum() for i in shown], atol=2
        )
        entropy = -(probs * np.log2(probs)).sum()
        assert view.entropy == view.entropy_model == pytest.approx(entropy, abs=0.005)
        assert view.effective == pytest.approx(2**entropy, rel=0.005)
        assert view.tail == (len(probs) - len(shown), *[pytest.approx(1 - probs[shown].sum(), abs=1e-4)] * 2,
                             len(probs) - len(shown))  # fmt: skip
        assert view.kept == len(probs) == view.vocab_size == screen.lm.config.vocab_size
        if follows is not None:
            assert view.actual is not None
            assert view.actual.p_model == pytest.approx(probs[follows], rel=20 * CLOSE)


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"),
    [(0.8, None, 0.9), (1.3, 50, 1.0), (0.6, 200, 0.7), (1.0, None, 0.5), (0, None, 1)],
)
def test_filters_draw_and_cumulative_bar(screen: Screen, temperature: float, top_k: int | None, top_p: float) -> None:
    """Temperature, top-k, top-p by their definitions on the float64 probabilities, and the token under u on the bar.

    Definitions: p^(1/temperature) renormalised; the k likeliest; the fewest likeliest that reach top_p together. A
    token whose place is within rounding of a boundary may fall on either side of it.
    """
    logits, p = screen.trace.logits_at(-1), screen.plain.probs[-1]
    strategy = decoding.Sample(temperature=temperature, top_k=top_k, top_p=top_p)
    stages = decoding.stages(logits, strategy, screen.ids)
    powered = (p / p.max()) ** (1 / temperature) if temperature else (p == p.max()).astype(np.float64)
    powered /= powered.sum()
    order = np.argsort(-powered, kind="stable")[:top_k]
    order = order[powered[order] > 0]
    mass = np.cumsum(powered[order]) / powered[order].sum()
    size = int(np.searchsorted(mass, top_p - 1e-12)) + 1 if top_p < 1 else len(order)
    order = order[: min(size, len(order))]
    final = np.zeros_like(p)
    final[order] = powered[order] / powered[order].sum()

    u = decoding.uniform_at(7, 0)
    assert u == np.random.Generator(np.random.PCG64(7)).random()
    drawn = decoding.draw(stages[-1].probs, u)
    pos = len(screen.ids) - 1
    view = views.distribution(logits, stages, screen.lm.tokenizer, pos=pos, u=u, draw=drawn)
    borderline = np.count_nonzero(np.abs(mass - top_p) < CLOSE) if top_p < 1 else 0
    assert abs(view.kept - len(order)) <= borderline
    assert set(np.flatnonzero(stages[-1].kept).tolist()).symmetric_difference(order.tolist()) <= set(
        np.argsort(-powered, kind="stable")[max(0, len(order) - 3 - borderline) : len(order) + 3 + borderline].tolist()
    )
    for row in view.rows:
        if row.cut is None:
            assert row.p == pytest.approx(final[row.id], rel=0.01)
    entropy = -(final[order] * np.log2(final[order])).sum()
    assert view.entropy == pytest.approx(entropy, abs=0.01)
    assert [segment.p for segment in view.segments] == pytest.approx(sorted(final, reverse=True)[: len(view.segments)],
                                                                     rel=0.01)  # fmt: skip
    assert sum(segment.p for segment in view.segments) + view.rest == pytest.approx(1)

    edges = np.concatenate(([0], np.cumsum(final[order])))
    place = int(np.searchsorted(edges, u, side="right")) - 1
    low, high = view.drawn_at
    assert low <= u < high
    near = min(abs(u - edges[place]), abs(edges[place + 1] - u)) < 0.002  # too near an edge to ask which side
    assert near or drawn == order[place]
    at = order.tolist().index(drawn)
    assert (low, high) == pytest.approx((edges[at], edges[at + 1]), abs=0.005)
