"""The Embeddings page's panels: rows of numbers, nearest tokens, the map, positions. Pure: no Streamlit here."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from gptviz.analysis.positions import SCHEMES, own_scheme, position_similarity, turns
from gptviz.analysis.tsne import COUNT
from gptviz.i18n import translate
from gptviz.language_model import Array
from gptviz.recipes import embeddings as recipes
from gptviz.rounding import number, percent
from gptviz.tokens.labels import label, spoken
from gptviz.tokens.scripts import SCRIPTS
from gptviz.ui.message_types import Told
from gptviz.ui.pages.embeddings.atlas import LEGENDS, NEAR_LEGENDS, arrays_of, near_arrays_of, script_in
from gptviz.ui.pages.embeddings.scene import MOST_COLUMNS, NEAREST, Embedded
from gptviz.ui.prompts import how, quoted
from gptviz.ui.web.arrays import Blobs

_NAMED = 3  # tokens in a sentence


class Strips(TypedDict):
    """Rows of numbers, one for each of some tokens: the arrays ``rows``, ``added`` (where something is) and ``sum``."""

    first: int  # position of the first row
    labels: list[str]
    width: int  # numbers in a row; of a longer one the first are drawn
    n_embd: int
    scale: float  # what the stored rows are multiplied by
    scheme: str
    pos: int
    reading: str
    python: str


class StripsPart(TypedDict):
    """What goes into the first block."""

    strips: Strips | None


def strips(scene: Embedded) -> StripsPart:
    """The rows of the tokens, of their positions, and their sum."""
    lm, lang = scene.context.lm, scene.context.lang
    scheme = own_scheme(lm)
    at = scene.pos - scene.shown.start
    added = "–" if scene.added is None else _length(scene.added[at])
    values = {
        "label": spoken(_label(scene, scene.ids[scene.pos])), "id": f"{scene.ids[scene.pos]:,}",
        "count": f"{lm.config.n_embd:,}", "length": _length(scene.rows[at]), "pos": str(scene.pos),
        "added": added,
    }  # fmt: skip
    return {"strips": {
        "first": scene.shown.start, "labels": [_label(scene, scene.ids[pos]) for pos in scene.shown],
        "width": min(MOST_COLUMNS, lm.config.n_embd), "n_embd": lm.config.n_embd,
        "scale": lm.config.embedding_scale, "scheme": scheme, "pos": scene.pos,
        "reading": translate(f"embeddings.reading.rows_{'turned' if scheme == 'rotary' else 'added'}", lang, **values),
        "python": recipes.rows(quoted(lm, scene.state.text, how(scene.state.view)), lm.name),
    }}  # fmt: skip


def strip_arrays(scene: Embedded) -> Blobs:
    """``rows`` (n, width) and, where positions are added, ``added`` and ``sum``."""
    width = min(MOST_COLUMNS, scene.context.lm.config.n_embd)
    found: Blobs = {"rows": np.ascontiguousarray(scene.rows[:, :width], dtype=np.float32)}
    if scene.added is not None:
        added = scene.added[:, :width]
        found |= {"added": np.ascontiguousarray(added, dtype=np.float32), "sum": found["rows"] + added}
    return found


class NearToken(TypedDict):
    """One token near the one looked at; ``here``: the text has it."""

    id: int
    label: str
    cosine: float
    here: bool


class Near(Told):
    """The nearest tokens of the whole vocabulary."""

    id: int
    label: str
    rows: list[NearToken]
    n_tokens: int
    matrices: list[str]


class NearPart(TypedDict):
    """Which tokens are near."""

    near: Near | None


def near(scene: Embedded) -> NearPart:
    """By cosine, exact."""
    lm, here = scene.context.lm, set(scene.ids)
    rows: list[NearToken] = [
        {"id": one.id, "label": _label(scene, one.id), "cosine": one.cosine, "here": one.id in here}
        for one in scene.near
    ]
    named = translate("reading.comma", scene.context.lang).join(
        translate("reading.item", scene.context.lang, label=spoken(row["label"]), value=number(row["cosine"], 2))
        for row in rows[:_NAMED]
    )
    own = _label(scene, scene.token)
    values = {"label": spoken(own), "items": named, "count": f"{lm.n_tokens:,}"}
    return {"near": {
        "id": scene.token, "label": own, "rows": rows, "n_tokens": lm.n_tokens,
        "matrices": ["tokens"] if lm.config.tied else ["tokens", "output"],
        "reading": translate("embeddings.reading.near", scene.context.lang, **values),
        "python": recipes.near(scene.token, lm.name, count=NEAREST, matrix=scene.matrix),
    }}  # fmt: skip


class Lit(TypedDict):
    """A token that is pointed out on the map."""

    id: int
    label: str
    x: float
    y: float
    kind: str  # text | near | chosen
    script: str


class Atlas(Told):
    """The map; ``done`` from 0 to 1; its points are the arrays ``map.…``, once it is done."""

    done: float
    map: str  # which one it is: components | neighbours
    waiting: bool  # the other one was asked for, and is being laid out
    shares: list[float]  # of the variance, along each component
    drawn: int
    n_tokens: int
    axes: tuple[int, int]
    lit: list[Lit]
    scripts: list[str]


class AtlasPart(TypedDict):
    """The vocabulary from above."""

    atlas: Atlas | None


def atlas(scene: Embedded) -> AtlasPart:
    """The map as far as it is."""
    lm, lang, view, found = scene.context.lm, scene.context.lang, scene.state.view, scene.atlas
    axes = (view.x, view.y)
    shares = [] if found.map is None else [float(share) for share in found.map.shares]
    both = sum(shares[axis] for axis in dict.fromkeys(axes) if axis < len(shares))
    values = {"count": f"{lm.n_tokens:,}", "drawn": f"{len(found.drawn):,}", "share": percent(both, 1),
              "x": str(axes[0] + 1), "y": str(axes[1] + 1), "done": percent(found.done, 0)}  # fmt: skip
    near = scene.near_map
    prompt = quoted(lm, scene.state.text, how(scene.state.view))
    waiting = view.map == "neighbours" and near is None and found.error is None
    told = "near_map" if near else "map" if found.map is not None else "mapping"
    if near is not None:
        values["drawn"] = f"{len(near.places):,}"
    reading = translate(f"embeddings.reading.{told}", lang, **values)
    if waiting:
        reading = f"{translate('embeddings.reading.laying', lang, drawn=f'{min(COUNT, lm.n_tokens):,}')} {reading}"
    return {"atlas": {
        "map": "neighbours" if near is not None else "components", "waiting": waiting,
        "done": 1.0 if found.map is not None else min(found.done, 0.99), "shares": shares,
        "drawn": len(found.drawn) if near is None else len(near.places),
        "n_tokens": lm.n_tokens, "axes": axes, "lit": _lit(scene), "scripts": list(SCRIPTS),
        "reading": reading,
        "python": recipes.near_map(prompt, lm.name, matrix=scene.matrix) if near is not None
        else recipes.vocabulary(prompt, lm.name, matrix=scene.matrix, axes=axes),
    }}  # fmt: skip


def _lit(scene: Embedded) -> list[Lit]:
    """The text's tokens, those near the one looked at, and that one last, so that it lies above the others."""
    kinds = dict.fromkeys([one.id for one in scene.near], "near")
    kinds |= dict.fromkeys(scene.ids, "text")
    kinds.pop(scene.token, None)
    kinds[scene.token] = "chosen"
    tokenizer, places = scene.context.lm.tokenizer, _places(scene, list(kinds))
    if places is None:
        return []
    return [{"id": i, "label": _label(scene, i), "x": float(x), "y": float(y), "kind": kind,
             "script": script_in(tokenizer, i)}
            for (i, kind), (x, y) in zip(kinds.items(), places, strict=True)]  # fmt: skip


def _places(scene: Embedded, tokens: list[int]) -> Array | None:
    """(n, 2): where they lie on the map that is shown; None where there is none yet."""
    near, found = scene.near_map, scene.atlas.map
    if near is not None:
        rows = scene.context.lm.rows(scene.matrix, tokens)
        own = np.array(tokens) < len(near.places)
        places = near.between(rows)
        places[own] = near.places[np.array(tokens)[own]]
        return places
    if found is None:
        return None
    width = found.places.shape[1]
    return found.places[tokens][:, [min(axis, width - 1) for axis in (scene.state.view.x, scene.state.view.y)]]


def atlas_arrays(scene: Embedded) -> Blobs:
    """The points, once the map is done."""
    found = scene.atlas
    if scene.near_map is not None:
        return near_arrays_of(scene.near_map, NEAR_LEGENDS.of(scene.context.lm))
    if found.map is None:
        return {}
    width = found.map.places.shape[1]
    axes = (min(axis, width - 1) for axis in (scene.state.view.x, scene.state.view.y))
    return arrays_of(found, LEGENDS.of(scene.context.lm), *axes)


class Positions(Told):
    """Positions compared two by two, the array ``similarity``; how far each pair turns, the array ``turns``."""

    scheme: str
    own: bool  # the model's own numbers
    schemes: list[str]  # that can be shown
    own_scheme: str
    shown: list[int]
    plane: int
    turn: int
    labels: list[str]  # of the text's tokens
    base: float


class PositionsPart(TypedDict):
    """How a model is told where a token stands."""

    positions: Positions | None


def positions(scene: Embedded) -> PositionsPart:
    """The model's own, or another way by its formula."""
    lm, view, own = scene.context.lm, scene.state.view, own_scheme(scene.context.lm)
    found = position_similarity(lm, scene.scheme)
    angles = turns(lm)
    plane = min(view.plane, len(angles) - 1)
    near = float(np.diagonal(found.values, 1).mean()) if len(found.positions) > 1 else 1.0
    values = {
        "near": number(near, 2), "far": number(float(found.values[0, -1]), 2), "step": str(_step(found.positions)),
        "last": f"{found.positions[-1]:,}",
    }  # fmt: skip
    key = f"{found.scheme}_{'own' if found.own else 'formula'}"
    return {"positions": {
        "scheme": found.scheme, "own": found.own, "own_scheme": own,
        "schemes": [scheme for scheme in SCHEMES if scheme != "learned" or own == "learned"],
        "shown": list(found.positions), "plane": plane,
        "turn": view.turn if 0 <= view.turn < lm.config.block_size else scene.pos,
        "labels": [_label(scene, i) for i in scene.ids], "base": lm.config.rotary.base if own == "rotary" else 10000.0,
        "reading": translate(f"embeddings.reading.{key}", scene.context.lang, **values),
        "python": recipes.positions(lm.name, scheme=found.scheme),
    }}  # fmt: skip


def _step(shown: tuple[int, ...]) -> int:
    return shown[1] - shown[0] if len(shown) > 1 else 1


def position_arrays(scene: Embedded) -> Blobs:
    """``similarity`` (n, n) and ``turns`` (pairs,), radians for each position."""
    lm = scene.context.lm
    return {"similarity": position_similarity(lm, scene.scheme).values, "turns": turns(lm).astype(np.float32)}


def _length(row: Array) -> str:
    return number(float(np.linalg.norm(row)), 2)


def _label(scene: Embedded, token: int) -> str:
    return label(scene.context.lm.tokenizer.token_bytes(token))
