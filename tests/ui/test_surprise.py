"""The surprise page's state and message: two texts, scores that survive typing, the check, links, hostile words."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.rounding import fixed, number, scientific
from gptviz.ui import links, pages
from gptviz.ui.limits import MAX_CHARS
from gptviz.ui.page import carry_out
from gptviz.ui.pages.surprise import panels
from gptviz.ui.pages.surprise.state import AUTO, COLOURS, Surprise, View, pairs
from gptviz.ui.prompts import window
from tests.ui import desk
from tests.ui.desk import HOSTILE

pytestmark = pytest.mark.slow


def picture(state: Surprise, lm: LanguageModel, lang: str = "en") -> tuple[dict[str, Any], Any]:
    return desk.shown("surprise", state, lm, lang)


def finished(state: Surprise, lm: LanguageModel) -> tuple[dict[str, Any], Any]:
    return desk.finished("surprise", state, lm)


def do(state: Surprise, lm: LanguageModel, kind: str, lang: str = "en", **values: Any) -> None:
    desk.do("surprise", state, lm, kind, lang, **values)


@pytest.mark.slow
@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("text", HOSTILE)
def test_every_text_makes_a_picture(lm: LanguageModel, text: str, lang: str) -> None:
    header, blobs = picture(Surprise(text=text, view=View(other=text)), lm, lang)
    json.dumps(header, allow_nan=False)
    assert header["text"] == header["view"]["other"] == text
    assert [side is not None for side in header["sides"]] == [bool(text)] * 2
    if text:
        assert header["sides"][0]["token_ids"] == lm.tokenizer.encode(text)
        assert blobs["a.scores"].shape == (len(header["sides"][0]["labels"]), 5)


def test_numbers_of_a_pair(lm: LanguageModel) -> None:
    one, other = "The cat sat.", "The cat sat sat."
    header, blobs = finished(Surprise(text=one, view=View(other=other, start="on")), lm)
    totals = [side["totals"] for side in header["sides"]]
    for text, found, table in zip((one, other), totals, (blobs["a.scores"], blobs["b.scores"]), strict=True):
        row = [lm.tokenizer.end_of_text, *lm.tokenizer.encode(text)]
        nats = -float(lm.score([row])[0].sum())
        assert found["bits"] == pytest.approx(nats / math.log(2), abs=1e-3)
        assert found["bits_per_byte"] == pytest.approx(found["bits"] / len(text.encode()))
        assert table[:, 1].sum() == pytest.approx(found["bits"], abs=1e-3)
        assert table[:, 2].mean() == pytest.approx(found["loss"], abs=1e-4)
        assert np.log2(table[:, 0]) == pytest.approx(-table[:, 1], abs=1e-3)
    versus = header["versus"]
    assert versus["bits"] == pytest.approx(totals[1]["bits"] - totals[0]["bits"])
    assert versus["winner"] == "a"
    assert header["token"] == 3  # where the texts part


def test_the_most_surprising_token_is_looked_at_by_itself(lm: LanguageModel) -> None:
    state = Surprise(text="Once upon a time there was a little democracy", view=View(start="on"))
    header, blobs = finished(state, lm)
    assert header["token"] == int(np.argmax(blobs["a.scores"][:, 1]))
    state.adopt({"token": 2})
    assert picture(state, lm)[0]["token"] == 2
    state.receive({"n": 1, "text": "Another", "view": {}, "queue": []})
    assert state.view.token == AUTO


def test_scores_survive_typing(lm: LanguageModel) -> None:
    state = Surprise(text="The cat sat")
    finished(state, lm)
    assert state.readings[0] is not None
    before = state.readings[0].scores[:3]
    state.text = "The cat sat on the mat"
    finished(state, lm)
    after = state.readings[0].scores
    assert all(a is b for a, b in zip(after, before, strict=False))
    fresh = Surprise(text=state.text)
    finished(fresh, lm)
    assert fresh.readings[0] is not None
    assert [s.logprob for s in after] == pytest.approx([s.logprob for s in fresh.readings[0].scores], abs=1e-4)


@pytest.mark.slow
def test_a_long_text_is_read_in_windows_and_says_so(lm: LanguageModel) -> None:
    state = Surprise(text="The cat sat on the mat. " * 60, view=View(start="on"))
    header, blobs = picture(state, lm)
    assert header["running"]
    header, blobs = finished(state, lm)
    side = header["sides"][0]
    assert side["n_scored"] == side["n_tokens"] > window(lm)
    assert not np.isnan(blobs["a.scores"]).any()
    values = {"window": window(lm), "stride": window(lm) // 2, "rest": window(lm) - window(lm) // 2}
    assert translate("surprise.windows", "en", **values) in [note["text"] for note in header["notes"]]


def test_check_finds_both_ways_equal(lm: LanguageModel) -> None:
    state = Surprise(text="The cat sat on the mat.", view=View(start="on"))
    finished(state, lm)
    do(state, lm, "check", "en")
    header, _ = finished(state, lm)
    check = header["check"]
    assert check["done"] == check["wanted"] == len(lm.tokenizer.encode(state.text))
    assert state.check is not None
    assert state.check.difference < 1e-4
    assert scientific(state.check.difference) in check["reading"]
    assert state.check.at_once == pytest.approx([s.logprob for s in state.readings[0].scores], abs=1e-4)  # type: ignore[union-attr]
    state.text += "!"
    assert picture(state, lm)[0]["check"] is None  # it was of another text


@pytest.mark.parametrize("lang", languages())
def test_pairs_are_pairs_and_fill_both_boxes(lm: LanguageModel, lang: str) -> None:
    offered = pairs(lang)
    assert len(offered) >= 5
    state = Surprise(text="x")
    for index, (_, one, other) in enumerate(offered):
        assert one != other
        rev = state.rev
        do(state, lm, "pair", lang, index=index)
        assert (state.text, state.view.other) == (one, other)
        assert state.rev > rev  # the browser is told to put it into the boxes
    do(state, lm, "swap", lang)
    assert (state.text, state.view.other) == (offered[-1][2], offered[-1][1])
    for index in (-1, 99, None, True, "0"):
        do(state, lm, "pair", lang, index=index if index is not True else 1.5)
    assert state.text == offered[-1][2]


def test_a_prompt_from_another_page_comes_alone(lm: LanguageModel) -> None:
    state = desk.arrived("surprise", lm)
    assert (state.text, state.view.other) == pairs("en")[0][1:]
    state.set_text("The cat")
    assert state.view.other == ""


def test_a_link_restores_everything(lm: LanguageModel) -> None:
    state = Surprise(text="<b>&中文", view=View(other="b\n#?", colour="rank", side=1, token=1))
    header, _ = finished(state, lm)
    again = desk.arrived("surprise", lm, **links.query_of(header["link"]))
    assert (again.text, again.view) == (state.text, state.view)
    bad = desk.arrived("surprise", lm, p="x", colour="red", token="first")
    assert bad.view == View()
    assert bad.notes == [("note.link_bad", {"names": "colour, token"})]


def test_a_model_without_end_of_text_says_so(tiny_lm: LanguageModel) -> None:
    header, blobs = finished(Surprise(text="abc", view=View(other="é")), tiny_lm)
    side = header["sides"][0]
    assert (side["start"], side["skipped"], side["n_scored"]) == (None, 1, 2)
    assert np.isnan(blobs["a.scores"][0]).all()
    said = [note["text"] for note in header["notes"]]
    assert translate("surprise.no_start", "en") in said
    assert any("é" in note for note in said)  # the other text cannot be read
    single, _ = finished(Surprise(text="a"), tiny_lm)
    assert single["sides"][0]["totals"] is None


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers()))


@given(
    st.dictionaries(st.sampled_from(["other", "colour", "side", "token", "pos"]), VALUES),
    st.lists(st.fixed_dictionaries({"kind": st.sampled_from(["pair", "swap", "check", "more", "?"]), "q": VALUES,
                                    "index": VALUES}), max_size=4),
)  # fmt: skip
@settings(deadline=None, max_examples=80)
def test_hostile_messages_leave_a_usable_state(
    tiny_lm: LanguageModel, view: dict[str, Any], queue: list[dict[str, Any]]
) -> None:
    state = Surprise(text="a")
    for action in state.receive({"n": 1, "text": "b", "view": view, "queue": queue}):
        carry_out(pages.declared("surprise"), action, state, desk.context(tiny_lm))
    assert len(state.view.other) <= MAX_CHARS
    assert state.view.colour in COLOURS
    assert state.view.side in (0, 1)
    assert state.view.token >= AUTO


def test_python_call_runs(lm: LanguageModel) -> None:
    for other in ("", 'an "other"\ntext'):
        header, _ = finished(Surprise(text="one", view=View(other=other)), lm)
        *body, last = header["python"].replace(f"gptviz.load({lm.name!r})", "lm").split("\n")
        scope: dict[str, Any] = {"lm": lm}
        exec("\n".join(line for line in body if line != "lm = lm"), scope)
        assert len(eval(last, scope).data) == (2 if other else 1)


def test_one_in_reads_well() -> None:
    assert panels.one_in(0) == "1"
    assert panels.one_in(math.log10(12_345)) == "12,345"
    assert panels.one_in(20.03) == "10^20.0"


ONE = st.sampled_from(["The cat", " sat", " on the mat", ".", " dog", "今天", "\n", " 17"])
OTHER = st.sampled_from(["A cat", " sat", " in", "!", "好"])


@given(st.lists(ONE, min_size=1, max_size=6), st.lists(OTHER, max_size=4), st.sampled_from(["on", "off"]))
@settings(deadline=None, max_examples=25)
def test_the_arithmetic_comes_out_as_it_is_written(
    lm: LanguageModel, one: list[str], other: list[str], start: str
) -> None:
    """Bits by tokens and by bytes are the means beside them, and one text's less the other's are what is saved."""
    header, _ = finished(Surprise(text="".join(one), view=View(other="".join(other), start=start)), lm)
    sides = [side for side in header["sides"] if side and side["totals"]]
    shown = [float(fixed(side["totals"]["bits"], side["totals"]["digits"])) for side in sides]
    if sides and sides[0]["totals"]["digits"] == 4:  # no fewer digits did
        return
    for bits, side in zip(shown, sides, strict=True):
        assert fixed(bits / side["n_scored"]) == fixed(side["totals"]["mean_bits"])
        assert fixed(bits / side["n_bytes"]) == fixed(side["totals"]["bits_per_byte"])
        assert number(side["totals"]["bits"], side["totals"]["digits"]) in side["reading"]
    if header["versus"] and len(shown) == 2:
        digits = sides[0]["totals"]["digits"]
        assert fixed(abs(shown[1] - shown[0]), digits) == fixed(abs(header["versus"]["bits"]), digits)
