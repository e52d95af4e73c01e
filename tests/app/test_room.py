"""The teacher's page of a room in the app, without a browser; students come by the room itself."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from streamlit.util import calc_hash

from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.lessons import shelf
from gptviz.numbers import softmax
from gptviz.room import ROOMS, Room
from gptviz.room.limits import MAX_OPTION, MAX_PROMPT
from gptviz.room.rounds import PROBE_OPTIONS
from gptviz.ui.layout import PAGES
from gptviz.ui.pages.room import asking
from tests.app.visitor import Visitor, visitor_of

OPEN = {"kind": "open", "origin": "http://192.168.1.20:8501"}


class Teacher(Visitor):
    name = "room"

    @property
    def room(self) -> Room:
        found = ROOMS.of_teacher(self.header["room"]["token"])
        assert found is not None
        return found

    def asks(self, **view: Any) -> int:
        """Ask with these controls; gives the round's number."""
        self.say(**view)
        self.say({"kind": "start"})
        number: int = self.header["round"]["number"]
        return number


def teacher(lang: str = "en", text: str = "The cat sat on the") -> Teacher:
    visitor = Teacher(lang=lang, p=text)
    visitor.run()
    visitor.say(OPEN)
    return visitor


@pytest.mark.parametrize("lang", languages())
def test_a_round_from_the_first_visit_to_the_score(lang: str, lm: LanguageModel) -> None:
    visitor = Teacher(lang=lang)
    visitor.run()
    assert visitor.header["room"] is None
    visitor.say(OPEN)
    door = visitor.header["room"]
    assert door["address"] == "192.168.1.20:8501/room"
    assert door["link"].startswith(f"http://192.168.1.20:8501/room?lang={lang}#")
    number = visitor.asks()
    students = [visitor.room.join(lang) for _ in range(3)]
    asked = visitor.header["round"]
    assert asked["actual"] is None
    assert all(row["p"] is None for row in asked["rows"])
    for student, place in zip(students, (0, 0, 5), strict=True):
        visitor.room.answer(student.token, number, {"pick": place})
    visitor.say({"kind": "look"})
    assert [row["votes"] for row in visitor.header["round"]["rows"]] == [2, 0, 0, 0, 0, 1, 0, 0]
    visitor.say({"kind": "close"}, {"kind": "reveal"})
    shown = visitor.header["round"]
    probs = softmax(lm.trace(visitor.header["text"]).logits_at(-1).astype(np.float64))
    labels = {row["label"]: row["p"] for row in shown["rows"]}
    assert sum(labels.values()) + shown["others_p"] == pytest.approx(1.0)
    assert shown["actual"]["p"] == pytest.approx(float(probs[_id_of(lm, shown, visitor)]))
    assert visitor.header["score"]["rounds"] == 1
    assert 0 <= visitor.header["score"]["class_hits"] <= 1


def _id_of(lm: LanguageModel, shown: dict[str, Any], visitor: Teacher) -> int:
    asked = visitor.room.snapshot(0.0).asked
    assert asked is not None
    token: int = asked.actual.token.id  # type: ignore[union-attr]
    assert shown["actual"]["label"] == asked.actual.token.label  # type: ignore[union-attr]
    return token


def test_a_text_is_played_token_by_token(lm: LanguageModel) -> None:
    visitor = teacher()
    ids = lm.tokenizer.encode("The cat sat on the")
    number = visitor.asks(source="text", at=2)
    asked = visitor.header["round"]
    assert asked["prompt"] == lm.tokenizer.decode(ids[:2])
    visitor.say({"kind": "close"}, {"kind": "reveal"})
    assert (visitor.header["round"]["actual"]["drawn"], visitor.header["at"]) == (False, 2)
    visitor.say({"kind": "next"})
    assert (visitor.header["round"]["prompt"], visitor.header["at"]) == (lm.tokenizer.decode(ids[:3]), 3)
    assert visitor.header["round"]["number"] == number + 1


def test_what_was_drawn_is_what_the_text_goes_on_with() -> None:
    visitor = teacher()
    visitor.asks()
    visitor.say({"kind": "reveal"})
    token = visitor.room.snapshot(0.0).asked.actual.token  # type: ignore[union-attr]
    visitor.say({"kind": "next"})
    assert visitor.header["text"].startswith("The cat sat on the")
    assert len(visitor.header["text"]) > len("The cat sat on the")
    assert visitor.header["text"].endswith(token.label.replace("·", " "))


def test_a_typed_word_waits_and_is_then_held_against_the_model(lm: LanguageModel) -> None:
    visitor = teacher()
    number = visitor.asks()
    visitor.room.answer(visitor.room.join("en").token, number, {"word": "sofa"})
    visitor.say({"kind": "look"})
    shown = visitor.header["round"]
    assert shown["queue"] == [{"word": "sofa", "times": 1}]
    assert "sofa" not in json.dumps([shown["rows"], shown["reading"]])
    visitor.say({"kind": "let", "word": "sofa"})
    visitor.say({"kind": "reveal"})
    ids = lm.tokenizer.encode("The cat sat on the")
    token = asking.token_of(lm, ids, "sofa")
    probs = softmax(lm.trace(ids).logits_at(-1).astype(np.float64))
    assert lm.tokenizer.decode([token]).startswith(" ")  # a word, not the end of one
    assert any(row["votes"] == 1 and row["p"] == pytest.approx(float(probs[token]))
               for row in visitor.header["round"]["rows"])  # fmt: skip


def test_votes_become_a_file_of_pairs() -> None:
    visitor = teacher()
    number = visitor.asks(game="vote")
    one, other = (row["label"] for row in visitor.header["round"]["rows"])
    assert one != other
    visitor.room.answer(visitor.room.join("en").token, number, {"pick": 1})
    visitor.say({"kind": "close"}, {"kind": "votes"})
    (line,) = visitor.header["votes"].splitlines()
    pair = json.loads(line)
    assert (pair["prompt"], pair["rejected_votes"], pair["chosen_votes"]) == ("The cat sat on the", 0, 1)
    assert pair["chosen"].startswith(other[:20])
    visitor.say({"kind": "look"})
    assert visitor.header["votes"] is None  # sent once


def test_a_question_of_ones_own_and_those_offered() -> None:
    visitor = teacher(text="Is it blue?\nyes\nno")
    visitor.asks(game="probe", question=99)
    assert [row["label"] for row in visitor.header["round"]["rows"]] == ["yes", "no"]
    visitor.say({"kind": "close"}, {"kind": "reveal"})
    assert visitor.header["round"]["right"] is None
    visitor.asks(question=0)
    visitor.say({"kind": "reveal"})
    assert visitor.header["round"]["right"] == 1
    visitor.say(text="No options")
    visitor.say(question=99)
    assert not visitor.header["may_start"]


def test_a_class_follows_from_page_to_page() -> None:
    visitor = teacher()
    visitor.asks(game="follow")
    room = visitor.room
    before = room.public()
    assert before["link"].startswith("/?")
    visitor.at.switch_page("pages/heads_page.py")
    visitor.at.run()
    visitor.no_exception()
    told = room.public()
    assert told["link"].startswith("/heads?")
    assert (told["title"], told["number"]) == ("Heads", before["number"])


def test_a_reload_goes_on_with_the_room_and_no_link_has_it() -> None:
    before = teacher()
    before.asks()
    token = before.header["room"]["token"]
    assert token not in before.header["link"]
    after = Teacher(lang="en")
    after.run()
    assert after.header["room"] is None
    after.say({"kind": "resume", "token": token, "origin": "http://192.168.1.20:8501"})
    assert after.header["room"]["code"] == before.header["room"]["code"]
    assert after.header["round"] == before.header["round"]
    after.say({"kind": "end"})
    assert after.header["room"] is None
    again = Teacher(lang="en")
    again.run()
    again.say({"kind": "resume", "token": token, "origin": ""})
    assert (again.header["room"], again.header["known"]) == (None, False)


def test_another_page_is_not_told_of_a_room() -> None:
    visitor = visitor_of("heads", lang="en").run()
    assert "round" not in visitor.header


def press(visitor: Teacher, to: str) -> None:
    """Press the toolbar's button of the room, which leads to page ``to``."""
    visitor.name = to
    visitor.at.button(key="toolbar_room").click()
    visitor.run()
    visitor.at._page_hash = calc_hash(PAGES[to])  # else the next run would be of the page that was opened by a link


@pytest.mark.parametrize("lang", languages())
def test_a_room_is_opened_from_any_page_and_left_by_one_click(lang: str) -> None:
    visitor = Teacher(lang=lang)
    visitor.name = "heads"
    visitor.at = visitor_of("heads", lang=lang, p="The dog ran. The dog", layer="1", head="2").at
    visitor.run()
    assert translate("toolbar.room_open", lang) in [button.label for button in visitor.at.button]
    press(visitor, "room")
    assert (visitor.header["text"], visitor.header["wish"], visitor.header["room"]) == (
        "The dog ran. The dog",
        True,
        None,
    )
    visitor.say(OPEN)  # as its browser does, which knows the address
    assert visitor.header["wish"] is False
    room = visitor.room
    visitor.asks(game="follow")
    told = room.public()
    assert (told["title"], told["prompt"]) == (translate("nav.heads", lang), "The dog ran. The dog")
    assert told["link"].startswith("/heads?")
    assert {"layer=1", "head=2"} <= set(told["link"].partition("?")[2].split("&"))
    press(visitor, "heads")
    assert visitor.header["view"]["head"] == 2
    visitor.say(head=3)
    assert "head=3" in room.public()["link"]
    assert translate("toolbar.room_go", lang) in [button.label for button in visitor.at.button]
    press(visitor, "room")
    assert (visitor.header["wish"], visitor.header["room"]["code"]) == (False, room.code)


def test_an_open_lesson_comes_along() -> None:
    """Its questions are the first to ask, and who follows sees its step."""
    name = shelf.names()[0]
    lesson = shelf.lesson(name, "en")
    assert lesson is not None
    visitor = Teacher(lang="en")
    visitor.name = "next_token"
    visitor.at = visitor_of("next_token", lang="en", lesson=name, lesson_at="2").at
    visitor.run()
    visitor.name = "room"
    visitor.press("toolbar.room_open", "en").say(OPEN)
    assert visitor.header["text"] == lesson.steps[1].state["p"]
    assert visitor.header["questions"][: len(lesson.probes)] == [probe.question for probe in lesson.probes]
    visitor.asks(game="probe", question=1)
    visitor.say({"kind": "reveal"})
    assert visitor.header["round"]["right"] == lesson.probes[1].right
    assert [row["label"] for row in visitor.header["round"]["rows"]] == list(lesson.probes[1].options)
    visitor.asks(game="follow")
    assert f"lesson={name}&lesson_at=2" in visitor.room.public()["link"]
    visitor.say(text="Something else")
    visitor.say({"kind": "start"})
    assert visitor.room.public()["link"].endswith("p=Something+else")


def test_there_is_no_way_back_for_who_came_by_a_link() -> None:
    visitor = teacher()
    assert "toolbar_room" not in [button.key for button in visitor.at.button]


@pytest.mark.parametrize("lang", languages())
def test_every_lessons_questions_can_be_asked(lang: str) -> None:
    for name in shelf.names():
        lesson = shelf.lesson(name, lang)
        assert lesson is not None
        assert lesson.probes
        for probe in lesson.probes:
            assert 0 <= probe.right < len(probe.options) <= PROBE_OPTIONS
            assert len(probe.question) <= MAX_PROMPT
            assert max(map(len, probe.options)) <= MAX_OPTION
