"""The deploy page's panels: the forms of the weights, what leaving parts out costs, and the text without them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from gptviz.compression import FORMS, precision, pruning
from gptviz.compression.precision import Cost
from gptviz.recipes import deploy as recipes
from gptviz.rounding import both, number, percent, scientific
from gptviz.ui.changed import Changed, changed
from gptviz.ui.pages.deploy.scene import Served
from gptviz.ui.pages.deploy.state import PRESETS
from gptviz.ui.prompts import how, quoted

_NAMED = 12  # parts that a sentence names


class Cell(TypedDict):
    """One number with its bar, a share of the longest in its column; ``more`` stands small below it."""

    share: float
    number: str
    more: str


class FormRow(TypedDict):
    """One form of the weights; no cells while it is not measured, and where this processor cannot multiply by it."""

    name: str
    held: bool  # the open model is held so
    cells: list[Cell]
    note: str  # why there are none


class FormsPart(TypedDict):
    """What each form costs."""

    forms: list[FormRow]
    forms_columns: list[str]
    forms_rows: list[list[str]]
    forms_reading: str
    forms_python: str
    forms_done: int
    forms_wanted: int


_CELLS = ("memory", "token", "pass", "error", "agreement", "perplexity")
_COLUMNS = ("form", "memory_bytes", "file_bytes", "tokens_per_second", "token_ratio", "pass_ms", "pass_ratio",
            "largest", "mean", "agreement_share", "bits", "perplexity_value", "added", "interval")  # fmt: skip


def forms(scene: Served) -> FormsPart:
    """The table and its reading."""
    costs, work = scene.costs, scene.state.forms
    return {
        "forms": [_form(scene, form) for form in FORMS],
        "forms_columns": [scene.say(f"column.{name}") for name in _COLUMNS],
        "forms_rows": [_row(scene, cost) for cost in costs],
        "forms_reading": _forms_reading(scene),
        "forms_python": recipes.forms(scene.lm.name),
        "forms_done": len(work.records),
        "forms_wanted": work.wanted if work.open else 0,
    }


def megabytes(n_bytes: int) -> str:
    """As files are measured."""
    return number(n_bytes / 1e6, 1 if n_bytes < 1e8 else 0)


def _form(scene: Served, form: str) -> FormRow:
    name, held = scene.say(f"form.{form}"), scene.lm.weights == form
    ones = scene.costs
    cost = next((one for one in ones if one.form == form), None)
    if cost is None:
        return {"name": name, "held": held, "cells": [], "note": "…" if scene.problem is None else "–"}
    if not cost.memory:
        return {"name": name, "held": held, "cells": [], "note": scene.say("no_arithmetic")}
    cells: list[Cell] = [
        _cell(cost.memory / max(one.memory for one in ones), scene.say("megabytes", n=megabytes(cost.memory)),
              scene.say("in_file", n=megabytes(cost.file))),
        _cell(_part(cost.tokens_per_second, [one.tokens_per_second for one in ones]),
              "…" if cost.tokens_per_second is None else number(cost.tokens_per_second, 0),
              _times(scene, cost.token_ratio)),
        _cell(_part(cost.pass_seconds, [one.pass_seconds for one in ones]),
              "…" if cost.pass_seconds is None else scene.say("milliseconds", n=number(1000 * cost.pass_seconds, 1)),
              _times(scene, cost.pass_ratio)),
        _cell(_part(cost.mean, [one.mean for one in ones]), "…" if cost.mean is None else _small(cost.mean),
              "" if cost.largest is None else scene.say("at_most", n=_small(cost.largest))),
        _cell(cost.agreement or 0.0, "…" if cost.agreement is None else percent(cost.agreement, 1), ""),
        _cell(_part(abs(cost.added or 0.0), [abs(one.added or 0.0) for one in ones]),
              "…" if cost.added is None else _signed(cost.added), _between(scene, cost)),
    ]  # fmt: skip
    return {"name": name, "held": held, "cells": cells, "note": ""}


def _cell(share: float, number_: str, more: str) -> Cell:
    return {"share": share, "number": number_, "more": more}


def _part(value: float | None, all_: Sequence[float | None]) -> float:
    most = max((one for one in all_ if one is not None), default=0.0)
    return value / most if value is not None and most > 0 else 0.0


def _times(scene: Served, ratio: float | None) -> str:
    return "" if ratio is None else scene.say("times", n=number(ratio, 2))


def _between(scene: Served, cost: Cost) -> str:
    if cost.low is None or cost.high is None:
        return ""
    return scene.say("between", low=_signed(cost.low), high=_signed(cost.high))


def _small(x: float) -> str:
    return "0" if x == 0 else number(x, 3) if x >= 0.001 else scientific(x)


def _signed(x: float) -> str:
    said = number(x, 2)
    return f"+{said}" if x > 0 and said.strip("0.") else said


def _row(scene: Served, cost: Cost) -> list[str]:
    def said(value: float | None, digits: int) -> str:
        return "–" if value is None else number(value, digits)

    between = "–" if cost.low is None or cost.high is None else f"{number(cost.low, 3)} … {number(cost.high, 3)}"
    ms = None if cost.pass_seconds is None else 1000 * cost.pass_seconds
    return [scene.say(f"form.{cost.form}"), str(cost.memory), str(cost.file), said(cost.tokens_per_second, 1),
            said(cost.token_ratio, 2), said(ms, 2), said(cost.pass_ratio, 2),
            "–" if cost.largest is None else _small(cost.largest), "–" if cost.mean is None else _small(cost.mean),
            "–" if cost.agreement is None else percent(cost.agreement, 2), said(cost.bits_per_byte, 4),
            said(cost.perplexity, 3), said(cost.added, 3), between]  # fmt: skip


def _forms_reading(scene: Served) -> str:
    work = scene.state.forms
    if scene.problem is not None:
        return scene.say("not_measured")
    if not work.records:
        return scene.say("next")
    found = {cost.form: cost for cost in scene.costs}
    wide, small = found.get("float32"), found.get("int8")
    if work.open or wide is None or small is None or small.agreement is None or wide.bits_per_byte is None:
        return scene.say("measuring", done=len(work.records), wanted=work.wanted)
    before, after = both(number, wide.bits_per_byte, small.bits_per_byte or 0.0, 3)
    return scene.say("forms_reading", share=percent(small.memory / wide.memory), agreement=percent(small.agreement, 1),
                     before=before, after=after, times=number(small.token_ratio or 0.0, 2),
                     passages=sum(isinstance(one, precision.Read) for one in work.records) // len(FORMS),
                     threads=scene.vitals.shared.threads)  # fmt: skip


class Point(TypedDict):
    """A point of a curve."""

    gone: int
    bits: float


class PartsPart(TypedDict):
    """What leaving parts out costs: a curve for each order; ``n_gone`` of ``n_parts`` are left out."""

    presets: list[str]
    n_parts: int
    n_gone: int
    curves: dict[str, list[Point]]
    parts_columns: list[str]
    parts_rows: list[list[str]]
    parts_reading: str
    parts_python: str
    parts_done: int
    parts_wanted: int


def parts(scene: Served) -> PartsPart:
    """The curves and their reading."""
    work, view = scene.state.parts, scene.controls
    curves = {name: pruning.curve(work.records, name) for name in pruning.ORDERS}
    counts = [n for n, _ in curves["taylor"]]
    table = [dict(curve) for curve in curves.values()]
    names = [scene.say(f"by.{name}") for name in pruning.ORDERS]
    rows = [[str(n), *(number(one[n], 4) if n in one else "…" for one in table)] for n in counts]
    return {
        "presets": list(PRESETS),
        "n_parts": scene.n_parts,
        "n_gone": scene.n_gone,
        "curves": {name: [{"gone": n, "bits": bits} for n, bits in curve] for name, curve in curves.items()},
        "parts_columns": [scene.say(f"gone_{view.unit}"), *names],
        "parts_rows": rows,
        "parts_reading": _parts_reading(scene, curves),
        "parts_python": recipes.parts(scene.lm.name, unit=view.unit, by=view.by, n_gone=scene.n_gone),
        "parts_done": len(work.records),
        "parts_wanted": work.wanted if work.open else 0,
    }  # fmt: skip


def spared(curve: Sequence[tuple[int, float]], most: float = 0.01) -> int:
    """How many parts can go, at the points measured, before the text costs more than ``most`` more bits."""
    found = 0
    for n, bits in curve:
        if bits > curve[0][1] * (1 + most):
            break
        found = n
    return found


def _parts_reading(scene: Served, curves: dict[str, list[tuple[int, float]]]) -> str:
    work, view = scene.state.parts, scene.controls
    if scene.problem is not None:
        return scene.say("not_measured")
    if work.open or not curves["taylor"]:
        return scene.say("measuring", done=len(work.records), wanted=work.wanted)
    few = scene.say("comma").join(scene.names[:_NAMED]) + (" …" if len(scene.names) > _NAMED else "")
    free = spared(curves["taylor"])
    half = len(curves["taylor"]) // 2
    n, ours = curves["taylor"][half]
    drawn = curves["random"][half][1]
    before = curves["taylor"][0][1]
    said = scene.say(f"parts_reading.{view.unit}", free=free, all=scene.n_parts, n=n, before=number(before, 2),
                     ours=number(ours, 2), drawn=number(drawn, 2))  # fmt: skip
    return said + scene.say("left_out", parts=few) if few else said


class Answer(TypedDict):
    """The text written on: as the model is, and without what is left out."""

    before: str
    after: str


class AnswerPart(TypedDict):
    """The typed text before and after; None where there is nothing to compare."""

    changed: Changed | None
    answer: Answer | None
    answer_python: str


def answer(scene: Served) -> AnswerPart:
    """The next token, the loss, and what is written on."""
    prompt = quoted(scene.lm, scene.state.text, how(scene.controls))
    tokens = {after: [one.token for one in scene.state.writing.records if one.after == after]
              for after in (False, True)}  # fmt: skip
    decode = scene.lm.tokenizer.decode
    view = scene.changed
    return {
        "changed": None if view is None else changed(view, scene.context.lang),
        "answer": None if view is None else {"before": decode(tokens[False]), "after": decode(tokens[True])},
        "answer_python": recipes.answer(prompt, scene.lm.name, unit=scene.controls.unit, parts=scene.gone,
                                        n_head=scene.lm.config.n_head),
    }  # fmt: skip
