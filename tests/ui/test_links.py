"""Every page's link opens what it was made of; what cannot be read is named; and an earlier visit is taken back."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.ui import links, pages
from gptviz.ui.controls import controls
from gptviz.ui.limits import MAX_CHARS
from gptviz.ui.page import arrive, restore
from gptviz.ui.prompts import vocabulary
from gptviz.ui.web.conversation import Conversation
from tests.ui.desk import HOSTILE, arrived, context, do, link, say

pytestmark = pytest.mark.slow

NAMES = pages.names()
each_page = pytest.mark.parametrize("page", NAMES)
numbers = st.integers(-5, 300) | st.floats(-3, 9).map(lambda x: round(x, 3))
words = st.sampled_from(["raw", "scores", "masked", "pattern", "true", "false", "never", "rank", "surprisal"])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def set_all(state: Conversation, data: st.DataObject) -> None:
    """Give every control any value, as a browser does."""
    said = {control.name: data.draw(numbers | words | st.booleans() | texts) for control in state.controls()}
    state.receive({"n": state.echo + 1, "text": state.text, "view": said})


def made(page: str, lm: LanguageModel) -> Conversation:
    """A state with something in it that its text and controls do not tell, where the page has such a thing."""
    state: Conversation = arrived(page, lm, **({"p": "abc"} if pages.declared(page).state.reads else {}))  # type: ignore[attr-defined]
    for kind, values in MORE.get(page, ()):
        do(page, state, lm, kind, **values)
    return state


WALK: tuple[tuple[str, dict[str, Any]], ...] = (
    ("step", {}), ("choose", {"id": 7}), ("back", {}), ("choose", {"id": 9}), ("choose", {"id": 3}),
    ("jump", {"node": 1}), ("choose", {"id": 8}), ("pair", {"a": 2}), ("look", {"step": 1}), ("back", {}),
)  # fmt: skip
MORE: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "next_token": WALK,
    "steps": WALK,
    "playground": (("roll", {"times": 42}),),
    "compare": (("preset", {"name": "beams"}), ("add", {})),
}


def same(page: str, one: Any, other: Any, lm: LanguageModel) -> None:
    """Both are one state, as far as anybody can see."""
    assert (one.text, one.view) == (other.text, other.view)
    assert one.to_query(lm) == other.to_query(lm)
    if page in ("next_token", "steps"):
        assert one.tree(vocabulary(lm)) == other.tree(vocabulary(lm))
        assert (one.pair.a, one.pair.b, one.pair.step) == (other.pair.a, other.pair.b, other.pair.step)
    if page == "compare":
        assert [slot.strategy for slot in one.slots] == [slot.strategy for slot in other.slots]
    if page == "playground":
        assert one.goal == other.goal


@each_page
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), text=texts)
def test_a_link_opens_what_it_was_made_of(tiny_lm: LanguageModel, page: str, data: st.DataObject, text: str) -> None:
    """Whatever was typed and set: the same text, controls and the rest; its own link is the same again."""
    state = arrived(page, tiny_lm)
    state.set_text(text if state.reads else "")
    set_all(state, data)
    query = link(state, tiny_lm)
    again = arrived(page, tiny_lm, **query)
    same(page, again, state, tiny_lm)
    assert again.notes == []
    assert link(again, tiny_lm) == query


@each_page
def test_so_it_does_with_a_path_columns_and_rolls(tiny_lm: LanguageModel, page: str) -> None:
    state = made(page, tiny_lm)
    assert bool(state.to_query(tiny_lm)) == (page in MORE)
    query = link(state, tiny_lm)
    again = arrived(page, tiny_lm, **query)
    same(page, again, state, tiny_lm)
    assert link(again, tiny_lm) == query


@pytest.mark.parametrize("page", ["next_token", "steps"])
def test_the_made_up_walk_has_branches_and_two_are_compared(tiny_lm: LanguageModel, page: str) -> None:
    """Else the test above would hold of nothing."""
    walk: Any = made(page, tiny_lm)
    tree = walk.tree(vocabulary(tiny_lm))
    assert len(tree.leaves()) == 3
    assert {node.how for node in tree.nodes[1:]} == {"drawn", "chosen"}
    assert walk.pair.a is not None
    assert {"path", "at", "tip", "a", "cmp"} - {"tip"} <= walk.to_query(tiny_lm).keys()


@each_page
@pytest.mark.parametrize("lang", languages())
def test_a_link_without_anything_is_a_first_visit(tiny_lm: LanguageModel, page: str, lang: str) -> None:
    declaration = pages.declared(page)
    state = arrive(declaration, {"lang": lang, "model": "x", "projector": "1"}, context(tiny_lm, lang))
    begun = declaration.state()
    declaration.begin(begun, lang)
    assert (state.text, state.view) == (begun.text, begun.view)
    assert state.fresh
    assert bool(state.text) == state.reads
    assert not arrive(declaration, {"p": "x"}, context(tiny_lm, lang)).fresh


@each_page
def test_a_text_alone_takes_nothing_of_a_first_visit_with_it(tiny_lm: LanguageModel, page: str) -> None:
    state, plain = arrived(page, tiny_lm, p="abc"), pages.declared(page).state()
    assert state.text == "abc" * state.reads
    assert state.view == plain.view


BAD = ("nan", "-inf", "1e999", "wärm", "[1]", "", "０x")


@each_page
@pytest.mark.parametrize("bad", BAD)
def test_each_bad_part_is_named_once_and_the_rest_is_kept(tiny_lm: LanguageModel, page: str, bad: str) -> None:
    view = pages.declared(page).state().view
    found = controls(type(view)) if view is not None else ()
    for control in found:
        if isinstance(control.default, str) and control.parse(bad) is not None and control.read(bad) is not None:
            continue  # a free text may be that, too
        others = {other.query: other.written(other.default) for other in found if other.name != control.name}
        query = {"p": "abc"} | {name: value for name, value in others.items() if value} | {control.query: bad}
        state = arrived(page, tiny_lm, **query)
        assert state.notes == [("note.link_bad", {"names": control.query})]
        assert (state.text, state.view) == ("abc" if state.reads else "", view)


def test_all_bad_parts_are_in_one_note(tiny_lm: LanguageModel) -> None:
    state = arrived("next_token", tiny_lm, t="warm", path="5.x", at="y", layer="2", seed="nan")
    assert state.notes == [("note.link_bad", {"names": "t, seed, path, at"})]
    state = arrived("playground", tiny_lm, t="warm", rolls="many")
    assert state.notes == [("note.link_bad", {"names": "t, rolls"})]
    state = arrived("compare", tiny_lm, n="x", s="greedy,nonsense")
    assert state.notes == [("note.link_bad", {"names": "n, s (nonsense)"})]


QUERY_NAMES = sorted({control.query for page in NAMES if (view := pages.declared(page).state().view) is not None
                      for control in controls(type(view))} | {"p", "path", "at", "tip", "branches", "a", "b", "cmp",
                                                               "rolls", "s", "lang", "model", "__class__"})  # fmt: skip


@each_page
@settings(deadline=None)
@given(query=st.dictionaries(st.sampled_from(QUERY_NAMES), st.text(max_size=20), max_size=6))
def test_no_query_is_an_error(tiny_lm: LanguageModel, page: str, query: dict[str, str]) -> None:
    """And what was taken of it is what its link says."""
    state = arrived(page, tiny_lm, **{name: value for name, value in query.items() if name != "lang"})
    again = arrived(page, tiny_lm, **link(state, tiny_lm))
    if not any("\ud800" <= c <= "\udfff" for c in state.text + str(state.view)):
        same(page, again, state, tiny_lm)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_what_it_was_but_for_half_characters(tiny_lm: LanguageModel, text: str) -> None:
    for page in NAMES:
        state = pages.declared(page).state()
        if state.reads:
            state.text = text
            assert arrived(page, tiny_lm, **link(state, tiny_lm)).text == text.encode("utf-8", "replace").decode()


def test_a_text_of_a_link_is_cut(tiny_lm: LanguageModel) -> None:
    assert arrived("next_token", tiny_lm, p="x" * (MAX_CHARS + 5)).text == "x" * MAX_CHARS


def test_language_model_and_projector_are_in_every_link(tiny_lm: LanguageModel) -> None:
    for page in NAMES:
        state = arrived(page, tiny_lm)
        written = links.encode(state, tiny_lm, lang="zh", projector=True)
        said = links.query_of(written)
        assert (said["lang"], said["model"], said["projector"]) == ("zh", "tiny", "1")
        assert ("p" in said) == state.reads
        assert "projector" not in link(state, tiny_lm)


@pytest.mark.parametrize("written", [None, 3, ["p=1"], {"p": "x"}, b"p=1", "&".join(["x=1"] * 200), True])
def test_what_is_no_query_string_says_nothing(written: Any) -> None:
    assert links.query_of(written) == {}


@given(st.text())
def test_no_query_string_is_an_error(written: str) -> None:
    found = links.query_of(written)
    assert all(isinstance(name, str) and isinstance(value, str) for name, value in found.items())


def test_a_query_string_is_read_so_far_as_its_bound() -> None:
    assert len(links.query_of("p=" + "x" * 10**6)["p"]) == links.MAX_QUERY - 2


@each_page
def test_an_earlier_visit_is_taken_back_and_the_talk_goes_on(tiny_lm: LanguageModel, page: str) -> None:
    """The state is that of the query; where the talk with the browser is stays, and the browser is told to follow."""
    before = made(page, tiny_lm)
    state = arrived(page, tiny_lm)
    say(page, state, tiny_lm, {"kind": "nothing"})
    state.has_strings, rev = "abc", state.rev
    query = link(before, tiny_lm)
    found = restore(pages.declared(page), state, query, context(tiny_lm))
    same(page, found, before, tiny_lm)
    assert (found.echo, found.acked, found.has_strings, found.taken) == (1, 1, "abc", state.taken)
    assert found.rev > rev
    assert not found.fresh
    assert link(found, tiny_lm) == query
    assert found.receive({"n": 1, "text": "old", "queue": [{"q": 1, "kind": "step"}]}) == []


@each_page
@settings(deadline=None)
@given(query=st.dictionaries(st.sampled_from(QUERY_NAMES), st.text(max_size=20), max_size=6))
def test_no_earlier_visit_is_an_error(tiny_lm: LanguageModel, page: str, query: dict[str, str]) -> None:
    state = pages.declared(page).state()
    found = restore(pages.declared(page), state, query, context(tiny_lm))
    assert type(found) is type(state)
    assert found.view is None or asdict(found.view).keys() == {field.name for field in fields(found.view)}
