"""What is known of a tuning before its first step: what guessing costs, and how often the most frequent label is right.

Pure.
"""

from __future__ import annotations

import math
from typing import TypedDict

from gptviz.i18n import translate
from gptviz.rounding import number, percent
from gptviz.tuning import sets
from gptviz.ui.pages.tuning.scene import Tuned


class ForeseenPart(TypedDict):
    """Nothing once there are records."""

    foreseen: float  # ln K: the loss of guessing, nats; 0: nothing is guessed, or there are records
    foreseen_said: str


def foreseen(scene: Tuned) -> ForeseenPart:
    """Of the run that is wished for."""
    lang, facts = scene.context.lang, scene.facts
    if (scene.job is not None and scene.state.heard.steps) or facts.outputs < 2:
        return {"foreseen": 0.0, "foreseen_said": ""}
    nats = math.log(facts.outputs)
    if scene.state.view.task != sets.SENTIMENT:
        said = translate("foreseen.tags", lang, nats=number(nats, 3), count=facts.outputs)
    else:
        label, count = facts.counts[0]
        said = translate("foreseen.labels", lang, nats=number(nats, 3), label=label,
                         share=percent(count / len(scene.data), 0))  # fmt: skip
    return {"foreseen": nats, "foreseen_said": said}
