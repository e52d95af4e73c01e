"""The panel of the run beside: the same of it as of the first, and in words what differs between the two. Pure."""

from __future__ import annotations

from typing import TypedDict

from gptviz.i18n import translate
from gptviz.training.differing import differing
from gptviz.ui.differing import sentence
from gptviz.ui.pages.snapshots.panels import (
    Attention,
    Curve,
    Heads,
    Next,
    Written,
    answer_of,
    attention_of,
    curve_of,
    facts,
    heads_of,
    written_of,
)
from gptviz.ui.pages.snapshots.scene import Moment
from gptviz.ui.pages.snapshots.side import Side


class Beside(TypedDict):
    """The other run, at its moment for the same step; ``stands``: what each of the two has to say of where it is."""

    run: str
    facts: list[tuple[str, str]]
    curve: Curve
    heads: Heads
    attention: Attention | None
    answer: Next | None
    written: Written | None
    differs: str  # one line
    stands: list[str]


class BesidePart(TypedDict):
    """The run beside; None where there is none. ``lost``: of each run the step at which its numbers ran away, and a
    word for it; step 0 where they did not."""

    beside: Beside | None
    lost: list[tuple[int, str]]


def beside(scene: Moment) -> BesidePart:
    """Everything of the other run; its pattern is the array ``other_pattern``."""
    lang, other = scene.context.lang, scene.other
    lost = [_lost(side, lang) for side in scene.sides]
    if other is None:
        return {"beside": None, "lost": lost}
    found = differing(scene.one.told.chosen, other.told.chosen)
    return {"beside": {
        "run": other.run.name,
        "facts": facts(other, lang),
        "curve": curve_of(other, lang),
        "heads": heads_of(other, lang),
        "attention": attention_of(other, lang),
        "answer": answer_of(other, lang),
        "written": written_of(other, lang),
        "differs": sentence(found, lang),
        "stands": [_stands(side, scene.steps[scene.at], lang) for side in scene.sides],
    }, "lost": lost}  # fmt: skip


def _stands(side: Side, step: int, lang: str) -> str:
    """Where it is not at the step of the slider: at which, and why."""
    here, last = side.moment.step, side.at == len(side.kept.moments) - 1
    lost = side.told.lost
    if lost is not None and step >= lost.step:
        return translate("snapshots.stands.lost", lang, step=f"{here:,}", lost=f"{lost.step:,}")
    if here == step:
        return ""
    key = "snapshots.stands.first" if here > step else "snapshots.stands.over" if last else "snapshots.stands.nearest"
    return translate(key, lang, step=f"{here:,}")


def _lost(side: Side, lang: str) -> tuple[int, str]:
    lost = side.told.lost
    if lost is None:
        return 0, ""
    word = "NaN" if lost.loss.casefold() in ("nan", "inf", "-inf") else lost.loss
    return lost.step, translate("differing.lost", lang, loss=word, step=f"{lost.step:,}")
