"""The panels of the tuning page about what came of it: lights, report, wrong examples, the text typed, methods side by
side. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Job
from gptviz.recipes import tuning as recipes
from gptviz.rounding import fixed, gigabytes, number, operand, percent
from gptviz.tuning import sets
from gptviz.tuning.lights import VARIANCE
from gptviz.ui.pages.tuning import forgotten
from gptviz.ui.pages.tuning.heard import Light
from gptviz.ui.pages.tuning.scene import Tuned

_TOLD = 400


class LightsPart(TypedDict):
    """What must hold of this run: its name, the number found and the one wanted, whether it is so."""

    lights: list[tuple[str, str, str, bool]]  # name, words, numbers, good
    lights_reading: str


def lights(scene: Tuned) -> LightsPart:
    """All that have been told so far."""
    return told(scene.state.heard.lights if scene.job is not None else [], scene.context.lang)


def told(found: Sequence[Light], lang: str) -> LightsPart:
    """Lights in words and numbers."""
    good = sum(light.good for light in found)
    return {
        "lights": [(one.name, translate(f"tuning.light.{one.name}", lang),
                    f"{_exact(one.value)} | {_wanted(one)}", one.good) for one in found],
        "lights_reading": translate("tuning.reading.lights", lang, good=good, count=len(found)) if found
                          else translate("tuning.reading.nothing", lang),
    }  # fmt: skip


def _wanted(light: Light) -> str:
    return f"> {_exact(light.wanted)}" if light.name == VARIANCE else _exact(light.wanted)


def _exact(x: float) -> str:
    return f"{round(x):,}" if float(x).is_integer() else operand(x)


class ReportPart(TypedDict):
    """How well it does on what was held out, beside what needs no GPT."""

    figures: list[tuple[str, str, float]]  # what, as it is said, as a part of 1 for a bar (-1: no part)
    report: list[tuple[str, float, float, float, int]]  # label, precision, recall, F1, how many
    confusion: list[list[int]]
    names: list[str]  # of its rows and columns
    report_reading: str


def report(scene: Tuned) -> ReportPart:
    """Of the job looked at."""
    lang, found = scene.context.lang, scene.state.heard.report if scene.job is not None else {}
    if not found or found["value"] is None:
        return {"figures": [], "report": [], "confusion": [], "names": [],
                "report_reading": translate("tuning.reading.nothing", lang)}  # fmt: skip
    return {
        "figures": [*_figures(found, scene), *((what, said, -1.0) for what, said in forgotten.figures(found, lang))],
        "report": [tuple(row) for row in found["rows"]],
        "confusion": found["confusion"],
        "names": found["names"],
        "report_reading": _report_reading(found, scene) + forgotten.reading(found, lang),
    }


def _figures(found: dict[str, Any], scene: Tuned) -> list[tuple[str, str, float]]:
    lang = scene.context.lang
    if found["measure"] == "loss":
        before = scene.state.heard.valid[0].loss if scene.state.heard.valid else None
        said = [("loss_before", number(before, 3)), ("loss", number(found["value"], 3)),
                ("sure", percent(found["sure"], 1))]  # fmt: skip
        return [(translate(f"tuning.figure.{name}", lang), value, -1.0) for name, value in said]
    rows = [(found["measure"], found["value"]), ("words", found["words"]), ("majority", found["majority"])]
    if found["measure"] == "f1":
        rows = [("f1", found["value"]), ("known", found["words"])]
    return [(translate(f"tuning.figure.{name}", lang), percent(value, 1), value) for name, value in rows]


def _report_reading(found: dict[str, Any], scene: Tuned) -> str:
    lang = scene.context.lang
    if found["measure"] == "loss":
        return translate("tuning.reading.loss", lang, loss=number(found["value"], 3), count=found["n"])
    return translate(f"tuning.reading.{found['measure']}", lang, value=percent(found["value"], 1),
                     low=percent(found["low"], 0), high=percent(found["high"], 0), count=f"{found['n']:,}",
                     words=percent(found["words"], 1), majority=percent(found["majority"], 1))  # fmt: skip


class WrongPart(TypedDict):
    """Examples that it gets wrong, the surest first; of instructions questions answered before and after."""

    wrong: list[tuple[str, str, str, str]]  # text, what it is, what it is called, how surely
    n_wrong: int
    wrong_kind: str  # labels or answers; empty while there is nothing
    wrong_reading: str


def wrong(scene: Tuned) -> WrongPart:
    """Of the job looked at."""
    lang, found = scene.context.lang, scene.state.heard.report if scene.job is not None else {}
    answers = found.get("answers")
    kind = "" if not found else "labels" if answers is None else "answers"
    rows = [
        (text, truth, said, percent(p, 0) if p is not None else "") for text, truth, said, p in found.get("wrong", [])
    ]
    if answers is not None:
        rows = [(prompt, wanted, before[:_TOLD], after[:_TOLD]) for prompt, wanted, before, after in answers]
    count = found.get("n_wrong", 0)
    return {
        "wrong": rows,
        "n_wrong": count,
        "wrong_kind": kind,
        "wrong_reading": translate(f"tuning.reading.{'wrong' if kind == 'labels' else 'answers'}", lang,
                                   count=f"{count:,}", total=f"{found['n']:,}") if kind
                         else translate("tuning.reading.nothing", lang),
    }  # fmt: skip


class TypedPart(TypedDict):
    """What the tuned model says of the text in the box."""

    said: str  # labels, words, answers; empty: nothing yet
    labels: list[tuple[str, float]]
    tagged: list[tuple[str, str]]  # a word, and its tag
    before: str
    after: str
    said_of: str  # the prompt that was answered
    said_problem: str
    said_reading: str
    said_python: str


def typed(scene: Tuned) -> TypedPart:
    """Labelled live; answered where that was asked for."""
    lang, job, state, found = scene.context.lang, scene.job, scene.state, scene.tried
    answers = scene.done and job is not None and job.ask.source == sets.INSTRUCTIONS
    kind = (
        "answers" if answers else "" if found is None else "words" if found.words else "labels" if found.labels else ""
    )
    asked = state.replied if answers and job is not None and state.replied.of[0] == job.id else None
    reading = translate("tuning.reading.untried", lang)
    if found is not None and found.labels:
        label, p = found.labels[0]
        reading = translate("tuning.reading.typed", lang, label=label, p=percent(p, 1))
    elif found is not None and found.words:
        named = ", ".join(f"{word} ({tag[2:]})" for word, tag in found.words if tag != "O")
        reading = translate("tuning.reading.words", lang, named=named or "–")
    elif asked is not None:
        reading = translate("tuning.reading.asked", lang, before=asked.before, after=asked.after)
    return {
        "said": kind,
        "labels": found.labels if found is not None else [],
        "tagged": found.words if found is not None else [],
        "before": asked.before if asked is not None else "",
        "after": asked.after if asked is not None else "",
        "said_of": asked.of[1] if asked is not None else "",
        "said_problem": "" if scene.tried_problem is None else scene.tried_problem.say(lang),
        "said_reading": reading,
        "said_python": recipes.tried(scene.context.lm.name, state.text[:_TOLD]),
    }


class MethodRow(TypedDict):
    """One tuning that is over, beside the others on the same task."""

    name: str
    trainable: int
    seconds: float  # of processor
    memory: str
    value: float | None
    low: float | None
    high: float | None
    forgotten: list[str]  # bits per byte more than before, of each of the languages, as it is said
    here: bool


class MethodsPart(TypedDict):
    """All tunings of the task of the job looked at."""

    methods_run: list[MethodRow]
    measure: str  # accuracy, f1, loss
    languages: list[str]  # of which it is told what was forgotten
    methods_reading: str


def side_by_side(scene: Tuned) -> MethodsPart:
    """The best first."""
    lang, job = scene.context.lang, scene.job
    task = job.ask.source if job is not None else ""
    mine = [one for one in folder.jobs_of(scene.state.owner, folder.TUNING) if one.ask.source == task]
    found = [(one, said) for one in mine if (said := one.summary) and said.get("value") is not None]
    measure = found[-1][1]["measure"] if found else ""
    languages = list(dict.fromkeys(part for _, said in found for part in forgotten.of(said)))
    found.sort(key=lambda one: one[1]["value"] * (1 if measure == "loss" else -1))
    rows = [_method_row(one, said, languages, one == job, lang) for one, said in found]
    names = "; ".join(_method_said(row, measure, languages, lang) for row in rows)
    return {
        "methods_run": rows,
        "measure": measure,
        "languages": languages,
        "methods_reading": translate("tuning.reading.methods", lang, said=names) if rows
                           else translate("tuning.reading.nothing", lang),
    }  # fmt: skip


def _method_row(job: Job, found: dict[str, Any], languages: Sequence[str], here: bool, lang: str) -> MethodRow:
    known = forgotten.of(found)
    return {
        "name": translate(f"tuning.method.{job.ask.preset}", lang), "trainable": found["trainable"],
        "seconds": round(found["cpu_seconds"], 1), "memory": gigabytes(found["bytes"]), "value": found["value"],
        "low": found["low"], "high": found["high"], "here": here,
        "forgotten": [forgotten.more(*known[part]) if part in known else "–" for part in languages],
    }  # fmt: skip


def _method_said(row: MethodRow, measure: str, languages: Sequence[str], lang: str) -> str:
    """LoRA: 86.3%, forgotten +0.21 (English)."""
    value = fixed(row["value"] or 0.0, 3) if measure == "loss" else percent(row["value"], 1)
    known = [(forgotten.language(part, lang), more) for part, more in zip(languages, row["forgotten"], strict=True)
             if more != "–"]  # fmt: skip
    said = f"{row['name']}: {value}"
    if not known:
        return said
    parts = ", ".join(f"{more} ({name})" for name, more in known)
    return said + translate("tuning.reading.method_forgotten", lang, said=parts)
