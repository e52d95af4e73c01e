"""The panels of the page of changes: the switches, before and after, the maps, the curve. Pure: no Streamlit here."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from gptviz.analysis import breaking
from gptviz.i18n import translate
from gptviz.recipes import heads as recipes
from gptviz.rounding import number
from gptviz.tokens.labels import spoken
from gptviz.ui import changed
from gptviz.ui.pages.what_if.scene import Changed
from gptviz.ui.prompts import how, quoted
from gptviz.ui.web.arrays import Blobs
from gptviz.views.chips import labels
from gptviz.views.distribution import token_label


class SwitchesPart(TypedDict):
    """The changes in force, as their texts; ``idle`` are those that have no place here."""

    n_layer: int
    n_head: int
    changes: list[str]
    idle: list[str]


def switches(scene: Changed) -> SwitchesPart:
    """What is changed."""
    c = scene.context.lm.config
    return {
        "n_layer": c.n_layer,
        "n_head": c.n_head,
        "changes": [one.text for one in scene.changes],
        "idle": [one.text for one in scene.idle],
    }


class ChangePart(TypedDict):
    """Before and after; None where there is no text, or the changes cannot be carried out."""

    change: changed.Changed | None
    change_python: str


def change(scene: Changed) -> ChangePart:
    """The next token and the loss."""
    calls = [one.python() for one in scene.changes if one not in scene.idle]
    prompt = quoted(scene.context.lm, scene.state.text, how(scene.view))
    made = scene.change
    return {
        "change": None if made is None else changed.changed(made, scene.context.lang),
        "change_python": recipes.edited(prompt, scene.context.lm.name, calls),
    }


class AttentionPart(TypedDict):
    """The head looked at; its patterns are the arrays ``before`` and ``after``, (T, T) in steps of 1/255."""

    labels: list[str]
    attention_reading: str


def attention(scene: Changed) -> AttentionPart:
    """The tokens along both matrices."""
    if not scene.ids or scene.after is None:
        return {"labels": [], "attention_reading": ""}
    view = scene.view
    moved = [run.pattern_of(view.layer, view.head)[scene.pos].astype(np.float64) for run in (scene.before, scene.after)]
    share = float(np.abs(moved[0] - moved[1]).sum() / 2)
    names = list(labels(scene.before))
    said = translate("what_if.attention_reading", scene.context.lang, layer=view.layer, head=view.head, pos=scene.pos,
                     token=spoken(names[scene.pos]), share=number(100 * share, 1))  # fmt: skip
    return {"labels": names, "attention_reading": said}


def patterns(scene: Changed) -> Blobs:
    """Both patterns of the head looked at."""
    if not scene.ids or scene.after is None:
        return {}
    layer, head = scene.view.layer, scene.view.head
    return {"before": scene.before.shades[layer, head], "after": scene.after.shades[layer, head]}


class Maps(TypedDict):
    """Two prompts put into each other: flat (n_layer, T) shares, None where they are not known yet."""

    clean: list[str]
    corrupt: list[str]
    answer: str
    rival: str
    sufficient: list[float | None]
    necessary: list[float | None]
    done: int
    wanted: int
    error: str
    reading: str
    python: str


class PatchPart(TypedDict):
    """The maps; None where there is no other prompt."""

    patch: Maps | None


def patch(scene: Changed) -> PatchPart:
    """Both maps, as far as they are known."""
    work = scene.patch
    if work is None:
        return {"patch": None}
    lm, lang, pair = scene.context.lm, scene.context.lang, work.pair
    size = lm.config.n_layer * len(work.clean)
    shares: list[float | None] = [cell.share for cell in work.cells]
    shares += [None] * (2 * size - len(shares))
    answer, rival = ("", "")
    if pair is not None:
        answer, rival = (token_label(lm.tokenizer, token) for token in (pair.answer, pair.rival))
    clean, corrupt = (quoted(lm, text, how(scene.view)) for text in (scene.state.text, scene.view.other))
    return {
        "patch": {
            "clean": [token_label(lm.tokenizer, token) for token in work.clean],
            "corrupt": [token_label(lm.tokenizer, token) for token in work.corrupt],
            "answer": answer,
            "rival": rival,
            "sufficient": shares[:size] if pair else [],
            "necessary": shares[size:] if pair else [],
            "done": len(work.cells),
            "wanted": work.wanted,
            "error": work.error.say(lang) if work.error else "",
            "reading": _best(scene, answer) if pair else "",
            "python": recipes.patching(clean, corrupt, lm.name),
        }
    }


def _best(scene: Changed, answer: str) -> str:
    """The deepest cell of each direction that still carries most of the difference."""
    work = scene.patch
    strong = [cell for cell in work.cells if cell.into == "corrupt" and cell.share >= 0.5] if work else []
    if not work or not strong:
        return translate("what_if.patch.none", scene.context.lang, answer=answer)
    deepest = max(strong, key=lambda cell: (cell.layer, cell.share))
    return translate("what_if.patch.reading", scene.context.lang, answer=answer, layer=deepest.layer,
                     pos=deepest.pos, share=number(deepest.share))  # fmt: skip


class Broken(TypedDict):
    """(heads gone, bits per token): best first, and the mean of the orders drawn at random."""

    best: list[tuple[int, float]]
    random: list[tuple[int, float]]
    n_heads: int
    done: int
    wanted: int
    reading: str
    python: str


class CurvePart(TypedDict):
    """The curve; None where it was not asked for."""

    broken: Broken | None


def curve(scene: Changed) -> CurvePart:
    """Heads taken away."""
    work = scene.curve
    if work is None:
        return {"broken": None}
    c, lang = scene.context.lm.config, scene.context.lang
    finite = [one for one in work.gone if np.isfinite(one.bits)]
    best = [(one.n_gone, one.bits) for one in finite if one.order == 0]
    drawn: dict[int, list[float]] = {}
    for one in finite:
        if one.order:
            drawn.setdefault(one.n_gone, []).append(one.bits)
    means = [(n, float(np.mean(bits))) for n, bits in drawn.items() if len(bits) == breaking.ORDERS]
    prompt = quoted(scene.context.lm, scene.state.text, how(scene.view))
    return {
        "broken": {
            "best": best,
            "random": means,
            "n_heads": c.n_layer * c.n_head,
            "done": work.done,
            "wanted": work.wanted,
            "reading": "" if work.open else _survives(best, means, lang),
            "python": recipes.breaking(prompt, scene.context.lm.name, work.mode),
        }
    }


def _survives(best: list[tuple[int, float]], means: list[tuple[int, float]], lang: str) -> str:
    """How many heads can go before the text costs a tenth more."""
    if not best or not means:
        return ""
    limit = 1.1 * best[0][1]

    def most(points: list[tuple[int, float]]) -> int:
        found = 0
        for n, bits in points:
            if bits > limit:
                break
            found = n
        return found

    return translate("what_if.curve_reading", lang, best=most(best), random=most(means))
