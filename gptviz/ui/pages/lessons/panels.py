"""The page's panels: the list of lessons, and of the one looked at all that is not in its steps. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypedDict
from weakref import ref

from gptviz.errors import GptvizError
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.lessons import shelf
from gptviz.lessons.lesson import Lesson, Teacher
from gptviz.lessons.reading import LARGEST
from gptviz.recipes import lessons as recipes
from gptviz.ui.lessons.course import OWN, Standing
from gptviz.ui.pages.lessons.scene import Listed


class Entry(TypedDict):
    """One lesson in the list."""

    name: str
    number: int
    title: str
    aim: str
    minutes: int
    steps: int
    done: int
    at: int


class ListPart(TypedDict):
    """All lessons; what is wrong with the visitor's own; how long such a file may be, in characters."""

    lessons: list[Entry]
    own_error: str
    largest: int
    progress: dict[str, Any]
    model: str
    list_reading: str
    list_python: str


def listed(scene: Listed) -> ListPart:
    """The lessons in their order, the visitor's own last."""
    lang, course = scene.context.lang, scene.course
    found = [shelf.lesson(name, lang) for name in shelf.names()] + [course.own]
    error = course.own_error.say(lang) if course.own_error else ""
    entries = [_entry(lesson, i + 1, course.of(lesson.name)) for i, lesson in enumerate(found) if lesson]
    progress = {name: standing.told() for name, standing in course.standings.items() if name}
    return {"lessons": entries, "own_error": error, "largest": LARGEST, "progress": progress,
            "model": scene.context.title or scene.context.lm.name,
            "list_reading": _list_reading(entries, lang), "list_python": recipes.listed(lang)}  # fmt: skip


def _list_reading(entries: list[Entry], lang: str) -> str:
    over = len([one for one in entries if one["done"] >= one["steps"]])
    minutes = sum(one["minutes"] for one in entries)
    return translate("lessons.reading.list", lang, done=over, count=len(entries), minutes=minutes)


def _entry(lesson: Lesson, number: int, standing: Standing) -> Entry:
    done = len([i for i in standing.done if i < len(lesson.steps)])
    return {"name": lesson.name, "number": 0 if lesson.name == OWN else number, "title": lesson.title,
            "aim": lesson.aim, "minutes": lesson.minutes, "steps": len(lesson.steps), "done": done,
            "at": standing.at}  # fmt: skip


class Asked(TypedDict):
    """A question for before and after; ``right`` and ``why`` come once both are answered."""

    question: str
    options: list[str]
    before: int | None
    after: int | None
    right: int | None
    why: str


class Line(TypedDict):
    """A line of the worksheet, and what belongs into its blank; ``text`` is what it is measured on."""

    said: str
    text: str
    solution: str


class Chosen(TypedDict):
    """The lesson looked at."""

    name: str
    title: str
    aim: str
    minutes: int
    headings: list[str]
    plan: list[tuple[int, str]]
    ask: list[str]
    wrong: list[str]
    standards: list[str]
    probes: list[Asked]
    lines: list[Line]


class ChosenPart(TypedDict):
    """The lesson looked at, else the open one, else the first; None where there is no such lesson."""

    chosen: Chosen | None
    sheet: str
    probes_reading: str
    probes_python: str
    sheet_python: str


def chosen(scene: Listed) -> ChosenPart:
    """All of one lesson but its steps, which the rail shows."""
    course, lang = scene.course, scene.context.lang
    name = scene.look.which or course.name or next(iter(shelf.names()), "")
    lesson = course.lesson(lang, name) if name else None
    if lesson is None:
        return {"chosen": None, "sheet": scene.look.sheet, "probes_reading": "", "probes_python": "",
                "sheet_python": ""}  # fmt: skip
    standing, teacher = course.of(lesson.name), lesson.teacher or Teacher()
    solutions = _solutions(ref(scene.context.lm), lesson, lang)
    lines: list[Line] = [{"said": item.text, "text": item.prompt, "solution": solution}
                         for item, solution in zip(lesson.worksheet, solutions, strict=True)]  # fmt: skip
    made: Chosen = {
        "name": lesson.name, "title": lesson.title, "aim": lesson.aim, "minutes": lesson.minutes,
        "headings": [step.heading for step in lesson.steps],
        "plan": [(one.minutes, one.what) for one in teacher.plan], "ask": [*teacher.ask],
        "wrong": [*teacher.wrong], "standards": [*teacher.standards], "probes": _probes(lesson, standing),
        "lines": lines,
    }  # fmt: skip
    known = None if lesson.name == OWN else lesson.name
    answered = len([one for one in made["probes"] if one["right"] is not None])
    return {
        "chosen": made,
        "sheet": scene.look.sheet,
        "probes_reading": translate("lessons.reading.probes", lang, count=len(made["probes"]), done=answered),
        "probes_python": recipes.probes(known, lang),
        "sheet_python": recipes.teacher(known, lang) if scene.look.sheet == "teacher"
                        else recipes.worksheet(known, lang, scene.context.lm.name),
    }  # fmt: skip


def _probes(lesson: Lesson, standing: Standing) -> list[Asked]:
    found: list[Asked] = []
    for place, probe in enumerate(lesson.probes):
        before, after = standing.before[place], standing.after[place]
        told = before is not None and after is not None
        found.append({"question": probe.question, "options": [*probe.options], "before": before, "after": after,
                      "right": probe.right if told else None, "why": probe.why if told else ""})  # fmt: skip
    return found


@lru_cache(maxsize=64)
def _solutions(model: ref[LanguageModel], lesson: Lesson, lang: str) -> tuple[str, ...]:
    """What belongs into the blanks, measured on the model; where that cannot be, why."""
    from gptviz.ui.lessons.desk import solved
    from gptviz.ui.page import Context

    lm = model()
    assert lm is not None  # whoever asks has it
    found = []
    for item in lesson.worksheet:
        try:
            found.append(solved(item, Context(lm, lang, lm.trace)))
        except GptvizError as error:
            found.append(error.say(lang))
    return tuple(found)
