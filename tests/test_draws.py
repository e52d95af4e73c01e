"""Many texts by one strategy: each is what ``generate`` writes with its seed, 64 from one forward pass per step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gptviz.decoding import Beam, Contrastive, Greedy, Sample, Strategy, generate
from gptviz.decoding.draws import Draw, draw_seed, many, spread
from gptviz.errors import DecodingError, PromptError
from gptviz.language_model import LanguageModel
from tests.test_decoding import Table, letters

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("strategy", [Sample(1.3), Sample(top_k=5, repetition_penalty=1.2)])
def test_each_draw_is_what_generate_writes_with_its_seed(tiny_lm: LanguageModel, strategy: Strategy) -> None:
    draws = sorted(many(tiny_lm, "Once", strategy, 5, max_new_tokens=8, seed=11), key=lambda one: one.index)
    assert draws[0].seed == 11
    assert len({one.seed for one in draws}) == 5
    for one in draws:
        steps = list(generate(tiny_lm, "Once", strategy, max_new_tokens=8, seed=one.seed))
        assert one.tokens == steps[-1].generated
        assert (one.text, one.finish) == (steps[-1].text, steps[-1].finish)
        assert one.logprob == pytest.approx(sum(step.logprob for step in steps), abs=1e-3)


def test_batches_of_64_rows() -> None:
    """100 draws of 5 tokens: two batches, each a prompt and four passes."""
    lm: Any = Table(np.full((6, 6), 1 / 6))
    draws = list(many(lm, [0], Sample(), 100, max_new_tokens=5))
    assert sorted(one.index for one in draws) == list(range(100))
    # the first batch's prompt, four passes; the second's
    assert (lm.prefills, lm.passes) == (2, 8)


@pytest.mark.parametrize("strategy", [Greedy(), Beam(2), Contrastive()])
def test_where_nothing_is_drawn_all_are_alike(strategy: Strategy) -> None:
    lm: Any = Table([[0.1, 0.6, 0.3], [0.5, 0.2, 0.3], [0.4, 0.3, 0.3]])
    found = spread(many(lm, [0], strategy, 200, max_new_tokens=4))
    assert (len(found.draws), found.distinct_texts) == (200, 1)
    assert lm.prefills == 1  # the others are copies
    assert [one.index for one in found.draws] == list(range(200))


def test_frequencies_are_the_models_probabilities() -> None:
    """One token at 0.7, 0.2, 0.1, drawn 2,000 times: each count within five standard deviations."""
    lm: Any = Table([[0.7, 0.2, 0.1]] * 3)
    found = spread(many(lm, [0], Sample(), 2000, max_new_tokens=1, seed=5))
    counts = dict(found.counts)
    for text, p in zip("abc", (0.7, 0.2, 0.1), strict=True):
        assert abs(counts[text] - 2000 * p) < 5 * np.sqrt(2000 * p * (1 - p))


def test_spread_by_hand() -> None:
    """Three draws, two texts. Of seven tokens three differ; of the four pairs (1,2) (2,1) (1,2) (2,1), two."""
    drawn = [Draw(2, 9, (1, 2, 1), "aba", -3.0, "length"), Draw(0, 7, (1, 2, 1), "aba", -3.0, "length"),
             Draw(1, 8, (3,), "c", -0.5, "end")]  # fmt: skip
    found = spread(drawn)
    assert [one.index for one in found.draws] == [0, 1, 2]
    assert found.counts == (("aba", 2), ("c", 1))
    assert (found.lengths, found.logprobs) == ((3, 1, 3), (-3.0, -0.5, -3.0))
    assert (found.distinct_1, found.distinct_2) == (3 / 7, 2 / 4)
    assert drawn[2].perplexity == pytest.approx(np.exp(0.5))


def test_texts_that_end_early_end() -> None:
    """Token 2 ends a text; it comes with probability 1/2."""
    lm: Any = Table([[0.25, 0.25, 0.5]] * 3, letters(3, end_of_text=2))
    found = list(many(lm, [0], Sample(), 64, max_new_tokens=3, seed=1))
    assert {one.finish for one in found} == {"end", "length"}
    assert all((one.tokens[-1] == 2) == (one.finish == "end") for one in found)
    assert all(2 not in one.tokens[:-1] for one in found)


def test_seeds() -> None:
    """Exact in JSON everywhere, all different, and the first the one given."""
    seeds = [draw_seed(3, i) for i in range(1000)]
    assert seeds[0] == 3
    assert len(set(seeds)) == 1000
    assert max(seeds) < 2**48


def test_refused_when_called(tiny_lm: LanguageModel) -> None:
    for n in (0, 10_001, 1.5, True):
        with pytest.raises(DecodingError):
            many(tiny_lm, "Once", Sample(), n)  # type: ignore[arg-type]
    with pytest.raises(DecodingError):
        many(tiny_lm, "Once", "greedy")  # type: ignore[arg-type]
    with pytest.raises(PromptError):
        many(tiny_lm, "", Sample())
