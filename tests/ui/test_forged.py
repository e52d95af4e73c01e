"""What no browser of ours would say, said to every action of every page: it changes nothing, or what it may."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gptviz.language_model import LanguageModel
from gptviz.tuning.pairs import Pair
from gptviz.ui import pages
from gptviz.ui.limits import MAX_NAME
from gptviz.ui.page import carry_out
from gptviz.ui.pages.alignment.state import Choice
from tests.ui.desk import arrived, context, finished, say, shown

pytestmark = pytest.mark.slow

HUGE = 10**400


class Said(NamedTuple):
    """An action that does something on a page that stands as the actions ``before`` leave it.

    ``clamps``: fields whose numbers are brought back into bounds; ``attribute``: of the state, where what is done is
    not seen in a picture that is finished.
    """

    before: tuple[dict[str, Any], ...]
    fields: dict[str, Any]
    clamps: tuple[str, ...] = ()
    attribute: str = ""
    meanwhile: Callable[[Any], None] = lambda _: None  # what others do after that


def a_student_types(state: Any) -> None:
    """One who is in the room, with a name that is known here, types a word."""
    room = state.room()
    joined = room.join("en")
    next(iter(room._state.members.values())).name = "calm otter"
    room.answer(joined.token, 1, {"word": "ab"})


def two_answers_are_there(state: Any) -> None:
    """To a question, of a model that nobody asks any more."""
    state.offered = Choice("a", 0, ("b", "c"), "of another")


def one_is_chosen(state: Any) -> None:
    """One pair, which can be taken back."""
    state.mine = [Pair("a", "b", "c")]


STEP, BACK = {"kind": "step"}, {"kind": "back"}
FORK = (STEP, BACK, {"kind": "choose", "id": 5}, BACK, {"kind": "choose", "id": 9})
WALK = {
    "step": Said((), {}),
    "back": Said((STEP,), {}),
    "forward": Said((STEP, BACK), {}),
    "choose": Said((), {"id": 7, "pos": None}),
    "jump": Said(FORK, {"node": 1}),
    "at": Said((STEP, STEP), {"index": 1}),
    "reroll": Said((), {}),
    "earlier": Said((STEP, {"kind": "into_prompt"}), {"index": 0}),
    "into_prompt": Said((STEP,), {}),
    "pair": Said(FORK, {"a": 3}),
    "look": Said(FORK, {"step": 1}, clamps=("step",)),
    "exact": Said((), {}, attribute="exact"),
}
#: Of a room, what is another one for each.
SECRET = ("id", "token", "code", "link", "qr_path", "qr_size", "minutes_left")
OWNER: dict[str, Any] = {"kind": "owner", "token": "b" * 32}
#: Each action of each page, in a place where it does something.
OPEN: dict[str, Any] = {"kind": "open", "origin": ""}
START: dict[str, Any] = {"kind": "start"}
PAIRS: dict[str, Any] = {"kind": "open", "text": "prompt,chosen,rejected\n" + "a,b,c\n" * 5, "at": 0, "last": True,
                         "name": "x.csv"}  # fmt: skip
TABLE: dict[str, Any] = {"kind": "open", "text": "text,label\na,x\nb,y\n", "at": 0, "last": True, "name": "x.csv"}
ACTIONS: dict[str, dict[str, Said]] = {
    "next_token": {kind: said for kind, said in WALK.items() if kind not in ("pair", "look")},
    "steps": WALK,
    "playground": {
        "roll": Said((), {"times": 3}, clamps=("times",)),
        "stop": Said(({"kind": "roll", "times": 50_000},), {}, attribute="goal"),
        "reset": Said(({"kind": "roll", "times": 3},), {}),
        "reroll": Said((), {}),
    },
    "surprise": {
        "pair": Said((), {"index": 1}),
        "swap": Said((), {}),
        "check": Said((), {}, attribute="check"),
    },
    "tokens": {
        "preset": Said((), {"name": "emoji"}),
    },
    "limits": {
        "preset": Said((), {"name": "list"}),
    },
    "deploy": {
        "preset": Said((), {"name": "half"}),
    },
    "uses": {
        "use": Said((), {"name": "code"}),
        "write": Said(({"kind": "stop"},), {}, attribute="wanted"),
        "stop": Said(({"kind": "write"},), {}, attribute="wanted"),
    },
    "masks": {"measure": Said((), {}, attribute="measured")},
    "attention": {"preset": Said((), {"name": "repeated"})},
    "beam": {
        "stop": Said((), {}, attribute="stopped"),
        "go": Said(({"kind": "stop"},), {}, attribute="stopped"),
        "preset": Said((), {"name": "groups"}),
    },
    "stream": {"preset": Said((), {"name": "copy"})},
    "training": {
        "owner": Said((), {"token": "a" * 32}, attribute="owner"),
        "preset": Said((), {"name": "addition"}),
        "start": Said((OWNER,), {}, attribute="job"),
        "text": Said(
            (OWNER,), {"data": "YWIKYWI=", "at": 0, "last": True, "name": "a.txt", "whole": 5}, attribute="view"
        ),
        "look": Said((OWNER, START, START), {"index": 1}, attribute="pressed"),
        **{
            kind: Said((OWNER, START), {}, attribute="pressed") for kind in ("pause", "go_on", "stop", "save", "delete")
        },
    },
    "snapshots": {
        "preset": Said((), {"name": "induction"}),
        "owner": Said((), {"token": "a" * 32}, attribute="owner"),
    },
    "one_step": {"preset": Said((), {"name": "by_heart"}), "race": Said((), {}, attribute="raced")},
    "origins": {
        "preset": Said((), {"name": "far"}),
        "owner": Said((), {"token": "a" * 32}, attribute="owner"),
    },
    "tuning": {
        "owner": Said((), {"token": "a" * 32}, attribute="owner"),
        "start": Said((OWNER,), {}, attribute="job"),
        "open": Said((), {"text": "text,label\na,x\nb,y\n", "at": 0, "last": True, "name": "x.csv"}),
        "column": Said((TABLE,), {"role": "text", "index": 1}),
        "forget": Said((TABLE,), {}),
        "answer": Said((), {}, attribute="wants_answer"),
        "look": Said((OWNER, START, START), {"index": 1}, attribute="pressed"),
        "save": Said((OWNER, START), {"what": "adapter"}, attribute="pressed"),
        **{kind: Said((OWNER, START), {}, attribute="pressed") for kind in ("go_on", "stop", "delete")},
    },
    "robustness": {
        "owner": Said((), {"token": "a" * 32}, attribute="owner"),
        "start": Said((OWNER,), {}, attribute="job"),
        "under": Said((), {"name": "a/plain"}, attribute="under"),
        "attack": Said((), {}, attribute="wants_attack"),
        "again": Said((), {}),
        "say": Said((), {}, attribute="wants_words"),
        "look": Said((OWNER, START, START), {"index": 1}, attribute="pressed"),
        **{kind: Said((OWNER, START), {}, attribute="pressed") for kind in ("go_on", "stop", "delete")},
    },
    "forgetting": {
        "owner": Said((), {"token": "a" * 32}, attribute="owner"),
        "open": Said((), {"text": "text,label\na,x\nb,y\n", "at": 0, "last": True, "name": "x.csv"}),
        "column": Said((TABLE,), {"role": "text", "index": 1}),
        "start": Said((OWNER,), {}, attribute="job"),
        "look": Said((OWNER, START, START), {"index": 1}, attribute="pressed"),
        **{kind: Said((OWNER, START), {}, attribute="pressed") for kind in ("go_on", "stop", "delete")},
    },
    "prompting": {
        "owner": Said((), {"token": "a" * 32}, attribute="owner"),
        "another": Said((), {}, attribute="text"),
        "start": Said((OWNER,), {}, attribute="job"),
        "look": Said((OWNER, START, START), {"index": 1}, attribute="pressed"),
        **{kind: Said((OWNER, START), {}, attribute="pressed") for kind in ("go_on", "stop", "delete")},
    },
    "alignment": {
        "owner": Said((), {"token": "a" * 32}, attribute="owner"),
        "draw": Said((), {}, attribute="wants"),
        "choose": Said((), {"index": 1}, attribute="mine", meanwhile=two_answers_are_there),
        "undo": Said((), {}, attribute="mine", meanwhile=one_is_chosen),
        "open": Said((), {"text": "prompt,chosen,rejected\na,b,c\n", "at": 0, "last": True, "name": "x.csv"}),
        "start": Said((OWNER, PAIRS), {}, attribute="job"),
        "look": Said((OWNER, PAIRS, START, START), {"index": 1}, attribute="pressed"),
        "save": Said((OWNER, PAIRS, START), {"what": "adapter"}, attribute="pressed"),
        **{kind: Said((OWNER, PAIRS, START), {}, attribute="pressed") for kind in ("go_on", "stop", "delete")},
    },
    "heads": {"preset": Said((), {})},
    "what_if": {"pair": Said((), {})},
    "room": {
        "open": Said((), {"origin": "http://10.0.0.2:8501"}),
        "resume": Said((), {"token": "forged", "origin": ""}, attribute="known"),
        "start": Said((OPEN,), {}),
        "hands": Said((OPEN, START), {"place": 1, "count": 3}),
        "close": Said((OPEN, START), {}),
        "reopen": Said((OPEN, START, {"kind": "close"}), {}),
        "reveal": Said((OPEN, START, {"kind": "hands", "place": 1, "count": 3}), {}),
        "next": Said((OPEN, START, {"kind": "reveal"}), {}),
        "again": Said((OPEN, START), {}),
        "names": Said((OPEN,), {"on": True}),
        "let": Said((OPEN, START), {"word": "ab"}, meanwhile=a_student_types),
        "refuse": Said((OPEN, START), {"word": "ab"}, meanwhile=a_student_types),
        "remove": Said((OPEN, START), {"name": "calm otter"}, meanwhile=a_student_types),
        "votes": Said((OPEN,), {}, attribute="wants_votes"),
        "end": Said((OPEN,), {}),
    },
    "compare": {
        "run": Said((), {}, attribute="run_wanted"),
        "stop": Said(({"kind": "run"},), {}, attribute="run_wanted"),
        "seed": Said((), {}),
        "preset": Said((), {"name": "tails"}),
        "add": Said((), {}),
        "set": Said((), {"column": 1, "strategy": {"name": "sample"}}),
        "strategy": Said((), {"column": 1, "name": "contrastive"}),
        "remove": Said((), {"column": 1}),
        "duplicate": Said((), {"column": 1}),
        "move": Said((), {"column": 1, "by": 1}, clamps=("by",)),
        "draws": Said((), {"column": 2, "n": 2}, clamps=("n",)),
        "no_draws": Said(({"kind": "draws", "column": 2, "n": 2},), {}),
        "export": Said((), {"format": "csv"}),
        "saved": Said(({"kind": "export", "format": "csv"},), {"number": 3}),
        "open": Said((), {"text": "{", "at": 0, "last": True}),
    },
}
#: A piece of a file in the wrong place, or that others should follow: it is told, or waited for.
TOLD = {("open", "at"), ("open", "last")}
EVERY = [(page, kind) for page, actions in ACTIONS.items() for kind in actions]
FIELDS = [(page, kind, field) for page, kind in EVERY for field in ACTIONS[page][kind].fields]

NOT_TEXT = st.none() | st.booleans() | st.integers() | st.floats()
JUNK = st.recursive(
    NOT_TEXT | st.sampled_from([HUGE, -HUGE, math.nan, math.inf, -math.inf, 1.0, 0.0, "1", "\ud800", "x" * 10_000])
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


VIEWS = st.dictionaries(st.sampled_from(["other", "pos", "seed", "n", "token", "width"]), JUNK)
QUEUES = st.lists(st.dictionaries(st.sampled_from(["q", "kind", "id", "index", "column", "text"]), JUNK))
MESSAGES = st.fixed_dictionaries({}, optional={
    "n": JUNK, "text": JUNK, "view": JUNK | VIEWS, "queue": JUNK | QUEUES, "strings": JUNK,
    "beyond": JUNK | st.dictionaries(st.sampled_from(["text", "other"]), JUNK),
})  # fmt: skip


def deep(levels: int) -> Any:
    """A list in a list, and so on."""
    found: Any = 1
    for _ in range(levels):
        found = [found]
    return found


def standing(page: str, said: Said, lm: LanguageModel) -> Any:
    """A visitor's state in which the action does something."""
    state = arrived(
        page,
        lm,
        **({} if not pages.declared(page).state().reads else {"p": "abc abc", "n": "5", "s": "greedy,sample:top_k:3"}),
    )
    finished(page, state, lm)
    for action in said.before:
        say(page, state, lm, action)
        if not said.attribute:
            finished(page, state, lm)
    said.meanwhile(state)
    return state


def seen(page: str, said: Said, state: Any, lm: LanguageModel) -> Any:
    """What an action may change: all of the picture but what counts or measures."""
    if said.attribute:
        return getattr(state, said.attribute)
    header, _ = finished(page, state, lm)
    for name in ("echo", "acked"):
        header.pop(name)
    for name in SECRET:
        (header.get("room") or {}).pop(name, None)
    for column in header.get("columns", ()):
        if isinstance(column, dict):  # one of Compare's, not the name of one in a table
            column.get("measures", {}).pop("seconds", None)
    return header


def test_every_action_of_every_page_is_here() -> None:
    """Next token and Step by step have the same actions, and only the latter has a picture of two of them."""
    for page in pages.names():
        missing = pages.declared(page).actions.keys() - ACTIONS.get(page, {}).keys()
        assert missing == ({"pair", "look"} if page == "next_token" else set()), page


@pytest.mark.parametrize(("page", "kind"), EVERY)
def test_said_rightly_each_does_something(
    page: str, kind: str, tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what follows would hold of actions that do nothing at all."""
    monkeypatch.setattr("secrets.randbelow", lambda most: most // 2)  # a new seed is not the old one by chance
    said = ACTIONS[page][kind]
    one, other = standing(page, said, tiny_lm), standing(page, said, tiny_lm)
    say(page, one, tiny_lm, {"kind": kind} | said.fields)
    assert seen(page, said, one, tiny_lm) != seen(page, said, other, tiny_lm)


def means(field: str, value: Any, said: Said) -> bool:
    """Whether a value is one that a browser could say in this field, so that it may do something."""
    right = said.fields[field]
    if field in said.clamps:
        return type(value) in (int, float) and math.isfinite(value if abs(value) < 1e300 else 0)
    if isinstance(right, str):
        return isinstance(value, str) and (field == "text" or len(value) <= MAX_NAME)
    if right is None:
        return value is None or type(value) is int
    if isinstance(right, Mapping):
        return isinstance(value, Mapping)
    return type(value) is type(right)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "kind", "field"), FIELDS)
@settings(max_examples=6, deadline=None)  # of a dozen values each, for a picture is made after each dozen only
@given(values=st.lists(JUNK, min_size=6, max_size=20))
@example(values=[True, False, 1.0, math.nan, math.inf, HUGE, -1, "1", "", None, [1], {"1": 1}, "\ud800"])
def test_what_no_browser_says_in_a_field_changes_nothing(
    page: str, kind: str, field: str, values: list[Any], tiny_lm: LanguageModel
) -> None:
    """True is no 1, 1.0 neither, "1" neither: and whatever it is, the action is done with and a picture follows."""
    nothing_changes(page, kind, field, values, tiny_lm)


@pytest.mark.parametrize(("page", "kind", "field"), FIELDS)
def test_nor_does_what_is_nested_as_deep_as_json_may_be(
    page: str, kind: str, field: str, tiny_lm: LanguageModel
) -> None:
    nothing_changes(page, kind, field, [deep(500)], tiny_lm)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "kind", "field"), FIELDS)
@settings(max_examples=10, deadline=None)
@given(value=JUNK)
def test_what_may_mean_something_in_a_field_makes_a_picture(
    page: str, kind: str, field: str, value: Any, tiny_lm: LanguageModel
) -> None:
    said = ACTIONS[page][kind]
    state = standing(page, said, tiny_lm)
    say(page, state, tiny_lm, {"kind": kind} | said.fields | {field: value})
    look = (
        shown if page in ("training", "tuning", "robustness", "forgetting", "alignment", "prompting") else finished
    )  # a training that waits for its turn goes on waiting
    look(page, state, tiny_lm)


def nothing_changes(page: str, kind: str, field: str, values: list[Any], lm: LanguageModel) -> None:
    """Where these mean nothing in that field; each is done with."""
    said = ACTIONS[page][kind]
    one, other = standing(page, said, lm), standing(page, said, lm)
    for value in values:
        if not means(field, value, said):
            before = one.acked
            say(page, one, lm, {"kind": kind} | said.fields | {field: value})
            assert one.acked == before + 1
    say(page, other, lm, {"kind": "nothing of the kind"})
    if (kind, field) not in TOLD:
        assert seen(page, said, one, lm) == seen(page, said, other, lm)


@pytest.mark.slow
@pytest.mark.parametrize("page", pages.names())
@settings(max_examples=30, deadline=None)
@given(messages=st.lists(MESSAGES, max_size=3))
def test_whatever_a_message_holds_a_picture_follows(
    page: str, messages: list[dict[str, Any]], tiny_lm: LanguageModel
) -> None:
    state = arrived(page, tiny_lm, p="abc") if pages.declared(page).state().reads else arrived(page, tiny_lm)
    for message in messages:
        for action in state.receive(message):
            carry_out(pages.declared(page), action, state, context(tiny_lm))
        header, _ = shown(page, state, tiny_lm)
        assert isinstance(header["text"], str)
    say(page, state, tiny_lm, text="abc")
    assert state.text == "abc"
