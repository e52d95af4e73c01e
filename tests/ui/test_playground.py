"""The playground's state and message: what the browser is given to look up, rolls that go on, links, hostile words."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz import decoding
from gptviz.analysis import rolls
from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.playground import message
from gptviz.ui.pages.playground.state import Playground, View, from_link
from gptviz.ui.web.message import unpack
from gptviz.views.softmax import SHARES, TEMPERATURES
from tests.ui.test_picture import HOSTILE


def picture(state: Playground, lm: LanguageModel, lang: str = "en") -> tuple[dict[str, Any], Any]:
    return unpack(message.build(state, lm, lm.trace, lang=lang))


def finished(state: Playground, lm: LanguageModel, most: int = 500) -> tuple[dict[str, Any], Any]:
    """The picture once nothing is left to do, as a browser gets there by asking for more."""
    for _ in range(most):
        header, blobs = picture(state, lm)
        if not header["running"]:
            return header, blobs
    raise AssertionError("never finished")


@pytest.mark.slow
@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("text", HOSTILE)
def test_every_text_makes_a_picture(lm: LanguageModel, text: str, lang: str) -> None:
    header, blobs = picture(Playground(text=text), lm, lang)
    json.dumps(header, allow_nan=False)
    assert header["text"] == text
    assert ("soft" in header) == bool(text)
    if text:
        assert blobs["probs"].shape == (len(TEMPERATURES), len(header["soft"]["rows"]))
        assert blobs["kept"].shape[1] == len(SHARES)


def test_the_tables_are_what_sampling_uses(lm: LanguageModel) -> None:
    state = Playground(text="The cat sat on the", view=View(temperature=0.7, top_p=0.85))
    header, blobs = finished(state, lm)
    trace = lm.trace(state.text)
    at = TEMPERATURES.index(0.7)
    chain = decoding.stages(trace.logits_at(-1), decoding.Sample(temperature=0.7))
    ids = [row["id"] for row in header["soft"]["rows"]]
    assert blobs["probs"][at] == pytest.approx(chain[-1].probs[ids], abs=1e-6)
    assert blobs["probs"][at].sum() + blobs["tail"][at] == pytest.approx(1, abs=1e-5)
    for pos in range(len(trace)):
        kept = decoding.stages(trace.logits_at(pos), decoding.Sample(temperature=0.7, top_p=0.85))[-1].kept
        assert blobs["kept"][pos, SHARES.index(0.85)] == np.count_nonzero(kept)


def test_rolls_go_on_until_the_goal_and_add_up(lm: LanguageModel) -> None:
    state = Playground(text="Once upon a time")
    picture(state, lm)
    state.carry_out({"q": 1, "kind": "roll", "times": 1000})
    header, _ = picture(state, lm)
    assert header["running"]
    assert 0 < header["roll"]["n"] < 1000
    header, _ = finished(state, lm)
    roll = header["roll"]
    assert (roll["n"], state.acked) == (1000, 1)
    assert sum(roll["counts"]) + roll["others"] == 1000
    assert [check["n"] for check in roll["checks"]] == [n for n in rolls.CHECKS if n <= 1000]
    state.carry_out({"q": 2, "kind": "roll", "times": 10})
    assert picture(state, lm)[0]["roll"]["n"] == 1010  # few rolls need no picture in between


def test_another_text_temperature_or_seed_is_another_die(lm: LanguageModel) -> None:
    state = Playground(text="Once upon a time")
    for change in ({"temperature": 0.5}, {"seed": 8}, {}):
        state.carry_out({"q": 1, "kind": "roll", "times": 10})
        assert picture(state, lm)[0]["roll"]["n"] == 10
        state.adopt(change)
        state.text += "" if change else " there"
        assert picture(state, lm)[0]["roll"]["n"] == 0
        assert not state.rolling
    state.carry_out({"q": 2, "kind": "roll", "times": 10})
    picture(state, lm)
    state.adopt({"top_p": 0.5})
    assert picture(state, lm)[0]["roll"]["n"] == 10  # which it does not roll with
    state.carry_out({"q": 3, "kind": "reset"})
    assert picture(state, lm)[0]["roll"]["n"] == 0


def test_stop_keeps_what_was_rolled(lm: LanguageModel) -> None:
    state = Playground(text="Once upon a time")
    picture(state, lm)
    state.carry_out({"q": 1, "kind": "roll", "times": 10_000})
    rolled = picture(state, lm)[0]["roll"]["n"]
    state.carry_out({"q": 2, "kind": "stop"})
    header, _ = finished(state, lm)
    assert header["roll"]["n"] == rolled < 10_000


def test_a_link_restores_everything(lm: LanguageModel) -> None:
    state = Playground(text="<b>&中文 #1?", view=View(temperature=1.35, top_p=0.42, seed=99))
    picture(state, lm)
    state.carry_out({"q": 1, "kind": "roll", "times": 30})
    first, _ = finished(state, lm)
    from urllib.parse import parse_qsl

    again = from_link(dict(parse_qsl(first["link"])), default_text="")
    assert (again.text, again.view) == (state.text, state.view)
    second, _ = finished(again, lm)
    assert second["roll"] == first["roll"]


def test_what_cannot_be_read_of_a_link_is_named() -> None:
    state = from_link({"t": "hot", "top_p": "0.5", "seed": "nan", "rolls": "many"}, default_text="x")
    assert state.view == View(top_p=0.5)
    assert state.notes == [("note.link_bad", {"names": "t, seed, rolls"})]
    assert from_link({"t": "99", "rolls": "1e9"}, default_text="x").goal == rolls.MOST


def test_a_growing_text_keeps_its_counts(lm: LanguageModel) -> None:
    state = Playground(text="The cat")
    finished(state, lm)
    assert state.kept is not None
    before = state.kept.counts[0]
    state.text = "The cat sat"
    finished(state, lm)
    assert state.kept.counts[0] is before
    assert len(state.kept.counts) == len(lm.tokenizer.encode("The cat sat"))


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers()))


@given(
    st.dictionaries(st.sampled_from(["temperature", "top_p", "seed", "pos", "x"]), VALUES),
    st.lists(st.fixed_dictionaries({"kind": st.sampled_from(["roll", "stop", "reset", "reroll", "more", "?"]),
                                    "q": VALUES, "times": VALUES}), max_size=4),
)  # fmt: skip
@settings(deadline=None, max_examples=80)
def test_hostile_messages_leave_a_usable_state(view: dict[str, Any], queue: list[dict[str, Any]]) -> None:
    state = Playground(text="a")
    for action in state.receive({"n": 1, "text": "b", "view": view, "queue": queue}):
        state.carry_out(action)
    assert state.view.temperature in TEMPERATURES
    assert state.view.top_p in SHARES
    assert 0 <= state.view.seed < 2**31
    assert 0 <= state.goal <= rolls.MOST


@pytest.mark.slow
def test_python_calls_run(lm: LanguageModel) -> None:
    state = Playground(text='a "quoted" text', view=View(temperature=0.5))
    picture(state, lm)
    state.carry_out({"q": 1, "kind": "roll", "times": 10})
    header, _ = finished(state, lm)
    calls = [header["soft"]["python"], header["nucleus"]["python"], header["roll"]["python"],
             header["curves"]["rank_python"], header["curves"]["entropy_python"]]  # fmt: skip
    for call in calls:
        *body, last = call.replace(f"gptviz.load({lm.name!r})", "lm").split("\n")
        scope: dict[str, Any] = {"lm": lm}
        exec("\n".join(line for line in body if line != "lm = lm"), scope)
        assert eval(last, scope).data


def test_sorry_keeps_the_text(lm: LanguageModel) -> None:
    header, _ = unpack(message.sorry(Playground(text="kept"), lm, ValueError("odd"), lang="zh"))
    assert header["text"] == "kept"
    assert "odd" in header["notes"][0]["text"]
