"""The rail beside a page: what the present step says, whether it is passed, where the visitor stands. Pure.

It is a part of every page's message, None where no lesson is open: then nothing of it is computed, sent or drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from gptviz.i18n import translate
from gptviz.lessons.checks import Verdict, broken, said, verdict
from gptviz.lessons.lesson import Step
from gptviz.lessons.prose import spans
from gptviz.ui.lessons.course import Course
from gptviz.ui.lessons.moments import moment_of
from gptviz.ui.web.conversation import Conversation

if TYPE_CHECKING:
    from gptviz.ui.page import Context, Scene

Span = tuple[str, str]  # style, text
WORDS = ("back", "next", "skip", "finish", "close", "fold", "unfold", "again", "check", "go", "do", "progress")


class Rail(TypedDict):
    """The present step, ready to be shown; texts are texts."""

    name: str
    title: str
    at: int
    of: int
    heading: str
    text: list[tuple[str, list[Span]]]
    do: list[Span]
    kind: str
    options: list[str]
    unit: str
    passed: bool
    feedback: str
    claim: str
    right: int | None
    answer: float | None
    elsewhere: str
    done: list[int]
    hide: list[str]
    folded: bool
    missing: bool
    words: dict[str, str]
    kept: dict[str, Any]


def rail(page: str, state: Conversation, scene: Scene | None, context: Context) -> Rail | None:
    """The rail of the present picture; ``scene`` is None where there is none."""
    course = context.course
    if course is None or not course.name:
        return None
    lesson, step = course.lesson(context.lang), course.step(context.lang)
    words = {name: translate(f"lesson.{name}", context.lang) for name in WORDS}
    if lesson is None or step is None:
        return _missing(course, words)
    judged = Verdict(False)
    if scene is not None and step.page == page:
        judged = _judged(course, step, state, scene, context)
    passed = course.at in course.standing.done
    hidden = [] if step.page != page else [*step.hide, *([] if passed else step.veil)]
    elsewhere = "" if step.page == page else translate(f"nav.{step.page}", context.lang)
    return {
        "name": course.name, "title": lesson.title, "at": course.at, "of": len(lesson.steps), "heading": step.heading,
        "text": [(block.kind, [*block.spans]) for block in step.text], "do": [*spans(step.check.do)],
        "kind": step.check.kind, "options": [*step.check.options], "unit": step.check.unit, "passed": passed,
        "feedback": _feedback(course, step, judged, passed, context), "claim": _claim(course, step, context),
        "right": judged.right, "answer": course.answer, "elsewhere": elsewhere, "done": sorted(course.standing.done),
        "hide": hidden, "folded": course.folded, "missing": False, "words": words,
        "kept": {course.name: course.standing.told()},
    }  # fmt: skip


def _missing(course: Course, words: dict[str, str]) -> Rail:
    """A lesson that is not here (yet): the browser may have kept it."""
    return {
        "name": course.name, "title": "", "at": course.at, "of": 0, "heading": "", "text": [], "do": [], "kind": "",
        "options": [], "unit": "", "passed": False, "feedback": "", "claim": "", "right": None, "answer": None,
        "elsewhere": "", "done": [], "hide": [], "folded": course.folded, "missing": True, "words": words, "kept": {},
    }  # fmt: skip


def _judged(course: Course, step: Step, state: Conversation, scene: Scene, context: Context) -> Verdict:
    """The verdict on this picture; what was passed once stays so, and is not measured at every key again."""
    done = course.at in course.standing.done
    if done and step.check.kind != "guess":
        return Verdict(True, course.value)
    moment = moment_of(step.page, state, scene, context)
    place = (course.at, context.lm.fingerprint)
    if place not in course.claims and scene.ids and not scene.running:
        failed = broken(step, moment)
        value = failed and (said(failed.value, "", 3) if failed.value is not None else "–")
        course.claims[place] = (
            translate("lesson.false", context.lang, claim=failed.claim.said, value=value) if failed else ""
        )
    found = verdict(step, moment, course.answer)
    if found.passed:
        course.standing.done.add(course.at)
        course.value = found.value
    return found


def _claim(course: Course, step: Step, context: Context) -> str:
    """What is not so here: a claim of the step, or the model that it is about."""
    model = step.state.get("model", "")
    if model and model != context.lm.name:
        return translate("lesson.other_model", context.lang, model=model)
    return course.claims.get((course.at, context.lm.fingerprint), "")


def _feedback(course: Course, step: Step, judged: Verdict, passed: bool, context: Context) -> str:
    """What is said of the check: nothing before anything was done."""
    lang = context.lang
    if judged.error is not None:
        return judged.error.say(lang)
    if judged.waiting:
        return translate("lesson.measuring", lang)
    if step.check.kind == "guess" and judged.right is not None:
        guess = "right" if judged.right == course.answer else "wrong"
        option = step.check.options[judged.right]
        said_so = translate(f"lesson.guess_{guess}", lang, option=option, value=judged.value)
        return said_so + _joined(_then(step, judged.value), lang)
    if passed:
        return translate("lesson.right", lang) + _joined(_then(step, course.value), lang)
    return translate("lesson.not_yet", lang) if judged.answered else ""


def _joined(text: str, lang: str) -> str:
    return translate("lesson.joined", lang, text=text) if text else ""


def _then(step: Step, value: str) -> str:
    """What the step says once it is done; braces that are not {value} stay."""
    return step.check.then.replace("{value}", value or "–")
