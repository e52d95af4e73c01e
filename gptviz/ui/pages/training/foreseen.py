"""What is known of a run before its first step: what knowing nothing costs, the floor, how the texts sound. Pure."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TypedDict

import numpy as np

from gptviz.i18n import translate
from gptviz.jobs.folder import OWN
from gptviz.rounding import number
from gptviz.training.worlds import WORLDS, entropy
from gptviz.ui.pages.training.scene import Watched

_DOCUMENTS, _WIDTH = 3, 230  # of a world that are shown, and how wide each is: Chinese characters count twice
_SEED, _DRAWN = 1, 150


class ForeseenPart(TypedDict):
    """Empty once there are records, or where nothing is known."""

    foreseen: list[tuple[str, str, float]]  # name, words, nats per token
    foreseen_said: str
    documents: list[str]  # a few of what is learnt from


def foreseen(scene: Watched) -> ForeseenPart:
    """Of the run that is wished for; of one that waits for its turn, of that."""
    if scene.state.heard.steps and scene.job is not None:
        return {"foreseen": [], "foreseen_said": "", "documents": []}
    lang = scene.context.lang
    source = scene.job.ask.source if scene.job is not None else scene.state.view.source
    known = _known(source, scene)
    said = {name: number(nats, 2) for name, nats in known.items()}
    key = "floor" if "floor" in known else "uniform" if known else "nothing"
    return {
        "foreseen": [(name, translate(f"training.level.{name}", lang), nats) for name, nats in known.items()],
        "foreseen_said": translate(f"live.foreseen.{key}", lang, **said),
        "documents": list(_documents(source)),
    }


def _known(source: str, scene: Watched) -> dict[str, float]:
    """ln V and the floor, in nats per token, so far as they are known."""
    if source in WORLDS:
        return {"uniform": math.log(len(WORLDS[source].alphabet)), "floor": entropy(WORLDS[source])}
    own = scene.state.own if source == OWN and scene.state.learn is None else None
    return {"uniform": math.log(own.different)} if own is not None and own.different > 1 else {}


@lru_cache(maxsize=16)
def _documents(source: str) -> tuple[str, ...]:
    """A few that a world says, the same each time, none of them long."""
    if source not in WORLDS:
        return ()
    rng = np.random.default_rng(_SEED)
    drawn = dict.fromkeys(WORLDS[source].sample(rng).rstrip("\n") for _ in range(_DRAWN))
    fitting = [said for said in drawn if said and len(said) + sum(not c.isascii() for c in said) <= _WIDTH]
    other = next((said for said in fitting if said.isascii() != fitting[0].isascii()), None)
    first = fitting[:1] if other is None else [fitting[0], other]  # each of two languages
    return tuple(dict.fromkeys([*first, *fitting]))[:_DOCUMENTS]
