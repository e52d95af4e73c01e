"""Calibration, intervals and sums: recomputed in plain numpy, and the sets held to what they claim to be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.evaluation import arithmetic
from gptviz.evaluation.calibration import (
    BINS,
    Z95,
    Guess,
    Item,
    begins,
    binned,
    calibration_error,
    guesses,
    read_items,
    wilson,
)
from gptviz.language_model import LanguageModel
from gptviz.numbers import softmax

pytestmark = pytest.mark.slow

ITEM = Item("x", (" y",))
GUESSES = st.lists(st.builds(Guess, st.just(ITEM), st.just(0), st.floats(0, 1), st.booleans()), min_size=1, max_size=80)


@given(GUESSES)
def test_the_error_is_guos_equation_three(given_: list[Guess]) -> None:
    """By numpy: the bins of equal width ((m-1)/M, m/M], the gap of each weighted by its share."""
    sure = np.array([one.confidence for one in given_])
    right = np.array([one.right for one in given_], dtype=float)
    of = np.clip(np.ceil(sure * BINS).astype(int) - 1, 0, BINS - 1)
    of = np.where((sure > 0) & (sure <= of / BINS), of - 1, of)  # where sure * BINS was rounded up
    of = np.where(sure > (of + 1) / BINS, of + 1, of)
    wanted = sum(abs(right[of == m].mean() - sure[of == m].mean()) * (of == m).mean() for m in set(of.tolist()))
    assert calibration_error(given_) == pytest.approx(wanted, abs=1e-12)
    assert sum(one.n for one in binned(given_)) == len(given_)


def test_a_model_that_is_as_right_as_it_is_sure_has_no_error() -> None:
    honest = [Guess(ITEM, 0, 0.75, i < 3) for i in range(4)]
    assert calibration_error(honest) == pytest.approx(0)
    assert calibration_error([one._replace(confidence=1.0, right=False) for one in honest]) == pytest.approx(1)
    assert math.isnan(calibration_error([]))


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_ends_solve_his_equation(case: tuple[int, int]) -> None:
    """Each end p is where the observed share is z standard errors of p away: (share - p)^2 = z^2 p (1 - p) / n."""
    k, n = case
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    for end in (low, high):
        assert (k / n - end) ** 2 == pytest.approx(Z95**2 * end * (1 - end) / n, abs=1e-9)


def test_of_nothing_nothing_is_known_and_nonsense_is_refused() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="5 of 4"):
        wilson(5, 4)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_set_is_large_enough_and_written_as_it_follows(lang: str) -> None:
    items = read_items()[lang]
    assert len(items) >= 60
    for item in items:
        assert item.prompt == item.prompt.strip()
        assert item.answers
        joined = lang == "en" and not item.prompt.endswith("H")  # "H2O" has no space in it
        assert all(answer.startswith(" ") == joined for answer in item.answers), item


def test_a_guess_is_the_likeliest_token_and_its_probability(lm: LanguageModel) -> None:
    items = read_items()["en"][:6]
    for item, guess in zip(items, guesses(lm, items), strict=True):
        assert guess is not None
        probs = softmax(lm.trace(item.prompt).logits_at(-1).astype(np.float64))
        assert guess.token == int(probs.argmax())
        assert guess.confidence == pytest.approx(float(probs.max()), abs=1e-4)
        assert guess.right == begins(lm.tokenizer.token_bytes(guess.token), item.answers)


def test_the_bundled_model_is_surer_where_it_is_right(lm: LanguageModel) -> None:
    """Else the page would have nothing to show: confidence tells right from wrong."""
    found = [guess for guess in guesses(lm, read_items()["en"]) if guess]
    mean = {right: np.mean([one.confidence for one in found if one.right == right]) for right in (True, False)}
    assert mean[True] > mean[False] + 0.1


def test_sums_have_their_digits_and_are_the_same_for_every_model() -> None:
    for digits in arithmetic.LENGTHS:
        pairs = arithmetic.operands(digits, 50)
        assert pairs == arithmetic.operands(digits, 50)
        assert {len(str(x)) for pair in pairs for x in pair} == {digits}


@pytest.mark.parametrize(
    ("written", "said"), [(" 9\n4 + 4", "9"), (" 12", "12"), (" nine", ""), ("", ""), ("  7.", "7")]
)
def test_the_number_that_is_written_is_read(tiny_lm: LanguageModel, written: str, said: str) -> None:
    """Of a model that writes just this after a prompt, a token for each character."""
    vocabulary = sorted({*written, "x"})

    class Reader:
        full = False

        def __init__(self) -> None:
            self.at = 0

        @property
        def logits(self) -> np.ndarray:
            row = np.zeros((1, len(vocabulary) + 1))
            row[0, vocabulary.index(written[self.at]) if self.at < len(written) else len(vocabulary)] = 1.0
            return row

        def append(self, ids: list[int]) -> None:
            self.at += 1

    class Writer:
        class tokenizer:  # noqa: N801
            ends = frozenset({len(vocabulary)})

            @staticmethod
            def token_bytes(token: int) -> bytes:
                return vocabulary[token].encode() if token < len(vocabulary) else b"<end>"

        @staticmethod
        def prefill(prompt: str) -> Reader:
            assert prompt.endswith(" =")
            return Reader()

    first = next(arithmetic.sums(Writer(), (1,), 1))  # type: ignore[arg-type]
    assert first is not None
    assert first.said == said
    assert first.right == (said == str(first.a + first.b))
