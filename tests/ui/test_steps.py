"""The step machine's state and message: shared with the first screen, hostile input, Python that runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gptviz.decoding.filters import FILTERS
from gptviz.decoding.path import PathTree
from gptviz.language_model import LanguageModel
from gptviz.ui.prompts import vocabulary
from gptviz.ui.walk import link
from gptviz.ui.walk.pair import Pair
from gptviz.ui.walk.state import View, Walk
from tests.ui.desk import HOSTILE, Walker, arrived, shown, sorry
from tests.ui.desk import link as link_of

pytestmark = pytest.mark.slow


def stepper(lm: LanguageModel, view: View | None = None) -> Walker:
    """The page without a browser."""
    return Walker(lm, view=view, page="steps")


def switches(desk: Walker) -> dict[str, tuple[float, float]]:
    """Of each filter that the page offers, in its order: the values with which it is on and off."""
    return {offered["name"]: (offered["start"], offered["off"]) for offered in desk.header["filters"]}


@pytest.fixture
def fork(lm: LanguageModel) -> Walker:
    """Two branches that share their first token."""
    desk = stepper(lm)
    desk.say(
        {"kind": "choose", "id": 300}, {"kind": "choose", "id": 301}, {"kind": "back"}, {"kind": "choose", "id": 401}
    )
    return desk


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("text", HOSTILE)
def test_every_text_makes_a_picture(lm: LanguageModel, text: str, lang: str) -> None:
    header, _ = shown("steps", Walk(text=text), lm, lang)
    json.dumps(header, allow_nan=False)
    assert header["text"] == text
    assert (header["pipeline"] is None) == (not text)
    assert header["pair"] is None


def test_the_pipeline_ends_in_the_token_that_a_step_adds(lm: LanguageModel) -> None:
    """With every filter on; and the first screen shows the same draw."""
    view = View(temperature=0.9, top_k=200, top_p=0.9, min_p=0.01, typical_p=0.9, repetition_penalty=1.2,
                eta_cutoff=0.0005, no_repeat_ngram_size=3)  # fmt: skip
    desk = stepper(lm, view=view)
    pipeline = desk.header["pipeline"]
    assert [stage["name"] for stage in pipeline["stages"]] == ["model", *FILTERS]
    assert pipeline["stages"][1]["setting"] == 1.2
    other, _ = shown("next_token", desk.walk, lm)
    assert other["distribution"]["draw"]["id"] == pipeline["choice"]["id"]
    assert "min-p" in other["notes"][0]["text"]
    assert desk.say({"kind": "step"})["ids"][-1] == pipeline["choice"]["id"]


def test_filters_are_those_of_sampling_in_the_order_of_its_chain(lm: LanguageModel) -> None:
    """Switching each on, one at a time, adds exactly the stage of its name."""
    found = switches(stepper(lm))
    assert list(found) == list(FILTERS)
    for name, (on, off) in found.items():
        every_off = {other: values[1] for other, values in found.items()}
        desk = stepper(lm, view=View(**(every_off | {name: on})))
        assert [stage["name"] for stage in desk.header["pipeline"]["stages"]] == ["model", name]
        desk.say(**{name: off})
        assert [stage["name"] for stage in desk.header["pipeline"]["stages"]] == ["model"]


def test_a_token_ahead_is_marked_as_taken(fork: Walker) -> None:
    fork.say({"kind": "back"})
    assert [row["id"] for row in fork.header["pipeline"]["rows"] if row["taken"]] == [401]


def test_two_branches_are_compared_without_being_asked(fork: Walker) -> None:
    pair = fork.header["pair"]
    assert (pair["node_a"], pair["node_b"]) == (2, 3)
    assert [token["id"] for token in pair["a"]["tokens"]] == [300, 301]
    assert [token["id"] for token in pair["b"]["tokens"]] == [300, 401]
    assert (pair["shared"], pair["step"], pair["steps"]) == (1, 2, 2)
    totals = {node["node"]: node["total"] for node in fork.header["tree"]["nodes"]}
    assert totals[2] == pytest.approx(pair["a"]["logprob"], abs=1e-4)
    assert totals[3] == pytest.approx(pair["b"]["logprob"], abs=1e-4)


def test_taking_the_others_branch_exchanges_them(fork: Walker) -> None:
    pair = fork.say({"kind": "pair", "a": 3})["pair"]
    assert (pair["node_a"], pair["node_b"]) == (3, 2)
    assert fork.say({"kind": "look", "step": 1})["pair"]["step"] == 1
    assert fork.say({"kind": "look", "step": 99})["pair"]["step"] == 2


def test_a_chosen_branch_is_followed_as_it_grows(fork: Walker) -> None:
    fork.say({"kind": "pair", "a": 3})
    pair = fork.say({"kind": "choose", "id": 500})["pair"]
    assert [token["id"] for token in pair["a"]["tokens"]] == [300, 401, 500]


def test_another_text_forgets_the_pair_and_the_old_one_finds_its_tree(fork: Walker) -> None:
    fork.say({"kind": "pair", "a": 3})
    fork.say(text="Other")
    assert (fork.walk.pair.a, fork.walk.pair.logprobs) == (None, {})
    assert fork.say(text="The cat sat on the")["pair"]["node_a"] == 2


def test_a_link_brings_all_branches_back(fork: Walker) -> None:
    fork.say({"kind": "pair", "a": 3}, {"kind": "look", "step": 1}, {"kind": "jump", "node": 1})
    walk = arrived("steps", fork.lm, **link_of(fork.walk, fork.lm))
    tree = walk.tree(vocabulary(fork.lm))
    assert {ids for _, ids in tree.leaves()} == {(300, 301), (300, 401)}
    assert (tree.ids(), tree.line_ids()) == (fork.tree.ids(), fork.tree.line_ids())
    header, _ = shown("steps", walk, fork.lm)
    assert [token["id"] for token in header["pair"]["a"]["tokens"]] == [300, 401]
    assert header["pair"]["step"] == 1


@pytest.mark.slow
def test_python_offered_on_the_page_runs(fork: Walker) -> None:
    """Each snippet's last line is the figure or the numbers that are shown."""
    results = []
    for name in ("pipeline", "pair", "tree"):
        *body, last = fork.header[name]["python"].split("\n")
        scope: dict[str, Any] = {}
        exec("\n".join([*body, f"result = {last}"]), scope)
        results.append(scope["result"])
        if name == "pipeline":
            assert scope["view"].choice.id == fork.header["pipeline"]["choice"]["id"]
    assert type(results[0]).__name__ == "Figure"
    assert results[1].divergence == pytest.approx(fork.header["pair"]["divergence"], abs=1e-6)
    leaves = [node["total"] for node in fork.header["tree"]["nodes"] if node["leaf"]]
    assert results[2] == pytest.approx(leaves, abs=1e-4)


def test_many_branches_are_read_a_few_at_a_time(lm: LanguageModel) -> None:
    """As after a link: pictures come at once, and the browser asks for more until all are read."""
    desk = stepper(lm)
    for token in range(300, 310):
        desk.tree.go(0)
        desk.tree.add(token, "chosen")
    pictures = [desk.say()]
    while pictures[-1]["running"]:
        pictures.append(desk.say({"kind": "more"}))
        assert len(pictures) < 10
    unread = [sum(node["leaf"] and node["total"] is None for node in header["tree"]["nodes"]) for header in pictures]
    assert unread[-1] == 0
    assert unread == sorted(unread, reverse=True)
    assert len(pictures) > 1


json_like = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
                         lambda inner: st.lists(inner, max_size=2), max_leaves=4)  # fmt: skip
actions = st.lists(
    st.dictionaries(st.sampled_from(["a", "b", "step", "node", "id"]), json_like, max_size=3).flatmap(
        lambda values: st.sampled_from(["pair", "look", "more", "step", "jump"]).map(
            lambda kind: {"kind": kind, **values}
        )
    ),
    max_size=3,
)


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=actions)
def test_no_action_breaks_the_picture(fork: Walker, said: list[dict[str, Any]]) -> None:
    header = fork.say(*said)
    json.dumps(header, allow_nan=False)
    assert header["pair"]["node_a"] != header["pair"]["node_b"]


@given(st.dictionaries(st.sampled_from(["a", "b", "cmp", "branches"]), st.text(max_size=12)))
def test_no_query_is_an_error(query: dict[str, str]) -> None:
    tree = PathTree()
    link.lay(tree, {"path": "1d.2d"} | query, vocab_size=10, room=5)
    Pair.from_query(query, tree)
    assert tree.line_ids() == (1, 2)


def test_a_failure_keeps_the_text_and_says_so(lm: LanguageModel) -> None:
    header = sorry("steps", Walk(text="kept"), lm, RuntimeError("<b>"), "zh")
    assert header["text"] == "kept"
    assert header["notes"][0]["level"] == "error"
