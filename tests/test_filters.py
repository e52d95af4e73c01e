"""Each filter against transformers' logits processor of that name, and worked numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from transformers import GenerationConfig, GPT2Config, GPT2LMHeadModel
from transformers.generation import logits_process as theirs

from gptviz.decoding import Greedy, Sample, filters, generate, stages
from gptviz.decoding.filters.top_p import TopP
from gptviz.errors import DecodingError
from gptviz.language_model import LanguageModel
from gptviz.numbers import softmax

#: transformers' processors by the parameter that sets them.
NAMES = {
    "RepetitionPenaltyLogitsProcessor": "repetition_penalty",
    "NoRepeatNGramLogitsProcessor": "no_repeat_ngram_size",
    "TemperatureLogitsWarper": "temperature",
    "TopKLogitsWarper": "top_k",
    "TopPLogitsWarper": "top_p",
    "MinPLogitsWarper": "min_p",
    "TypicalLogitsWarper": "typical_p",
    "EtaLogitsWarper": "eta_cutoff",
}
#: A sum of float32 probabilities may differ this much by the order in which they are added.
NEAR = 1e-6

# Half of the vectors hold small whole numbers, so that ties are common; some reach so far that tails underflow to 0.
vectors = st.one_of(
    arrays(np.float32, st.integers(1, 40), elements=st.integers(-4, 4).map(np.float32)),
    arrays(np.float32, st.integers(1, 40), elements=st.floats(-30, 30, width=32)),
    arrays(np.float32, st.integers(1, 40), elements=st.floats(-200, 200, width=32)),
)
shares = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]))


def many(test: Callable[..., None]) -> Callable[..., None]:
    """Two hundred examples, which take their time."""
    return pytest.mark.slow(settings(max_examples=200, deadline=None)(test))  # type: ignore[no-any-return]


def run_theirs(processor: Any, logits: np.ndarray, ids: list[int] | None = None) -> np.ndarray:
    return processor(torch.tensor([ids or [0]]), torch.from_numpy(logits.copy())[None])[0].numpy()  # type: ignore[no-any-return]


def assert_equal(ours: np.ndarray, expected: np.ndarray, unsure: np.ndarray | None = None) -> None:
    """The same tokens cut, but for those that are ``unsure`` (at the threshold to float32's accuracy); equal values."""
    sure = np.ones(len(ours), dtype=bool) if unsure is None else ~unsure
    np.testing.assert_array_equal(np.isneginf(ours)[sure], np.isneginf(expected)[sure])
    both = ~np.isneginf(ours) & ~np.isneginf(expected)
    np.testing.assert_allclose(ours[both], expected[both], rtol=1e-6)
    assert np.isfinite(ours).any()


def probabilities(logits: np.ndarray) -> np.ndarray:
    exp = np.exp(logits.astype(np.float64) - logits.max())
    return exp / exp.sum()  # type: ignore[no-any-return]


@many
@given(vectors, st.floats(0.05, 20), st.data())
def test_repetition_penalty(logits: np.ndarray, penalty: float, data: st.DataObject) -> None:
    ids = data.draw(st.lists(st.integers(0, len(logits) - 1), min_size=1, max_size=8))
    ours = filters.RepetitionPenalty(penalty)(logits, ids)
    np.testing.assert_allclose(
        ours, run_theirs(theirs.RepetitionPenaltyLogitsProcessor(penalty), logits, ids), rtol=1e-6
    )


@many
@given(vectors, st.floats(0.01, 100))
def test_temperature(logits: np.ndarray, temperature: float) -> None:
    ours = filters.Temperature(temperature)(logits)
    np.testing.assert_allclose(ours, run_theirs(theirs.TemperatureLogitsWarper(temperature), logits), rtol=1e-6)


@many
@given(vectors, st.integers(1, 50))
def test_top_k(logits: np.ndarray, k: int) -> None:
    assert_equal(filters.TopK(k)(logits), run_theirs(theirs.TopKLogitsWarper(k), logits))


@many
@given(vectors, shares)
@example(np.zeros(8, dtype=np.float32), 0.5)  # eight equal tokens: 1/8 each is exact, and so are their sums
@example(np.zeros(8, dtype=np.float32), 0.0)
@example(np.array([0, -200], dtype=np.float32), 1.0)  # e^-200 is 0 in float32, and 0 <= 1 - p: cut even at p = 1
def test_top_p(logits: np.ndarray, p: float) -> None:
    ours, expected = filters.TopP(p)(logits), run_theirs(theirs.TopPLogitsWarper(p), logits)
    probs = probabilities(logits)
    order = np.argsort(logits, kind="stable")
    unsure = np.zeros(len(logits), dtype=bool)
    # Sums of equal powers of two are exact in both; there the same is asked of every token.
    exact = len(set(logits.tolist())) == 1 and math.log2(len(logits)).is_integer()
    unsure[order] = (np.abs(np.cumsum(probs[order]) - (1 - p)) < NEAR) & (not exact)
    if p == 1.0:  # nothing is near: only what underflowed is cut, and where that begins depends on exp's last bits
        unsure = (probs > 0) & (probs < 1e-37)
    if not unsure.any():
        assert np.isfinite(ours).sum() == np.isfinite(expected).sum()
    if len(logits) > 16:  # beyond that, torch.sort leaves open which of equal tokens comes first
        unsure |= logits == logits[np.isfinite(ours)].min()
    assert_equal(ours, expected, unsure)


@many
@given(vectors, shares)
@example(np.zeros(5, dtype=np.float32), 1.0)
def test_min_p(logits: np.ndarray, p: float) -> None:
    probs = probabilities(logits)
    unsure = (np.abs(probs - p * probs.max()) < NEAR) & (probs < probs.max())
    assert_equal(filters.MinP(p)(logits), run_theirs(theirs.MinPLogitsWarper(p), logits), unsure)


@many
@given(vectors, st.floats(0.01, 0.99))
@example(np.zeros(8, dtype=np.float32), 0.5)
def test_typical(logits: np.ndarray, p: float) -> None:
    ours = filters.Typical(p)(logits)
    expected = run_theirs(theirs.TypicalLogitsWarper(p), logits)
    # The distance of the last token needed decides. Where the mass before it is at p to float32's accuracy, or others
    # lie at almost its distance, either side is right.
    probs = probabilities(logits)
    with np.errstate(divide="ignore", invalid="ignore"):
        surprisal = logits.max() - logits.astype(np.float64) + np.log(np.exp(logits - np.float64(logits.max())).sum())
        distance = np.abs(surprisal - np.sum(probs * surprisal))
    order = np.argsort(distance, kind="stable")
    mass = np.cumsum(probs[order])
    close = 1e-5 * (1 + np.abs(distance))
    last = min(int((mass < p).sum()), len(order) - 1)
    reachable = [distance[order[last]]]
    for step in (-1, 1):  # the neighbours, as long as the sum up to them is within accuracy of p, or they tie
        at = last
        while 0 <= at + step < len(order) and (
            abs(mass[min(at, at + step)] - p) < NEAR or abs(distance[order[at + step]] - distance[order[at]]) < 1e-4
        ):
            at += step
            reachable.append(distance[order[at]])
    unsure = (distance >= min(reachable) - close) & (distance <= max(reachable) + close)
    if len(set(logits.tolist())) == 1:
        unsure[:] = False  # all equal: all kept, to the last bit
    assert_equal(ours, expected, unsure)


@many
@given(vectors, st.one_of(st.floats(1e-6, 0.999), st.sampled_from([3e-4, 4e-3, 0.0625, 0.25, 0.5])))
@example(np.zeros(4, dtype=np.float32), 0.0625)  # four of 1/4: eta = min(1/16, 1/4 * 1/4) = 1/16, all kept
@example(np.zeros(30, dtype=np.float32), 0.999)  # all below eta, and equal to the likeliest: all kept
@example(np.array([0, -200], dtype=np.float32), 1e-30)  # e^-200 is 0 in float32
@example(np.array([5], dtype=np.float32), 0.5)
def test_eta(logits: np.ndarray, epsilon: float) -> None:
    probs = probabilities(logits)
    entropy = -float(np.sum(probs * np.log(np.where(probs > 0, probs, 1))))
    eta = min(epsilon, math.sqrt(epsilon) * math.exp(-entropy))
    unsure = (np.abs(probs - eta) < 1e-5 * eta) & (probs < probs.max())
    assert_equal(filters.Eta(epsilon)(logits), run_theirs(theirs.EtaLogitsWarper(epsilon), logits), unsure)


@many
@given(vectors, st.integers(1, 6), st.data())
def test_no_repeat_ngram(logits: np.ndarray, n: int, data: st.DataObject) -> None:
    few = min(len(logits), 3) - 1  # so few different ids that runs repeat
    ids = data.draw(st.lists(st.integers(0, few) | st.integers(0, len(logits) - 1), min_size=1, max_size=30))
    expected = run_theirs(theirs.NoRepeatNGramLogitsProcessor(n), logits, ids)
    ours = filters.NoRepeatNGram(n)(logits, ids)
    if np.isneginf(expected).all():  # transformers leaves nothing to draw from; here the ban is lifted
        expected = logits
    np.testing.assert_array_equal(ours, expected)


@many
@given(vectors, st.integers(1, 4), st.lists(st.integers(0, 2), min_size=1, max_size=30))
def test_no_repeat_ngram_is_what_it_says(logits: np.ndarray, n: int, ids: list[int]) -> None:
    """Cut is exactly what would write an n-gram for the second time, by looking at every n-gram there is."""
    there = {tuple(ids[i : i + n]) for i in range(len(ids) - n + 1)}
    last = ids[len(ids) - n + 1 :] if len(ids) >= n - 1 else None
    repeats = [last is not None and (*last, token) in there for token in range(len(logits))]
    cut = np.isneginf(filters.NoRepeatNGram(n)(logits, ids))
    assert cut.tolist() == ([False] * len(logits) if all(repeats) else repeats)


@many
@given(
    vectors,
    st.builds(
        Sample,
        temperature=st.floats(0, 1e30),
        top_k=st.none() | st.integers(1, 10**12),
        top_p=st.none() | shares,
        min_p=st.none() | shares,
        typical_p=st.none() | st.floats(1e-300, 1),
        repetition_penalty=st.floats(1e-300, 1e300),
        eta_cutoff=st.none() | st.floats(0, 1, exclude_max=True),
        no_repeat_ngram_size=st.none() | st.integers(0, 3),
    ),
    st.lists(st.integers(0, 5), min_size=1, max_size=30),
)
def test_whatever_is_set_leaves_a_distribution(logits: np.ndarray, strategy: Sample, ids: list[int]) -> None:
    """Every chain: no NaN, sums to 1, what was cut stays cut, and what is cut has probability 0."""
    before = logits.copy()
    chain = stages(logits, strategy, ids)
    np.testing.assert_array_equal(logits, before)
    for earlier, later in pairwise(chain):
        assert not (later.kept & ~earlier.kept).any()
    for stage in chain:
        assert stage.kept.any()
        assert not stage.probs[~stage.kept].any()
        assert stage.probs.sum(dtype=np.float64) == pytest.approx(1, abs=1e-5)


def test_logits_further_apart_than_float32_can_say() -> None:
    """30 / 1e-37 is a number still, and so is -30 / 1e-37, but not what lies between them."""
    chain = stages(np.array([30, -30, 0], dtype=np.float32), Sample(temperature=1e-37), [0])
    assert chain[-1].probs.tolist() == [1, 0, 0]


def test_top_p_cuts_the_lower_ids_of_equal_tokens() -> None:
    """Four tokens of 1/4; from the end of lower ids 1/4 and 1/2 are <= 1 - 0.5, so ids 0 and 1 go."""
    assert np.isfinite(filters.TopP(0.5)(np.zeros(4, dtype=np.float32))).tolist() == [False, False, True, True]


def test_top_k_keeps_all_that_tie_with_the_kth() -> None:
    kept = np.isfinite(filters.TopK(2)(np.array([1, 3, 2, 2, 0], dtype=np.float32)))
    assert kept.tolist() == [False, True, True, True, False]


def test_temperature_zero_is_the_limit() -> None:
    """Only the largest logit is left, of two equal ones the lower id, however near to 0 the temperature comes."""
    logits = np.array([1, 5, 5, 4], dtype=np.float32)
    for temperature in (0, 1e-40, 5e-324):
        assert np.isfinite(filters.Temperature(temperature)(logits)).tolist() == [False, True, False, False]
    sharp = stages(np.array([1, 5, 4.9], dtype=np.float32), Sample(temperature=0.001))[-1]
    assert sharp.probs.round(6).tolist() == [0, 1, 0]


def test_a_repeated_token_is_penalised_once() -> None:
    ours = filters.RepetitionPenalty(2.0)(np.array([4, -4, 4], dtype=np.float32), [0, 0, 0, 1])
    assert ours.tolist() == [2, -8, 4]


def test_typical_keeps_what_is_as_surprising_as_expected() -> None:
    """p = 0.5, 0.25, 0.125, 0.125: the entropy is 1.75 bits, the surprisals 1, 2, 3, 3, so their distances from it are
    0.75, 0.25, 1.25, 1.25. Nearest first the sums are 0.25, 0.75, ...: 0.2 needs token 1, 0.5 needs 1 and 0."""
    logits = np.log(np.array([0.5, 0.25, 0.125, 0.125], dtype=np.float32))
    assert np.isfinite(filters.Typical(0.2)(logits)).tolist() == [False, True, False, False]
    assert np.isfinite(filters.Typical(0.5)(logits)).tolist() == [True, True, False, False]
    assert np.isfinite(filters.Typical(0.8)(logits)).tolist() == [True, True, True, True]  # 2 and 3 tie


def test_eta_lets_more_pass_where_the_model_is_unsure() -> None:
    """epsilon = 0.01. Sure: 0.98, 0.01, 0.01; the entropy is 0.98·0.0202 + 2·0.01·4.605 = 0.1119 nats, so eta =
    min(0.01, 0.1·e^-0.1119 = 0.0894) = 0.01. Unsure: 199 of 1/200 and two of 1/400 (entropy 5.305 nats): eta =
    0.1·e^-5.305 = 0.000497, so even 1/400 passes."""
    sure = np.log(np.array([0.981, 0.0099, 0.0091], dtype=np.float32))
    assert np.isfinite(filters.Eta(0.01)(sure)).tolist() == [True, False, False]
    unsure = np.log(np.array([1 / 200] * 199 + [1 / 400] * 2, dtype=np.float32))
    assert np.isfinite(filters.Eta(0.01)(unsure)).all()


def test_no_run_of_tokens_comes_twice() -> None:
    """After 1 2 3 1 2: with n = 3, 1 2 was followed by 3; with n = 2, 2 by 3; with n = 1 all three are there; with
    n = 6 there is no run so long."""
    logits = np.zeros(5, dtype=np.float32)
    for n, cut in ((3, [3]), (2, [3]), (1, [1, 2, 3]), (6, []), (10**12, [])):
        assert np.flatnonzero(np.isneginf(filters.NoRepeatNGram(n)(logits, [1, 2, 3, 1, 2]))).tolist() == cut


def test_where_everything_would_repeat_nothing_is_cut() -> None:
    logits = np.array([1, 2, -np.inf], dtype=np.float32)
    assert filters.NoRepeatNGram(1)(logits, [0, 1]).tolist() == logits.tolist()
    assert np.isneginf(filters.NoRepeatNGram(1)(logits, [0])).tolist() == [True, False, True]


def test_greedy_search_without_repeats(tiny_lm: LanguageModel) -> None:
    """Temperature 0 after the ban is greedy search that never writes three tokens in a row twice."""
    free = next(reversed(list(generate(tiny_lm, "Once", Greedy(), max_new_tokens=25)))).ids
    strategy = Sample(temperature=0, no_repeat_ngram_size=3)
    banned = next(reversed(list(generate(tiny_lm, "Once", strategy, max_new_tokens=25)))).ids
    runs = {ids: [ids[i : i + 3] for i in range(len(ids) - 2)] for ids in (free, banned)}
    assert len(set(runs[free])) < len(runs[free])
    assert len(set(runs[banned])) == len(runs[banned])


def test_the_chain_is_in_order_and_only_what_is_set() -> None:
    logits = np.linspace(-3, 3, 20, dtype=np.float32)
    full = Sample(temperature=0.5, top_k=9, top_p=0.9, min_p=0.01, typical_p=0.9, repetition_penalty=1.2,
                  eta_cutoff=0.001, no_repeat_ngram_size=2)  # fmt: skip
    names = [stage.name for stage in stages(logits, full, [1, 2])]
    assert names == ["model", "repetition_penalty", "no_repeat_ngram_size", "temperature", "top_k", "top_p", "min_p",
                     "typical_p", "eta_cutoff"]  # fmt: skip
    off = Sample(top_p=1, typical_p=1, eta_cutoff=0, no_repeat_ngram_size=0)
    assert [stage.name for stage in stages(logits, off)] == ["model"]


def test_the_chain_equals_the_whole_of_transformers() -> None:
    """All eight after one another on a vocabulary of 5,000, against the processors that ``generate`` itself makes."""
    logits = np.random.default_rng(3).normal(0, 3, 5000).astype(np.float32)
    likeliest = int(logits.argmax())
    ids = [7, likeliest, 4000, 7]  # so that a run of two bans the likeliest
    strategy = Sample(1.4, top_k=800, top_p=0.95, min_p=0.005, typical_p=0.8, repetition_penalty=1.3,
                      eta_cutoff=0.6, no_repeat_ngram_size=2)  # fmt: skip
    config = GenerationConfig(do_sample=True, **{k: v for k, v in strategy.to_dict().items() if k != "name"})
    model = GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=1, n_embd=4, vocab_size=10, bos_token_id=0, eos_token_id=0))
    processors = model._get_logits_processor(config, input_ids_seq_length=len(ids))
    expected = torch.softmax(processors(torch.tensor([ids]), torch.from_numpy(logits)[None]), -1)[0].numpy()
    chain = stages(logits, strategy, ids)
    assert [stage.name for stage in chain[1:]] == [NAMES[type(processor).__name__] for processor in processors]
    np.testing.assert_array_equal(chain[-1].kept, expected > 0)
    assert not chain[-1].kept[likeliest]
    assert 10 < chain[-1].kept.sum() < chain[-2].kept.sum() < 800
    np.testing.assert_allclose(chain[-1].probs, expected, rtol=1e-4)


@pytest.mark.parametrize("name", [parameter.name for parameter in Sample.parameters])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1, True, "0.5", 1j, [1], 10**400 * -1])
def test_refused(name: str, value: Any) -> None:
    with pytest.raises(DecodingError) as caught:
        Sample(**{name: value})
    assert caught.value.key.startswith("decoding.")
    assert caught.value.values["name"] == name


@pytest.mark.parametrize(
    "wrong",
    [
        {"top_k": 0},
        {"top_k": 5.0},
        {"top_p": 1.0001},
        {"min_p": 2},
        {"typical_p": 0},
        {"repetition_penalty": 0},
        {"eta_cutoff": 1},
        {"eta_cutoff": -1e-9},
        {"no_repeat_ngram_size": 2.0},
        {"no_repeat_ngram_size": -1},
    ],
)
def test_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(DecodingError):
        Sample(**wrong)


def test_numpy_numbers_are_numbers() -> None:
    made = Sample(np.float32(0.5), top_k=np.int64(3), top_p=np.float64(0.25))  # type: ignore[arg-type]
    assert made == Sample(0.5, top_k=3, top_p=0.25)
    assert type(made.temperature) is float
    assert type(made.top_k) is int


@pytest.mark.parametrize("seed", range(12))
def test_top_p_of_a_large_vocabulary_sorts_few_and_keeps_the_same(seed: int) -> None:
    """What is cut all together is what is cut one by one, ties and all; flat, peaked and half-cut distributions."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, (0.01, 1.0, 3.0, 6.0)[seed % 4], 16_384).astype(np.float32)
    logits[rng.integers(0, len(logits), 3000)] = logits[0]  # equal ones
    logits[rng.integers(0, len(logits), 200)] = np.sort(logits)[-20]
    if seed % 3 == 0:
        logits[rng.random(len(logits)) < 0.5] = -np.inf
    for p in (0.0, 0.001, 0.3, 0.5, 0.9, 0.97, 0.999, 0.999999, 1.0):
        left = np.flatnonzero(logits > -np.inf)
        order = left[np.argsort(logits[left], kind="stable")]
        probs = softmax(logits[left])
        mass = np.cumsum(probs[np.argsort(logits[left], kind="stable")], dtype=np.float64).astype(np.float32)
        stays = mass > np.float32(1 - p)
        stays[-1] = True
        assert np.array_equal(np.flatnonzero(TopP(p)(logits) > -np.inf), np.sort(order[stays])), p
