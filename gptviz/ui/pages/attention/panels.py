"""The attention page's panels: the way through a head, the sum behind a number, maps, all heads, the sheet. Pure."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

import numpy as np

from gptviz import views
from gptviz.analysis.terms import there
from gptviz.i18n import translate
from gptviz.readings import reading
from gptviz.recipes import attention as recipes
from gptviz.recipes import python_call
from gptviz.rounding import number, operand, percent
from gptviz.tokens.labels import spoken
from gptviz.ui.message_types import JSON, Of, Told
from gptviz.ui.pages.attention.presets import PRESETS
from gptviz.ui.pages.attention.scene import Attended
from gptviz.ui.web.arrays import Blobs
from gptviz.ui.web.message import as_json
from gptviz.views.worksheet import WorksheetView

_NAMED = 3  # keys that a reading names


class OffersPart(TypedDict):
    """The presets, by name."""

    presets: list[str]


def offers(scene: Attended) -> OffersPart:
    """The presets."""
    return {"presets": list(PRESETS)}


class Flow(Told):
    """The way through the head; its numbers are the arrays ``flow.<step>``."""

    labels: tuple[str, ...]
    steps: tuple[str, ...]  # that this model has
    n_layer: int
    n_head: int
    n_kv_head: int
    kv_head: int
    head_dim: int
    norm: str
    position: str
    first: int  # the first key that the query may look at
    own_size: float  # how long what the head adds is
    stream_size: float  # and the stream before it


class FlowPart(TypedDict):
    """One head at one query."""

    flow: Flow | None


def flow(scene: Attended) -> FlowPart:
    """The way through the head."""
    shape, steps, look = scene.context.lm.config, scene.steps, scene.look
    own, stream = scene.strength
    where = {"layer": look.layer, "head": look.head, "query": scene.query}
    return {"flow": {
        "labels": scene.labels, "steps": there(steps), "n_layer": shape.n_layer, "n_head": shape.n_head,
        "n_kv_head": shape.kv_heads, "kv_head": steps.kv_head, "head_dim": shape.head_dim,
        "norm": shape.norm, "position": shape.position, "first": steps.first, "own_size": own, "stream_size": stream,
        "reading": _flow_reading(scene), "python": recipes.steps(scene.quoted, scene.context.lm.name, **where),
    }}  # fmt: skip


def _flow_reading(scene: Attended) -> str:
    lang, weights = scene.context.lang, scene.steps.pattern
    best = sorted(range(scene.steps.first, scene.query + 1), key=lambda key: -weights[key])[:_NAMED]
    items = [translate("reading.looks", lang, label=spoken(scene.labels[key]), value=percent(float(weights[key])))
             for key in best]  # fmt: skip
    own, stream = scene.strength
    return translate("attend.reading.flow", lang, query=spoken(scene.labels[scene.query]), layer=scene.look.layer,
                     head=scene.look.head, items=translate("reading.comma", lang).join(items), own=number(own),
                     stream=number(stream))  # fmt: skip


class Summed(Told):
    """One number and the sum that it is; the terms are the array ``terms``, (n, 3): both operands, the amount."""

    step: str
    index: int
    key: int | None
    rule: str
    names: tuple[str, ...]
    operands: int  # of each term: 2, 1, or none beside the amount itself
    bias: float | None
    total: float | None  # None: −∞
    facts: dict[str, float]


class SumPart(TypedDict):
    """The chosen number."""

    sum: Summed | None


def summed(scene: Attended) -> SumPart:
    """The sum behind the chosen number."""
    found, look, lang = scene.sum, scene.look, scene.context.lang
    python = recipes.written_out(scene.quoted, scene.context.lm.name, layer=look.layer, head=look.head,
                                 query=scene.query, step=found.step, index=found.index, key=found.key)  # fmt: skip
    total = found.total if math.isfinite(found.total) else None
    said = translate(f"attend.reading.{found.rule}", lang, count=len(found.amounts), total=operand(found.total),
                     name=translate(f"attend.step.{found.step}", lang), index=found.index)  # fmt: skip
    operands = 2 if found.b else 1 if found.a else 0
    return {"sum": {
        "step": found.step, "index": found.index, "key": found.key, "rule": found.rule, "names": found.names,
        "operands": operands, "bias": found.bias, "total": total, "facts": found.facts, "reading": said,
        "python": python,
    }}  # fmt: skip


class Maps(Told):
    """Two matrices of positions, the arrays ``pattern`` and ``moved``; the largest number of the second."""

    most: float


class MapsPart(TypedDict):
    """The pattern, and what it moves."""

    maps: Maps | None


def maps(scene: Attended) -> MapsPart:
    """The pattern, and beside it what is moved or the rollout."""
    look, lang, row = scene.look, scene.context.lang, scene.other_map[scene.query]
    best = sorted(range(scene.query + 1), key=lambda key: -row[key])[:_NAMED]
    rolled = look.map == "rollout"
    write = percent if rolled else number
    items = [translate("reading.item", lang, label=spoken(scene.labels[key]), value=write(float(row[key])))
             for key in best]  # fmt: skip
    said = translate(f"attend.reading.{look.map}", lang, query=spoken(scene.labels[scene.query]), layer=look.layer,
                     head=look.head, items=translate("reading.comma", lang).join(items))  # fmt: skip
    python = recipes.maps(scene.quoted, scene.context.lm.name, layer=look.layer, head=look.head, rolled=rolled)
    return {"maps": {"most": float(scene.other_map.max()), "reading": said, "python": python}}


class MosaicPart(TypedDict):
    """All heads; the tiles are the array ``mosaic``."""

    mosaic: Annotated[JSON, Of(views.MosaicView, without=("tiles",), more=Told)] | None


def mosaic(scene: Attended) -> MosaicPart:
    """All layers and heads at a glance."""
    python = python_call("mosaic", scene.quoted, scene.context.lm.name)
    said = {"reading": reading(scene.mosaic, scene.context.lang), "python": python}
    return {"mosaic": as_json(scene.mosaic, "tiles") | said}


class SheetPart(TypedDict):
    """The exercise; None where the text is too long for one."""

    sheet: Annotated[JSON, Of(WorksheetView, more=Told)] | None


def sheet(scene: Attended) -> SheetPart:
    """The exercise for paper."""
    view, look, lang = scene.sheet, scene.look, scene.context.lang
    if view is None:
        return {"sheet": None}
    python = recipes.worksheet(scene.quoted, scene.context.lm.name, layer=look.layer, head=look.head,
                               query=scene.query, key=view.key)  # fmt: skip
    shares = [translate("reading.item", lang, label=spoken(row.label), value=number(row.share))
              for row in view.rows if row.share is not None]  # fmt: skip
    said = translate("attend.reading.sheet", lang, query=spoken(scene.labels[scene.query]),
                     items=translate("reading.comma", lang).join(shares))  # fmt: skip
    return {"sheet": as_json(view) | {"reading": said, "python": python}}


def arrays(scene: Attended) -> Blobs:
    """``flow.<step>``: the numbers of each step; ``terms`` (n, 3); ``pattern`` and ``moved`` (T, T); ``mosaic``."""
    found: Blobs = {f"flow.{step}": np.asarray(getattr(scene.steps, step)) for step in there(scene.steps)}
    terms = scene.sum
    table = np.full((len(terms.amounts), 3), np.nan, dtype=np.float32)
    for column, numbers in enumerate((terms.a, terms.b, terms.amounts)):
        if numbers:
            table[:, column] = numbers
    return found | {"terms": table, "pattern": scene.pattern, "moved": scene.other_map, "mosaic": scene.mosaic.tiles}
