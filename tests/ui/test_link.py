"""The walk's link restores text, controls and the whole tree; what it cannot restore it names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.decoding.path import ROOT, PathTree
from gptviz.language_model import LanguageModel
from gptviz.ui.prompts import prompt_ids, vocabulary, window
from gptviz.ui.walk import link
from gptviz.ui.walk.link import MOST_NODES, lay, written
from gptviz.ui.walk.state import Prompted, View, Walk
from tests.ui.desk import arrived
from tests.ui.desk import link as link_of

pytestmark = pytest.mark.slow

HOW = ("drawn", "greedy", "chosen")
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
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@st.composite
def trees(draw: st.DrawFn, most: int = 60, n_tokens: int = 16384) -> PathTree:
    """Any tree that a visitor can make: tokens added here and there, and then somewhere on one of its lines."""
    tree = PathTree()
    moves = st.tuples(st.integers(0, 10**6), st.integers(0, 7) | st.integers(0, n_tokens - 1), st.sampled_from(HOW))
    for place, token, how in draw(st.lists(moves, max_size=most)):
        if place % 3 == 0:  # else on from where the last one was added
            tree.jump(place // 3 % len(tree.nodes))
        tree.add(token % n_tokens, how)
    tree.jump(draw(st.integers(0, len(tree))))
    return tree


def laid(query: dict[str, str], vocab_size: int = 16384, room: int = 1000) -> PathTree:
    tree = PathTree()
    lay(tree, query, vocab_size=vocab_size, room=room)
    return tree


@given(trees(), trees())
def test_a_tree_that_goes_into_a_link_comes_out(tree: PathTree, other: PathTree) -> None:
    """Every token in its order, how it came, where one stands and what lies ahead; and two trees never look alike."""
    assert laid(written(tree)) == tree
    assert (written(tree) == written(other)) == (tree == other or len(tree) == len(other) == 0)


@settings(max_examples=30, deadline=None)
@given(trees(), st.integers(0, 2**32), st.integers(MOST_NODES - 20, MOST_NODES))
def test_so_it_does_up_to_the_most(tree: PathTree, shape: int, size: int) -> None:
    """Grown on by a fixed rule up to ``MOST_NODES``."""
    grow(tree, size, shape)
    assert len(tree) == size
    assert laid(written(tree)) == tree


def grow(tree: PathTree, size: int, shape: int) -> None:
    """Add tokens until there are ``size``: after every seventh or so, somewhere else, at most 250 deep."""
    while len(tree) < size:
        shape = (shape * 6364136223846793005 + 1442695040888963407) % 2**64
        if (shape >> 33) % 7 == 0 or tree.depth >= 250:
            tree.jump((shape >> 40) % len(tree.nodes) if tree.depth < 250 else ROOT)
        tree.add((shape >> 20) % 16384, HOW[(shape >> 30) % 3])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 200))
def test_of_a_larger_tree_the_line_and_the_newest_branches_are_kept(shape: int, times: int, end: int) -> None:
    tree = PathTree()
    grow(tree, MOST_NODES + 100 * times, shape)
    tree.jump(1 + end % len(tree))
    again = laid(written(tree))
    assert (again.line_ids(), again.ids()) == (tree.line_ids(), tree.ids())
    hows = [[t.nodes[node].how for node in t.line()] for t in (again, tree)]
    assert hows[0] == hows[1]
    assert len(again) <= MOST_NODES
    before = [ids for node, ids in tree.leaves() if node != tree.tip]
    after = [ids for node, ids in again.leaves() if node != again.tip]
    newest = before[len(before) - len(after) :]
    assert after == newest
    left_out = before[: len(before) - len(newest)]
    assert left_out, "nothing was to be left out"
    kept = {ids[:n] for ids in (*newest, tree.line_ids()) for n in range(1, len(ids) + 1)}
    more = {left_out[-1][:n] for n in range(1, len(left_out[-1]) + 1)}
    assert len(again) == len(kept)
    assert len(kept | more) > MOST_NODES  # the next older branch did not fit


@given(views, texts, trees(most=20))
@settings(deadline=None)
def test_what_goes_into_a_pages_link_comes_out(lm: LanguageModel, view: View, text: str, tree: PathTree) -> None:
    walk = Walk(text=text, view=view)
    walk.trees[Prompted(vocabulary(lm), text, None)] = tree
    query = link_of(walk, lm, "zh")
    again = arrived("next_token", lm, **query)
    assert (again.text, again.view) == (text, view)
    assert again.tree(vocabulary(lm)) == tree
    assert (query["lang"], query["model"]) == ("zh", lm.name)
    assert again.notes == []


@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=6), min_size=1, max_size=8), st.integers(0, 7))
def test_a_link_brings_back_every_branch(paths: list[list[int]], at: int) -> None:
    """Branches of branches, too: the leaves, the line and the place on it."""
    tree = PathTree()
    for path in paths:
        tree.go(0)
        tree.extend(path, "drawn")
    tree.go(at)
    again = laid(written(tree), vocab_size=6, room=100)
    assert {found for _, found in again.leaves()} == {found for _, found in tree.leaves()}
    assert (again.line_ids(), again.ids()) == (tree.line_ids(), tree.ids())


def test_a_link_of_the_old_form_is_still_read(lm: LanguageModel) -> None:
    """The line alone, other lines beside it: how each token came was not told."""
    walk = arrived("next_token", lm, p="x", path="5.6.7", at="2", branches="1.9_0.3.4")
    tree = walk.tree(vocabulary(lm))
    assert (tree.line_ids(), tree.ids()) == ((5, 6, 7), (5, 6))
    assert {ids for _, ids in tree.leaves()} == {(5, 6, 7), (5, 9), (3, 4)}
    assert {node.how for node in tree.nodes[1:]} == {"chosen"}
    assert walk.notes == []


def in_the_old_form(tree: PathTree) -> dict[str, str]:
    """As links were until they told the whole tree: the line, and the newest twelve of the branches beside it."""
    line, beside = tree.line_ids(), []
    for node, ids in tree.leaves():
        if node != tree.tip:
            shared = next((n for n, (a, b) in enumerate(zip(ids, line, strict=False)) if a != b), len(line))
            beside.append(".".join(map(str, (shared, *ids[shared:]))))
    found = {"path": ".".join(map(str, line)), "at": str(tree.depth)} if len(tree) else {}
    return found | ({"branches": "_".join(beside[-12:])} if beside else {})


@given(trees(most=30))
def test_so_is_any(tree: PathTree) -> None:
    again = laid(in_the_old_form(tree))
    assert (again.line_ids(), again.ids()) == (tree.line_ids(), tree.ids())
    newest = [ids for node, ids in tree.leaves() if node != tree.tip][-12:]
    assert {ids for node, ids in again.leaves() if node != again.tip} == set(newest)


def test_bad_parts_are_named_and_the_rest_is_kept(lm: LanguageModel) -> None:
    query = {"p": "kept", "t": "warm", "layer": "2", "path": "5.x.7", "stage": "none", "seed": "1e999"}
    walk = arrived("next_token", lm, **query)
    assert walk.text == "kept"
    assert walk.view.layer == 2
    assert len(walk.tree(vocabulary(lm))) == 0
    [(key, values)] = walk.notes
    assert key == "note.link_bad"
    assert set(values["names"].split(", ")) == {"t", "path", "stage", "seed"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("path", value) for value in ("x", "5.-6", "5.6x", "5.6dd", "1-5", "5.3-6", "5.1--6", "5.-1-6", "5,6", "５",
                                   "5.1e3", "9999999999", "5." + "1" * 5000)]
    + [("at", value) for value in ("", "-1", "nan", "1.5", "２", "1" * 30)]
    + [("tip", value) for value in ("", "-1", "one", "1" * 30)]
    + [("branches", value) for value in ("x", "1", "1.x", "1.-2", "0.2_x", "1.2_3")],
)  # fmt: skip
def test_each_bad_part_is_named(lm: LanguageModel, name: str, value: str) -> None:
    walk = arrived("next_token", lm, **{"p": "x", "path": "5.6.7", name: value})
    assert walk.notes == [("note.link_bad", {"names": name})]
    assert len(walk.tree(vocabulary(lm))) == (0 if name == "path" else 3)


parts = st.text(st.sampled_from("0123456789.-_dgx "), max_size=30) | st.text(max_size=8)
queries = st.dictionaries(
    st.sampled_from(["p", "t", "pos", "key", "layer", "path", "at", "tip", "branches", "a", "cmp", "seed", "top_k",
                     "stage"]),
    parts,
)  # fmt: skip


@given(queries)
def test_no_query_is_an_error(tiny_lm: LanguageModel, query: dict[str, str]) -> None:
    walk = arrived("next_token", tiny_lm, **query)
    tree = walk.tree(vocabulary(tiny_lm))
    room = window(tiny_lm) - len(prompt_ids(tiny_lm, walk.text)[0])
    assert isinstance(walk.text, str)
    assert all(len(ids) <= room for _, ids in tree.leaves())
    assert all(node.token < tiny_lm.config.vocab_size for node in tree.nodes)
    assert tree.at in (ROOT, *tree.line())
    assert arrived("next_token", tiny_lm, **link_of(walk, tiny_lm)).tree(vocabulary(tiny_lm)) == tree


@given(queries)
def test_what_a_query_lays_is_what_its_link_lays(query: dict[str, str]) -> None:
    """What was taken in of a hostile query is a tree like any other."""
    tree = laid(query, vocab_size=100, room=3)
    assert all(len(ids) <= 3 for _, ids in tree.leaves())
    assert laid(written(tree), vocab_size=100, room=3) == tree


class Counted(PathTree):
    """Counts what is asked of it, so that no clock is needed."""

    looked: int = 0

    def children(self, node: int) -> Any:
        Counted.looked += len(self.nodes)
        return super().children(node)


DEEP = ".".join(["5"] * 250)
SLOW: dict[str, dict[str, str]] = {
    "many": {"path": ".".join(["1"] * 200_000)},
    "deep, then back and forth": {"path": DEEP + "".join(f".{n % 2 * 3}-{1000 + n}" for n in range(200_000))},
    "all after the prompt": {"path": ".".join(f"0-{n % 16000}" for n in range(100_000))},
    "branches": {"path": DEEP, "branches": "_".join(["0." + DEEP.replace("5", "6")] * 5000)},
    "branches that differ": {"path": DEEP, "branches": "_".join(f"{n % 250}.{n}.{DEEP}" for n in range(2000))},
    "branches that cannot be": {"path": "5", "branches": "_".join(["9." + DEEP] * 5000)},
}


@pytest.mark.parametrize("name", SLOW)
def test_no_query_is_slow(name: str) -> None:
    """The work is bounded however long the query is: in nodes, and in nodes looked at while they are laid."""
    tree, Counted.looked = Counted(), 0
    lay(tree, SLOW[name], vocab_size=16384, room=256)
    assert len(tree) <= MOST_NODES + link.MOST_BRANCHES * 256
    assert Counted.looked < 10_000_000


def test_a_path_of_another_models_tokens_ends_where_they_end() -> None:
    """Each branch for itself."""
    assert laid({"path": "5.6.9999.7"}, vocab_size=100, room=10).line_ids() == (5, 6)
    tree = laid({"path": "5d.6g.9999.7.1-8d.9.0-4"}, vocab_size=100, room=10)
    assert {ids for _, ids in tree.leaves()} == {(5, 6), (5, 8, 9), (4,)}
    assert [node.how for node in tree.nodes[1:]] == ["drawn", "greedy", "drawn", "chosen", "chosen"]
    assert {ids for _, ids in laid({"path": "1.2", "branches": "1.99_0.999"}, vocab_size=100).leaves()} == {
        (1, 2), (1, 99),
    }  # fmt: skip


@pytest.mark.parametrize("room", range(4))
def test_no_branch_is_longer_than_there_is_room(room: int) -> None:
    tree = laid({"path": "5.6.7.1-8.9", "branches": "2.3.4"}, room=room)
    whole = [(5, 6, 7), (5, 8, 9), (5, 8, 3, 4)]
    assert {ids for _, ids in tree.leaves()} == {ids[:room] for ids in whole if room}


def test_the_room_is_what_the_prompt_leaves(tiny_lm: LanguageModel) -> None:
    walk = arrived("next_token", tiny_lm, p="a" * 30, path="1.2.3.4.2-5")
    assert {ids for _, ids in walk.tree(vocabulary(tiny_lm)).leaves()} == {(1, 2)}
    walk = arrived("next_token", tiny_lm, p="a" * 32, path="1.2")
    assert len(walk.tree(vocabulary(tiny_lm))) == 0


def test_half_a_character_does_not_break_a_link(tiny_lm: LanguageModel) -> None:
    assert link_of(Walk(text="a\ud800"), tiny_lm)["p"] == "a?"
