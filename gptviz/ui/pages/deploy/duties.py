"""The six duties of serving a model: what this installation does for each, and its figures of this moment. Pure."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypedDict

from gptviz.compression import nbytes, pruning
from gptviz.jobs.settings import settings
from gptviz.language_model import LocalModel
from gptviz.recipes import deploy as recipes
from gptviz.rounding import gigabytes, number
from gptviz.ui import limits
from gptviz.ui.guard import METRICS
from gptviz.ui.jobs import RUNNER
from gptviz.ui.pages.deploy.panels import megabytes, spared
from gptviz.ui.pages.deploy.scene import Served

_SPARED = {"heads": "spared_heads", "layers": "spared_layers"}


class Figure(TypedDict):
    """One number of this moment."""

    name: str
    value: str


class Duty(TypedDict):
    """One duty."""

    name: str
    does: str
    figures: list[Figure]


class DutiesPart(TypedDict):
    """All six."""

    duties: list[Duty]
    duties_python: str


def duties(scene: Served) -> DutiesPart:
    """What is done, with figures."""
    made: list[Duty] = [
        {"name": scene.say(f"duty.{name}"), "does": scene.say(f"does.{name}"),
         "figures": [{"name": scene.say(f"figure.{key}"), "value": value} for key, value in find(scene)]}
        for name, find in DUTIES.items()
    ]  # fmt: skip
    return {"duties": made, "duties_python": recipes.duties(scene.lm.name)}


def _trimming(scene: Served) -> list[tuple[str, str]]:
    curve = pruning.curve(scene.state.parts.records, "taylor")
    free = "…" if scene.state.parts.open or not curve else scene.say("share_of", n=spared(curve), all=scene.n_parts)
    c = scene.lm.config
    shape = scene.say("shape", layers=c.n_layer, heads=c.n_head)
    return [("parameters", f"{c.n_parameters:,}"), ("shape", shape),
            (_SPARED[scene.controls.unit], free)]  # fmt: skip


def _quantising(scene: Served) -> list[tuple[str, str]]:
    lm = scene.lm
    found = [("weights", lm.weights)]
    if isinstance(lm, LocalModel):
        found.append(("model_memory", scene.say("megabytes", n=megabytes(nbytes(lm.model)))))
    small = next((cost for cost in scene.costs if cost.form == "int8" and cost.memory), None)
    found.append(("as_int8", "…" if small is None else scene.say("megabytes", n=megabytes(small.memory))))
    return found


def _serving(scene: Served) -> list[tuple[str, str]]:
    now = scene.vitals
    fast = next((cost.tokens_per_second for cost in scene.costs if cost.form == scene.lm.weights), None)
    return [("threads", scene.say("share_of", n=now.shared.threads, all=now.cores)),
            ("traces", scene.say("megabytes", n=megabytes(now.shared.traces))),
            ("speed", "…" if fast is None else scene.say("per_second", n=number(fast, 0)))]  # fmt: skip


def _elasticity(scene: Served) -> list[tuple[str, str]]:
    now, (running, waiting) = scene.vitals.shared, RUNNER.busy
    return [("visitors", scene.say("share_of", n=now.visitors, all=limits.most_visitors())),
            ("waiting", str(now.waiting)), ("jobs", scene.say("jobs", running=running, waiting=waiting))]  # fmt: skip


def _monitoring(scene: Served) -> list[tuple[str, str]]:
    now = scene.vitals
    unknown = scene.say("unknown")
    return [("resident", unknown if now.resident is None else scene.say("megabytes", n=megabytes(now.resident))),
            ("spare", unknown if now.available is None else gigabytes(now.available)),
            ("since", scene.say("minutes", n=int(now.minutes))),
            ("metrics", scene.say("open" if os.environ.get(METRICS) == "1" else "shut"))]  # fmt: skip


def _protection(scene: Served) -> list[tuple[str, str]]:
    asked, most = settings(), limits.most_tokens()
    return [("read", scene.say("tokens", n=min(most, scene.lm.config.block_size))),
            ("characters", f"{limits.MAX_CHARS:,}"), ("job_minutes", scene.say("minutes", n=asked.minutes)),
            ("models", scene.say("share_of", n=scene.vitals.shared.models, all=limits.most_models() + 1))]  # fmt: skip


#: In the textbook's order.
DUTIES: dict[str, Callable[[Served], list[tuple[str, str]]]] = {
    "trimming": _trimming,
    "quantising": _quantising,
    "serving": _serving,
    "elasticity": _elasticity,
    "monitoring": _monitoring,
    "protection": _protection,
}
