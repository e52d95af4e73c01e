"""The panels of the page of masks: the text under three masks, the two halves, the claims. Pure."""

from __future__ import annotations

import math
from typing import TypedDict

import numpy as np

from gptviz.analysis.claims import Evidence, Row
from gptviz.analysis.masks import Doubles, UnderMask
from gptviz.i18n import large, translate
from gptviz.recipes import masks as recipes
from gptviz.rounding import number, operand, percent
from gptviz.tokens.labels import spoken
from gptviz.ui.message_types import Told
from gptviz.ui.pages.masks.scene import Masked
from gptviz.ui.pages.masks.state import CLAIMS, WORDS, Ids
from gptviz.ui.web.arrays import Blobs


class Column(Told):
    """A text under one mask; where it may look is the array ``<kind>.allowed``, (T, T).

    ``waiting``: another text was typed, and these are the numbers of the one before, with its own ids and labels.
    """

    kind: str
    ids: list[int]
    labels: list[str]
    waiting: bool
    mean: float | None  # bits
    bits: list[float | None]
    leak: list[float | None]
    best: str
    prob: float
    leaks: float  # the largest


class MasksPart(TypedDict):
    """The text under three masks."""

    columns: list[Column]


def masks(scene: Masked) -> MasksPart:
    """The text under three masks."""
    return {"columns": [_column(ids, found, scene) for ids, found in scene.found]}


def _column(ids: Ids, found: UnderMask, scene: Masked) -> Column:
    lang, leaks = scene.context.lang, float(np.nanmax(found.leak, initial=0.0))
    mean = translate("masks.no_mean", lang) if found.mean is None else number(found.mean)
    best, other = (spoken(scene.label(i)) for i in (found.best, found.other))
    said = translate(f"masks.reading.{found.kind}", lang, mean=mean, leak=percent(leaks, 1), best=best, other=other,
                     p=percent(found.prob), prefix=found.prefix)  # fmt: skip
    python = recipes.under(list(ids), scene.context.lm.name, kind=found.kind, prefix=found.prefix)
    return {"kind": found.kind, "ids": list(ids), "labels": [scene.label(i) for i in ids], "waiting": ids != scene.ids,
            "mean": found.mean, "bits": _plain(found.bits), "leak": _plain(found.leak),
            "best": scene.label(found.best), "prob": found.prob, "leaks": leaks, "reading": said,
            "python": python}  # fmt: skip


def _plain(numbers: Doubles) -> list[float | None]:
    return [None if math.isnan(x) else float(x) for x in numbers]


def arrays(scene: Masked) -> Blobs:
    """Where each query may look, (T, T) of 0 and 1, for each mask."""
    return {f"{found.kind}.allowed": found.allowed.astype(np.uint8) for _, found in scene.found}


class Bar(TypedDict):
    """One bar: its name, its length from 0 to 1, its number."""

    name: str
    share: float
    number: str


class Claim(Told):
    """The claim looked at, and what speaks against it; ``waiting``: it is measured when somebody asks.

    ``before``: it is of the text before, and will be of this one in a moment.
    """

    name: str
    waiting: bool
    before: bool
    ids: list[int]
    bars: list[Bar]


class ClaimPart(TypedDict):
    """The claims, and the one looked at."""

    claims: list[str]
    claim: Claim | None


def claim(scene: Masked) -> ClaimPart:
    """What speaks against the claim."""
    lang, name = scene.context.lang, scene.state.view.claim
    ids, found = scene.evidence or (scene.ids, None)
    said = [translate(f"masks.{word}", lang) for word in WORDS.get(name, ())]
    missing = translate("masks.not_yet" if name == "cost" else "masks.soon", lang)
    python = recipes.evidence(list(ids), scene.context.lm.name, claim=name, said=said)
    before = name != "cost" and name not in WORDS and (found is None or ids != scene.ids)
    shown: Claim = {
        "name": name, "waiting": found is None and name == "cost", "before": before, "ids": list(ids),
        "python": python,
        "reading": missing if found is None else _sentence(name, ids, found, scene),
        "bars": [] if found is None else _bars(name, ids, found, scene),
    }  # fmt: skip
    return {"claims": list(CLAIMS), "claim": shown}


_TOKENS = ("best", "id", "true")  # facts that are tokens
_SHARES = ("p", "other", "p_true")


def _sentence(name: str, ids: Ids, found: Evidence, scene: Masked) -> str:
    lang, facts = scene.context.lang, found.facts
    if name == "masked_word" and not found.rows:
        return translate("masks.too_short", lang)
    values = {key: _fact(key, value, scene) for key, value in facts.items()}
    if name == "attention":
        values |= _edges(ids, found, scene)
    words = {word: translate(f"masks.{word}", lang) for word in WORDS.get(name, ())}
    return translate(f"masks.truth.{name}", lang, **values, **words)


def _fact(key: str, value: float, scene: Masked) -> str:
    if key in _TOKENS:
        return spoken(scene.label(int(value)))
    if key in _SHARES:
        return percent(value, 1)
    if key in ("layers", "pos", "tokens", "words", "rank", "longest", "shift", "total"):
        return number(value, 0)
    return number(value, 2) if abs(value) >= 0.01 or value == 0 else operand(value)


def _edges(ids: Ids, found: Evidence, scene: Masked) -> dict[str, str]:
    """The strongest edge, and that whose loss moves the next token most."""
    strong, moving = found.rows[:1], sorted(found.rows, key=lambda row: -abs(row.value))[:1]
    if not strong:
        return {"strong": "–", "weight": "–", "moved": "–", "moving": "–", "moving_weight": "–", "most": "–"}
    name = [_edge(row, ids, scene) for row in (*strong, *moving)]
    points = [number(100 * row.value, 1) for row in (*strong, *moving)]
    return {"strong": name[0][0], "weight": name[0][1], "moved": points[0], "moving": name[1][0],
            "moving_weight": name[1][1], "most": points[1]}  # fmt: skip


def _edge(row: Row, ids: Ids, scene: Masked) -> tuple[str, str]:
    """(layer, head and key, the weight) of an edge by its row's name."""
    layer, head, key, *weight = row.name.split(".")
    lang = scene.context.lang
    name = translate("masks.edge", lang, layer=layer, head=head, seen=spoken(scene.label(ids[int(key)])))
    return name, percent(float(".".join(weight)))


def _bars(name: str, ids: Ids, found: Evidence, scene: Masked) -> list[Bar]:
    most = max((abs(row.value) for row in found.rows), default=0.0) or 1.0
    return [
        {
            "name": _bar_name(name, row, ids, scene),
            "share": abs(row.value) / most,
            "number": _bar_number(name, row, scene),
        }
        for row in found.rows
    ]


def _bar_name(claim: str, row: Row, ids: Ids, scene: Masked) -> str:
    lang = scene.context.lang
    if row.id is not None:
        return scene.label(row.id)
    if claim == "attention":
        edge, weight = _edge(row, ids, scene)
        return f"{edge} · {weight}"
    if claim == "gan":
        return translate(f"model_page.share.{row.name}", lang)
    if claim == "temperature":
        return f"T = {row.name}"
    if claim == "cost":
        return translate("masks.of_tokens", lang, count=row.name)
    return translate(f"masks.row.{row.name}", lang)


def _bar_number(claim: str, row: Row, scene: Masked) -> str:
    lang = scene.context.lang
    if claim in ("masked_word", "temperature", "likeliest"):
        return percent(row.value, 2)
    if claim == "attention":
        return translate("masks.points", lang, points=number(100 * row.value, 1))
    if claim == "gan":
        return large(int(row.value), lang)
    if claim == "token":
        return translate("masks.bytes", lang, count=int(row.value))
    if claim == "cost":
        return translate("masks.ms", lang, ms=number(row.value, 1))
    return number(row.value, 2)
