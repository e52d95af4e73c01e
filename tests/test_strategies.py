"""Every strategy that is found: its parameters, its dictionary, what it refuses, and its words in both languages."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz import i18n
from gptviz.decoding import STRATEGIES, Beam, Parameter, Sample, Strategy, strategies, strategy_from_dict
from gptviz.errors import DecodingError

ALL = [(kind, parameter) for kind in STRATEGIES.values() for parameter in kind.parameters]


def values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Every value that the parameter may have."""
    if parameter.kind == "choice":
        return st.sampled_from(parameter.choices)
    high = min(parameter.high, 1e9)
    if parameter.kind == "whole":
        found: st.SearchStrategy[Any] = st.integers(int(parameter.low), int(high))
    else:
        found = st.floats(parameter.low, high, exclude_min=parameter.above, exclude_max=parameter.below)
    return st.none() | found if parameter.optional else found


@st.composite
def made(draw: st.DrawFn) -> Strategy:
    kind = draw(st.sampled_from(list(STRATEGIES.values())))
    chosen = {parameter.name: draw(values(parameter)) for parameter in kind.parameters}
    if kind is Beam:
        chosen["n_groups"] = draw(st.sampled_from([n for n in range(1, 65) if chosen["width"] % n == 0]))
    return kind(**chosen)


# ---- found by themselves


def test_every_file_is_found_and_none_is_named_twice() -> None:
    files = {path.stem for path in Path(strategies.__file__).parent.glob("*.py") if not path.stem.startswith("_")}
    assert list(STRATEGIES) == ["greedy", "sample", "beam", "contrastive"]
    assert {kind.__module__.rsplit(".", 1)[1] for kind in STRATEGIES.values()} == files


def test_a_file_is_all_that_a_new_strategy_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        "from dataclasses import dataclass\n"
        "from typing import ClassVar\n"
        "from gptviz.decoding.strategy import OneByOne\n"
        "@dataclass(frozen=True)\n"
        "class Least(OneByOne):\n"
        "    name: ClassVar[str] = 'least'\n"
        "    def choose(self, logits, previous_ids, u):\n"
        "        return int(logits.argmin()), None\n"
    )
    (tmp_path / "least.py").write_text(source)
    monkeypatch.setattr(strategies, "__path__", [*strategies.__path__, str(tmp_path)])
    try:
        found = {kind.name: kind for kind in strategies._found()}
    finally:
        sys.modules.pop("gptviz.decoding.strategies.least", None)
    assert found.keys() == STRATEGIES.keys() | {"least"}
    assert found["least"]().to_dict() == {"name": "least"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_strategy_and_parameter_has_words(lang: str) -> None:
    known = i18n.strings(lang)
    for kind in STRATEGIES.values():
        assert known[f"strategy.{kind.name}"]
        assert known[f"strategy.hint.{kind.name}"]
        for parameter in kind.parameters:
            assert known[f"strategy.parameter.{parameter.name}"]
            assert known[f"strategy.parameter_hint.{parameter.name}"]
            for choice in parameter.choices:
                assert known[f"strategy.choice.{parameter.name}.{str(choice).lower()}"]
    for stage in ("model", "greedy", "contrastive", *(parameter.name for parameter in Sample.parameters)):
        assert known[f"panel.distribution.filter.{stage}"]


# ---- parameters


@pytest.mark.parametrize(("kind", "parameter"), ALL, ids=lambda v: getattr(v, "name", ""))
def test_a_form_can_be_made_of_a_parameter(kind: type[Strategy], parameter: Parameter) -> None:
    """Its default and its off value are allowed; a slider's ends lie in the bounds and hold the default."""
    fields = {field.name: field.default for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    assert fields[parameter.name] == parameter.default == parameter.check(parameter.default)
    assert parameter.check(parameter.off) == parameter.off
    assert parameter.optional == (parameter.default is None)
    if parameter.kind != "choice":
        low, high = parameter.shown
        assert parameter.check(int(low) if parameter.kind == "whole" else low) == low
        assert low < high <= parameter.high
        assert 0 < parameter.step <= high - low
        assert parameter.default is None or low <= float(parameter.default) <= high


def test_every_field_has_its_parameter() -> None:
    for kind in STRATEGIES.values():
        fields = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
        assert fields == [parameter.name for parameter in kind.parameters]


@pytest.mark.parametrize(
    ("name", "word", "value"),
    [("temperature", "0.7", 0.7), ("top_k", "50", 50), ("top_k", "off", None), ("top_p", "", None),
     ("top_p", "None", None), ("width", " 5 ", 5), ("early_stopping", "never", "never"),
     ("early_stopping", "True", True), ("early_stopping", "false", False)],
)  # fmt: skip
def test_values_are_read_from_words(name: str, word: str, value: Any) -> None:
    parameter = next(p for _, p in ALL if p.name == name)
    read = parameter.read(word)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "word"),
    [("temperature", "warm"), ("temperature", "nan"), ("temperature", "off"), ("temperature", "1e999"),
     ("top_k", "5.0"), ("top_k", "9" * 5000), ("top_p", "-0"[:1]), ("width", "true"), ("early_stopping", "1"),
     ("early_stopping", "off"), ("eta_cutoff", "1")],
)  # fmt: skip
def test_words_that_are_no_value_are_refused(name: str, word: str) -> None:
    parameter = next(p for _, p in ALL if p.name == name)
    with pytest.raises(DecodingError) as caught:
        parameter.read(word)
    assert caught.value.values["name"] == name
    assert len(str(caught.value)) < 200


# ---- dictionaries


@settings(deadline=None, max_examples=100)
@given(made(), st.booleans())
def test_a_strategy_survives_json(strategy: Strategy, brief: bool) -> None:
    written = json.loads(json.dumps(strategy.to_dict(brief=brief), allow_nan=False))
    again = strategy_from_dict(written)
    assert again == strategy
    assert [type(v) for v in again.to_dict().values()] == [type(v) for v in strategy.to_dict().values()]


def test_brief_says_only_what_is_not_as_by_default() -> None:
    assert Sample(top_p=0.9).to_dict(brief=True) == {"name": "sample", "top_p": 0.9}
    assert Sample().to_dict(brief=True) == {"name": "sample"}
    assert Beam(early_stopping="never").to_dict() == {
        "name": "beam", "width": 4, "length_penalty": 1.0, "n_groups": 1, "diversity_penalty": 0.5,
        "early_stopping": "never",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (None, "decoding.record"),
        ([], "decoding.record"),
        ("sample", "decoding.record"),
        ({}, "decoding.record"),
        ({"name": ["sample"]}, "decoding.record"),
        ({"name": "x" * 10**6}, "decoding.unknown"),
        ({"name": "Sample"}, "decoding.unknown"),
        ({"name": "__class__"}, "decoding.unknown"),
        ({"name": "greedy", "temperature": 1}, "decoding.parameter"),
        ({"name": "sample", "place": 1}, "decoding.parameter"),
        ({"name": "sample", "__class__": 1}, "decoding.parameter"),
        ({"name": "sample", 3: 1}, "decoding.parameter"),
        ({"name": "sample", "temperature": "0.5"}, "decoding.number"),
        ({"name": "sample", "temperature": None}, "decoding.number"),
        ({"name": "sample", "top_p": math.nan}, "decoding.number"),
        ({"name": "sample", "top_p": [[[]]] * 10**5}, "decoding.number"),
        ({"name": "sample", "top_k": -(10**5000)}, "decoding.at_least"),
        ({"name": "sample", "eta_cutoff": 1}, "decoding.below"),
        ({"name": "beam", "width": True}, "decoding.whole"),
        ({"name": "beam", "width": 10**5000}, "decoding.range"),
        ({"name": "beam", "early_stopping": "soon"}, "decoding.choice"),
        ({"name": "beam", "early_stopping": 1}, "decoding.choice"),
        ({"name": "beam", "early_stopping": {}}, "decoding.choice"),
        ({"name": "beam", "width": 5, "n_groups": 2}, "decoding.groups"),
    ],
)
def test_a_hostile_dictionary_gets_a_short_sentence(data: Any, key: str) -> None:
    with pytest.raises(DecodingError) as caught:
        strategy_from_dict(data)
    assert caught.value.key == key
    for lang in ("en", "zh"):
        assert len(caught.value.say(lang)) < 300
        assert not re.search(r"{\w+}", caught.value.say(lang))


_plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_names = st.sampled_from(["name", *(p.name for _, p in ALL)]) | st.text(max_size=8)


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(_names, _plain | st.sampled_from(list(STRATEGIES)), max_size=4), st.sampled_from(["", *STRATEGIES])
)
def test_any_json_is_a_strategy_or_refused(data: dict[str, Any], name: str) -> None:
    if name:
        data["name"] = name
    try:
        strategy = strategy_from_dict(data)
    except DecodingError as error:
        said = str(error)
    else:
        said = ""
        assert strategy_from_dict(strategy.to_dict()) == strategy
    assert len(said) < 300
