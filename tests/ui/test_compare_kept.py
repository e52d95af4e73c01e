"""What is kept of a comparison: files that can be opened again, and links."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.decoding import Beam, Greedy, Sample, Strategy
from gptviz.decoding.exchange import load_run
from gptviz.decoding.records import record
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.compare.state import MOST_COLUMNS, Compare, View
from tests.ui.desk import THREE, Desk, arrived, link


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_saved_run_can_be_opened_and_run_on(tiny_lm: LanguageModel, form: str) -> None:
    desk = Desk(tiny_lm, *THREE, Beam(2), view=View(seed=5, n=6)).finish()
    saved = desk.do("export", format=form).finish().header["download"]
    assert saved["name"] == f"gptviz-5.{form}"
    again = desk.header["download"]
    assert again == saved  # until the browser says that it has it
    assert desk.do("saved", number=saved["number"]).header["download"] is None
    other = Desk(tiny_lm, Greedy(), text="zzz").finish().do("open", text=saved["text"]).finish()
    assert other.state.text == "abc"
    assert other.tokens() == desk.tokens()
    assert (other.header["stale"], other.header["complete"], other.header["view"]["seed"]) == (False, True, 5)
    longer = other.tell(n=9).finish().tokens()
    assert [t[:6] for t in longer[:3]] == desk.tokens()[:3]  # beam search may change its mind


def test_csv_has_a_row_for_each_step(desk: Desk) -> None:
    text = desk.finish().do("export", format="csv").finish().header["download"]["text"]
    assert text.count("\n") == 1 + 3 * 6


def test_a_run_of_more_columns_than_fit_says_so(tiny_lm: LanguageModel) -> None:
    run = record(tiny_lm, "abc", {f"name {i}": Sample(0.1 * i) for i in range(11)}, max_new_tokens=5)
    desk = Desk(tiny_lm)
    desk.state.load(run, tiny_lm)
    header = desk.header
    assert [c["name"] for c in header["columns"]] == [f"name {i}" for i in range(8)]
    assert translate("compare.note.dropped", "en", count=3, most=8) in [note["text"] for note in header["notes"]]


@pytest.mark.parametrize("text", ["", "{", "[]", "<html>", '{"gptviz": 1}', "\x00" * 50, json.dumps({"gptviz": 99})])
def test_a_file_that_is_no_run_changes_nothing_and_says_why(desk: Desk, text: str) -> None:
    before = desk.finish().tokens()
    header = desk.do("open", text=text).finish().header
    assert desk.tokens() == before
    assert [note["level"] for note in header["notes"]] == ["error"]


SAMPLES = st.builds(
    Sample,
    temperature=st.floats(0, 3),
    top_k=st.none() | st.integers(1, 1000),
    top_p=st.none() | st.floats(0, 1),
    repetition_penalty=st.floats(0.5, 2),
)
ANY = SAMPLES | st.just(Greedy()) | st.builds(Beam, width=st.integers(1, 16), length_penalty=st.floats(-2, 2))


@settings(deadline=None)
@given(st.lists(ANY, min_size=1, max_size=MOST_COLUMNS), st.text(max_size=40), st.integers(0, 2**53 - 1))
def test_a_link_restores_the_comparison(tiny_lm: LanguageModel, chosen: list[Strategy], text: str, seed: int) -> None:
    """To the six digits in which numbers are written, and texts as UTF-8 can hold them."""
    state = Compare(text=text, view=View(seed=seed, n=33, step=4))
    state.choose(chosen)
    found = arrived("compare", tiny_lm, **link(state, tiny_lm))
    assert found.text == text.encode("utf-8", "replace").decode()
    assert found.view == state.view
    assert found.notes == []
    for slot, strategy in zip(found.slots, chosen, strict=True):
        assert slot.strategy.name == strategy.name
        for name, value in strategy.to_dict().items():
            assert getattr(slot.strategy, name) == (
                pytest.approx(value, rel=1e-5) if isinstance(value, float) else value
            )


def test_bad_parts_of_a_link_are_named_and_left_out(tiny_lm: LanguageModel) -> None:
    found = arrived("compare", tiny_lm, s="greedy,nonsense,sample:top_p:7,beam:width", n="x", seed="3")
    assert [slot.strategy for slot in found.slots] == [Greedy(), Beam()]
    assert found.view == View(seed=3)
    ((key, values),) = found.notes
    assert key == "note.link_bad"
    assert values["names"] == "n, s (nonsense), s (sample:top_p:7)"
    assert arrived("compare", tiny_lm, s="???").slots[0].strategy == Greedy()  # the usual six


def test_a_run_is_exported_under_names_that_differ(desk: Desk) -> None:
    desk.do("duplicate", column=desk.numbers()[0]).finish()
    run = load_run(desk.do("export", format="json").finish().header["download"]["text"], desk.lm)
    assert list(run.columns) == ["greedy", "greedy (2)", "T 2", "top-k 3"]
