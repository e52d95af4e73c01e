"""Beam search: worked numbers, against every sequence there is, and token for token against transformers."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.decoding import Beam, BeamStep, Greedy, beam_search, generate
from gptviz.errors import DecodingError
from tests.parity import pair
from tests.test_decoding import Table, letters, of_theirs, tokens

# After S: A 0.6, B 0.4. After A: C 0.5, D 0.5, nothing better. After B: C 0.9. So B C (0.36) beats A C (0.30).
S, A, B, C, D = range(5)
GARDEN = np.zeros((5, 5))
GARDEN[S, [A, B]] = 0.6, 0.4
GARDEN[A, [C, D]] = 0.5
GARDEN[B, [C, D]] = 0.9, 0.1
GARDEN[[C, D], S] = 1


def random_table(seed: int, size: int) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.full(size, 0.7), size).clip(1e-6)  # type: ignore[no-any-return]


def search(lm: Any, prompt: list[int], beam: Beam, count: int) -> list[BeamStep]:
    return list(beam_search(lm, prompt, beam, max_new_tokens=count))


def test_a_wider_beam_finds_what_greedy_misses() -> None:
    lm: Any = Table(GARDEN)
    assert tokens(generate(lm, [S], Greedy(), max_new_tokens=2)) == [A, C]
    steps = list(generate(lm, [S], Beam(2), max_new_tokens=2))
    assert tokens(steps) == [B, C]
    assert sum(step.logprob for step in steps) == pytest.approx(math.log(0.36), abs=1e-5)
    assert [step.finish for step in steps] == [None, "length"]
    assert [step.text for step in steps] == ["c", "cd"]


def test_the_search_tells_what_it_kept_and_why_not() -> None:
    """Width 2, two tokens. Step 0 keeps A, B. Step 1 looks at four: BC 0.36, AC 0.30, AD 0.30, BD 0.04; all have the
    length asked for, so the best two finish and two are too low."""
    first, last = search(Table(GARDEN), [S], Beam(2), 2)
    assert [(h.token, h.parent, h.fate) for h in first.kept] == [(A, 0, "kept"), (B, 0, "kept")]
    assert (first.done, first.finished) == (False, ())
    assert [h.tokens for h in last.finished] == [(B, C), (A, C)]
    assert [(h.tokens, h.fate) for h in last.pruned] == [((A, D), "ended_too_low"), ((B, D), "ended_too_low")]
    assert [h.total for h in last.finished] == pytest.approx(np.log([0.36, 0.30]).tolist(), abs=1e-5)
    assert [h.score for h in last.finished] == pytest.approx((np.log([0.36, 0.30]) / 2).tolist(), abs=1e-5)
    assert (last.finished[0].parent, last.finished[0].logprob) == (1, pytest.approx(math.log(0.9), abs=1e-5))
    assert last.done


def test_the_length_penalty_decides_between_short_and_long() -> None:
    """After 0: end 0.4, or 1 0.6; after 1 always 2 (0.5) and then the end (0.9). Sums: end -0.92; 1 2 end -1.31.
    By sum (penalty 0) the short one wins; by mean (penalty 1) -0.92 against -0.44, the long one."""
    probs = np.zeros((4, 4))
    probs[0, [3, 1]] = 0.4, 0.6
    probs[1, [2, 0]] = 0.5
    probs[2, [3, 0]] = 0.9, 0.1
    probs[3, 0] = 1
    lm: Any = Table(probs, letters(4, end_of_text=3))
    assert tokens(generate(lm, [0], Beam(3, length_penalty=0.0), max_new_tokens=6)) == [3]
    long = list(generate(lm, [0], Beam(3, length_penalty=1.0), max_new_tokens=6))
    assert tokens(long) == [1, 2, 3]
    assert (long[-1].finish, long[-1].text) == ("end", "bc")


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(1, 3))
def test_a_beam_as_wide_as_all_texts_finds_the_likeliest(seed: int, size: int, length: int) -> None:
    probs = random_table(seed, size)

    def likelihood(text: tuple[int, ...]) -> float:
        return float(np.prod([probs[a, b] / probs[a].sum() for a, b in itertools.pairwise((0, *text))]))

    best = max(map(likelihood, itertools.product(range(size), repeat=length)))
    found = tuple(tokens(generate(Table(probs), [0], Beam(64), max_new_tokens=length)))  # type: ignore[arg-type]
    assert likelihood(found) == pytest.approx(best, rel=1e-5)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 9), st.sampled_from([0.0, 0.5, 1.0, 2.0, -1.0]))
def test_what_holds_in_every_search(seed: int, width: int, penalty: float) -> None:
    lm: Any = Table(random_table(seed, 8), letters(8, end_of_text=7))
    steps = search(lm, [0], Beam(width, penalty), 6)
    before: tuple[Any, ...] = ()
    for index, step in enumerate(steps):
        assert step.index == index
        assert step.done == (index == len(steps) - 1)
        assert len(step.kept) <= width >= len(step.finished)
        new = [h for h in (*step.kept, *step.pruned, *step.finished) if len(h.tokens) == index + 1]
        for h in new:
            parent_tokens, parent_total = (before[h.parent].tokens, before[h.parent].total) if before else ((), 0.0)
            assert h.tokens == (*parent_tokens, h.token)
            assert h.total == pytest.approx(parent_total + h.logprob, abs=1e-4)
            assert h.score == pytest.approx(h.total / len(h.tokens) ** penalty, abs=1e-4)
        assert len({h.tokens for h in new}) == len(new)
        totals, scores = [h.total for h in step.kept], [h.score for h in step.finished]
        assert totals == sorted(totals, reverse=True)
        assert scores == sorted(scores, reverse=True)
        before = step.kept
    winner = steps[-1].finished[0]
    written = list(generate(lm, [0], Beam(width, penalty), max_new_tokens=6))
    assert tokens(written) == list(winner.tokens)
    assert sum(step.logprob for step in written) == pytest.approx(winner.total, abs=1e-4)


def theirs(model: Any, prompt: list[int], beam: Beam, count: int, end: int | None) -> list[int]:
    out = model.generate(
        torch.tensor([prompt]),
        num_beams=beam.width,
        length_penalty=beam.length_penalty,
        do_sample=False,
        early_stopping=False,
        max_new_tokens=count,
        eos_token_id=end,
        pad_token_id=96,
    )
    return out[0, len(prompt) :].tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("seed", range(2))
def test_equals_transformers_where_nothing_ends_a_text(tmp_path: Path, seed: int) -> None:
    model, ours = pair(tmp_path, seed=seed)
    lm = of_theirs(ours)
    for width in (1, 2, 5, 16):
        for length in (1, 9):
            beam = Beam(width, length_penalty=0.8)
            expected = theirs(model, [1, 2, 3], beam, length, None)
            assert tokens(generate(lm, [1, 2, 3], beam, max_new_tokens=length)) == expected


SETTINGS = [(-1.0, 3), (0.0, 6), (1.0, 1), (1.0, 4), (2.5, 3)]  # length penalty, width


@pytest.mark.parametrize("seed", range(3))
def test_equals_transformers_where_texts_end(tmp_path: Path, seed: int) -> None:
    """Tokens that the free search wrote are made to be the end of a text in turn, so that texts end early, late and
    often; with penalties that favour short and long texts."""
    model, ours = pair(tmp_path, seed=10 + seed)
    free = tokens(generate(of_theirs(ours), [4, 5], Beam(4), max_new_tokens=12))
    lengths = set()
    for end, (penalty, width) in itertools.product(sorted(set(free))[:4], SETTINGS):
        beam = Beam(width, penalty)
        expected = theirs(model, [4, 5], beam, 12, end)
        steps = list(generate(of_theirs(ours, end_of_text=end), [4, 5], beam, max_new_tokens=12))
        assert tokens(steps) == expected
        assert steps[-1].finish == ("end" if expected[-1] == end else "length")
        lengths.add(len(expected))
    assert len(lengths) > 1


def test_stops_where_the_context_is_full(tmp_path: Path) -> None:
    """40 positions, 36 of them the prompt: four more, as transformers with max_new_tokens=4."""
    model, ours = pair(tmp_path, seed=3)
    prompt = list(range(36))
    steps = list(generate(of_theirs(ours), prompt, Beam(3), max_new_tokens=30))
    assert tokens(steps) == theirs(model, prompt, Beam(3), 4, None)
    assert steps[-1].finish == "context"


def test_each_step_holds_what_the_model_said_there(tmp_path: Path) -> None:
    """The winner is known only at the end; its steps carry the logits of their own positions all the same."""
    model, ours = pair(tmp_path, seed=4)
    steps = list(generate(of_theirs(ours), [9, 8], Beam(5), max_new_tokens=8))
    with torch.inference_mode():
        expected = model(torch.tensor([steps[-1].ids])).logits[0].numpy()
    for step in steps:
        np.testing.assert_allclose(step.logits, expected[1 + step.index], atol=1e-4)
        assert [stage.name for stage in step.stages] == ["model"]
        assert step.draw is None


@pytest.mark.parametrize(
    "wrong", [{"width": 0}, {"width": 65}, {"width": 2.5}, {"length_penalty": math.inf}, {"length_penalty": 11}]
)
def test_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(DecodingError):
        Beam(**wrong)
