"""The score of a guess: chips as a distribution over the whole vocabulary, by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.room import scoring
from gptviz.room.limits import CHIPS, MOST_NAMED
from gptviz.room.rounds import Chips, Pick, Word
from gptviz.room.tally import gain, hit, scored
from tests.room.rooms import UNIGRAM, guess

EVERY = dict(enumerate(UNIGRAM))


def allowed_spread(wanted: list[int]) -> list[int]:
    """As many chips as there are, on all but one of the six; one stays."""
    left, chips = CHIPS - 1, []
    for count in wanted:
        chips.append(min(count, left))
        left -= chips[-1]
    chips.insert(sum(wanted) % 6, 0)
    assert scoring.may_be_spread(chips)
    return chips


lists = st.lists(st.integers(0, CHIPS), min_size=MOST_NAMED, max_size=MOST_NAMED).map(allowed_spread)
spreads = lists.map(lambda chips: dict(enumerate(chips)))


def test_chips_on_what_came_count_as_their_share() -> None:
    assert scoring.chance({0: 10, 1: 5}, 0, EVERY) == 10 / 20
    assert scoring.bits(scoring.chance({0: 10, 1: 5}, 1, EVERY)) == 2.0  # 5 of 20 is a quarter


def test_everything_else_is_spread_by_the_unigram_over_what_is_not_named() -> None:
    """Ten chips are left; tokens 0 and 1 have 0.1 + 0.2 of the unigram, so token 4 gets 0.5 · 0.25 / 0.7."""
    assert scoring.chance({0: 7, 1: 3}, 4, EVERY) == pytest.approx(0.5 * 0.25 / 0.7)


def test_no_chips_at_all_are_the_unigram() -> None:
    assert scoring.forecast({}, UNIGRAM) == pytest.approx(UNIGRAM)


@given(spreads)
def test_a_spread_sums_to_one_over_the_whole_vocabulary(chips: dict[int, int]) -> None:
    found = scoring.forecast(chips, UNIGRAM)
    assert math.fsum(found) == pytest.approx(1.0)
    assert min(found) > 0  # so nobody loses infinitely many bits


@given(spreads, lists)
def test_nobody_does_better_than_by_saying_what_they_believe(chips: dict[int, int], other: list[int]) -> None:
    """Gibbs: of all spreads, the one that is believed has the fewest bits in expectation under itself."""
    believed, said = scoring.forecast(chips, UNIGRAM), scoring.forecast(dict(enumerate(other)), UNIGRAM)
    own = math.fsum(p * scoring.bits(p) for p in believed)
    assert own <= math.fsum(p * scoring.bits(q) for p, q in zip(believed, said, strict=True)) + 1e-12


@pytest.mark.parametrize(
    ("chips", "allowed"),
    [
        ([19, 0, 0, 0, 0, 0], True),
        ([20, 0, 0, 0, 0, 0], False),  # one chip always stays
        ([4, 4, 4, 4, 3, 0], True),
        ([3, 3, 3, 3, 3, 3], False),  # six are named
        ([5, -1, 0, 0, 0, 0], False),
        ([0, 0, 0, 0, 0, 0], True),
    ],
)
def test_how_chips_may_lie(chips: list[int], allowed: bool) -> None:
    assert scoring.may_be_spread(chips) is allowed
    assert (CHIPS, MOST_NAMED) == (20, 5)


def test_single_picks_leave_an_escape_for_what_nobody_said() -> None:
    """Three, one and none of four picks, two different: 3/6, 1/6, 0, and 2/6 elsewhere."""
    found = scoring.of_picks([3, 1, 0])
    assert found.named == (3 / 6, 1 / 6, 0.0)
    assert found.others == 2 / 6
    assert scoring.of_picks([0, 0]).others == 1.0


def test_the_class_as_one_is_the_mean_of_its_spreads() -> None:
    found = scoring.of_chips([(10, 5, 0), (0, 15, 0)], 3)
    assert found.named == (0.25, 0.5, 0.0)
    assert found.others == pytest.approx(0.25)


def test_class_and_model_are_scored_on_the_same_token() -> None:
    """Half and a quarter of the chips lie on it: 3/8 together, 1.415 bits; the model gave it 0.5: one bit."""
    found = scored(guess(0, "chips"), [Chips((10, 0, 0, 0)), Chips((5, 10, 0, 0))], [0] * 4, {})
    assert found is not None
    assert found.class_bits is not None
    assert found.class_bits == pytest.approx(-math.log2(3 / 8))
    assert found.model_bits == 1.0
    assert (found.class_hits, found.model_hit, found.answers) == (0.5, True, 2)


def test_single_picks_and_raised_hands_have_hits_and_no_bits() -> None:
    """Two picked the token, one typed it, one typed another, and of four hands one is right: 4 of 8."""
    answers = [Pick(1), Pick(1), Word("Bed"), Word("sofa")]
    found = scored(guess(1), answers, [3, 1, 0, 0], {"bed": 1})
    assert found is not None
    assert (found.class_bits, found.class_hits, found.model_hit, found.answers) == (None, 4 / 8, False, 8)
    assert scored(guess(1), [], [0] * 4, {}) is None


def test_what_chips_save_is_counted_against_laying_none() -> None:
    """All on everything else saves nothing; half on a token of unigram 0.1 saves log2(0.5 / 0.1)."""
    assert gain(guess(0, "chips"), Chips((0, 0, 0, 0))) == pytest.approx(0.0)
    assert gain(guess(0, "chips"), Chips((10, 0, 0, 0))) == pytest.approx(math.log2(5))
    assert gain(guess(0), Pick(0)) is None


def test_chips_hit_where_most_of_them_lie() -> None:
    asked = guess(0, "chips")
    assert hit(asked, Chips((10, 5, 0, 0)), {}) == 1.0
    assert hit(asked, Chips((5, 10, 0, 0)), {}) == 0.0
    assert hit(asked, Chips((3, 0, 0, 0)), {}) == 0.0  # seventeen are on everything else
