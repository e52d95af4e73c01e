"""The limits page's panels: the picks, what the text shows, what was measured over a set. Pure."""

from __future__ import annotations

from types import ModuleType
from typing import TypedDict

from gptviz.ui.measured import slice_of
from gptviz.ui.page import Context
from gptviz.ui.pages.limits import digits, exchange, facts, loops, memory, window
from gptviz.ui.pages.limits.parts import Part
from gptviz.ui.pages.limits.scene import Tried, standing
from gptviz.ui.pages.limits.state import EXPERIMENTS, Limits, settle

#: The experiments: each says what it wants measured, and makes its two parts.
PLANS: dict[str, ModuleType] = {"loops": loops, "facts": facts, "digits": digits, "context": window,
                                "exchange": exchange, "memory": memory}  # fmt: skip


def scene(state: Limits, context: Context) -> Tried:
    """The page, after going on with what is measured."""
    settle(state, context.lang)
    found = standing(state, context)
    works = (state.live, state.side)
    if found.ids:
        PLANS[state.view.show].want(found)
        slice_ = slice_of(context.pressed, *works)
        for work in works:
            work.advance(slice_)
    else:
        for work in works:
            work.rest()
    found.said += [{"level": "error", "text": work.error.say(context.lang)} for work in works if work.error]
    found.running = any(work.open for work in works)
    return found


class PicksPart(TypedDict):
    """The experiments, the presets of the one that is shown, and what it cannot show."""

    experiments: list[str]
    presets: list[str]
    caveat: str


def picks(found: Tried) -> PicksPart:
    """What can be chosen."""
    name = found.state.view.show
    return {"experiments": list(EXPERIMENTS), "presets": list(EXPERIMENTS[name]), "caveat": found.say(f"caveat.{name}")}


class LivePart(TypedDict):
    """What the text shows."""

    live: Part | None


class SidePart(TypedDict):
    """What was measured beside it."""

    side: Part | None


def live(found: Tried) -> LivePart:
    """What the text shows."""
    part: Part = PLANS[found.state.view.show].live(found)
    return {"live": part}


def side(found: Tried) -> SidePart:
    """What was measured beside it."""
    part: Part = PLANS[found.state.view.show].side(found)
    return {"side": part}
