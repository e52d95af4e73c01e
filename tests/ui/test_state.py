"""What the browser says is taken in once, newest wins, and nothing in it is trusted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.ui.limits import MAX_CHARS
from gptviz.ui.walk.state import View, Walk


def _message(n: int, text: str = "hello", queue: list[Any] | None = None, **view: Any) -> dict[str, Any]:
    return {"n": n, "text": text, "view": view, "queue": queue or []}


def test_new_text_looks_at_its_last_position_again() -> None:
    """Whoever pins a position and types on wants to see the new end."""
    walk = Walk(text="a", view=View(pos=0, key=0))
    walk.receive(_message(1, "ab"))
    assert walk.text == "ab"
    assert (walk.view.pos, walk.view.key) == (None, None)


def test_a_message_is_taken_in_once() -> None:
    """Streamlit hands the same state to every rerun: a second look must not undo what Python did since."""
    walk = Walk(text="a")
    walk.receive(_message(1, "b"))
    walk.set_text("from python")
    assert walk.receive(_message(1, "b")) == []
    assert walk.text == "from python"


def test_only_actions_not_yet_carried_out_come_back() -> None:
    walk = Walk(text="hello", acked=4)
    queue = [{"q": 4, "kind": "step"}, {"q": 5, "kind": "back"}, {"q": 6, "kind": "step"}]
    assert [a["q"] for a in walk.receive(_message(1, queue=queue))] == [5, 6]


def test_a_control_that_nobody_touched_changes_nothing() -> None:
    """The browser adopts the shown position 3; sending it back must not pin it."""
    walk = Walk(text="hello")
    walk.shown = {"pos": 3, "layer": 0}
    walk.receive(_message(1, pos=3, layer=0) | {"since": {}})
    assert walk.view.pos is None
    walk.receive(_message(2, pos=2, layer=0) | {"since": {"pos": 2}})
    assert walk.view.pos == 2


def test_after_a_restart_all_that_the_browser_holds_counts() -> None:
    """A new session has shown nothing: what nobody touched since the last one is all there is."""
    walk = Walk(text="hello")
    walk.receive(_message(40, temperature=0.5, top_k=3) | {"since": {"top_k": 12}})
    assert (walk.view.temperature, walk.view.top_k) == (0.5, 3)


def test_a_reroll_survives_a_message_written_before_it() -> None:
    """Python draws a new seed; a message that still carries the old one must not bring it back, the visitor may."""
    walk = Walk(text="hello")
    walk.receive(_message(1, seed=7) | {"since": {"seed": 1}})
    walk.view = View(seed=99)  # what the action does
    walk.receive(_message(2, seed=7) | {"since": {"seed": 1}})
    assert walk.view.seed == 99
    walk.receive(_message(3, seed=7) | {"since": {"seed": 3}})
    assert walk.view.seed == 7


def test_a_browser_that_counts_from_one_again_is_heard() -> None:
    walk = Walk(text="hello")
    walk.receive(_message(9, seed=7) | {"since": {"seed": 9}})
    walk.receive(_message(1, seed=8) | {"since": {"seed": 1}})
    assert walk.view.seed == 8


def test_another_position_forgets_the_pinned_key() -> None:
    walk = Walk(text="hello")
    walk.receive(_message(1, pos=3, key=1))
    assert (walk.view.pos, walk.view.key) == (3, 1)
    walk.receive(_message(2, pos=2, key=1) | {"since": {"pos": 2, "key": 1}})
    assert (walk.view.pos, walk.view.key) == (2, None)


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [("temperature", float("nan"), 0.8), ("temperature", -3, 0.0), ("temperature", 1e9, 5.0),
     ("temperature", "hot", 0.8), ("top_k", -5, 0), ("top_k", 2.9, 2), ("top_p", float("inf"), 0.95),
     ("top_p", 1.5, 1.0), ("stage", "nonsense", "pattern"),
     ("seed", True, 7), ("seed", 1e300, 2**31 - 1), ("layer", [1], View().layer), ("head", None, View().head)],
)  # fmt: skip
def test_values_out_of_range_are_brought_back_or_left_out(name: str, sent: Any, kept: Any) -> None:
    walk = Walk(text="hello")
    walk.receive(_message(1, **{name: sent}))
    assert getattr(walk.view, name) == kept


def test_a_text_too_long_is_cut_and_said_so() -> None:
    walk = Walk()
    walk.receive(_message(1, "x" * (MAX_CHARS + 5)))
    assert len(walk.text) == MAX_CHARS
    assert walk.cut


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["n", "text", "view", "queue"])
views = st.dictionaries(st.sampled_from([*View.__dataclass_fields__]), json_like)


@pytest.mark.slow
@given(st.dictionaries(names, json_like | views, max_size=4))
def test_whatever_the_browser_sends_the_walk_stays_whole(message: dict[str, Any]) -> None:
    walk = Walk(text="kept")
    actions = walk.receive(message)
    assert isinstance(walk.text, str)
    assert all(isinstance(a, dict) for a in actions)
    v = walk.view.clamped(n_layer=2, n_head=2, T=4)
    assert 0 <= v.layer < 2
    assert 0 <= v.head < 2
    assert v.pos is None or 0 <= v.pos < 4
    assert 0 <= v.temperature <= 5
    assert 0 <= v.top_p <= 1
    assert v.top_k >= 0
    if not isinstance(message.get("text"), str):
        assert walk.text == "kept"


def test_a_prompt_typed_again_finds_its_path() -> None:
    """Nothing generated is lost by an edit: the old text brings the old path back."""
    walk = Walk(text="one")
    walk.tree("v").extend((5, 6), "drawn")
    walk.set_text("two")
    assert len(walk.tree("v")) == 0
    assert walk.earlier("v") == [("one", 2)]
    walk.set_text("one")
    assert walk.tree("v").ids() == (5, 6)
    assert walk.earlier("v") == []


def test_a_path_of_another_vocabulary_is_another_path() -> None:
    walk = Walk(text="one")
    walk.tree("a").extend((5,), "drawn")
    assert walk.tree("b").ids() == ()
    assert walk.tree("a").ids() == (5,)


def test_texts_passed_through_while_typing_are_not_kept() -> None:
    walk = Walk()
    for end in range(200):
        walk.set_text("x" * end)
        walk.tree("v")
    assert len(walk.trees) == 1
