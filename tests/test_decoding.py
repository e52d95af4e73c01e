"""The draw, the stepper, greedy, sampling and contrastive search: worked numbers, and parity with transformers."""

from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from transformers.generation import logits_process as theirs

from gptviz.decoding import (
    Contrastive,
    Greedy,
    Sample,
    Step,
    Strategy,
    cumulative,
    draw,
    generate,
    uniform_at,
    uniforms,
)
from gptviz.decoding.steps import whole_characters
from gptviz.errors import DecodingError, PromptError
from gptviz.language_model import LanguageModel, LocalModel
from tests.parity import pair


class Pieces:
    """A tokenizer's part in decoding: bytes of ids."""

    def __init__(self, pieces: Sequence[bytes], end_of_text: int | None = None) -> None:
        self.pieces, self.end_of_text, self.vocab_size = list(pieces), end_of_text, len(pieces)
        self.ends = frozenset(() if end_of_text is None else (end_of_text,))
        self.start = end_of_text

    def token_bytes(self, token: int) -> bytes:
        return self.pieces[token]


def letters(count: int, end_of_text: int | None = None) -> Pieces:
    """``a``, ``b``, ... for 0, 1, ..."""
    return Pieces([chr(ord("a") + i % 26).encode() for i in range(count)], end_of_text)


class Table:
    """A language model whose next token depends on the last one only: row ``i`` of ``probs`` is said after token i."""

    def __init__(
        self, probs: Any, tokenizer: Pieces | None = None, *, block_size: int = 64, hidden: Any = None
    ) -> None:
        with np.errstate(divide="ignore"):
            self.logits = np.maximum(np.log(np.asarray(probs, dtype=np.float32)), -1e4)
        self.tokenizer = tokenizer or letters(len(self.logits))
        self.config = SimpleNamespace(block_size=block_size)
        self.hidden = np.eye(len(self.logits), dtype=np.float32) if hidden is None else np.float32(hidden)
        self.prefills = self.passes = 0

    def ids(self, prompt: Sequence[int]) -> list[int]:
        return [int(i) for i in prompt]

    def prefill(self, ids: Sequence[int]) -> TableReader:
        self.prefills += 1
        return TableReader(self, [list(ids)])


class TableReader:
    def __init__(self, table: Table, rows: list[list[int]]) -> None:
        self.table, self.rows = table, rows

    @property
    def logits(self) -> np.ndarray:
        return self.table.logits[[row[-1] for row in self.rows]]

    @property
    def hidden(self) -> np.ndarray:
        return self.hidden_all[:, -1]

    @property
    def hidden_all(self) -> np.ndarray:
        return self.table.hidden[self.rows]

    def append(self, ids: Sequence[int]) -> None:
        self.table.passes += 1
        for row, token in zip(self.rows, ids, strict=True):
            row.append(token)
            assert len(row) <= self.table.config.block_size

    def select(self, rows: Sequence[int]) -> TableReader:
        return TableReader(self.table, [list(self.rows[i]) for i in rows])


def tokens(steps: Any) -> list[int]:
    return [step.token for step in steps]


def of_theirs(model: Any, *, end_of_text: int | None = None) -> LanguageModel:
    """A gptviz model with any ids as text."""
    return LocalModel(model, letters(model.config.vocab_size, end_of_text))  # type: ignore[arg-type]


# ---- chance


def test_u_is_pcg64_and_can_be_had_at_any_step() -> None:
    expected = np.random.Generator(np.random.PCG64(7)).random(50).tolist()
    assert list(islice(uniforms(7), 50)) == expected
    assert [uniform_at(7, step) for step in range(50)] == expected
    assert uniform_at(8, 0) != expected[0]


def test_the_bar_and_the_draw_on_it() -> None:
    """0.5 first, then the two of 0.25 by id; token 2 cannot be drawn. Each holds its left edge, not its right."""
    probs = np.array([0.25, 0.5, 0.0, 0.25], dtype=np.float32)
    order, edges = cumulative(probs)
    assert order.tolist() == [1, 0, 3]
    assert edges.tolist() == [0, 0.5, 0.75, 1]
    below_one = math.nextafter(1, 0)
    assert [draw(probs, u) for u in (0.0, 0.499, 0.5, 0.749, 0.75, below_one)] == [1, 1, 0, 0, 3, 3]


@settings(deadline=None, max_examples=50)
@given(arrays(np.float32, st.integers(1, 60), elements=st.floats(-20, 20, width=32)))
def test_an_even_comb_of_u_draws_each_token_as_often_as_it_is_likely(logits: np.ndarray) -> None:
    """The inverse of the distribution: of n evenly spaced u, token i gets n·p_i, to within one at each of its edges."""
    probs = np.exp(logits - logits.max())
    probs /= probs.sum()
    n = 200
    drawn = np.bincount([draw(probs, (j + 0.5) / n) for j in range(n)], minlength=len(probs))
    assert np.abs(drawn - n * probs).max() <= 1.001
    order, _ = cumulative(probs)
    assert all(probs[a] > probs[b] or (probs[a] == probs[b] and a < b) for a, b in pairwise(order))


@pytest.mark.parametrize("u", [-0.1, 1.0, math.nan])
def test_u_out_of_range(u: float) -> None:
    with pytest.raises(DecodingError) as caught:
        draw(np.array([0.5, 0.5]), u)
    assert caught.value.key == "decoding.u"


@pytest.mark.parametrize("probs", [[0.0, 0.0], [math.nan, 1.0]])
def test_not_a_distribution(probs: list[float]) -> None:
    with pytest.raises(DecodingError):
        cumulative(np.array(probs))


# ---- steps


def test_a_step_says_what_was_done() -> None:
    """After a: b 0.5, c 0.3, a 0.2. The top two renormalised are 0.625, 0.375; the first u of seed 7 is 0.6251: c."""
    lm = Table([[0.2, 0.5, 0.3]] * 3)
    step = next(generate(lm, [0], Sample(top_k=2), seed=7))  # type: ignore[arg-type]
    assert step.token == 2
    assert step.draw == uniform_at(7, 0) == pytest.approx(0.6251, abs=1e-4)
    assert step.logprob == pytest.approx(math.log(0.3), abs=1e-6)
    assert [stage.name for stage in step.stages] == ["model", "top_k"]
    assert step.stages[1].kept.tolist() == [False, True, True]
    assert step.prob == pytest.approx(0.375)
    assert (step.index, step.ids, step.generated, step.text) == (0, (0, 2), (2,), "c")
    assert repr(step) == "Step(0: 'c', p=0.3, u=0.625)"


def test_steps_cannot_be_changed_and_can_be_kept() -> None:
    step = next(generate(Table([[0.2, 0.5, 0.3]] * 3), [0], Sample(top_k=2)))  # type: ignore[arg-type]
    for array in (step.logits, step.stages[1].kept, step.stages[1].probs):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    again: Step = pickle.loads(pickle.dumps(step))
    assert (again.ids, again.text, again.draw) == (step.ids, step.text, step.draw)
    np.testing.assert_array_equal(again.stages[1].probs, step.stages[1].probs)


def test_the_end_of_a_text() -> None:
    """0 is followed by 1, 1 by 2, 2 by 0; where 2 ends texts, it is yielded and is not part of the text."""
    cycle = np.roll(np.eye(3), 1, axis=1)
    ends = Table(cycle, letters(3, end_of_text=2))
    steps = list(generate(ends, [0], Greedy(), max_new_tokens=9))  # type: ignore[arg-type]
    assert (tokens(steps), [s.finish for s in steps], steps[-1].text) == ([1, 2], [None, "end"], "b")
    goes_on = list(generate(Table(cycle), [0], Greedy(), max_new_tokens=4))  # type: ignore[arg-type]
    assert (tokens(goes_on), goes_on[-1].finish, goes_on[-1].text) == ([1, 2, 0, 1], "length", "bcab")
    assert all(step.finish is None for step in goes_on[:-1])
    full = list(generate(Table(cycle, block_size=6), [0, 1, 2], Greedy(), max_new_tokens=9))  # type: ignore[arg-type]
    assert (tokens(full), full[-1].finish) == ([0, 1, 2], "context")
    assert len(full[-1].ids) == 6


def test_a_prompt_that_fills_the_context_is_refused_at_once() -> None:
    with pytest.raises(DecodingError) as caught:
        generate(Table(np.eye(3), block_size=4), [0, 1, 2, 0], Greedy())  # type: ignore[arg-type]
    assert caught.value.key == "decoding.full"
    assert caught.value.values == {"tokens": 4, "limit": 4}


def test_half_a_character_waits_for_the_rest() -> None:
    """中 is e4 b8 ad. Its bytes one by one: no text until the third, and nothing of one that never comes."""
    pieces = Pieces([b"x", b"\xe4", b"\xb8", b"\xad", b"ok"])
    order = Table(np.roll(np.eye(5), 1, axis=1), pieces)
    texts = [step.text for step in generate(order, [0], Greedy(), max_new_tokens=7)]  # type: ignore[arg-type]
    assert texts == ["", "", "中", "中ok", "中okx", "中okx", "中okx"]


@given(st.text(), st.integers(0, 12))
def test_text_cut_anywhere_is_a_prefix_and_lacks_one_character_at_most(text: str, cut: int) -> None:
    data = text.encode("utf-8", "surrogatepass").replace(b"\xed", b"?")
    whole = data.decode("utf-8", "replace")
    part = whole_characters(data[: len(data) - cut] if cut else data)
    assert whole.startswith(part)
    assert len(part.encode()) > len(data) - cut - 4


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"max_new_tokens": 0}, "decoding.at_least"),
        ({"max_new_tokens": 2.0}, "decoding.whole"),
        ({"seed": -1}, "decoding.at_least"),
        ({"seed": "x"}, "decoding.whole"),
        ({"seed": True}, "decoding.whole"),
        ({"strategy": "greedy"}, "decoding.strategy"),
        ({"strategy": Greedy}, "decoding.strategy"),
    ],
)
def test_wrong_arguments_are_refused_at_once(wrong: dict[str, Any], key: str) -> None:
    with pytest.raises(DecodingError) as caught:
        generate(Table(np.eye(3)), [0], **wrong)  # type: ignore[arg-type]
    assert caught.value.key == key


# ---- parity


@pytest.mark.parametrize("seed", range(2))
def test_greedy_equals_transformers(tmp_path: Path, seed: int) -> None:
    model, ours = pair(tmp_path, seed=seed)
    for length in (1, 20):
        prompt = torch.randint(0, 97, (1, length), generator=torch.Generator().manual_seed(length))
        expected = model.generate(prompt, do_sample=False, max_new_tokens=20, eos_token_id=None, pad_token_id=0)
        steps = generate(of_theirs(ours), prompt[0].tolist(), Greedy(), max_new_tokens=20)
        assert tokens(steps) == expected[0, length:].tolist()


@pytest.mark.slow
def test_greedy_stops_where_transformers_stops(tmp_path: Path) -> None:
    model, ours = pair(tmp_path, seed=1)
    free = model.generate(torch.tensor([[3, 4]]), do_sample=False, max_new_tokens=20, eos_token_id=None, pad_token_id=0)
    end = int(free[0, 7])
    expected = model.generate(
        torch.tensor([[3, 4]]), do_sample=False, max_new_tokens=20, eos_token_id=end, pad_token_id=end
    )
    steps = list(generate(of_theirs(ours, end_of_text=end), [3, 4], Greedy(), max_new_tokens=20))
    assert tokens(steps) == expected[0, 2:].tolist()
    assert steps[-1].finish == "end"


@pytest.mark.slow
def test_what_is_sampled_from_equals_transformers(tmp_path: Path) -> None:
    """At every step of a sampled text: transformers' logits of the same ids, through its processors, give the same
    distribution, and its token is the one under ``u`` of that step."""
    model, ours = pair(tmp_path, seed=2)
    processors = theirs.LogitsProcessorList(
        [
            theirs.RepetitionPenaltyLogitsProcessor(1.2),
            theirs.TemperatureLogitsWarper(0.9),
            theirs.TopKLogitsWarper(30),
            theirs.TopPLogitsWarper(0.9),
        ]
    )
    strategy = Sample(0.9, top_k=30, top_p=0.9, repetition_penalty=1.2)
    steps = list(generate(of_theirs(ours), [1, 2, 3], strategy, max_new_tokens=20, seed=5))
    assert len(set(tokens(steps))) > 5
    for step in steps:
        before = torch.tensor([step.ids[:-1]])
        with torch.inference_mode():
            logits = model(before).logits[:, -1]
        probs = torch.softmax(processors(before, logits), -1)[0].numpy()
        np.testing.assert_allclose(step.stages[-1].probs, probs, atol=1e-5)
        assert step.logprob == pytest.approx(float(torch.log_softmax(logits[0], -1)[step.token]), abs=1e-4)
        assert step.draw == uniform_at(5, step.index)
        assert step.token == draw(step.stages[-1].probs, step.draw)


@pytest.mark.parametrize("strategy", [Sample(temperature=0), Sample(top_k=1), Sample(top_p=0), Sample(min_p=1),
                                      Contrastive(penalty_alpha=0), Contrastive(top_k=1)])  # fmt: skip
def test_limits_in_which_a_strategy_is_greedy(tiny_lm: LanguageModel, strategy: Strategy) -> None:
    expected = tokens(generate(tiny_lm, "Once", Greedy(), max_new_tokens=20))
    assert tokens(generate(tiny_lm, "Once", strategy, max_new_tokens=20, seed=3)) == expected


def test_the_same_seed_writes_the_same(tiny_lm: LanguageModel) -> None:
    first, again, other = (tokens(generate(tiny_lm, "Once", Sample(3.0), seed=s, max_new_tokens=20)) for s in (1, 1, 2))
    assert first == again != other


def test_a_prompt_that_cannot_be_read_is_refused_at_once(tiny_lm: LanguageModel) -> None:
    with pytest.raises(PromptError):
        generate(tiny_lm, "")
