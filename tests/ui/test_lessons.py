"""Lessons in the app, without Streamlit: every step of every file, what a visitor stands at, the rail's part."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz import catalogue
from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.lessons import shelf
from gptviz.ui import pages
from gptviz.ui.lessons.course import CHOSEN, OWN, PAGE, Course
from gptviz.ui.lessons.desk import check_fields, solve_all, try_out
from gptviz.ui.page import Context, arrive, picture
from gptviz.ui.web.message import unpack
from tests.test_lessons import LESSON

FIRST = shelf.names()[0]


@pytest.mark.slow
@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", shelf.names())
def test_every_step_can_be_passed_and_is_not_passed_at_its_start(name: str, lang: str, lm: LanguageModel) -> None:
    lesson = shelf.lesson(name, lang)
    assert lesson is not None
    check_fields(lesson)
    assert {tried.step: str(tried.error) for tried in try_out(lesson, lm, lang) if tried.error} == {}
    assert [found for _, found in solve_all(lesson, lm, lang) if not isinstance(found, str)] == []


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    found = [one for one in catalogue.local_models() if "SmolLM2" in one]
    if not found:
        pytest.skip("SmolLM2 is not installed")
    return catalogue.load(found[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", shelf.names())
def test_with_smollm2_each_step_can_be_passed_or_says_what_is_not_so(name: str, smollm2: LanguageModel) -> None:
    """In English, which is all that it knows: a Chinese word is three tokens to it, and a poem may go on anyhow."""
    lesson = shelf.lesson(name, "en")
    assert lesson is not None
    for tried in try_out(lesson, smollm2, "en"):
        assert tried.error is None or tried.error.key == "lesson.claim", str(tried.error)


def run(course: Course, lm: LanguageModel, page: str = "next_token", lang: str = "en", **query: str) -> dict[str, Any]:
    """The header of a page with the rail beside it."""
    context = Context(lm, lang, lm.trace, course=course)
    declared = pages.declared(page)
    header: dict[str, Any] = unpack(picture(declared, arrive(declared, query, context), context))[0]
    return header


def test_without_a_lesson_there_is_no_rail(tiny_lm: LanguageModel) -> None:
    header = run(Course(), tiny_lm, p="abc")
    assert header["lesson"] is None
    assert "lesson" not in header["link"]


def test_a_lesson_from_its_first_step_to_its_end(lm: LanguageModel) -> None:
    course = Course()
    course.hear({"do": "open", "name": FIRST, "at": 0}, "en")
    assert course.goto is not None
    assert course.goto.page == "next_token"
    state = dict(course.goto.state)
    rail = run(course, lm, **state)["lesson"]
    assert (rail["at"], rail["passed"], rail["right"], rail["hide"]) == (0, False, None, ["distribution"])
    course.hear({"do": "answer", "value": 0}, "en")
    rail = run(course, lm, **state)["lesson"]
    assert (rail["passed"], rail["right"], rail["hide"], rail["done"]) == (True, 2, [], [0])
    assert "99" in rail["feedback"]
    course.hear({"do": "next"}, "en")
    assert run(course, lm, **course.goto.state)["link"].endswith(f"lesson={FIRST}&lesson_at=2")
    lesson = course.lesson("en")
    assert lesson is not None
    for _ in lesson.steps[1:]:
        course.hear({"do": "next"}, "en")
    assert course.name == ""
    assert course.goto == (PAGE, {CHOSEN: FIRST})


def test_what_was_passed_once_stays_so_and_is_kept(lm: LanguageModel) -> None:
    course = Course()
    course.open(FIRST, 5, "en")
    assert not run(course, lm, p="The cat sat on the")["lesson"]["passed"]
    assert run(course, lm, p="The capital of France is")["lesson"]["passed"]
    rail = run(course, lm, p="The cat sat on the")["lesson"]
    assert rail["passed"]
    assert rail["kept"] == {FIRST: {"at": 5, "done": [5], "before": [None, None], "after": [None, None]}}
    again = Course()
    again.hear({"do": "kept", "kept": rail["kept"]}, "en")
    assert again.of(FIRST).done == {5}


def test_on_another_page_the_rail_says_where_to_go(tiny_lm: LanguageModel) -> None:
    course = Course()
    course.open(FIRST, 0, "en")
    assert run(course, tiny_lm, page="masks", p="abc")["lesson"]["elsewhere"] == translate("nav.next_token", "en")


def test_a_link_opens_a_step(tiny_lm: LanguageModel) -> None:
    alone, whole = Course(), Course()
    alone.arrive({"lesson": FIRST, "lesson_at": "3", "lang": "en"}, "en")
    whole.arrive({"lesson": FIRST, "lesson_at": "3", "p": "abc"}, "en")
    assert (alone.at, alone.goto is None) == (2, False)  # the step's state is shown
    assert (whole.at, whole.goto is None) == (2, True)  # the link says it itself
    for at in ("x", "-1", "99", "9" * 400, "²"):
        course = Course()
        course.arrive({"lesson": FIRST, "lesson_at": at}, "en")
        assert 0 <= course.at < 8
    nobody = Course()
    nobody.arrive({"lesson": "../../etc"}, "en")
    assert nobody.name == ""


def test_a_lesson_of_ones_own_and_what_is_wrong_with_one(tiny_lm: LanguageModel) -> None:
    course = Course()
    course.hear({"do": "drop", "text": LESSON.replace('"guess"', '"magic"')}, "en")
    assert course.own_error is not None
    assert "Line 18" in course.own_error.say("en")
    course.hear({"do": "drop", "text": LESSON}, "en")
    assert course.own_error is None
    course.hear({"do": "open", "name": OWN, "at": 0}, "en")
    assert run(course, tiny_lm, p="abc")["lesson"]["title"] == "One"
    lost = Course()
    lost.arrive({"lesson": OWN, "lesson_at": "1", "p": "abc"}, "en")
    assert run(lost, tiny_lm, p="abc")["lesson"]["missing"]
    lost.hear({"do": "kept", "kept": {}, "own": LESSON}, "en")
    assert not run(lost, tiny_lm, p="abc")["lesson"]["missing"]


def test_questions_are_told_what_is_right_after_both_answers(tiny_lm: LanguageModel) -> None:
    course = Course()
    for when, answer in (("before", 3), ("after", 0)):
        probes = run(course, tiny_lm, "lessons", which=FIRST)["chosen"]["probes"]
        assert probes[0]["right"] is None
        course.hear({"do": "probe", "name": FIRST, "when": when, "place": 0, "answer": answer}, "en")
    (first, second) = run(course, tiny_lm, "lessons", which=FIRST)["chosen"]["probes"]
    assert (first["before"], first["after"], first["right"], second["right"]) == (3, 0, 0, None)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
                    max_leaves=8)  # fmt: skip
DOS = ["open", "kept", "drop", "probe", "close", "fold", "answer", "go", "back", "again", "next"]
FIELDS = ("name", "at", "value", "kept", "own", "text", "when", "place", "answer", "on")
SAID = st.fixed_dictionaries({"do": st.sampled_from(DOS) | JSON}, optional=dict.fromkeys(FIELDS, JSON))


@given(st.lists(SAID, max_size=6))
def test_whatever_the_browser_says_leaves_a_course_that_can_be_told(actions: list[dict[str, Any]]) -> None:
    course = Course()
    course.open(FIRST, 0, "en")
    for action in actions:
        course.hear(action, "zh")
    for standing in course.standings.values():
        json.dumps(standing.told())
    assert course.step("en") is not None or course.name in ("", OWN)
