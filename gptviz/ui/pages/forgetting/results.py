"""The panels of the page of forgetting about what came of it: the picture of what is right and what the language costs,
with its reading; and a sentence, token by token. Pure."""

from __future__ import annotations

from typing import Any, TypedDict

from gptviz.i18n import translate
from gptviz.recipes import forgetting as recipes
from gptviz.rounding import number, percent
from gptviz.ui.pages.forgetting.heard import FIRST
from gptviz.ui.pages.forgetting.panels import name_of
from gptviz.ui.pages.forgetting.scene import Costs, Forgot
from gptviz.ui.pages.forgetting.state import SENTENCES
from gptviz.views.distribution import token_label

NONE, NOW, BEFORE = "none", "now", "before"


class Right(TypedDict):
    """A part of the texts measured on, with Wilson's interval at 95 %."""

    value: float
    low: float
    high: float
    said: str
    interval: str


class More(TypedDict):
    """What the held-out text of a language costs more than at the beginning, bits per byte."""

    part: str
    more: float
    said: str


class Row(TypedDict):
    """One stage: after A, or after B with a remedy. ``state``: done, learning, waiting."""

    at: str
    name: str
    state: str
    first: Right | None
    then: Right | None
    language: list[More]
    spent: str  # what it took, and how many numbers were learnt


class OutcomePart(TypedDict):
    """What is right of A and of B, and what the language costs; and what that says, sentence by sentence."""

    outcome: list[Row]
    parts: list[tuple[str, str]]  # the languages, and what their column is called
    chance: tuple[float, float]  # right of who always says the most frequent label: of A, of B
    most_more: float  # the end of the languages' scale
    least_more: float
    told: list[str]
    outcome_reading: str


def outcome(scene: Forgot) -> OutcomePart:
    """Of the job looked at; before there is one, the rows that will come."""
    lang, heard = scene.context.lang, scene.state.heard
    there = scene.job is not None
    remedies = heard.begun.get("remedies") if there else None
    wanted = (FIRST, *(remedies or scene.state.remedies()))
    rows = [_row(scene, at) for at in wanted]
    measured = heard.stages[FIRST]["language"] if there and FIRST in heard.stages else []
    names = [part["part"] for part in measured] or list(SENTENCES)
    every = [one["more"] for row in rows for one in row["language"]]
    told = _told(scene)
    chance = heard.begun.get("chance", [0.0, 0.0]) if there else [0.0, 0.0]
    return {
        "outcome": rows,
        "parts": [(name, translate(f"forgetting.costs.{name}", lang)) for name in names],
        "chance": (chance[0], chance[1]),
        "most_more": max([0.1, *every]),
        "least_more": min([0.0, *every]),
        "told": told,
        "outcome_reading": " ".join(told) if told else translate("forgetting.reading.nothing", lang),
    }


def _row(scene: Forgot, at: str) -> Row:
    lang, heard = scene.context.lang, scene.state.heard
    stage = heard.stages.get(at) if scene.job is not None else None
    learning = scene.job is not None and scene.running and heard.learning == at
    row: Row = {"at": at, "name": name_of(at, lang), "state": "learning" if learning else "waiting", "first": None,
                "then": None, "language": [], "spent": ""}  # fmt: skip
    if stage is None:
        return row
    row |= {"state": "done", "first": _right(stage["first"], stage["first_interval"])}
    if stage["then"] is not None:
        row["then"] = _right(stage["then"], stage["then_interval"])
    row["language"] = [{"part": part["part"], "more": round(part["after"] - part["before"], 4),
                        "said": signed(part["after"] - part["before"])} for part in stage["language"]]  # fmt: skip
    row["spent"] = translate("forgetting.spent", lang, seconds=number(stage["seconds"], 0),
                             trainable=f"{stage['trainable']:,}")  # fmt: skip
    return row


def _right(value: float, interval: list[float]) -> Right:
    low, high = interval
    said = f"{percent(low, 0)}–{percent(high, 0)}".replace("%–", "–")
    return {"value": round(value, 4), "low": round(low, 4), "high": round(high, 4), "said": percent(value, 0),
            "interval": said}  # fmt: skip


def signed(x: float, digits: int = 2) -> str:
    """Bits per byte more, with their sign."""
    said = number(x, digits)
    return said if x <= 0 or float(said.replace(",", "")) == 0 else f"+{said}"


def _told(scene: Forgot) -> list[str]:
    """What was lost, what each remedy saved and cost, and which differences are within their intervals."""
    heard, lang = scene.state.heard, scene.context.lang
    if scene.job is None or FIRST not in heard.stages:
        return []
    after, begun = heard.stages[FIRST], heard.begun
    low, high = after["first_interval"]
    told = [translate("forgetting.told.first", lang, right=percent(after["first"], 0), count=begun["tests"][0],
                      low=percent(low, 0), high=percent(high, 0), language=_language(after, None, lang))]  # fmt: skip
    if low <= begun["chance"][0]:
        told.append(translate("forgetting.told.hardly", lang, chance=percent(begun["chance"][0], 0)))
    bare = heard.stages.get(NONE)
    if bare is None:
        return told
    told.append(translate("forgetting.told.none", lang, points=_points(after, bare, "first", lang),
                          language=_language(bare, after, lang)))  # fmt: skip
    told += [translate("forgetting.told.remedy", lang, name=name_of(at, lang),
                       first=_points(bare, stage, "first", lang), then=_points(bare, stage, "then", lang),
                       language=_language(stage, bare, lang))
             for at, stage in heard.stages.items() if at not in (FIRST, NONE)]  # fmt: skip
    return [*told, translate("forgetting.told.language", lang)]


def _points(before: dict[str, Any], now: dict[str, Any], what: str, lang: str) -> str:
    """By how much more is right, in points; and whether these texts tell the two apart."""
    (a, b), (c, d) = before[f"{what}_interval"], now[f"{what}_interval"]
    apart = translate(f"forgetting.{'apart' if b < c or d < a else 'overlap'}", lang)
    return translate("forgetting.points", lang, points=signed(100 * (now[what] - before[what]), 0), judged=apart)


def _language(stage: dict[str, Any], other: dict[str, Any] | None, lang: str) -> str:
    """What each language costs more than at another stage; than at the very beginning, where none is named."""
    before = stage["language"] if other is None else other["language"]
    said = [(translate(f"forgetting.language.{name}", lang), signed(part["after"] - then))
            for part, name, then in ((now, now["part"], was["before" if other is None else "after"])
                                     for now, was in zip(stage["language"], before, strict=True))]  # fmt: skip
    return translate("forgetting.between", lang).join(f"{name} {more}" for name, more in said)


class SaidRow(TypedDict):
    """What each token of the sentence costs a model: bits; None where nothing stands before it."""

    at: str
    name: str
    bits: list[float | None]
    mean: str  # bits a token
    perplexity: str


class SentencePart(TypedDict):
    """A sentence by all models so far, the one that is open first."""

    words: list[str]
    said_rows: list[SaidRow]
    of_run: bool  # the sentence is that which the run has looked at
    sentence_reading: str
    sentence_python: str


def sentence(scene: Forgot) -> SentencePart:
    """The sentence that is chosen."""
    lang, lm, at = scene.context.lang, scene.context.lm, scene.state.view.said
    looked = scene.state.heard.looked if scene.job is not None else {}
    place = {"typed": 0, "en": 1, "zh": 2}[at]
    found: dict[str, Costs] = {name: (one["ids"][place], one["bits"][place]) for name, one in looked.items()
                               if place < len(one["ids"]) and one["ids"][place]}  # fmt: skip
    same = scene.state.heard.begun.get("fingerprint") == lm.fingerprint
    if not found and scene.now[0]:
        found = {NOW: scene.now}
    ids = next(iter(found.values()))[0] if found else []
    known = not looked or same  # the labels are of the vocabulary that is open
    rows = [_said_row(name, bits, lang) for name, (_, bits) in found.items()] if known else []
    return {
        "words": [token_label(lm.tokenizer, token) for token in ids] if known else [],
        "said_rows": rows,
        "of_run": bool(looked) and known and at == "typed" and scene.state.text.strip() != scene.sentence,
        "sentence_reading": translate("forgetting.reading.sentence", lang, said="; ".join(
            translate("forgetting.reading.costs", lang, name=row["name"], mean=row["mean"],
                      perplexity=row["perplexity"]) for row in rows)) if rows
            else translate("forgetting.reading.nothing", lang),
        "sentence_python": recipes.looked(lm.name, scene.sentence),
    }  # fmt: skip


def _said_row(at: str, bits: list[float | None], lang: str) -> SaidRow:
    known = [x for x in bits if x is not None]
    mean = sum(known) / len(known) if known else None
    return {"at": at, "name": name_of(at, lang), "bits": [None if x is None else round(x, 3) for x in bits],
            "mean": number(mean, 2),
            "perplexity": number(None if mean is None else 2.0 ** min(mean, 60.0), 0)}  # fmt: skip
