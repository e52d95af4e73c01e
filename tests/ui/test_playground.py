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
from gptviz.ui import links, pages
from gptviz.ui.page import carry_out
from gptviz.ui.pages.playground.state import Playground, View
from gptviz.views.softmax import SHARES, TEMPERATURES
from tests.ui import desk
from tests.ui.desk import HOSTILE

pytestmark = pytest.mark.slow


def picture(state: Playground, lm: LanguageModel, lang: str = "en") -> tuple[dict[str, Any], Any]:
    return desk.shown("playground", state, lm, lang)


def finished(state: Playground, lm: LanguageModel) -> tuple[dict[str, Any], Any]:
    return desk.finished("playground", state, lm)


def do(state: Playground, lm: LanguageModel, kind: str, **values: Any) -> None:
    desk.do("playground", state, lm, kind, **values)


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
    do(state, lm, "roll", times=1000)
    header, _ = picture(state, lm)
    assert header["running"]
    assert 0 < header["roll"]["n"] < 1000
    header, _ = finished(state, lm)
    roll = header["roll"]
    assert (roll["n"], state.acked) == (1000, 1)
    assert sum(roll["counts"]) + roll["others"] == 1000
    assert [check["n"] for check in roll["checks"]] == [n for n in rolls.CHECKS if n <= 1000]
    do(state, lm, "roll", times=10)
    assert picture(state, lm)[0]["roll"]["n"] == 1010  # few rolls need no picture in between


def test_another_text_temperature_or_seed_is_another_die(lm: LanguageModel) -> None:
    state = Playground(text="Once upon a time")
    for change in ({"temperature": 0.5}, {"seed": 8}, {}):
        do(state, lm, "roll", times=10)
        assert picture(state, lm)[0]["roll"]["n"] == 10
        state.adopt(change)
        state.text += "" if change else " there"
        assert picture(state, lm)[0]["roll"]["n"] == 0
        assert not state.rolling
    do(state, lm, "roll", times=10)
    picture(state, lm)
    state.adopt({"top_p": 0.5})
    assert picture(state, lm)[0]["roll"]["n"] == 10  # which it does not roll with
    do(state, lm, "reset")
    assert picture(state, lm)[0]["roll"]["n"] == 0


def test_stop_keeps_what_was_rolled(lm: LanguageModel) -> None:
    state = Playground(text="Once upon a time")
    picture(state, lm)
    do(state, lm, "roll", times=10_000)
    rolled = picture(state, lm)[0]["roll"]["n"]
    do(state, lm, "stop")
    header, _ = finished(state, lm)
    assert header["roll"]["n"] == rolled < 10_000


def test_a_link_restores_everything(lm: LanguageModel) -> None:
    state = Playground(text="<b>&中文 #1?", view=View(temperature=1.35, top_p=0.42, seed=99))
    picture(state, lm)
    do(state, lm, "roll", times=30)
    first, _ = finished(state, lm)
    again = desk.arrived("playground", lm, **links.query_of(first["link"]))
    assert (again.text, again.view) == (state.text, state.view)
    second, _ = finished(again, lm)
    assert second["roll"] == first["roll"]


def test_what_cannot_be_read_of_a_link_is_named(tiny_lm: LanguageModel) -> None:
    state = desk.arrived("playground", tiny_lm, t="hot", top_p="0.5", seed="nan", rolls="many")
    assert state.view == View(top_p=0.5)
    assert state.notes == [("note.link_bad", {"names": "t, seed, rolls"})]
    assert desk.arrived("playground", tiny_lm, t="99", rolls="1e9").goal == rolls.MOST


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
def test_hostile_messages_leave_a_usable_state(
    tiny_lm: LanguageModel, view: dict[str, Any], queue: list[dict[str, Any]]
) -> None:
    state = Playground(text="a")
    for action in state.receive({"n": 1, "text": "b", "view": view, "queue": queue}):
        carry_out(pages.declared("playground"), action, state, desk.context(tiny_lm))
    assert state.view.temperature in TEMPERATURES
    assert state.view.top_p in SHARES
    assert 0 <= state.view.seed < 2**31
    assert 0 <= state.goal <= rolls.MOST


@pytest.mark.slow
def test_python_calls_run(lm: LanguageModel) -> None:
    state = Playground(text='a "quoted" text', view=View(temperature=0.5))
    picture(state, lm)
    do(state, lm, "roll", times=10)
    header, _ = finished(state, lm)
    calls = [header["soft"]["python"], header["nucleus"]["python"], header["roll"]["python"],
             header["curves"]["rank_python"], header["curves"]["entropy_python"]]  # fmt: skip
    for call in calls:
        *body, last = call.replace(f"gptviz.load({lm.name!r})", "lm").split("\n")
        scope: dict[str, Any] = {"lm": lm}
        exec("\n".join(line for line in body if line != "lm = lm"), scope)
        assert eval(last, scope).data


def test_sorry_keeps_the_text(lm: LanguageModel) -> None:
    header = desk.sorry("playground", Playground(text="kept"), lm, ValueError("odd"), "zh")
    assert header["text"] == "kept"
    assert "odd" in header["notes"][0]["text"]
