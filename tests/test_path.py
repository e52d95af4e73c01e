"""The path of generated tokens: back, forward, branch, and nothing is ever lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gptviz.decoding.path import ROOT, PathTree


def _tree(*tokens: int) -> PathTree:
    tree = PathTree()
    tree.extend(tokens, "drawn")
    return tree


def test_a_step_back_keeps_the_line_ahead() -> None:
    tree = _tree(5, 6, 7)
    assert tree.back()
    assert tree.ids() == (5, 6)
    assert tree.line_ids() == (5, 6, 7)
    assert tree.forward()
    assert tree.ids() == (5, 6, 7)
    assert not tree.forward()


def test_another_choice_opens_a_branch_and_both_remain() -> None:
    tree = _tree(5, 6, 7)
    tree.go(1)
    tree.add(9, "chosen")
    assert tree.line_ids() == (5, 9)
    assert [ids for _, ids in tree.leaves()] == [(5, 6, 7), (5, 9)]


def test_the_same_token_again_is_the_same_node() -> None:
    """Stepping back and drawing the same token must not grow a twin branch; its old line lies ahead again."""
    tree = _tree(5, 6, 7)
    tree.go(1)
    tree.add(9, "chosen")
    tree.go(1)
    tree.add(6, "drawn")
    assert len(tree) == 4
    assert tree.ids() == (5, 6)
    assert tree.line_ids() == (5, 6, 7)


def test_jumping_to_a_branch_shows_that_branch() -> None:
    tree = _tree(5, 6, 7)
    old = tree.at
    tree.go(0)
    tree.extend((8, 8), "chosen")
    assert tree.jump(old)
    assert tree.line_ids() == (5, 6, 7)
    assert not tree.jump(99)
    assert tree.line_ids() == (5, 6, 7)


def test_at_the_prompt_there_is_no_back() -> None:
    tree = PathTree()
    assert not tree.back()
    assert not tree.forward()
    assert tree.ids() == ()
    assert tree.jump(ROOT)


moves = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 3)),
        st.tuples(st.sampled_from(["back", "forward"]), st.just(0)),
        st.tuples(st.sampled_from(["go", "jump"]), st.integers(-2, 12)),
    ),
    max_size=40,
)


@given(moves)
def test_whatever_is_done_no_token_is_lost_and_at_lies_on_the_line(moves: list[tuple[str, int]]) -> None:
    tree = PathTree()
    seen: set[tuple[int, ...]] = set()
    for name, value in moves:
        if name == "add":
            tree.add(value, "drawn")
        elif name in ("back", "forward"):
            getattr(tree, name)()
        else:
            getattr(tree, name)(value)
        seen.add(tree.ids())
        assert tree.line_ids()[: tree.depth] == tree.ids()
        assert tree.at == ROOT or tree.at in tree.line()
    kept = {ids[:n] for _, ids in tree.leaves() for n in range(len(ids) + 1)} | {()}
    assert seen <= kept
