"""The heads page's panels: the scores, the test, the textbook's table. Pure: no Streamlit here."""

from __future__ import annotations

from typing import TypedDict

from gptviz.analysis.heads import SCORES, THRESHOLDS, HeadScores, head_name
from gptviz.i18n import translate
from gptviz.recipes import heads as recipes
from gptviz.rounding import number
from gptviz.ui.changed import Changed, changed
from gptviz.ui.pages.heads.scene import Looked
from gptviz.ui.prompts import how, quoted

_NAMED = 6  # heads that a sentence names


class ScoresPart(TypedDict):
    """``heads``: of each head, layer by layer, its scores in the order of ``names``; none while they are measured."""

    names: list[str]
    thresholds: list[float]
    n_layer: int
    n_head: int
    heads: list[float | None]
    done: int
    wanted: int
    scores_reading: str
    scores_python: str


def scores(scene: Looked) -> ScoresPart:
    """The scores of all heads."""
    c, lang = scene.context.lm.config, scene.context.lang
    return {
        "names": list(SCORES),
        "thresholds": [THRESHOLDS[name] for name in SCORES],
        "n_layer": c.n_layer,
        "n_head": c.n_head,
        "heads": [score for head in scene.heads for score in head[2:]],
        "done": scene.work.done,
        "wanted": scene.work.wanted,
        "scores_reading": _reading(scene, lang),
        "scores_python": recipes.scores(scene.context.lm.name, scene.state.view.score),
    }


def _reading(scene: Looked, lang: str) -> str:
    if not scene.heads:
        return translate("heads.measuring", lang, done=scene.work.done, wanted=scene.work.wanted)
    name = scene.view.score
    best = sorted(scene.heads, key=lambda head: -(getattr(head, name) or 0.0))[:3]
    listed = translate("reading.comma", lang).join(
        translate("heads.best", lang, head=_named(head), score=number(getattr(head, name) or 0.0)) for head in best
    )
    over = sum(name in head.labels for head in scene.heads)
    meant = translate(f"heads.definition.{name}", lang)
    values = {"name": translate(f"heads.name.{name}", lang), "count": over, "all": len(scene.heads), "best": listed,
              "definition": meant, "threshold": number(THRESHOLDS[name], 2)}  # fmt: skip
    return translate("heads.reading", lang, **values)


def _named(head: HeadScores) -> str:
    return head_name(head.layer, head.head)


class TestPart(TypedDict):
    """The text without one head; None where that is not wished, or there is no text."""

    tested: Changed | None
    test_python: str


def test(scene: Looked) -> TestPart:
    """Before and after."""
    view, lm = scene.view, scene.context.lm
    prompt = quoted(lm, scene.state.text, how(view))
    return {
        "tested": None if scene.tested is None else changed(scene.tested, scene.context.lang),
        "test_python": recipes.ablated(prompt, lm.name, layer=view.layer, head=view.head, mode=view.mode),
    }


class Claim(TypedDict):
    """What textbooks say of a kind of head, and what was found here."""

    said: str
    found: str


class ClaimsPart(TypedDict):
    """The textbook's table of specialised heads."""

    claims: list[Claim]


#: By name of a claim, the labels that speak for it; none: no score here can.
CLAIMS: dict[str, tuple[str, ...]] = {"position": ("previous", "local"), "copy": ("induction",),
                                      "repeat": ("duplicate",), "idle": ("first",), "broad": ("diffuse",),
                                      "grammar": (), "meaning": ()}  # fmt: skip


def claims(scene: Looked) -> ClaimsPart:
    """Each claim with the heads that bear it out."""
    return {"claims": [_claim(name, labels, scene) for name, labels in CLAIMS.items()]}


def _claim(name: str, labels: tuple[str, ...], scene: Looked) -> Claim:
    lang = scene.context.lang
    said = translate(f"heads.claim.{name}", lang)
    if not labels:
        return {"said": said, "found": translate("heads.found.unmeasured", lang)}
    if not scene.heads:
        return {"said": said, "found": "…"}
    found = [head for head in scene.heads if set(labels) & set(head.labels)]
    if not found:
        return {"said": said, "found": translate("heads.found.none", lang)}
    found.sort(key=lambda head: -max(getattr(head, label) or 0.0 for label in labels))
    listed = translate("reading.comma", lang).join(map(_named, found[:_NAMED]))
    more = " …" if len(found) > _NAMED else ""
    return {"said": said, "found": translate("heads.found.some", lang, count=len(found), heads=listed + more)}
