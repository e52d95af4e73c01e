"""The other run of a pair: its loss on the same plot, and what the two differ in. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict
from urllib.parse import urlencode

from gptviz.i18n import translate
from gptviz.jobs.folder import Ask, Job
from gptviz.rounding import number
from gptviz.training.differing import Difference, differing
from gptviz.ui.differing import short
from gptviz.ui.jobs import RUNNER
from gptviz.ui.pages.training.heard import Heard
from gptviz.ui.pages.training.scene import Watched
from gptviz.ui.pages.training.twins import mate_of

POINTS = 400  # of a curve: more than there are pixels for


class Pair(TypedDict):
    """Both runs of a pair, the one looked at first: what tells them apart, and where each stands.

    ``train`` and ``valid`` are the other's; ``lost``: of each the step at which its numbers ran away, and a word for
    it; ``query``: what opens both on the page of snapshots, empty until both can be seen there.
    """

    names: list[str]
    losses: list[str]  # held out, the last
    train: list[tuple[int, float]]
    valid: list[tuple[int, float]]
    state: str  # of the other, one of the runner's words
    lost: list[tuple[int, str]]
    query: str


class PairPart(TypedDict):
    """The other run of the pair that the job looked at is of; None where it is of none."""

    pair: Pair | None


def pair(scene: Watched) -> PairPart:
    """Both of them."""
    job, mate, lang = scene.job, scene.mate, scene.context.lang
    if job is None or mate is None:
        return {"pair": None}
    found, other = differences(job.ask, mate.ask), scene.state.mate_heard
    low, high = scene.part
    names = [short(found, lang, other=False), short(found, lang, other=True)]
    return {"pair": {
        "names": names,
        "losses": [_last(heard) for heard in (scene.state.heard, other)],
        "train": thinned(other, low, high),
        "valid": [(step, round(loss, 4)) for step, loss in other.valid if not high or low <= step <= high],
        "state": RUNNER.status(mate),
        "lost": [_lost(one, lang) for one in (job, mate)],
        "query": urlencode({"run": job.model_name, "beside": mate.model_name, "lang": lang}, safe="/")
                 if _kept(job) and _kept(mate) else "",
    }}  # fmt: skip


def differences(one: Ask, other: Ask) -> list[Difference]:
    """What was chosen otherwise in two runs, of what can be chosen here."""
    first, second = ({**ask.shape, **ask.changes, "parts": ask.parts, "source": ask.source} for ask in (one, other))
    return differing(first, second)


def told_apart(job: Job, jobs: Sequence[Job], lang: str) -> str:
    """What a run of a pair is called by; empty for one alone, and for one of GPT-2's parts, as most are."""
    mate = mate_of(job, jobs)
    found = differences(job.ask, mate.ask) if mate else []
    return short(found, lang, other=False, most=1) if found and found[0].name != "parts" else ""


def thinned(heard: Heard, low: int = 0, high: int = 0) -> list[tuple[int, float]]:
    """The loss of its steps from ``low`` to ``high``, of all where that is 0; at most so many of them."""
    part = [one for one in heard.steps if low <= one.step <= high] if high else heard.steps
    every = max(1, len(part) // POINTS)
    return [(one.step, round(one.loss, 4)) for i, one in enumerate(part) if i % every == 0 or i == len(part) - 1]


def _last(heard: Heard) -> str:
    return number(heard.valid[-1][1], 3) if heard.valid else "–"


def _lost(job: Job, lang: str) -> tuple[int, str]:
    end = job.end
    if end is None or not job.lost:
        return 0, ""
    step, loss = int(end["values"]["step"]), str(end["values"]["loss"])
    return step, translate("differing.lost", lang, loss="NaN" if loss == "nan" else loss, step=f"{step:,}")


def _kept(job: Job) -> bool:
    return job.has_model or job.lost
