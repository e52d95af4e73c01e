"""Whether what was learnt is a model in the menu. Pure."""

from __future__ import annotations

from typing import TypedDict

from gptviz.i18n import translate
from gptviz.tuning import sets
from gptviz.tuning.methods import METHODS
from gptviz.ui.pages.tuning.scene import Tuned


class InMenuPart(TypedDict):
    """Of a head that is learnt: whether there is a model of it in the menu, or why not; else empty."""

    model_note: str


def in_menu(scene: Tuned) -> InMenuPart:
    """Said plainly: pages show a model's own parts, and what stands beside them is on none of the others."""
    job, lang = scene.job, scene.context.lang
    if job is None or not scene.done or job.ask.source == sets.INSTRUCTIONS:
        return {"model_note": ""}
    name = job.ask.preset
    key = "head" if name == "head" else "there" if job.has_model else "written" if METHODS[name].merges else "beside"
    return {"model_note": translate(f"tuning.menu.{key}", lang, method=translate(f"tuning.method.{name}", lang))}
