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
    assert [h.rank for h in (*last.finished, *last.pruned)] == [0, 1, 2, 3]
    assert (first.text, last.text) == ("b", "cd")
    assert (first.leader, last.leader) == (first.kept[0], last.finished[0])


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


def test_every_reason_there_is_to_give_a_text_up() -> None:
    """Width 1, sums compared, E ends. After S: E 0.5, A 0.3, B 0.2. Best two: E finishes (rank 0 < 1), A is kept. E's
    sum, ln 0.5, is better than A's, ln 0.3, so the search is over, and A was stopped.
    Width 2 (best four): E finishes, A and B are kept. After A: E 0.9 and A 0.1; after B: E 0.4, B 0.6. Sums A E 0.27,
    B B 0.12, B E 0.08, A A 0.03: A E finishes, B B is kept; B E ended third, so too low; A A is kept. Two have
    finished, E 0.5 and A E 0.27, and B B 0.12 is no better: over."""
    s, a, b, e = range(4)
    probs = np.zeros((4, 4))
    probs[s, [e, a, b]] = 0.5, 0.3, 0.2
    probs[a, [e, a]] = 0.9, 0.1
    probs[b, [e, b]] = 0.4, 0.6
    probs[e, s] = 1
    lm: Any = Table(probs, letters(4, end_of_text=e))
    (only,) = search(lm, [s], Beam(1, length_penalty=0), 6)
    assert [(h.tokens, h.fate) for h in (*only.finished, *only.pruned)] == [((e,), "finished"), ((a,), "stopped")]
    first, last = search(lm, [s], Beam(2, length_penalty=0), 6)
    assert [h.fate for h in (*first.kept, *first.finished)] == ["kept", "kept", "finished"]
    assert [(h.tokens, h.fate) for h in last.finished] == [((e,), "finished"), ((a, e), "finished")]
    assert [(h.tokens, h.fate) for h in last.pruned] == [
        ((b, b), "stopped"), ((b, e), "ended_too_low"), ((a, a), "stopped"),
    ]  # fmt: skip
    assert last.kept == ()


def test_a_finished_text_can_be_outscored() -> None:
    """Width 2, means compared. After S: E 0.6, A 0.4; after A: A 0.99, E 0.01; E ends. E finishes first, mean ln 0.6 =
    -0.51. Then A E, (ln 0.4 + ln 0.01) / 2 = -2.76, which A A E, a third of -5.53, outscores in the next step, and so
    on. At the last of 9 steps A nine times has (ln 0.4 + 8 ln 0.99) / 9 = -0.11 and wins; the A ... A E of this step,
    -0.62, and of the one before, -0.70, are worse than E. Stopping early, E has won as soon as two have finished."""
    s, a, e = range(3)
    probs = np.array([[0, 0.4, 0.6], [0, 0.99, 0.01], [1, 0, 0]])
    lm: Any = Table(probs, letters(3, end_of_text=e))
    steps = search(lm, [s], Beam(2, early_stopping="never"), 9)
    outscored = [[h.tokens for h in step.pruned if h.fate == "outscored"] for step in steps]
    assert outscored[:3] == [[], [], [(a, e)]]
    assert sorted(outscored[8], key=len) == [(*(a,) * 7, e), (*(a,) * 8, e)]
    assert [h.tokens for h in steps[8].finished] == [(a,) * 9, (e,)]
    assert steps[8].finished[0].score == pytest.approx((math.log(0.4) + 8 * math.log(0.99)) / 9, abs=1e-6)
    stopped = search(lm, [s], Beam(2, early_stopping=True), 9)
    assert (len(stopped), stopped[-1].finished[0].tokens) == (2, (e,))


def test_groups_avoid_each_others_tokens() -> None:
    """After S: A 0.6, B 0.4. Two groups of one: the first takes A; for the second A costs 1 nat, ln 0.6 - 1 = -1.51,
    and B, -0.92, is better. Then the first takes C after A (0.5, of equal ones the lower), and for the second C after B
    costs 1 nat, ln 0.9 - 1 = -1.11, still better than D, ln 0.1 = -2.30; the cost stays in its sum."""
    lm: Any = Table(GARDEN)
    first, last = search(lm, [S], Beam(2, 0.0, n_groups=2, diversity_penalty=1.0), 2)
    assert [(h.token, h.group, h.penalty) for h in first.kept] == [(A, 0, 0.0), (B, 1, 0.0)]
    assert [(h.token, h.group, h.penalty, h.fate) for h in first.pruned] == [
        (B, 0, 0.0, "crowded_out"), (A, 1, 1.0, "crowded_out"),
    ]  # fmt: skip
    by_group = {h.group: h for h in last.finished}
    assert (by_group[0].tokens, by_group[1].tokens) == ((A, C), (B, C))
    assert by_group[1].parent == 1
    assert by_group[1].penalty == 1.0
    assert by_group[1].logprob == pytest.approx(math.log(0.9), abs=1e-5)
    assert by_group[1].total == pytest.approx(math.log(0.36) - 1, abs=1e-5)
    assert last.leader is last.finished[0] is by_group[0]  # ln 0.3 against ln 0.36 - 1
    free = search(lm, [S], Beam(2, 0.0, n_groups=2, diversity_penalty=0), 2)[-1]
    assert [h.tokens for h in free.finished] == [(A, C), (A, C)]


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
@given(
    st.integers(0, 10**6),
    st.builds(
        lambda size, n, length, diversity, early: Beam(size * n, length, n, diversity, early),
        st.integers(1, 4),
        st.integers(1, 3),
        st.sampled_from([0.0, 0.5, 1.0, 2.0, -1.0]),
        st.sampled_from([0.1, 1.0, 100.0]),
        st.sampled_from([False, True, "never"]),
    ),
)
def test_what_holds_in_every_search(seed: int, beam: Beam) -> None:
    lm: Any = Table(random_table(seed, 8), letters(8, end_of_text=7))
    width, penalty = beam.width, beam.length_penalty
    steps = search(lm, [0], beam, 6)
    before: tuple[Any, ...] = ()
    for index, step in enumerate(steps):
        assert step.index == index
        assert step.done == (index == len(steps) - 1)
        assert len(step.kept) <= width >= len(step.finished)
        new = [h for h in (*step.kept, *step.pruned, *step.finished) if len(h.tokens) == index + 1]
        for h in new:
            parent_tokens, parent_total = (before[h.parent].tokens, before[h.parent].total) if before else ((), 0.0)
            assert h.tokens == (*parent_tokens, h.token)
            assert h.total == pytest.approx(parent_total + h.logprob - h.penalty, abs=1e-3)
            assert h.score == pytest.approx(h.total / len(h.tokens) ** penalty, abs=1e-4)
        assert len({(h.group, h.tokens) for h in new}) == len(new)
        for group in range(beam.n_groups):
            totals = [h.total for h in step.kept if h.group == group]
            assert totals == sorted(totals, reverse=True)
            assert len(totals) <= width // beam.n_groups >= sum(h.group == group for h in step.finished)
        scores = [h.score for h in step.finished]
        assert scores == sorted(scores, reverse=True)
        assert {h.fate for h in step.kept} <= {"kept"}
        assert {h.fate for h in step.finished} <= {"finished"}
        assert {h.fate for h in step.pruned} <= {"crowded_out", "ended_too_low", "outscored", "stopped"}
        assert bool(step.kept) != step.done
        before = step.kept
    winner = steps[-1].finished[0]
    written = list(generate(lm, [0], beam, max_new_tokens=6))
    assert tokens(written) == list(winner.tokens)
    assert written[-1].text == steps[-1].text
    if beam.n_groups == 1:
        assert sum(step.logprob for step in written) == pytest.approx(winner.total, abs=1e-4)


def theirs(model: Any, prompt: list[int], beam: Beam, count: int, end: int | None) -> list[int]:
    out = model.generate(
        torch.tensor([prompt]),
        num_beams=beam.width,
        length_penalty=beam.length_penalty,
        do_sample=False,
        early_stopping=beam.early_stopping,
        max_new_tokens=count,
        eos_token_id=end,
        pad_token_id=96,
    )
    return out[0, len(prompt) :].tolist()  # type: ignore[no-any-return]


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("early", [False, True, "never"])
@pytest.mark.parametrize("seed", range(3))
def test_equals_transformers_where_texts_end(tmp_path: Path, seed: int, early: Any) -> None:
    """Tokens that the free search wrote are made to be the end of a text in turn, so that texts end early, late and
    often; with penalties that favour short and long texts, and all three ways to stop."""
    model, ours = pair(tmp_path, seed=10 + seed)
    free = tokens(generate(of_theirs(ours), [4, 5], Beam(4), max_new_tokens=12))
    lengths = set()
    for end, (penalty, width) in itertools.product(sorted(set(free))[:4], SETTINGS):
        beam = Beam(width, penalty, early_stopping=early)
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
    "wrong",
    [
        {"width": 0},
        {"width": 65},
        {"width": 2.5},
        {"length_penalty": math.inf},
        {"length_penalty": 11},
        {"n_groups": 3},
        {"diversity_penalty": -1},
        {"early_stopping": 1},
        {"early_stopping": "always"},
    ],
)
def test_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(DecodingError):
        Beam(**wrong)
