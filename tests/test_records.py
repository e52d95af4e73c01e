"""Runs kept as JSON and CSV and read back: equal, replayed the same, and nothing hostile gets through."""

from __future__ import annotations

import copy
import csv
import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gptviz.decoding import Beam, Contrastive, Greedy, Sample, Strategy, compare, generate
from gptviz.decoding.exchange import CSV_COLUMNS, MAX_BYTES, load_run, to_csv, to_dict, to_json
from gptviz.decoding.presets import PRESETS, short, title
from gptviz.decoding.records import Recorder, Run, from_comparison, record
from gptviz.errors import DecodingError, GptvizError
from gptviz.i18n import languages, strings
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import random_model

FEW: dict[str, Strategy] = {"greedy": Greedy(), "warm": Sample(1.4, top_k=20), "beam": Beam(3), "c": Contrastive(3)}


@pytest.fixture(scope="module")
def kept(tiny_lm: LanguageModel) -> Run:
    return record(tiny_lm, "Once", FEW, max_new_tokens=6, seed=5)


def test_a_run_says_what_its_steps_said(tiny_lm: LanguageModel, kept: Run) -> None:
    for name, strategy in FEW.items():
        column = kept.columns[name]
        steps = list(generate(tiny_lm, "Once", strategy, max_new_tokens=6, seed=5))
        assert column.tokens == steps[-1].generated
        assert column.text == steps[-1].text
        for one, step in zip(column.steps, steps, strict=True):
            assert (one.piece, one.draw, one.finish) == (step.piece, step.draw, step.finish)
            assert one.logprob == pytest.approx(step.logprob, abs=1e-4)
            assert one.p == pytest.approx(step.prob, abs=1e-4)
            assert [(s.name, s.kept) for s in one.stages] == [(s.name, int(s.kept.sum())) for s in step.stages]
            assert one.top[0].p_model == pytest.approx(float(step.stages[0].probs.max()), abs=1e-5)
            assert [a.p_model for a in one.top] == sorted((a.p_model for a in one.top), reverse=True)
    assert kept.prompt == "Once"
    assert kept.columns["c"].passes == 7


def test_leaving_the_neighbour(tiny_lm: LanguageModel) -> None:
    """Equal columns never part; the first has no neighbour."""
    run = record(tiny_lm, "Once", {"a": Greedy(), "b": Sample(0), "c": Sample(2.0)}, max_new_tokens=8, seed=1)
    assert (run.leaves["a"], run.leaves["b"]) == (None, None)
    first = next(i for i, (x, y) in enumerate(zip(run.columns["b"].tokens, run.columns["c"].tokens)) if x != y)  # noqa: B905
    assert run.leaves["c"] == first


@pytest.mark.parametrize("prompt", ["Once upon", "人工智能是", "🙂\n<b>&\x00"])
def test_there_and_back(lm: LanguageModel, prompt: str) -> None:
    """Equal to the last bit, from text, from bytes and from what json makes of it; also what was cut off midway."""
    run = record(lm, prompt, {"warm": Sample(1.5), "beam": Beam(2)}, max_new_tokens=5, seed=2)
    text = to_json(run)
    assert load_run(text, lm) == run
    assert load_run(b"\xef\xbb\xbf" + text.encode(), lm) == run
    assert load_run(json.loads(text), lm) == run
    assert run.prompt == prompt


def test_replayed_the_same_and_further(tiny_lm: LanguageModel, kept: Run) -> None:
    read = load_run(to_json(kept), tiny_lm)
    assert read.differences(read.replay(tiny_lm)) == ()
    further = read.replay(tiny_lm, max_new_tokens=9)
    for name in ("greedy", "warm"):  # the beam may choose otherwise where it has more room
        assert further.columns[name].tokens[:6] == kept.columns[name].tokens
        assert len(further.columns[name].tokens) == 9
    assert {(d.name, d.reason) for d in read.differences(further)} >= {("greedy", "length"), ("warm", "length")}


def test_what_was_tampered_with_is_found_by_replay(tiny_lm: LanguageModel, kept: Run) -> None:
    """Numbers that are possible but not true: a log-probability; another seed; a column left out."""
    raw = to_dict(kept)
    raw["columns"][0]["steps"][2]["logprob"] -= 0.5
    assert load_run(raw, tiny_lm).differences(kept)[0] == ("greedy", 2, "logprob")
    raw = to_dict(kept) | {"seed": 6}
    changed = load_run(raw, tiny_lm)
    assert "token" in {d.reason for d in changed.differences(changed.replay(tiny_lm))}
    raw = to_dict(kept)
    del raw["columns"][1]
    assert ("warm", 0, "missing") in load_run(raw, tiny_lm).differences(kept)


def test_recording_while_it_runs_and_from_a_comparison(tiny_lm: LanguageModel, kept: Run) -> None:
    comparison = compare(tiny_lm, "Once", FEW, max_new_tokens=6, seed=5)
    assert kept.differences(from_comparison(tiny_lm, comparison)) == ()
    recorder = Recorder(tiny_lm, comparison.ids, FEW, max_new_tokens=6, seed=5)
    for step in comparison.steps["greedy"][:2]:
        recorder.add("greedy", step)
    half = recorder.run()
    assert list(half.columns) == ["greedy"]
    assert half.columns["greedy"].steps[-1].finish is None
    assert load_run(to_json(half), tiny_lm) == half


def test_csv_has_a_row_a_step_and_no_formulas(tiny_lm: LanguageModel, kept: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(kept))))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(rows) == sum(len(column.steps) for column in kept.columns.values())
    assert bytes.fromhex("".join(row["bytes"] for row in rows[:6])).decode() == kept.columns["greedy"].text
    assert float(rows[0]["logprob"]) == kept.columns["greedy"].steps[0].logprob
    run = record(tiny_lm, "Once", {"=cmd|' /C calc'!A0": Greedy()}, max_new_tokens=1)
    assert next(csv.DictReader(io.StringIO(to_csv(run))))["column"].startswith("'=")


def _set(raw: dict[str, Any], path: str, value: Any) -> None:
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place: Any = raw
    for part in way:
        place = place[part]
    place[last] = value


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("gptviz", 2, "version"), ("gptviz", True, "version"), ("model", [], "object"),
        ("model.fingerprint", "0" * 16, "model"), ("model.name", "x" * 300, "text"),
        ("ids", [], "list"), ("ids", [1] * 32, "list"), ("ids.0", 64, "whole"), ("ids.0", -1, "whole"),
        ("ids.0", True, "whole"), ("ids.0", 1.0, "whole"), ("ids.1", 10**5000, "whole"), ("prompt", "Twice", "differs"),
        ("seed", -1, "whole"), ("seed", "0", "whole"), ("max_new_tokens", 0, "whole"), ("columns", {}, "list"),
        ("columns.1.name", "greedy", "twice"), ("columns.0.name", "", "text"), ("columns.0", None, "object"),
        ("columns.0.text", "<script>", "differs"), ("columns.0.passes", 1.5, "whole"),
        ("columns.0.seconds", float("nan"), "number"), ("columns.0.steps", [], "list"),
        ("columns.0.steps", [{}] * 1000, "list"), ("columns.0.steps.0.id", 99, "whole"),
        ("columns.0.steps.0.bytes", "zz", "differs"), ("columns.0.steps.0.logprob", 1.0, "number"),
        ("columns.0.steps.0.logprob", float("-inf"), "number"), ("columns.0.steps.0.p", -0.1, "number"),
        ("columns.1.steps.0.u", 1, "number"), ("columns.0.steps.0.finish", "end", "finish"),
        ("columns.0.steps.5.finish", "because", "finish"), ("columns.0.steps.0.stages", [], "list"),
        ("columns.0.steps.0.stages.0.kept", 0, "whole"), ("columns.0.steps.0.stages.0.entropy", 6.1, "number"),
        ("columns.0.steps.0.stages.0.name", 7, "text"), ("columns.0.steps.0.top", [0] * 101, "list"),
        ("columns.0.steps.0.top.0.p", "0", "number"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_not_a_run_of_this_model_is_refused(
    tiny_lm: LanguageModel, kept: Run, path: str, value: Any, key: str
) -> None:
    raw = copy.deepcopy(to_dict(kept))
    _set(raw, path, value)
    with pytest.raises(DecodingError) as caught:
        load_run(raw, tiny_lm)
    assert caught.value.key == f"record.{key}"
    for lang in languages():
        said = caught.value.say(lang)
        assert len(said) < 500
        assert not said.startswith("error.")


def test_unknown_strategies_and_settings_are_refused(tiny_lm: LanguageModel, kept: Run) -> None:
    for record_of in (
        {"name": "os.system"},
        {"name": "sample", "temperature": float("nan")},
        {"name": "beam", "run": 1},
    ):
        raw = copy.deepcopy(to_dict(kept))
        raw["columns"][0]["strategy"] = record_of
        with pytest.raises(DecodingError):
            load_run(raw, tiny_lm)


@pytest.mark.parametrize("source", ["", "null", "[]", "{", '"x"', "[" * 100_000, '{"gptviz": NaN}', "<html></html>",
                                    b"\xff\xfe", "1" * 5000, '{"gptviz": ' + "9" * 5000 + "}"])  # fmt: skip
def test_what_is_no_json_object_is_refused(tiny_lm: LanguageModel, source: str | bytes) -> None:
    with pytest.raises(DecodingError):
        load_run(source, tiny_lm)


def test_too_large(tiny_lm: LanguageModel) -> None:
    with pytest.raises(DecodingError) as caught:
        load_run(" " * (MAX_BYTES + 1), tiny_lm)
    assert caught.value.key == "record.too_large"


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@pytest.mark.slow
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), value=VALUES)
def test_any_value_anywhere_is_read_or_refused_in_words(
    tiny_lm: LanguageModel, kept: Run, data: st.DataObject, value: Any
) -> None:
    """One place of a good file, at any depth, replaced by anything or left out: a Run, or a GptvizError."""
    raw = json.loads(to_json(kept))
    place: Any = raw
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        deeper = isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans())
        if not deeper:
            break
        place = place[key]
    if data.draw(st.booleans()):
        place[key] = value
    else:
        del place[key]
    try:
        run = load_run(raw, tiny_lm)
    except GptvizError as error:
        assert not str(error).startswith("error.")  # noqa: PT017
    else:
        assert load_run(to_json(run), tiny_lm) == run


def test_fingerprints_tell_models_apart(tiny_lm: LanguageModel, tiny_config: Any) -> None:
    """The same shape with other weights, or with another vocabulary, is another model; a copy is not."""
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ."
    same = LocalModel(random_model(tiny_config), Tokenizer.characters(alphabet), name="other name")
    weights = LocalModel(random_model(tiny_config, seed=1), Tokenizer.characters(alphabet))
    words = LocalModel(random_model(tiny_config), Tokenizer.characters(alphabet.replace(".", "!")))
    assert same.fingerprint == tiny_lm.fingerprint
    assert len({tiny_lm.fingerprint, weights.fingerprint, words.fingerprint}) == 3


def test_presets_can_be_shown_in_every_language() -> None:
    """Two to eight strategies each, named by what they do; every preset has a name and a hint."""
    for key, strategies in PRESETS.items():
        assert 2 <= len(strategies) <= 8
        for lang in languages():
            assert {f"preset.{key}", f"preset.hint.{key}"} <= strings(lang).keys()
            names = [title(name, strategy, lang) for name, strategy in strategies.items()]
            assert len(set(names)) == len(names)
            assert not any("{" in name or "preset." in name for name in names)
        assert list(strategies) == [short(strategy) for strategy in strategies.values()]
    assert PRESETS["six"]["beam 5"] == Beam(5)
    assert title("mine", Greedy(), "zh") == "mine"
    assert title("greedy", Greedy(), "zh") == "贪心"
    assert short(Beam(4, early_stopping=True)) != short(Beam(4))
