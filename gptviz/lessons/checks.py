"""Whether a step is passed: its check against one moment, and against what the learner answered."""

from __future__ import annotations

from typing import NamedTuple

from gptviz.errors import LessonError
from gptviz.lessons.lesson import Ask, Check, Claim, Item, Step, Value
from gptviz.lessons.moment import Moment
from gptviz.lessons.quantities import NotYetError, measure
from gptviz.numbers import is_finite, rank_of
from gptviz.rounding import fixed, percent

Answer = int | float | None


class Verdict(NamedTuple):
    """What can be said of a step now."""

    passed: bool
    value: str = ""  # what was measured, as it is said
    right: int | None = None  # of a guess: which option
    answered: bool = False  # something was entered or guessed
    waiting: bool = False  # what is asked about is still being measured
    error: LessonError | None = None


class Broken(NamedTuple):
    """A claim that does not hold for this model."""

    claim: Claim
    value: float | None


def verdict(step: Step, moment: Moment, answer: Answer = None) -> Verdict:
    """Judge one step. A page other than the step's passes nothing."""
    check = step.check
    if moment.page != step.page:
        return Verdict(False)
    try:
        return _JUDGES[check.kind](check, moment, answer)
    except NotYetError:
        return Verdict(False, waiting=True)
    except LessonError as error:
        return Verdict(False, error=error)


def broken(step: Step, moment: Moment) -> Broken | None:
    """The first claim of a step that does not hold for the model, in the state that the moment shows."""
    for claim in step.holds:
        try:
            value = measure(claim.ask, moment)
        except NotYetError:
            continue
        except LessonError:
            return Broken(claim, None)
        if not _within(value, claim.least, claim.most):
            return Broken(claim, value)
    return None


def solved(item: Item, moment: Moment) -> str:
    """What belongs into the blank of a worksheet's line. Raises LessonError."""
    return said(measure(item.ask, moment), item.unit, item.digits)


def said(value: float, unit: str = "", digits: int = 0) -> str:
    """A value with its unit; per cent of a share."""
    if unit == "%":
        return percent(value, digits)
    return f"{fixed(value, digits)} {unit}" if unit else fixed(value, digits)


def _within(value: float, least: float | None, most: float | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _fits(check: Check, value: Value | None) -> bool:
    """Whether a field's value is as the check wants it."""
    if value is None:
        return False
    if check.equals is not None:
        return bool(value == check.equals) and isinstance(value, bool) == isinstance(check.equals, bool)
    if check.has:
        return check.has in str(value)
    return is_finite(value) and _within(float(value), check.least, check.most)


def _value(check: Check, moment: Moment, answer: Answer) -> Verdict:
    if check.ask is None:
        value = moment.field(check.control)
        return Verdict(_fits(check, value), "" if value is None else str(value))
    found = measure(check.ask, moment)
    return Verdict(_fits(check, found), said(found, check.unit, check.digits))


def _place(check: Check, moment: Moment, answer: Answer) -> Verdict:
    assert check.ask is not None
    wanted = int(measure(check.ask, moment))
    return Verdict(moment.field(check.control) == wanted, str(wanted))


def _head(check: Check, moment: Moment, answer: Answer) -> Verdict:
    found = measure(Ask("head_score", {"score": check.score}), moment)
    return Verdict(_within(found, check.least, check.most), said(found, "", 2))


def _token(check: Check, moment: Moment, answer: Answer) -> Verdict:
    """The first token after the typed text: its place among all that the model could have said there."""
    if len(moment.ids) <= moment.n_prompt or not moment.n_prompt:
        return Verdict(False)
    row = moment.trace(moment.ids[: moment.n_prompt]).logits_at(-1)
    rank = rank_of(row, moment.ids[moment.n_prompt])
    return Verdict(_within(rank, check.least, check.most), str(rank))


def _number(check: Check, moment: Moment, answer: Answer) -> Verdict:
    assert check.ask is not None
    right = measure(check.ask, moment) * (100 if check.unit == "%" else 1)
    if not is_finite(answer):
        return Verdict(False)
    near = abs(float(answer) - right) <= check.tolerance + 1e-9
    return Verdict(near, said(measure(check.ask, moment), check.unit, check.digits) if near else "", answered=True)


def _guess(check: Check, moment: Moment, answer: Answer) -> Verdict:
    """Passed as soon as somebody has guessed; which option is right is measured then."""
    if not isinstance(answer, int) or isinstance(answer, bool) or not 0 <= answer < len(check.options):
        return Verdict(False)
    right, value = right_option(check, moment)
    return Verdict(True, said(value, check.unit, check.digits), right, answered=True)


def right_option(check: Check, moment: Moment) -> tuple[int, float]:
    """(which option is right, what was measured): that of the largest value, or the one that the value lies in."""
    assert check.ask is not None
    if check.each:
        values = check.values or check.options
        found = [measure(Ask(check.ask.name, {**check.ask.about, check.each: one}), moment) for one in values]
        best = max(range(len(found)), key=lambda i: found[i])
        return best, found[best]
    value = measure(check.ask, moment)
    return sum(value >= edge for edge in check.edges), value


_JUDGES = {"value": _value, "place": _place, "head": _head, "token": _token, "number": _number, "guess": _guess}
