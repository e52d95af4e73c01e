"""Which classifiers of a visitor's can be attacked: those tuned on Tuning, and those of the trial looked at. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Job
from gptviz.jobs.robustness import FOLDER, WAYS
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tuning import sets
from gptviz.tuning.saved import classifies
from gptviz.ui.pages.tuning.panels import title_of


class Target(NamedTuple):
    """One classifier."""

    name: str  # by which the browser asks for it
    title: str
    path: Path


def targets(owner: str, trial: Job | None, lm: LanguageModel, lang: str) -> list[Target]:
    """Those that open on this model, the newest of Tuning first."""
    if not isinstance(lm, LocalModel):
        return []
    found = []
    for job in folder.jobs_of(owner, folder.TUNING):
        if job.ask.source == sets.SENTIMENT and job.end is not None and classifies(job.path, lm):
            file = str(job.ask.changes.get("file") or "")
            found.append(Target(job.id, title_of(job, lang) + (f" · {file}" if file else ""), job.path))
    for way in WAYS if trial is not None else ():
        assert trial is not None
        path = trial.path / FOLDER / way
        if classifies(path, lm):
            title = translate("robustness.of_trial", lang, way=translate(f"robustness.way.{way}", lang))
            found.append(Target(f"{trial.id}/{way}", title, path))
    return found
