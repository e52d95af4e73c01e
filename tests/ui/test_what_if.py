"""The page of changes without Streamlit: its text of changes, what a run becomes, the maps and the curve in slices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gptviz
from gptviz import edits
from gptviz.analysis import breaking
from gptviz.edits import MODES
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.what_if import work
from gptviz.ui.pages.what_if.changes import KINDS, MOST, Change, parse
from tests.ui.desk import arrived, do, finished, link, say, shown

pytestmark = pytest.mark.slow  # runs with something changed, many of them

TEXT = "The cat sat on the"
EVERY = "mask;scale;nopos;shift.3;shuffle.2;head.1.2.mean;mlp.0.zero;layer.3.resample;uniform.2.1;strike.4.0.3.1"


def test_each_kind_of_change_is_the_edit_that_it_names() -> None:
    found, bad = parse(EVERY)
    assert bad == 0
    assert {one.kind for one in found} == set(KINDS)
    assert [one.edit() for one in found] == [
        edits.no_mask(), edits.no_scale(), edits.no_positions(), edits.shift_positions(3), edits.shuffle_positions(2),
        edits.ablate(layer=1, head=2, mode="mean"), edits.ablate(layer=0, mlp=True),
        edits.ablate(layer=3, mode="resample"),
        edits.uniform(layer=2, head=1), edits.strike(layer=4, head=0, query_pos=3, key_pos=1),
    ]  # fmt: skip
    for one in found:
        assert eval(one.python(), {"edits": edits}) == one.edit()
        assert parse(one.text) == ([one], 0)


NONE = ("head", "head.1", "head.1.2", "head.1.2.none", "head.-1.2.zero", "head.1.2.zero.3", "x", "mask.1", "shift.١",
        "shift.1e3", "shift.9999999", "strike.1.2.3", "shift.", "head..2.zero")  # fmt: skip


@pytest.mark.parametrize("text", NONE)
def test_what_names_no_change_is_counted(text: str) -> None:
    assert parse(text) == ([], 1)
    assert parse(f"mask;{text};mask") == ([Change("mask")], 1)


@settings(deadline=None)
@given(st.text(max_size=300) | st.lists(st.sampled_from([*EVERY.split(";"), "head.900.1.zero", "x", ""])).map(";".join))
def test_any_text_is_a_picture(tiny_lm: LanguageModel, text: str) -> None:
    found, _ = parse(text)
    assert len(found) <= MOST
    header, _ = shown("what_if", arrived("what_if", tiny_lm, p="abcab", edits=text), tiny_lm)
    assert header["ids"] == tiny_lm.ids("abcab")
    assert set(header["idle"]) <= set(header["changes"])


@pytest.mark.parametrize("change", EVERY.split(";"))
def test_before_and_after_are_those_of_two_runs(lm: LanguageModel, change: str) -> None:
    header, blobs = finished("what_if", arrived("what_if", lm, p=TEXT, edits=change, layer="4", head="0"), lm)
    (one,), _ = parse(change)
    plain, edited = lm.trace(TEXT), lm.trace(TEXT, edits=[one.edit()])
    made = header["change"]
    for token, _, before, after in made["rows"]:
        for p, run in ((before, plain), (after, edited)):
            logits = run.logits_at(-1).astype(np.float64)
            assert p == pytest.approx(np.exp(logits[token] - np.logaddexp.reduce(logits)), abs=1e-6)
    assert made["bits_before"] == pytest.approx(breaking.mean_bits(plain), abs=1e-5)
    assert made["bits_after"] == pytest.approx(breaking.mean_bits(edited), abs=1e-5)
    np.testing.assert_array_equal(blobs["before"], plain.shades[4, 0])
    np.testing.assert_array_equal(blobs["after"], edited.shades[4, 0])
    assert one.python() in header["change_python"]


def test_without_a_change_nothing_changes_and_others_never_see_one(lm: LanguageModel) -> None:
    mine, theirs = (arrived("what_if", lm, p=TEXT, edits=said) for said in ("nopos;mask", ""))
    finished("what_if", mine, lm)
    header, _ = finished("what_if", theirs, lm)
    assert all(before == after for _, _, before, after in header["change"]["rows"])
    assert header["change"]["bits_before"] == header["change"]["bits_after"]
    say("what_if", mine, lm, edits="")
    header, _ = finished("what_if", mine, lm)
    assert all(before == after for _, _, before, after in header["change"]["rows"])


def test_a_change_without_a_place_waits_and_one_that_cannot_be_is_said(lm: LanguageModel) -> None:
    header, _ = shown("what_if", arrived("what_if", lm, p=TEXT, edits="strike.0.0.90.1;head.50.0.zero"), lm)
    assert header["idle"] == ["strike.0.0.90.1", "head.50.0.zero"]
    assert header["change"]["bits_before"] == header["change"]["bits_after"]
    header, _ = shown("what_if", arrived("what_if", lm, p=TEXT, edits="shift.5000"), lm)
    assert header["change"] is None
    assert any(note["level"] == "error" for note in header["notes"])


def test_the_maps_are_those_of_analysis(lm: LanguageModel) -> None:
    text, other = (gptviz.i18n.translate(f"what_if.{name}", "en") for name in ("text", "other_text"))
    state = arrived("what_if", lm, p=text, b=other, edits="")
    header, _ = finished("what_if", state, lm)
    found = gptviz.analysis.patch(lm, text, other)
    np.testing.assert_allclose(header["patch"]["sufficient"], found.sufficient.ravel(), atol=1e-5)
    np.testing.assert_allclose(header["patch"]["necessary"], found.necessary.ravel(), atol=1e-5)
    assert header["patch"]["done"] == header["patch"]["wanted"]
    say("what_if", state, lm, other="The capital")
    header, _ = finished("what_if", state, lm)
    assert "equally many tokens" in header["patch"]["error"]
    assert header["patch"]["sufficient"] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_pair_offered_can_be_patched(lm: LanguageModel, lang: str) -> None:
    state = arrived("what_if", lm, p="x", lang=lang)
    do("what_if", state, lm, "pair", lang=lang)
    header, _ = finished("what_if", state, lm, lang=lang)
    assert header["patch"]["error"] == ""
    assert max(header["patch"]["sufficient"]) == pytest.approx(1, abs=0.2)


def test_the_curve_comes_in_slices_and_can_be_stopped(tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "SLICE", 0.0)
    monkeypatch.setattr("gptviz.ui.pages.what_if.scene.SLICE", 0.0)
    state = arrived("what_if", tiny_lm, p="abcab", curve="1")
    header, _ = shown("what_if", state, tiny_lm)
    assert header["running"]
    say("what_if", state, tiny_lm, curve=False)
    header, _ = shown("what_if", state, tiny_lm)
    assert header["broken"] is None
    assert not header["running"]


def test_the_curve_is_that_of_analysis(tiny_lm: LanguageModel) -> None:
    header, _ = finished("what_if", arrived("what_if", tiny_lm, p="abcab", curve="1", mode="mean"), tiny_lm)
    gone = [one for one in breaking.curve(tiny_lm, tiny_lm.ids("abcab"), mode="mean") if isinstance(one, breaking.Gone)]
    assert header["broken"]["best"] == [[one.n_gone, pytest.approx(one.bits)] for one in gone if one.order == 0]
    assert [n for n, _ in header["broken"]["random"]] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("mode", MODES)
def test_all_of_it_is_in_the_link(lm: LanguageModel, mode: str) -> None:
    query = {
        "p": TEXT,
        "edits": EVERY,
        "b": "The dog sat on the",
        "mode": mode,
        "layer": "2",
        "head": "3",
        "curve": "1",
    }
    state = arrived("what_if", lm, **query)
    assert link(state, lm).items() >= query.items() - {("mode", "zero")}
