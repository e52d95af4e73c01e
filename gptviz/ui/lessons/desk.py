"""A lesson against a page without a browser: the moment that a check looks at, and trying out all of a file's steps.

A page's state says what its link would; that, and the ids in the picture, is all that a check may look at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gptviz.errors import GptvizError, LessonError
from gptviz.language_model import LanguageModel
from gptviz.lessons import checks
from gptviz.lessons.blocks import written
from gptviz.lessons.checks import Answer, broken, right_option, verdict
from gptviz.lessons.lesson import Ask, Check, Item, Lesson, Step
from gptviz.lessons.moment import Moment
from gptviz.lessons.quantities import measure
from gptviz.numbers import descending
from gptviz.ui import pages
from gptviz.ui.controls import number_in
from gptviz.ui.lessons.moments import moment_of
from gptviz.ui.links import TEXT
from gptviz.ui.page import Context, arrive
from gptviz.ui.prompts import prompt_ids
from gptviz.ui.web.conversation import Conversation

#: What links of these pages hold beside text and controls.
_MORE = {"next_token": ("path", "at", "tip"), "steps": ("path", "at", "tip"), "playground": ("rolls",),
         "compare": ("s",)}  # fmt: skip
_MOST_RUNS = 400


class Tried(NamedTuple):
    """One step, tried out; ``error`` is None where all is well."""

    step: int  # from 1
    heading: str
    error: LessonError | None
    value: str = ""  # what was measured


def fields_of(page: str) -> tuple[str, ...]:
    """The names that a step may set on a page."""
    state: Conversation = pages.declared(page).state()
    own = tuple(control.query for control in state.controls())
    return ("model", *((TEXT,) if state.reads else ()), *own, *_MORE.get(page, ()))


def unknown(step: Step) -> LessonError | None:
    """What a step asks of its page that the page does not have."""
    if step.page not in pages.names():
        return _at(step, "page", name=step.page, known=", ".join(pages.names()))
    known = fields_of(step.page)
    for name in (*step.state, *step.check.solution, *((step.check.control,) if step.check.control else ())):
        if name not in known:
            return _at(step, "field", page=step.page, name=name, known=", ".join(known))
    return None


def check_fields(lesson: Lesson) -> None:
    """Raises LessonError where a step asks a page for what it does not have."""
    for step in lesson.steps:
        error = unknown(step)
        if error is not None:
            raise error


def try_out(lesson: Lesson, lm: LanguageModel, lang: str) -> Iterator[Tried]:
    """Every step with this model: its claims hold, nothing is passed at its beginning, and it can be passed."""
    for number, step in enumerate(lesson.steps, 1):
        error, value = _tried(step, number, lm, lang)
        yield Tried(number, step.heading, error, value)


def _tried(step: Step, number: int, lm: LanguageModel, lang: str) -> tuple[LessonError | None, str]:
    error = unknown(step)
    if error is not None:
        return error, ""
    try:
        start = at(step, lm, lang)
        where = {"step": number, "line": step.line}
        failed = broken(step, start)
        if failed is not None:
            value = "–" if failed.value is None else checks.said(failed.value, "", 3)
            return LessonError("lesson.claim", claim=failed.claim.said, value=value, **where), ""
        first = verdict(step, start)
        if first.passed:
            return LessonError("lesson.passed_at_once", **where), first.value
        more, answer = solution(step.check, start)
        done = verdict(step, at(step, lm, lang, more) if more else start, answer)
        if done.error is not None:
            return LessonError("lesson.at", line=step.line, reason=done.error), ""
        if not done.passed:
            return LessonError("lesson.not_passed", value=done.value or "–", **where), done.value
        return None, done.value
    except LessonError as problem:
        return LessonError("lesson.at", line=step.line, reason=problem), ""


def at(step: Step, lm: LanguageModel, lang: str, more: Mapping[str, str] | None = None) -> Moment:
    """The moment at which a step begins, with ``more`` set by the learner. Raises LessonError for a state of no use."""
    page, context = pages.declared(step.page), Context(lm, lang, lm.trace)
    state = arrive(page, {**step.state, **(more or {})}, context)
    bad = [values["names"] for key, values in state.notes if key == "note.link_bad"]
    if bad:
        raise LessonError("lesson.field_bad", page=step.page, names=", ".join(bad))
    scene = page.scene(state, context)
    for _ in range(_MOST_RUNS):
        if not scene.running:
            break
        scene = page.scene(state, context)
    return moment_of(step.page, state, scene, context)


def solution(check: Check, start: Moment) -> tuple[dict[str, str], Answer]:
    """(fields that the learner sets, what they answer) so that the check is passed."""
    if check.solution:
        return dict(check.solution), None
    if check.kind == "value" and check.control:
        wanted = next((v for v in (check.equals, check.least, check.most, check.has) if v not in (None, "")), "")
        return {check.control: written(wanted)}, None
    if check.kind == "place" and check.ask:
        return {check.control: str(int(measure(check.ask, start)))}, None
    if check.kind == "head":
        return _best_head(check, start), None
    if check.kind == "token":
        row = start.trace(start.ids[: start.n_prompt]).logits_at(-1)
        rank = int(check.least or check.most or 1)
        return {"path": str(int(descending(row)[rank - 1])), "at": "1"}, None
    if check.kind == "number" and check.ask:
        return {}, measure(check.ask, start) * (100 if check.unit == "%" else 1)
    return {}, right_option(check, start)[0] if check.kind == "guess" else None


def _best_head(check: Check, start: Moment) -> dict[str, str]:
    shape = start.lm.config
    places = [(layer, head) for layer in range(shape.n_layer) for head in range(shape.n_head)]

    def score(place: tuple[int, int]) -> float:
        there = Moment(start.lm, start.page, {**start.fields, "layer": place[0], "head": place[1]}, start.ids,
                       start.n_prompt, start.trace, start.heads)  # fmt: skip
        return measure(Ask("head_score", {"score": check.score}), there)

    layer, head = max(places, key=score)
    return {"layer": str(layer), "head": str(head)}


def item_moment(item: Item, context: Context) -> Moment:
    """What a line of the worksheet is measured on: its text, and what it says of layer and head."""
    lm = context.lm
    ids, _ = prompt_ids(lm, item.prompt)
    said: dict[str, Any] = {name: _number(value) for name, value in item.state.items()}
    return Moment(lm, "", {**said, TEXT: item.prompt}, ids, len(ids), context.trace)


def solved(item: Item, context: Context) -> str:
    """What belongs into the blank. Raises LessonError."""
    return checks.solved(item, item_moment(item, context))


def solve_all(lesson: Lesson, lm: LanguageModel, lang: str) -> Iterator[tuple[Item, str | GptvizError]]:
    """Each line of the worksheet with what belongs into its blank, or why that cannot be measured."""
    for item in lesson.worksheet:
        try:
            yield item, solved(item, Context(lm, lang, lm.trace))
        except GptvizError as error:
            yield item, error


def _number(value: str) -> Any:
    found = number_in(value)
    return value if found is None else found


def _at(step: Step, key: str, **values: Any) -> LessonError:
    return LessonError("lesson.at", line=step.line, reason=LessonError(f"lesson.{key}", **values))
