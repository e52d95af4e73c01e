"""What one visitor stands at in the lessons: which is open at which step, what was done, what was answered. Pure.

It lies in the session beside the states of the pages. The browser keeps the same (``web/kit/lesson_memory.js``) and
gives it back to a session that is new; nothing in that is trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gptviz.errors import LessonError
from gptviz.lessons import shelf
from gptviz.lessons.checks import Answer
from gptviz.lessons.lesson import Lesson, Step
from gptviz.lessons.reading import LARGEST, MOST_STEPS, read
from gptviz.numbers import is_finite

ACTION = "lesson"  # the kind of all actions that are about lessons, on whatever page
LESSON, AT = "lesson", "lesson_at"  # fields of a link: the name, and the step counted from 1
OWN = "own"  # the name of the lesson that a visitor has dropped in
PAGE, CHOSEN = "lessons", "which"  # the page of lessons, and the field of its link that says which is looked at
_PROBES, _OPTIONS = 2, 4
WHEN = ("before", "after")


class Goto(NamedTuple):
    """A page, and what its link holds, that the visitor is to be shown next."""

    page: str
    state: Mapping[str, str]


@dataclass
class Standing:
    """How far one lesson has come."""

    at: int = 0
    done: set[int] = field(default_factory=set)
    before: list[int | None] = field(default_factory=lambda: [None] * _PROBES)
    after: list[int | None] = field(default_factory=lambda: [None] * _PROBES)

    def told(self) -> dict[str, Any]:
        """As the browser keeps it."""
        return {"at": self.at, "done": sorted(self.done), "before": list(self.before), "after": list(self.after)}

    def take(self, kept: Mapping[str, Any]) -> None:
        """Take over what the browser has kept, as far as it makes sense; what is known here already stays."""
        done = kept.get("done")
        self.done |= {i for i in (done if isinstance(done, list) else [])[:MOST_STEPS] if _is_index(i, MOST_STEPS)}
        self.at = self.at or (kept["at"] if _is_index(kept.get("at"), MOST_STEPS) else 0)
        for when in WHEN:
            said, own = kept.get(when), getattr(self, when)
            for place, answer in enumerate((said if isinstance(said, list) else [])[:_PROBES]):
                if own[place] is None and _is_index(answer, _OPTIONS):
                    own[place] = answer


@dataclass
class Course:
    """One visitor's lessons."""

    name: str = ""  # the lesson that is open
    folded: bool = False
    own: Lesson | None = None
    own_error: LessonError | None = None
    goto: Goto | None = None
    answer: Answer = None  # to the present step
    value: str = ""  # what was measured when it was passed
    claims: dict[tuple[int, str], str] = field(default_factory=dict)  # step, model → the claim that does not hold
    standings: dict[str, Standing] = field(default_factory=dict)

    @property
    def standing(self) -> Standing:
        """That of the open lesson."""
        return self.of(self.name)

    @property
    def at(self) -> int:
        """The present step, from 0."""
        return self.standing.at

    def of(self, name: str) -> Standing:
        """How far that lesson has come."""
        return self.standings.setdefault(name, Standing())

    def lesson(self, lang: str, name: str = "") -> Lesson | None:
        """The open lesson, or the one of that name; None where there is none."""
        wanted = name or self.name
        return self.own if wanted == OWN else shelf.lesson(wanted, lang) if wanted in shelf.names() else None

    def step(self, lang: str) -> Step | None:
        """The present step."""
        lesson = self.lesson(lang)
        return lesson.steps[min(self.at, len(lesson.steps) - 1)] if lesson else None

    def open(self, name: str, at: int, lang: str, *, show: bool = True) -> None:
        """Open a lesson at a step; ``show``: with the state that the step asks for, else as the page stands."""
        lesson = self.lesson(lang, name)
        if lesson is None and name != OWN:
            return
        if name != self.name:
            self.claims = {}
        self.name = name
        self.move(at, lang, show=show)

    def move(self, at: int, lang: str, *, show: bool = True) -> None:
        """Go to a step of the open lesson."""
        lesson = self.lesson(lang)
        self.answer, self.value = None, ""
        self.standing.at = max(0, min(at, len(lesson.steps) - 1)) if lesson else max(0, at)
        step = self.step(lang)
        if step is not None and show:
            self.goto = Goto(step.page, step.state)

    def close(self, *, finished: bool = False) -> None:
        """Close the rail; whoever has finished is shown the questions for afterwards."""
        if finished:
            self.goto = Goto(PAGE, {CHOSEN: self.name})
            self.standing.at = 0
        self.name = ""

    def drop(self, text: str) -> None:
        """Take a lesson of the visitor's own, or say what is wrong with it."""
        try:
            self.own, self.own_error = read(text, OWN), None
        except LessonError as error:
            self.own_error = error

    def to_query(self) -> dict[str, str]:
        """What a link says of it."""
        return {LESSON: self.name, AT: str(self.at + 1)} if self.name else {}

    def arrive(self, query: Mapping[str, str], lang: str) -> None:
        """Open what a link names; where it says no more of the page than that, with the state of the step."""
        said = query.get(AT, "1")
        at = int(said) - 1 if said.isascii() and said.isdigit() and len(said) < 4 else 0
        alone = not query.keys() - {LESSON, AT, "lang", "model", "projector"}
        self.open(query.get(LESSON, "")[:40], at, lang, show=alone)

    def take(self, kept: Any) -> None:
        """Take over what the browser has kept of all lessons."""
        for name in (OWN, *shelf.names()):
            standing = kept.get(name) if isinstance(kept, Mapping) else None
            if isinstance(standing, Mapping):
                self.of(name).take(standing)

    def hear(self, action: Mapping[str, Any], lang: str) -> None:
        """Do what the browser asks for; what makes no sense changes nothing."""
        what = action.get("do")
        if what == "open" and isinstance(action.get("name"), str):
            self.open(action["name"][:40], _index(action.get("at")), lang)
        elif what == "kept":
            self._recall(action, lang)
        elif what == "drop" and isinstance(action.get("text"), str):
            self.drop(action["text"][: LARGEST + 1])
        elif what == "probe":
            self._probe(action)
        elif self.name:
            self._in_lesson(what, action, lang)

    def _in_lesson(self, what: Any, action: Mapping[str, Any], lang: str) -> None:
        lesson = self.lesson(lang)
        if what == "close":
            self.close()
        elif what == "fold":
            self.folded = action.get("on") is True
        elif what == "answer" and is_finite(action.get("value")):
            self.answer = action["value"]
        elif what == "go":
            self.move(_index(action.get("at")), lang)
        elif what == "back":
            self.move(self.at - 1, lang)
        elif what == "again":
            self.move(self.at, lang)
        elif what == "next" and lesson is not None:
            self.folded = False  # on a phone: the next step is there to be read
            if self.at + 1 < len(lesson.steps):
                self.move(self.at + 1, lang)
            else:
                self.close(finished=True)

    def _recall(self, action: Mapping[str, Any], lang: str) -> None:
        at = self.at if self.name else 0
        self.take(action.get("kept"))
        if self.name:
            self.standing.at = at  # the link says where
        text = action.get("own")
        if self.own is None and isinstance(text, str) and text:
            self.drop(text[: LARGEST + 1])
            if self.name == OWN:
                self.move(at, lang, show=False)

    def _probe(self, action: Mapping[str, Any]) -> None:
        name, when, place, answer = (action.get(field) for field in ("name", "when", "place", "answer"))
        known = name == OWN or name in shelf.names()
        if known and when in WHEN and _is_index(place, _PROBES) and _is_index(answer, _OPTIONS):
            answers = getattr(self.of(str(name)), str(when))
            if answers[place] is None:
                answers[place] = answer


def _is_index(value: Any, most: int) -> bool:
    return type(value) is int and 0 <= value < most


def _index(value: Any) -> int:
    return value if _is_index(value, MOST_STEPS) else 0
