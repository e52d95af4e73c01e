"""The teacher's page of a room without Streamlit: what is asked of a class, its door, what follows a guess."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.numbers import softmax
from gptviz.room import ROOMS, Follow, Guess
from gptviz.room.limits import MAX_LINK
from gptviz.room.shared import SharedRooms
from gptviz.ui.pages.room import asking
from gptviz.ui.pages.room.door import door
from tests.ui.desk import HOSTILE, arrived, do, shown

pytestmark = pytest.mark.slow

TEXT = "The cat sat on the"


def test_a_guess_has_the_models_exact_numbers_and_says_them_to_no_phone(lm: LanguageModel) -> None:
    ids = lm.tokenizer.encode(TEXT)
    asked = asking.guess(lm, lm.trace, ids, TEXT, "chips", actual=None, seed=7)
    probs = softmax(lm.trace(ids).logits_at(-1).astype(np.float64))
    assert [token.p for token in asked.top] == sorted(probs, reverse=True)[: asking.TOP]
    assert {token.id for token in asked.candidates} <= set(np.argsort(-probs)[:32])
    assert [token.label for token in asked.candidates] == sorted(
        (token.label for token in asked.candidates), key=str.casefold
    )  # in an order that says nothing
    assert asked.actual.rank == int((probs > probs[asked.actual.token.id]).sum()) + 1
    assert asked.entropy == pytest.approx(float(-(probs * np.log2(probs)).sum()))
    assert not {"actual", "model", "top"} & asked.asked().keys()


def test_the_same_seed_draws_the_same_and_many_draw_all(lm: LanguageModel) -> None:
    ids = lm.tokenizer.encode(TEXT)
    drawn = [asking.guess(lm, lm.trace, ids, TEXT, "pick", actual=None, seed=seed).actual for seed in (1, 1, 2, 3, 4)]
    assert drawn[0] == drawn[1]
    assert len({one.token.id for one in drawn}) > 1
    assert all(one.drawn for one in drawn)


def test_a_character_that_is_not_whole_is_its_bytes_and_is_completed_before_the_text_goes_on(lm: LanguageModel) -> None:
    ids = lm.tokenizer.encode("𠮷")
    assert len(ids) > 1
    begun = asking.shown(lm, ids[:1])
    assert begun.startswith("⟨F0")
    assert "\ufffd" not in begun
    assert asking.shown(lm, ids) == "𠮷"
    assert "\ufffd" not in asking.shown(lm, asking.whole(lm, lm.trace, ids[:1]))


@pytest.mark.parametrize("model", ["lm", "tiny_lm"])
def test_the_unigram_is_a_distribution_that_no_text_changes(model: str, request: pytest.FixtureRequest) -> None:
    """Also of a model of single characters, which cannot read the examples."""
    one: LanguageModel = request.getfixturevalue(model)
    found = asking.unigram(one)
    assert found.shape == (one.config.vocab_size,)
    assert float(found.sum()) == pytest.approx(1.0, abs=1e-6)
    assert found.min() > 0


def test_a_word_that_a_model_cannot_read_is_no_token(tiny_lm: LanguageModel, lm: LanguageModel) -> None:
    assert asking.token_of(tiny_lm, [1], "房") == -1
    assert asking.as_candidate(tiny_lm, tiny_lm.trace, [1], "房") is None
    assert lm.tokenizer.decode([asking.token_of(lm, lm.tokenizer.encode("我今天很"), "高")]) in "高兴"


@pytest.mark.parametrize("lang", languages())
def test_every_question_offered_has_four_options_and_one_right_answer(lang: str) -> None:
    for probe in asking.probes(lang):
        assert len(set(probe.options)) == 4
        assert probe.answer in range(4)


def test_a_door_leads_to_where_the_class_can_come() -> None:
    code = "白云 春天 大海 小河"
    found = door("http://10.0.0.5:8501", code, "zh")
    assert (found.address, found.alone) == ("10.0.0.5:8501/room", False)
    assert found.link == "http://10.0.0.5:8501/room?lang=zh#%E7%99%BD%E4%BA%91-%E6%98%A5%E5%A4%A9-%E5%A4%A7%E6%B5%B7-%E5%B0%8F%E6%B2%B3"  # fmt: skip  # noqa: E501
    assert found.path.count("M") > found.size**2 / 4  # dark squares
    assert door("http://localhost:8501", code, "zh").alone
    assert door("http://localhost:8501", code, "zh", "http://10.0.0.7:8501").address == "10.0.0.7:8501/room"
    for forged in ("javascript:alert(1)", "http://a/?q", "http://a b", "//x", "<svg>"):
        assert door(forged, code, "zh").address == "/room"


def test_whatever_the_text_is_it_can_be_asked_and_gone_on_with(lm: LanguageModel) -> None:
    for text in HOSTILE:
        for source in ("draw", "text"):
            state = arrived("room", lm, p=text, source=source)
            do("room", state, lm, "open", origin="")
            for kind in ("start", "close", "reveal", "next"):
                do("room", state, lm, kind)
                header, _ = shown("room", state, lm)
                assert header["room"] is not None
            ROOMS.end_all()


def test_a_full_window_asks_for_no_token_beyond_it(tiny_lm: LanguageModel) -> None:
    state = arrived("room", tiny_lm, p="a" * 200)
    do("room", state, tiny_lm, "open", origin="")
    do("room", state, tiny_lm, "start")
    room = state.room()
    assert room is not None
    asked = room.snapshot(0.0).asked
    assert asked is None or isinstance(asked, Guess)


def test_a_lost_redis_is_said_and_the_browser_keeps_its_token(
    lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens a room, or comes back to one, while its Redis is away."""
    rooms = SharedRooms("redis://127.0.0.1:1/0")
    for module in ("state", "scene"):
        monkeypatch.setattr(f"gptviz.ui.pages.room.{module}.ROOMS", rooms)
    state = arrived("room", lm, p=TEXT)
    for action in (
        {"kind": "open", "origin": ""},
        {"kind": "resume", "token": "kept", "origin": ""},
        {"kind": "start"},
    ):
        do("room", state, lm, **action)
        header, _ = shown("room", state, lm)
        assert (header["room"], header["known"], header["text"]) == (None, True, TEXT)
        assert any("Redis" in note["text"] and note["level"] == "error" for note in header["notes"])
    monkeypatch.undo()  # it is back, and the room has gone
    do("room", state, lm, "look")
    header, _ = shown("room", state, lm)
    assert not any("Redis" in note["text"] for note in header["notes"])


def test_the_page_that_a_teacher_comes_from_is_what_a_class_follows(lm: LanguageModel) -> None:
    """With the text that stands in the room; of another text, only the head is left of the link."""
    state = arrived("room", lm, p=TEXT)
    do("room", state, lm, "open", origin="")
    room = state.room()
    assert room is not None
    head = "lang=en&model=bilingual&layer=1&head=2"
    state.seen = Follow("Heads", f"/heads?{head}&p=The+cat+sat+on+the&path=5,6&lesson=x", TEXT)
    state.view = replace(state.view, game="follow")
    do("room", state, lm, "start")
    assert room.public()["link"] == state.seen.link
    state.text = "\ud800 A & B"
    do("room", state, lm, "start")
    assert room.public()["link"] == f"/heads?{head}&p=%3F+A+%26+B"
    state.text = "长" * 3000
    do("room", state, lm, "start")
    assert len(room.public()["link"]) <= MAX_LINK
