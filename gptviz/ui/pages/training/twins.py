"""A second run beside the one that is wished for, alike but for one thing: what that is, and presets of it. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from gptviz.jobs.folder import Ask, Job
from gptviz.training.differing import NO_CLIP

ALONE = "none"
TWINS = (ALONE, "warmup", "clipping", "rate")  # what the second run lacks, or has far too much of
TIMES = 100.0  # the rate of the second, in those of the first
_MOST = 100.0  # of a rate


class Twins(NamedTuple):
    """A preset of two runs: as the trainer's preset ``base`` with ``changes``, and what the second differs in."""

    base: str
    twin: str
    changes: Mapping[str, Any]


#: Measured on the world of stories: at a rate of 0.01 the first of a pair learns and only the second does not; clipping
#: counts where a run begins without a warm-up, so neither of that pair has one.
PRESETS = {
    "warmup-or-none": Twins("gpt2-parts", "warmup", {"learning_rate": 0.01}),
    "clipping-or-none": Twins("gpt2-parts", "clipping", {"warmup": 0}),
    "two-rates": Twins("gpt2-parts", "rate", {"learning_rate": 0.01}),
}


def beside(ask: Ask, twin: str) -> Ask:
    """The second run."""
    changes = dict(ask.changes)
    if twin == "warmup":
        changes["warmup"] = 0
    elif twin == "clipping":
        changes["grad_clip"] = NO_CLIP
    elif twin == "rate":
        changes["learning_rate"] = min(_MOST, TIMES * changes["learning_rate"])
    return replace(ask, changes=changes)


def paired(asks: Sequence[Ask]) -> list[Ask]:
    """The runs that are started together, each with what says so; one alone as it is."""
    if len(asks) < 2:
        return list(asks)
    name = secrets.token_hex(4)
    return [replace(ask, pair=name) for ask in asks]


def mate_of(job: Job | None, jobs: Sequence[Job]) -> Job | None:
    """The other run of its pair."""
    name = job.ask.pair if job is not None else ""
    return next((one for one in jobs if one != job and one.ask.pair == name), None) if name else None
