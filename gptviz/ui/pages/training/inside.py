"""What a record shows of the model's inside: one head on a fixed text, and how alike positions are. Pure."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from gptviz.evaluation.induction import best
from gptviz.i18n import translate
from gptviz.jobs import seen
from gptviz.recipes import training as recipes
from gptviz.rounding import number, percent
from gptviz.tokens.labels import spoken
from gptviz.ui.message_types import Told
from gptviz.ui.pages.training.scene import Watched
from gptviz.ui.web.arrays import Blobs


class Attention(Told):
    """One head at a step; the array ``pattern`` (T, T): row ``i`` is what position ``i`` looks at."""

    step: int
    layer: int
    head: int
    labels: list[str]


class AttentionPart(TypedDict):
    """The head looked at; None before the first record."""

    attention: Attention | None


def attention(scene: Watched) -> AttentionPart:
    """Of the newest record."""
    record, chosen = scene.state.heard.attention, chosen_head(scene)
    if chosen is None or not record:
        return {"attention": None}
    layer, head = chosen
    row = _pattern(scene)[-1].astype(np.float64)
    labels, most = record["labels"], int(row.argmax())
    reading = translate("live.reading.attention", scene.context.lang, step=f"{record['step']:,}", layer=layer,
                        head=head, query=spoken(labels[-1]), looked=spoken(labels[most]),
                        p=percent(float(row[most]), 0))  # fmt: skip
    return {"attention": {"step": record["step"], "layer": layer, "head": head, "labels": labels, "reading": reading,
                          "python": recipes.attention(record["ids"], layer, head)}}  # fmt: skip


def attention_arrays(scene: Watched) -> Blobs:
    """(T, T)."""
    there = chosen_head(scene) is not None and bool(scene.state.heard.attention)
    return {"pattern": _pattern(scene)} if there else {}


def chosen_head(scene: Watched) -> tuple[int, int] | None:
    """(layer, head): the one chosen where this model has it, else the best by prefix matching; None before a record."""
    if scene.job is None or not scene.state.heard.heads:
        return None
    scores, view = scene.state.heard.heads[-1][1], scene.state.view
    if view.layer is not None and view.head is not None and view.layer < len(scores) and view.head < len(scores[0]):
        return view.layer, view.head
    found = best(np.asarray(scores), 1)[0]
    return found.layer, found.head


def _pattern(scene: Watched) -> seen.Matrix:
    layer, head = chosen_head(scene) or (0, 0)
    return seen.pattern_of(scene.state.heard.attention, layer, head, len(scene.state.heard.heads[-1][1][0]))


class Places(Told):
    """Positions compared two by two, the array ``alike`` (n, n) from −1 to 1."""

    scheme: str
    step: int
    places: list[int]


class PlacesPart(TypedDict):
    """How alike positions are; None before the first record."""

    places: Places | None


def places(scene: Watched) -> PlacesPart:
    """Of the newest record; what is not learnt has but one."""
    record = scene.state.heard.positions
    if scene.job is None or not record:
        return {"places": None}
    alike = seen.similarity_of(record)
    near = float(np.diagonal(alike, 1).mean()) if len(alike) > 1 else 1.0
    first, second = [*record["places"], *record["places"]][:2]
    reading = translate(f"live.reading.{record['scheme']}", scene.context.lang, step=f"{record['step']:,}",
                        near=number(near, 2), far=number(float(alike[0, -1]), 2), apart=second - first,
                        last=record["places"][-1])  # fmt: skip
    return {"places": {"scheme": record["scheme"], "step": record["step"], "places": record["places"],
                       "reading": reading, "python": recipes.positions()}}  # fmt: skip


def places_arrays(scene: Watched) -> Blobs:
    """(n, n)."""
    record = scene.state.heard.positions
    return {"alike": seen.similarity_of(record)} if scene.job is not None and record else {}
