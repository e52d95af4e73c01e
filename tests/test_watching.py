"""What goes into the live picture: within its share of the time by a clock that the test moves; small, and true."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gptviz.analysis.positions import position_similarity
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.jobs import seen
from gptviz.jobs.budget import Budget
from gptviz.jobs.watch import sample
from gptviz.language_model import LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training.worlds import WORLDS

ALPHABET = "\n abcdefgh"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _lm(position: str = "learned", n_layer: int = 2, n_head: int = 2) -> LocalModel:
    torch.manual_seed(0)
    shape = GPTConfig(n_layer=n_layer, n_head=n_head, n_embd=8 * n_head, block_size=48, vocab_size=64,
                      n_tokens=len(ALPHABET), position=position)  # type: ignore[arg-type]  # fmt: skip
    return LocalModel(GPT(shape).eval(), Tokenizer.characters(ALPHABET))


def test_nothing_is_allowed_that_the_share_does_not_pay_for() -> None:
    """A look of 1 s has been paid at once; a twentieth has earned the next one, and the last one, after 60 s."""
    clock = Clock()
    budget = Budget(0.05, clock)
    with budget.spending("look"):
        clock.now = 1.0
    assert not budget.allows("look")
    clock.now = 39.9
    assert not budget.allows("look", 0.0)
    clock.now = 40.0
    assert budget.allows("look", 0.0)  # early in the run nothing is kept back
    assert not budget.allows("look", 0.5)
    clock.now = 60.0
    assert budget.allows("look")
    budget.pay(0.5)
    assert not budget.allows("look")


@given(st.lists(st.tuples(st.floats(0.01, 2.0), st.floats(0.0, 0.3)), min_size=1, max_size=200))
def test_whatever_steps_and_looks_cost_the_share_is_kept(steps: list[tuple[float, float]]) -> None:
    """But for how much dearer a look was than those before: that cannot be known, and the next one waits for it."""
    clock = Clock()
    budget = Budget(0.05, clock)
    for n, (step, cost) in enumerate(steps):
        clock.now += step
        if n == 0 or budget.allows("look", n / len(steps)):
            dearer = max(0.0, cost - budget.cost("look"))
            with budget.spending("look"):
                clock.now += cost
            assert budget.spent <= 0.05 * budget.elapsed + dearer + 1e-9


@pytest.mark.parametrize("position", ["learned", "rotary"])
def test_patterns_and_positions_come_out_of_a_record_as_they_went_in(position: str) -> None:
    lm = _lm(position)
    ids = seen.fixed(lm.tokenizer.encode("abc abc def\n" * 5), lm)
    assert len(ids) == seen.TOKENS
    record = seen.attention(lm, ids)
    assert record["labels"][:4] == ["a", "b", "c", "·"]
    pattern = lm.trace(ids).pattern
    for layer, head in ((0, 0), (1, 1)):
        found = seen.pattern_of(record, layer, head, 2)
        assert np.abs(found - pattern[layer, head]).max() <= 0.5 / 255 + 1e-6
        assert not np.triu(found, 1).any()
    record = seen.positions(lm)
    want = position_similarity(lm)
    assert (record["scheme"], record["places"]) == (position, list(want.positions))
    assert np.abs(seen.similarity_of(record) - want.values).max() <= 0.5 / 127 + 1e-6


def test_of_many_heads_a_shorter_text_is_written() -> None:
    lm = _lm(n_layer=6, n_head=32)
    ids = seen.fixed([1, 2, 3, 4] * 20, lm)
    assert 16 <= len(ids) < seen.TOKENS
    assert len(seen.attention(lm, ids)["pattern"]) < 60_000


def test_heads_are_scored_by_where_they_look() -> None:
    """A head that attends evenly gives the token after the earlier place one share of its context."""
    lm = _lm(n_layer=1)
    for name, parameter in lm.model.named_parameters():
        if "attn" in name:
            torch.nn.init.zeros_(parameter)
    half = len(ALPHABET)  # each token once
    T = 2 * half
    want = np.mean([1 / (i + 1) for i in range(T - half, T)])
    assert seen.scores(lm) == [[pytest.approx(want, abs=1e-3)] * 2]


def test_a_sample_is_what_the_model_generates() -> None:
    lm = _lm()
    steps = list(lm.generate([lm.tokenizer.encode("\n")[0]], max_new_tokens=24, seed=0))
    assert sample(lm, None, 240) == {"text": steps[-1].text, "valid": None}
    ended = "".join(step.piece.decode() for step in steps).split("\n")[0]
    found = sample(lm, WORLDS["stories"], 24)
    assert found == {"text": ended, "valid": False if "\n" in steps[-1].text else None}
