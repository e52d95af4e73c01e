"""One table of settings: the filters are found, and checks, controls, links, recipes and help agree on each number."""

from __future__ import annotations

import dataclasses
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.decoding import STRATEGIES, Parameter, Sample, draws, filters, generate, sampling_parameters, uniform_at
from gptviz.decoding import parameters as asked
from gptviz.decoding.filters import FILTERS
from gptviz.errors import DecodingError
from gptviz.language_model import LanguageModel

CHAIN = sampling_parameters()
EVERY = [p for kind in STRATEGIES.values() for p in kind.parameters]
ASKED = [value for value in vars(asked).values() if isinstance(value, Parameter)]
each = pytest.mark.parametrize("parameter", [*EVERY, *ASKED], ids=lambda p: p.name)
numbers = st.one_of(st.integers(), st.floats(), st.floats(-5, 5), st.integers(-5, 200))


# ---- found by themselves


def test_every_file_is_found_and_is_a_field_of_sample() -> None:
    files = {path.stem for path in Path(filters.__file__).parent.glob("*.py") if not path.stem.startswith("_")}
    assert {kind.__module__.rsplit(".", 1)[1] for kind in FILTERS.values()} == files
    assert FILTERS.keys() == {field.name for field in dataclasses.fields(Sample)}
    places = [kind.place for kind in FILTERS.values()]
    assert len(set(places)) == len(places)


def test_a_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        "from dataclasses import dataclass\n"
        "from typing import ClassVar\n"
        "from gptviz.decoding.filter import Filter\n"
        "from gptviz.decoding.parameter import Parameter\n"
        "@dataclass(frozen=True)\n"
        "class Shift(Filter):\n"
        "    by: float\n"
        "    parameter: ClassVar[Parameter] = Parameter('shift', 'number', 0.0, low=-1, high=1, off=0.0)\n"
        "    def __call__(self, logits, previous_ids=()):\n"
        "        return logits + self.by\n"
    )
    (tmp_path / "shift.py").write_text(source)
    monkeypatch.setattr(filters, "__path__", [*filters.__path__, str(tmp_path)])
    try:
        found = {kind.name: kind for kind in filters._found()}
    finally:
        sys.modules.pop("gptviz.decoding.filters.shift", None)
    assert found.keys() == FILTERS.keys() | {"shift"}
    assert found["shift"].of(0.5)(np.zeros(2, dtype=np.float32)).tolist() == [0.5, 0.5]
    with pytest.raises(DecodingError):
        found["shift"].of(2)


@pytest.mark.parametrize("name", list(FILTERS))
@pytest.mark.parametrize("value", [None, math.nan, -1, "0.5", True])
def test_a_filter_refuses_what_its_parameter_refuses(name: str, value: Any) -> None:
    with pytest.raises(DecodingError) as caught:
        FILTERS[name].of(value)
    assert caught.value.values["name"] == name


def test_a_filter_at_its_neutral_number_does_nothing() -> None:
    """So that leaving it out of the chain there is no other sampling (penalties and temperature are exactly 1)."""
    logits = np.float32([2, -1, 0.5, 0.5])
    for kind in FILTERS.values():
        if kind.name != "top_k":  # whose 0 is no number of tokens, and is refused
            assert kind.of(kind.parameter.idle)(logits, [0, 0, 0]).tolist() == logits.tolist()


# ---- controls


@each
def test_bounds_of_controls_lie_in_what_is_checked(parameter: Parameter) -> None:
    form = parameter.form()
    assert form["name"] == parameter.name
    assert form.items() >= parameter.slider().items()
    switch = parameter.slider(switch=True)
    assert (switch["low"], switch["high"], switch["off"]) == (*parameter.ends, parameter.idle)
    if parameter.kind == "choice":
        assert form["choices"] == parameter.choices
        return
    low, high = parameter.ends
    assert low <= parameter.begin <= high
    assert parameter.check(parameter.value(parameter.begin)) == parameter.begin
    for end in (low, high):  # a slider can be brought to its ends, and the engine takes what it says there
        assert parameter.nearest(end) == end
        assert parameter.check(parameter.value(end)) == parameter.value(end)
    if parameter.idle is not None:
        assert parameter.is_off(parameter.idle)
        assert parameter.is_off(parameter.value(parameter.idle))
        assert not parameter.is_off(parameter.value(parameter.begin)) or parameter.name in ("width", "n_groups")


@each
@given(value=numbers)
def test_whatever_a_browser_sends_becomes_a_value_or_nothing(parameter: Parameter, value: float) -> None:
    if parameter.kind == "choice":
        return
    near = parameter.nearest(value)
    if near is None:
        assert not math.isfinite(value)
        return
    assert parameter.value(near) == parameter.check(parameter.value(near))
    assert parameter.nearest(near) == near
    try:
        allowed = parameter.check(value) == value and abs(value) <= parameter.most
    except DecodingError:
        allowed = False
    assert not allowed or near == value


@pytest.mark.parametrize("value", [None, True, "1", [1], math.nan, math.inf, 1j])
def test_what_is_no_number_is_nothing(value: Any) -> None:
    assert all(parameter.nearest(value) is None for parameter in CHAIN)


def test_huge_whole_numbers_do_not_get_into_a_view() -> None:
    assert asked.SEED.nearest(10**400) == 2**53
    assert Sample.from_settings({"top_k": CHAIN[3].nearest(10**400)}).top_k == 1_000_000
    assert FILTERS["temperature"].parameter.nearest(1e9) == 5  # hotter is as good as even; the engine takes it


@given(st.fixed_dictionaries({p.name: st.floats(0, 3) | st.sampled_from([p.idle, *p.ends]) for p in CHAIN}))
def test_settings_are_numbers_and_come_back(given_settings: dict[str, float]) -> None:
    settings = {p.name: p.nearest(given_settings[p.name]) for p in CHAIN}
    sample = Sample.from_settings(settings)
    assert sample.settings() == settings
    assert Sample.from_settings(sample.settings()) == sample
    assert {f.name for f in sample.filters} == {p.name for p in CHAIN if settings[p.name] != p.idle}


def test_off_is_left_out_and_the_rest_of_a_view_is_ignored() -> None:
    view = {"pos": 3, "seed": 7, "temperature": 0.8, "top_k": 0, "top_p": 1.0, "eta_cutoff": 0.0, "min_p": None}
    assert Sample.from_settings(view) == Sample(0.8)
    assert Sample.from_settings({}) == Sample()
    with pytest.raises(DecodingError):
        Sample.from_settings({"top_k": -1})


def test_links_tell_the_settings_apart() -> None:
    for group in (CHAIN, STRATEGIES["beam"].parameters, (*CHAIN, asked.SEED, asked.STEP, asked.MAX_NEW_TOKENS)):
        names = [p.link or p.name for p in group]
        assert len(set(names)) == len(names)


# ---- numbers of the engine


def test_the_engine_checks_by_the_same_table(tiny_lm: LanguageModel) -> None:
    wrong: list[tuple[Parameter, Any]] = [
        (asked.SEED, lambda: generate(tiny_lm, "a", seed=-1)),
        (asked.MAX_NEW_TOKENS, lambda: generate(tiny_lm, "a", max_new_tokens=0)),
        (asked.DRAWS, lambda: draws.many(tiny_lm, "a", Sample(), 10_001)),
        (asked.STEP, lambda: uniform_at(0, -1)),
    ]
    for parameter, call in wrong:
        with pytest.raises(DecodingError) as caught:
            call()
        assert caught.value.values["name"] == parameter.name


@pytest.mark.parametrize(
    ("name", "line"),
    [("temperature", "from 0; 1.0 is off"), ("top_k", "whole number from 1; None is off"),
     ("top_p", "from 0 to 1; None is off, and so is 1"), ("typical_p", "above 0, up to 1; None is off, and so is 1"),
     ("eta_cutoff", "from 0, below 1; None is off, and so is 0"), ("repetition_penalty", "above 0; 1.0 is off")],
)  # fmt: skip
def test_help_on_sample_says_what_each_may_be(name: str, line: str) -> None:
    said = [found.split(maxsplit=1) for found in (Sample.__doc__ or "").splitlines() if found.strip()]
    assert [name, line] in said


def test_usual_settings_are_settings() -> None:
    assert Sample.from_settings(asked.USUAL) == Sample(0.8, top_p=0.95)
    assert asked.USUAL.keys() <= {p.name for p in CHAIN}


def test_what_is_below_the_least_number_of_tokens_is_off() -> None:
    top_k = FILTERS["top_k"].parameter
    assert [top_k.nearest(value) for value in (-5, 0, 0.5, 1, 2.7)] == [0, 0, 0, 1, 2]
