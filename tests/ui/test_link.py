"""A link restores a screen; what it cannot restore it names."""

from __future__ import annotations

from urllib.parse import parse_qsl

from gptviz.ui.pages.next_token.link import decode, encode, restore_branches, restore_path
from gptviz.ui.pages.next_token.state import Screen, View
from hypothesis import given
from hypothesis import strategies as st

from gptviz.decoding.path import PathTree

views = st.builds(
    View,
    pos=st.none() | st.integers(0, 200),
    layer=st.integers(0, 11),
    head=st.integers(0, 11),
    stage=st.sampled_from(["raw", "scores", "masked", "pattern"]),
    key=st.none() | st.integers(0, 200),
    temperature=st.integers(0, 100).map(lambda n: n / 20),
    top_k=st.integers(0, 1000),
    top_p=st.integers(0, 100).map(lambda n: n / 100),
    seed=st.integers(0, 2**31 - 1),
    min_p=st.integers(0, 100).map(lambda n: n / 100),
    typical_p=st.integers(1, 100).map(lambda n: n / 100),
    repetition_penalty=st.integers(2, 200).map(lambda n: n / 20),
    eta_cutoff=st.integers(0, 500).map(lambda n: n / 1000),
    no_repeat_ngram_size=st.integers(0, 100),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@given(views, texts, st.lists(st.integers(0, 16383), max_size=10), st.integers(0, 12))
def test_what_goes_into_a_link_comes_out(view: View, text: str, path: list[int], at: int) -> None:
    tree = PathTree()
    tree.extend(path, "drawn")
    tree.go(at)
    query = dict(parse_qsl(encode(Screen(text=text, view=view), tree, lang="zh", model="m"), keep_blank_values=True))
    screen, ids, place = decode(query, default_text="?")
    again = PathTree()
    restore_path(again, ids, place, vocab_size=16384, room=100)
    assert (screen.text, screen.view) == (text, view)
    assert (again.line_ids(), again.ids()) == (tree.line_ids(), tree.ids())
    assert (query["lang"], query["model"]) == ("zh", "m")
    assert not screen.notes


@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=6), min_size=1, max_size=8), st.integers(0, 7))
def test_a_link_brings_back_every_branch(paths: list[list[int]], at: int) -> None:
    """Branches of branches, too: the leaves, the line and the place on it."""
    tree = PathTree()
    for path in paths:
        tree.go(0)
        tree.extend(path, "drawn")
    tree.go(at)
    query = dict(parse_qsl(encode(Screen(text="x"), tree, lang="en", model="m")))
    _, ids, place = decode(query, default_text="?")
    again = PathTree()
    restore_path(again, ids, place, vocab_size=6, room=100)
    restore_branches(query, again, vocab_size=6, room=100)
    assert {found for _, found in again.leaves()} == {found for _, found in tree.leaves()}
    assert (again.line_ids(), again.ids()) == (tree.line_ids(), tree.ids())


def test_bad_parts_are_named_and_the_rest_is_kept() -> None:
    query = {"p": "kept", "t": "warm", "layer": "2", "path": "5.x.7", "stage": "none", "seed": "1e999"}
    screen, path, _ = decode(query, default_text="?")
    assert screen.text == "kept"
    assert screen.view.layer == 2
    assert path == []
    [(key, values)] = screen.notes
    assert key == "note.link_bad"
    assert set(values["names"].split(", ")) == {"t", "path", "stage", "seed"}


@given(
    st.dictionaries(
        st.sampled_from(["p", "t", "pos", "key", "layer", "path", "at", "seed", "top_k", "stage"]), st.text()
    )
)
def test_no_query_is_an_error(query: dict[str, str]) -> None:
    screen, path, at = decode(query, default_text="?")
    tree = PathTree()
    restore_path(tree, path, at, vocab_size=100, room=3)
    assert len(tree) <= 3
    assert isinstance(screen.text, str)


def test_a_path_of_another_models_tokens_ends_where_they_end() -> None:
    tree = PathTree()
    restore_path(tree, [5, 6, 9999, 7], None, vocab_size=100, room=10)
    assert tree.line_ids() == (5, 6)


def test_half_a_character_does_not_break_a_link() -> None:
    assert "p=a%3F" in encode(Screen(text="a\ud800"), PathTree(), lang="en", model="m")
