"""One picture for all panels: the views of one trace, packed into one message. Pure: no Streamlit here.

One message carries one picture, so no panel can show another text than its neighbour.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, NamedTuple

import numpy as np

from gptviz import views
from gptviz.decoding.path import PathTree
from gptviz.gpt.trace import Trace
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.readings import reading
from gptviz.recipes import python_call
from gptviz.ui.pages.next_token import link
from gptviz.ui.pages.next_token.actions import Tracer, next_token, prompt_ids, strategy, window
from gptviz.ui.pages.next_token.state import Screen, View
from gptviz.ui.prompts import vocabulary
from gptviz.ui.web import frame as web
from gptviz.ui.web.message import Blobs, as_json, pack
from gptviz.views.distribution import token_label

#: Groups of interface strings that the browser needs here.
STRINGS = ("chips.", "path.", "empty.", "panel.")


class Scene(NamedTuple):
    """What one picture is made of."""

    screen: Screen
    lm: LanguageModel
    tree: PathTree
    lang: str
    ids: tuple[int, ...]
    n_prompt: int
    left_out: int


def build(screen: Screen, lm: LanguageModel, tracer: Tracer, *, lang: str, projector: bool = False) -> bytes:
    """The message that shows ``screen``; also notes in ``screen.shown`` the view that it shows."""
    tree = screen.tree(vocabulary(lm))
    prompt, left_out = prompt_ids(lm, screen.text)
    ids = (prompt + tree.ids())[: window(lm)] if prompt else ()
    scene = Scene(screen, lm, tree, lang, ids, len(prompt), left_out)
    header: dict[str, Any] = frame(scene, projector)
    blobs: Blobs = {}
    if ids:
        trace = tracer(ids)
        view, key = effective(screen.view, lm, trace)
        header["view"] = asdict(replace(view, key=key))
        panels(header, blobs, scene, trace, view, key)
    else:
        header["view"] = asdict(screen.view)
    header["notes"] += filters_elsewhere(screen.view, lang)
    screen.shown = header["view"]
    return pack(header, blobs, STRINGS)


def sorry(screen: Screen, lm: LanguageModel, error: Exception, *, lang: str) -> bytes:
    """The message that keeps the text on the screen where ``build`` failed, and says so."""
    header = frame(Scene(screen, lm, PathTree(), lang, (), 0, 0), projector=False)
    header["notes"] = [web.sorry_note(error, lang)]
    return pack(header, {}, STRINGS)


def effective(view: View, lm: LanguageModel, trace: Trace) -> tuple[View, int]:
    """The view with what exists in this model and text, its position filled in, and the key looked at."""
    T = len(trace)
    view = view.clamped(n_layer=lm.config.n_layer, n_head=lm.config.n_head, T=T)
    pos = T - 1 if view.pos is None else view.pos
    strongest = int(trace.pattern_of(view.layer, view.head)[pos, : pos + 1].argmax())
    return replace(view, pos=pos), strongest if view.key is None else view.key


def frame(scene: Scene, projector: bool) -> dict[str, Any]:
    """All of the header that needs no trace."""
    screen, lang = scene.screen, scene.lang
    where = link.encode(screen, scene.tree, lang=lang, model=scene.lm.name)
    header = web.frame(screen, lang=lang, projector=projector, view=asdict(screen.view), ids=scene.ids,
                       notes=notes(scene), link=where)  # fmt: skip
    return header | {"n_prompt": scene.n_prompt, "path": path(scene)}


def notes(scene: Scene) -> list[dict[str, str]]:
    """What the reader should know about this text, as sentences."""
    screen, lang, limit = scene.screen, scene.lang, window(scene.lm)
    found: list[tuple[str, str, dict[str, Any]]] = [("info", key, values) for key, values in screen.notes]
    if scene.left_out:
        tokens = scene.n_prompt + scene.left_out
        found.append(("warn", "note.left_out", {"tokens": tokens, "limit": limit, "left_out": scene.left_out}))
    others = (v for (v, text), tree in screen.trees.items() if text == screen.text and len(tree))
    if not len(scene.tree) and any(v != vocabulary(scene.lm) for v in others):
        found.append(("info", "note.path_from_other_model", {}))
    if scene.ids and len(scene.ids) >= limit:
        found.append(("info", "note.full", {"limit": limit}))
    return web.text_notes(screen, scene.lm, lang, *found, read=bool(scene.ids))


def filters_elsewhere(view: View, lang: str) -> list[dict[str, str]]:
    """A note that names the filters that are on although this screen has no slider for them."""
    here = ("temperature", "top_k", "top_p")
    names = [apply.name for apply in strategy(view).filters if apply.name not in here]
    if not names:
        return []
    listed = translate("reading.comma", lang).join(translate(f"panel.distribution.filter.{n}", lang) for n in names)
    return [{"level": "info", "text": translate("note.filters_elsewhere", lang, filters=listed)}]


def panels(header: dict[str, Any], blobs: Blobs, scene: Scene, trace: Trace, view: View, key: int) -> None:
    """Every panel's view of one trace, with its text reading and the Python call that rebuilds it."""
    lang, pos = scene.lang, view.pos if view.pos is not None else len(trace) - 1
    chips = views.chips(trace, scene.n_prompt)
    attention = views.attention(trace, view.layer, view.head, view.stage)
    mask = views.mask(attention.labels)
    cell = views.cell(trace, view.layer, view.head, pos, key)
    mosaic = views.mosaic(trace)
    distribution = next_view(scene, trace, view, pos)

    typed_only = not scene.left_out and len(scene.ids) == scene.n_prompt
    prompt = scene.screen.text if typed_only else list(scene.ids)

    def call(kind: str, **values: Any) -> str:
        return python_call(kind, prompt, scene.lm.name, **values)

    head = {"layer": view.layer, "head": view.head}
    header["chips"] = [as_json(chip) for chip in chips.chips]
    header["chips_reading"] = reading(chips, lang)
    header["chips_python"] = call("chips", n_prompt=scene.n_prompt)
    header["attention"] = as_json(attention, "values") | {
        "reading": reading(attention, lang, query_pos=pos),
        "python": call("attention", stage=view.stage, **head),
    }
    header["mask"] = {"reading": reading(mask, lang), "python": call("mask")}
    header["cell"] = as_json(cell) | {
        "reading": reading(cell, lang),
        "python": call("cell", query_pos=pos, key_pos=key, **head),
    }
    header["mosaic"] = as_json(mosaic, "tiles") | {"reading": reading(mosaic, lang), "python": call("mosaic")}
    sliders = strategy(view).to_dict(brief=True) | {"pos": pos}
    sliders.pop("name")
    last = pos == len(trace) - 1
    chance = {"seed": view.seed, "step": scene.tree.depth} if last else {"actual_id": trace.ids[pos + 1]}
    header["distribution"] = as_json(distribution) | {
        "reading": reading(distribution, lang),
        "python": call("distribution", **sliders, **chance),
    }
    blobs["attention"] = attention.values
    blobs["mask"] = mask.allowed.astype(np.uint8)
    blobs["mosaic"] = mosaic.tiles


def next_view(scene: Scene, trace: Trace, view: View, pos: int) -> views.DistributionView:
    """The distribution after ``pos``; at the end of the text also the draw, before it the token that follows."""
    logits, before = trace.logits_at(pos), trace.ids[: pos + 1]
    chain, u, drawn = next_token(logits, view, before, scene.tree.depth)
    if pos == len(trace) - 1:
        return views.distribution(logits, chain, scene.lm.tokenizer, pos=pos, u=u, draw=drawn)
    return views.distribution(logits, chain, scene.lm.tokenizer, pos=pos, actual_id=trace.ids[pos + 1])


def path(scene: Scene) -> dict[str, Any]:
    """The line of generated tokens, its branches, and other prompts that have one."""
    tree, tokenizer = scene.tree, scene.lm.tokenizer

    def label(token: int) -> str:
        return token_label(tokenizer, token)

    line = [
        {
            "node": node,
            "label": label(tree.nodes[node].token),
            "how": tree.nodes[node].how,
            "forks": len(list(tree.children(tree.nodes[node].parent))),
        }
        for node in tree.line()
    ]
    branches = [
        {"node": node, "text": "".join(map(label, ids)), "length": len(ids), "active": node == tree.tip}
        for node, ids in tree.leaves()
    ]
    earlier = [{"text": text, "count": count} for text, count in scene.screen.earlier(vocabulary(scene.lm))]
    full = bool(scene.ids) and len(scene.ids) >= window(scene.lm)
    return {"line": line, "at": tree.depth, "branches": branches, "earlier": earlier[:8], "full": full}
