"""The page of lessons, and a lesson from page to page, in the app without a browser."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages
from gptviz.lessons import shelf
from tests.app.visitor import Visitor, visitor_of

FIRST = shelf.names()[0]


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_lists_all_lessons(lang: str) -> None:
    header = visitor_of("lessons", lang=lang).run().header
    assert [entry["name"] for entry in header["lessons"]] == list(shelf.names())
    assert all(entry["title"] and entry["aim"] and entry["minutes"] for entry in header["lessons"])
    assert header["chosen"]["name"] == FIRST  # what a teacher sees first
    assert header["lesson"] is None


def test_starting_a_lesson_opens_its_page_with_the_rail() -> None:
    visitor: Visitor = visitor_of("lessons", lang="en").run()
    visitor.name = "lessons"
    visitor.at.session_state["lessons"] = {"client": {
        "n": 1, "text": "", "view": {}, "queue": [{"q": 1, "kind": "lesson", "do": "open", "name": FIRST, "at": 0}],
    }}  # fmt: skip
    visitor.at.run()
    visitor.go("next_token")
    lesson = shelf.lesson(FIRST, "en")
    assert lesson is not None
    assert visitor.header["text"] == lesson.steps[0].state["p"]
    assert visitor.header["lesson"]["name"] == FIRST
    visitor.do("lesson", do="answer", value=1)
    assert visitor.header["lesson"]["passed"]
    visitor.do("lesson", do="next")
    assert visitor.header["text"] == lesson.steps[1].state["p"]
    visitor.go("masks")
    assert visitor.header["lesson"]["elsewhere"]
    visitor.do("lesson", do="close")
    assert visitor.header["lesson"] is None


def test_a_bare_link_shows_what_the_step_asks_for() -> None:
    lesson = shelf.lesson(FIRST, "zh")
    assert lesson is not None
    visitor = visitor_of("next_token", lang="zh", lesson=FIRST, lesson_at="2").run()
    assert visitor.header["text"] == lesson.steps[1].state["p"]
    assert visitor.header["lesson"]["heading"] == lesson.steps[1].heading
