"""The arithmetic of distributions against Python's own: fractions, ``math.fsum`` and full stable sorts."""

from __future__ import annotations

import ast
import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gptviz import numbers
from gptviz.paths import ROOT

Doubles = npt.NDArray[np.float64]
LOGITS = arrays(np.float64, st.integers(1, 40), elements=st.floats(-900, 900))
CUT = arrays(np.float64, st.integers(1, 40), elements=st.sampled_from([-np.inf, -800.0, -1.5, 0.0, 2.0, 700.0]))
FEW = arrays(np.float64, st.integers(1, 40), elements=st.sampled_from([0.0, -0.0, 0.1, 0.25, 0.5, 2.0]))


def log_weights(logits: Doubles) -> tuple[list[float], float]:
    """Each logit less the largest, and ln of the sum of their exponentials, one term at a time."""
    shifted = [float(x) - float(logits.max()) for x in logits]
    return shifted, math.log(math.fsum(math.exp(x) for x in shifted))


def plain_entropy(probs: list[float]) -> float:
    """Bits, by the definition."""
    return math.fsum(-p * math.log2(p) for p in probs if p > 0)


@given(LOGITS)
def test_softmax_and_its_logarithm_are_those_of_exact_sums(logits: Doubles) -> None:
    shifted, total = log_weights(logits)
    logprobs = [x - total for x in shifted]
    assert numbers.log_softmax(logits) == pytest.approx(logprobs, rel=1e-12, abs=1e-12)
    assert numbers.softmax(logits) == pytest.approx([math.exp(x) for x in logprobs], rel=1e-11)
    assert math.fsum(numbers.softmax(logits)) == pytest.approx(1.0, abs=1e-12)
    assert numbers.log_sum_exp(logits) == pytest.approx(float(logits.max()) + total, rel=1e-13, abs=1e-12)


@given(CUT)
def test_what_was_cut_has_no_probability_and_no_influence(logits: Doubles) -> None:
    left = logits > -np.inf
    assume(left.any())
    probs = numbers.softmax(logits)
    assert (probs[~left] == 0).all()
    assert probs[left] == pytest.approx(numbers.softmax(logits[left]), rel=1e-12)
    row = numbers.weigh(logits)
    assert row.entropy == pytest.approx(plain_entropy(probs.tolist()), abs=1e-11)
    assert row.entropy == pytest.approx(numbers.entropy_bits(probs), abs=1e-11)
    assert numbers.log_sum_exp(logits) == pytest.approx(numbers.log_sum_exp(logits[left]), rel=1e-13)


def test_a_sum_of_nothing() -> None:
    assert numbers.log_sum_exp(np.empty(0)) == -math.inf
    assert numbers.log_sum_exp(np.full(3, -np.inf)) == -math.inf


@given(LOGITS, st.floats(0.05, 5))
def test_a_row_weighed_at_any_temperature(logits: Doubles, temperature: float) -> None:
    row = numbers.weigh(logits, temperature)
    assert row.probs == pytest.approx(numbers.softmax(logits / temperature), rel=1e-9, abs=1e-300)
    assert row.entropy == pytest.approx(plain_entropy(row.probs.tolist()), abs=1e-9)
    assert [row.logprob(i) for i in range(len(logits))] == pytest.approx(
        numbers.log_softmax(logits / temperature), rel=1e-9, abs=1e-9
    )


@given(st.sampled_from([np.float32, np.float64]))
def test_the_precision_is_kept(kind: type[np.floating]) -> None:
    """The filters round as transformers' processors do, which work in float32."""
    logits = np.linspace(-3, 3, 7).astype(kind)
    assert numbers.softmax(logits).dtype == numbers.log_softmax(logits).dtype == kind
    assert numbers.entropy_nats(numbers.log_softmax(logits)).dtype == kind


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_logprobs_of_rows(n: int, size: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(0, 8, (n, size)).astype(np.float32)
    ids = random.integers(0, size, n)
    found = numbers.logprobs_of(logits, ids)
    assert found.dtype == np.float64
    for row, token, nats in zip(logits.astype(np.float64), ids.tolist(), found.tolist(), strict=True):
        shifted, total = log_weights(row)
        assert nats == pytest.approx(shifted[token] - total, abs=1e-5)  # float32 exponentials
    assert numbers.logprob_of(logits[0], int(ids[0])) == found[0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40).filter(lambda p: sum(p) > 0))
def test_entropy_is_that_of_the_definition(weights: list[float]) -> None:
    total = math.fsum(weights)
    probs = [w / total for w in weights]
    found = numbers.entropy_bits(np.array(probs))
    assert found == pytest.approx(plain_entropy(probs), abs=1e-12)
    assert 0 <= found <= math.log2(len(probs)) + 1e-12
    positive = np.array([p for p in probs if p > 1e-300])
    assert float(numbers.entropy_nats(np.log(positive))) == pytest.approx(found * numbers.BIT, abs=1e-9)


@pytest.mark.parametrize("n", [1, 2, 8, 1024])
def test_n_equal_choices_have_log2_n_bits(n: int) -> None:
    even = np.full(n, 1 / n)
    assert numbers.entropy_bits(even) == pytest.approx(math.log2(n), abs=1e-12)
    assert numbers.weigh(np.zeros(n)).entropy == pytest.approx(math.log2(n), abs=1e-12)
    assert numbers.bits(math.log(1 / n)) == pytest.approx(math.log2(n))
    assert numbers.perplexity(math.log(1 / n)) == pytest.approx(n)


@given(LOGITS)
def test_relative_entropy_is_what_the_wrong_expectation_costs(logits: Doubles) -> None:
    """Against the uniform distribution it is log n − entropy; against itself 0."""
    logp = numbers.log_softmax(logits)
    even = np.full(len(logits), -math.log(len(logits)))
    entropy = plain_entropy(numbers.softmax(logits).tolist()) * numbers.BIT
    assert float(numbers.relative_entropy(logp, even)) == pytest.approx(math.log(len(logits)) - entropy, abs=1e-9)
    assert float(numbers.relative_entropy(logp, logp)) == 0.0


def test_nothing_is_ever_minus_zero_or_too_large() -> None:
    assert math.copysign(1, numbers.bits(0.0)) == math.copysign(1, numbers.entropy_bits(np.ones(1))) == 1
    assert math.isfinite(numbers.perplexity(-1e6))
    assert numbers.bits(-math.inf) == math.inf


@given(FEW, st.integers(0, 45), st.sampled_from([np.float32, np.float64]))
def test_partial_selection_equals_a_full_stable_sort(values: Doubles, count: int, kind: type[np.floating]) -> None:
    values = values.astype(kind)
    order = sorted(range(len(values)), key=lambda i: -float(values[i]))  # stable: of equal ones the lower first
    assert numbers.descending(values).tolist() == order
    assert numbers.top_ids(values, count).tolist() == order[:count]
    assert [numbers.rank_of(values, i) for i in order] == list(range(1, len(values) + 1))


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(64, 6000), st.sampled_from([2, 30, 10**6]))
def test_selection_by_blocks_equals_a_full_stable_sort(seed: int, count: int, size: int, distinct: int) -> None:
    """Of a whole vocabulary: with many equal values too, and a rest that fills no block."""
    values = np.random.default_rng(seed).integers(0, distinct, size).astype(np.float32) / 7
    values[:: max(1, size // 9)] = -np.inf  # tokens that a filter has cut
    expected = np.argsort(-values, kind="stable")[:count]
    expected = expected[values[expected] > -np.inf]
    assert numbers.top_ids(values, count).tolist() == expected.tolist()


@given(arrays(np.float32, st.integers(0, 50), elements=st.sampled_from([0.0, -0.0, 1.5, -1.5, 1e-45, -1e38, -np.inf])))
def test_the_fast_sort_is_a_stable_sort(values: npt.NDArray[np.float32]) -> None:
    assert numbers.ascending(values).tolist() == np.argsort(values, kind="stable").tolist()


def test_no_one_else_exponentiates() -> None:
    """A softmax, an entropy or a rank of its own elsewhere would be a second thing of the same name.

    Allowed: what is no softmax of logits (a closed form of binomials, log-uniform lengths, a power law and its
    constants, sums of a grammar's probabilities) and the cells whose arithmetic is shown term by term.
    """
    allowed = {
        "numbers.py",
        "analysis/terms.py",
        "views/attention.py",
        "analysis/rolls.py",
        "decoding/filters/eta.py",
        "training/data.py",
        "training/worlds/_grammar.py",
        "evaluation/scaling/fit.py",
    }
    found = set()
    for path in (ROOT / "gptviz").rglob("*.py"):
        calls = {ast.unparse(n.func) for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)}
        if calls & {"np.exp", "np.log2", "np.argsort", "np.logaddexp"}:
            found.add(path.relative_to(ROOT / "gptviz").as_posix())
    assert found == allowed
