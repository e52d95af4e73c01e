"""The beam page's panels: the tree and its ranking, the ladder of widths. Pure: no Streamlit here."""

from __future__ import annotations

from typing import Annotated, TypedDict

from gptviz.decoding import Beam
from gptviz.decoding.parameter import Slider
from gptviz.decoding.parameters import TREE_TOKENS
from gptviz.recipes import decoding as recipes
from gptviz.ui.message_types import JSON, Of, Told
from gptviz.ui.pages.beam import words
from gptviz.ui.pages.beam.presets import PRESETS
from gptviz.ui.pages.beam.scene import WIDTHS, Searches
from gptviz.ui.web.message import as_json
from gptviz.views.beam import Node, Rung, TreeView


class OffersPart(TypedDict):
    """The presets by name, the sliders, how many tokens are written at most, and whether the search is held."""

    presets: list[str]
    sliders: list[Slider]
    limit: int
    paused: bool


def offers(scene: Searches) -> OffersPart:
    """What can be tried."""
    paused = scene.unanswered and scene.state.stopped
    asked = [*Beam.parameters, TREE_TOKENS._replace(name="tokens")]
    sliders = [p.slider() for p in asked if p.kind != "choice"]
    return {"presets": list(PRESETS), "sliders": sliders, "limit": scene.prompt.limit, "paused": paused}


class Grown(Told):
    """The tree's nodes in one list, each with its step."""

    nodes: list[Annotated[JSON, Of(Node)]]
    steps: int
    group_width: int


class TreePart(TypedDict):
    """The search told as a tree, and whether it was worth it."""

    tree: Annotated[JSON, Of(TreeView, without=("columns",), more=Grown)]
    verdict: str


def tree(scene: Searches) -> TreePart:
    """The main search; the verdict once greedy search is done too."""
    view, lang = scene.tree, scene.context.lang
    own = next((rung for rung in scene.climbed if rung.width == scene.state.view.width), None)
    plain = next((rung for rung in scene.climbed if rung.width == 0), None)
    nodes = [as_json(node) for column in view.columns for node in column]
    grown = {"nodes": nodes, "steps": len(view.columns), "group_width": view.group_width}
    said = {"reading": words.tree_reading(view, lang), "python": _python_tree(scene)}
    return {
        "tree": as_json(view, "columns") | grown | said,
        "verdict": words.verdict(own, plain, lang) if own and plain else "",
    }


class LadderPart(TypedDict):
    """What each width finds."""

    rungs: list[Annotated[JSON, Of(Rung)]]
    ladder_note: str
    ladder_reading: str
    ladder_python: str


def ladder(scene: Searches) -> LadderPart:
    """Greedy and every width; the note when all are known."""
    rungs, view, lang = scene.climbed, scene.state.view, scene.context.lang
    plain = [rung for rung in rungs if view.n_groups == 1 or rung.width != view.width]
    note = words.ladder_note(plain, lang, own=view.width)
    return {
        "rungs": [as_json(rung) for rung in rungs],
        "ladder_note": note if scene.work and not scene.unanswered else "",
        "ladder_reading": words.ladder_reading(rungs, lang),
        "ladder_python": _python_ladder(scene),
    }


def _python_tree(scene: Searches) -> str:
    """Python that draws the tree in a notebook."""
    beam = scene.state.view.beam()
    return recipes.beam_tree(scene.quoted, scene.context.lm.name, beam, max_new_tokens=scene.prompt.limit)


def _python_ladder(scene: Searches) -> str:
    """Python that compares the widths with greedy search."""
    beams = [scene.state.view.beam(width) for width in sorted({*WIDTHS, scene.state.view.width})]
    return recipes.beam_ladder(scene.quoted, scene.context.lm.name, beams, max_new_tokens=scene.prompt.limit)
