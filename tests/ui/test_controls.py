"""One declaration for each control: read from a browser, written into a link and read back, shared between pages."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.ui import pages
from gptviz.ui.controls import Control, choice, controls, count, flag, number, number_in, real, text, whole
from gptviz.ui.walk.state import View as WalkView

HUGE = 10**400  # a JSON number, and no float is as large
VIEWS: dict[str, Any] = {name: pages.declared(name).state().view for name in pages.names()}
EVERY = [
    pytest.param(control, getattr(view, control.name), id=f"{name}.{control.name}")
    for name, view in VIEWS.items()
    if view is not None
    for control in controls(type(view))
]
each_control = pytest.mark.parametrize(("control", "first"), EVERY)
#: All of them for each value that is found: finding one costs a hundred times what reading it does.
ALL = {str(case.id): case.values[0] for case in EVERY}

#: What JSON may bring that means no value of a control that is a number.
NO_NUMBER = (None, True, False, "", "3", "nan", [], [1], {}, {"a": 1}, math.nan, math.inf, -math.inf)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def kind(control: Control) -> type:
    """What its values are; of one that may be None, numbers."""
    return int if control.default is None else type(control.default)


@each_control
def test_the_default_is_a_value_and_fields_have_no_other(control: Control, first: Any) -> None:
    assert control.default == first
    assert first is None if control.read(first) is None else control.read(first) == first
    assert (first is None) <= control.nullable


def test_all_fields_of_all_views_are_controls_with_a_name_of_their_own_in_links() -> None:
    for view in filter(None, VIEWS.values()):
        found = controls(type(view))
        assert [control.name for control in found] == [field.name for field in fields(view)]
        assert len({control.query for control in found}) == len(found)
        assert not {"p", "lang", "model", "projector"} & {control.query for control in found}


@each_control
def test_what_is_no_number_is_no_value_of_one(control: Control, first: Any) -> None:
    """Booleans count for numbers in Python; here they do not, and the other way round."""
    if kind(control) in (int, float):
        for value in NO_NUMBER:
            assert control.read(value) is None, value
    elif kind(control) is bool:
        assert [control.read(value) for value in (0, 1, "true", None, [True])] == [None] * 5
        assert (control.read(True), control.read(False)) == (True, False)
    else:
        for value in (None, True, 3, 1.5, [], ["a"], {"a": 1}):
            assert control.read(value) is None, value


@each_control
def test_numbers_beyond_its_bounds_are_the_bounds(control: Control, first: Any) -> None:
    if kind(control) not in (int, float):
        return
    low, high = control.read(-HUGE), control.read(HUGE)
    assert low < high
    assert (control.read(-1e308), control.read(1e308)) == (low, high)
    assert (control.read(low), control.read(high)) == (low, high)
    assert (control.parse(str(HUGE)), control.read(control.parse(str(HUGE)))) == (HUGE, high)
    assert {type(low), type(high)} == {kind(control)}
    assert first is None or low <= first <= high


@settings(max_examples=400)
@given(value=JSON)
def test_whatever_is_read_is_a_value_that_reads_as_itself(value: Any) -> None:
    for name, control in ALL.items():
        found = control.read(value)
        if found is not None:
            assert type(found) is kind(control), name
            assert control.read(found) == found, name


@settings(max_examples=400)
@given(value=JSON | st.integers(-10, 2**31) | st.floats(-10, 10))
def test_a_link_says_it_and_reads_it_back(value: Any) -> None:
    """To the six digits in which numbers are written; what is seldom is left out where it is as it was at first."""
    for name, control in ALL.items():
        found = control.read(value)
        said = control.written(found)
        if found is None or (control.seldom and found == control.default):
            assert said is None, name
            continue
        assert isinstance(said, str), name
        again = control.read(control.parse(said))
        assert again == (pytest.approx(found, rel=1e-5) if isinstance(found, float) else found), name
        assert control.written(again) == said, name


@settings(max_examples=400)
@given(said=st.text(max_size=20) | st.sampled_from(["nan", "-inf", "1e999", "true", "1" * 5000, "１", "0x7", "1_0"]))
def test_no_word_of_a_link_is_an_error(said: str) -> None:
    for name, control in ALL.items():
        found = control.read(control.parse(said))
        assert found is None or type(found) is kind(control), name
        if said in ("nan", "-inf", "1e999") and kind(control) in (int, float):
            assert found is None, name


def test_choices_are_those_declared() -> None:
    found = {control.name: control for control in controls(WalkView)}["stage"]
    assert [found.read(value) for value in ("raw", "pattern", "Raw", "", "soft")] == [
        "raw",
        "pattern",
        None,
        None,
        None,
    ]


@dataclass(frozen=True)
class View:
    warm: float = number(0.5, 0.0, 2.0, step=0.05, query="t")
    many: int = count(3, 1, 9)
    where: int | None = count(None, 0, 9, nullable=True)
    colour: str = choice("red", ("red", "blue"), seldom=True)
    open: bool = flag(True)
    said: str = text("", 3, shared=True)


def test_a_declaration_in_full() -> None:
    warm, many, where, colour, shut, said = controls(View)
    assert (warm.name, warm.query, many.query, said.shared, where.nullable) == ("warm", "t", "many", True, True)
    assert [warm.read(value) for value in (0.33, 1, -1, 99, 0.024, 1.975)] == [0.35, 1.0, 0.0, 2.0, 0.0, 2.0]
    assert [many.read(value) for value in (0, 4.9, 99)] == [1, 4, 9]
    assert [warm.parse("1.5"), many.parse("7"), many.parse("7.9"), many.parse("x")] == [1.5, 7, 7.9, None]
    assert [warm.written(0.5), warm.written(1.0), many.written(3), where.written(None)] == ["0.5", "1", "3", None]
    assert [colour.written("red"), colour.written("blue"), shut.written(True), shut.written(False)] == [
        None, "blue", "1", "0",
    ]  # fmt: skip
    assert [shut.parse("0"), shut.parse("1"), shut.parse("yes")] == [False, True, None]
    assert said.read("abcdef") == "def"  # what follows a text depends on its end


@given(st.integers() | st.floats(), st.integers(-100, 100), st.integers(0, 100))
def test_whole_and_real_are_within_bounds_or_nothing(value: float, low: int, width: int) -> None:
    high = low + width
    finite = isinstance(value, int) or math.isfinite(value)
    for read in (whole, real):
        found = read(value, low, high)
        assert (found is None) == (not finite)
        assert found is None or low <= found <= high
        assert found is None or not low <= value <= high or found == (int(value) if read is whole else value)


@pytest.mark.parametrize(("said", "found"), [("7", 7), ("7.5", 7.5), ("-1e3", -1000.0), ("1e999", math.inf), ("", None),
                                             ("warm", None), ("1" * 5000, math.inf)])  # fmt: skip
def test_number_in(said: str, found: float | None) -> None:
    assert number_in(said) == found
