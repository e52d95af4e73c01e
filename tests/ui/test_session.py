"""What goes with a visitor from page to page: the text, and the shared controls, within each page's bounds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.language_model import LanguageModel
from gptviz.ui import pages
from gptviz.ui.controls import controls
from gptviz.ui.session import Carried, bring
from gptviz.ui.web.conversation import Conversation
from gptviz.views.softmax import SHARES, TEMPERATURES
from tests.ui.desk import arrived, finished

READING = [name for name in pages.names() if pages.declared(name).state().reads]
SHARED = {
    name: {control.name: control for control in controls(type(view)) if control.shared}
    for name in pages.names()
    if (view := pages.declared(name).state().view) is not None
}


def brought(page: str, lm: LanguageModel, text: str | None = None, **values: Any) -> Any:
    """A page that a visitor comes to with these."""
    state: Conversation = arrived(page, lm)
    bring(state, Carried(text=text, controls=values), lm)
    return state


def test_what_is_shared_is_declared_alike() -> None:
    """One name is one thing: the same kind of value on every page that shares it, and never alone."""
    assert {name for found in SHARED.values() for name in found} == {"temperature", "top_p", "seed", "layer", "head",
                                                                      "pos", "start", "chat", "system"}  # fmt: skip
    for name in ("temperature", "top_p", "seed", "start", "chat", "system"):
        assert len({type(found[name].default) for found in SHARED.values() if name in found}) == 1
        assert sum(name in found for page, found in SHARED.items() if page != "steps") > 1


@pytest.mark.parametrize("page", SHARED)
@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["temperature", "top_p", "seed", "layer", "head", "start", "chat", "system",
                                        "step", "x"]),
                       st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)))  # fmt: skip
def test_a_control_arrives_within_the_bounds_of_the_page(
    tiny_lm: LanguageModel, page: str, values: dict[str, Any]
) -> None:
    state, first = brought(page, tiny_lm, **values), arrived(page, tiny_lm)
    for control in state.controls():
        found, was = getattr(state.view, control.name), getattr(first.view, control.name)
        wanted = control.read(values[control.name]) if control.shared and control.name in values else None
        assert found == (was if wanted is None else wanted), control.name


def test_between_the_pages_there_are(tiny_lm: LanguageModel) -> None:
    """A temperature between the steps of a slider, a share of nothing, a seed that only one page takes."""
    found = brought("playground", tiny_lm, temperature=0.7777, top_p=0.0, seed=2**40)
    assert (found.view.temperature, found.view.top_p, found.view.seed) == (0.8, 0.01, 2**31 - 1)
    assert found.view.temperature in TEMPERATURES
    assert found.view.top_p in SHARES
    assert brought("compare", tiny_lm, seed=2**40).view.seed == 2**40
    assert brought("next_token", tiny_lm, seed=2**40, layer=99).view.layer == 99  # clamped to the model when shown
    assert brought("beam", tiny_lm, seed=1, temperature=2.0).view == arrived("beam", tiny_lm).view


@pytest.mark.parametrize("page", READING)
def test_a_text_arrives_as_if_it_had_been_typed_there(tiny_lm: LanguageModel, page: str) -> None:
    state = arrived(page, tiny_lm)
    rev = state.rev
    bring(state, Carried(text="abc"), tiny_lm)
    assert state.text == "abc"
    assert state.rev > rev
    header, _ = finished(page, state, tiny_lm)
    assert header["text"] == "abc"


@pytest.mark.parametrize("page", pages.names())
def test_whoever_brings_nothing_new_changes_nothing(tiny_lm: LanguageModel, page: str) -> None:
    state = arrived(page, tiny_lm, p="abc", token="1", step="2", node="3")
    before, rev = state.view, state.rev
    bring(state, Carried(), tiny_lm)
    same = {name: getattr(state.view, name) for name in SHARED.get(page, ())}
    bring(state, Carried(text=state.text, controls=same), tiny_lm)
    assert (state.view, state.rev) == (before, rev)


def test_a_page_without_a_text_takes_none(tiny_lm: LanguageModel) -> None:
    for page in ("scaling", "model"):
        assert brought(page, tiny_lm, text="abc").text == ""


def test_another_seed_has_the_columns_written_anew(tiny_lm: LanguageModel) -> None:
    state = arrived("compare", tiny_lm, p="abc", n="5", s="sample")
    finished("compare", state, tiny_lm)
    bring(state, Carried(text="abc", controls={"seed": state.view.seed}), tiny_lm)
    assert not state.run_wanted
    bring(state, Carried(text="abc", controls={"seed": state.view.seed + 1}), tiny_lm)
    assert state.run_wanted
