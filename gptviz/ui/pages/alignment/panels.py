"""The panels of the alignment page: what is wished for, two answers to choose from, curves, lights, answers. Pure."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from gptviz.errors import ConfigError, GptvizError, ServiceError
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.aligned import FEWEST
from gptviz.jobs.folder import Job
from gptviz.jobs.settings import settings
from gptviz.language_model import LocalModel
from gptviz.recipes import alignment as recipes
from gptviz.rounding import number, percent
from gptviz.tuning.pairs import ask
from gptviz.tuning.rules import RULES
from gptviz.ui.jobs import RUNNER
from gptviz.ui.pages.alignment.scene import Aligned
from gptviz.ui.pages.alignment.state import MOST_CHOICES, SOURCES
from gptviz.ui.pages.tuning.panels import PARTS, JobView, about
from gptviz.ui.pages.tuning.results import LightsPart, told
from gptviz.ui.web.arrays import Blobs

_ROWS, _TOLD = 5, 200
FIELDS = {"dpo": ("epochs", "beta"), "ppo": ("steps", "kl")}


class SetupPart(TypedDict):
    """What is better, and how it is learnt; ``problem``: why that cannot be."""

    sources: list[str]
    fields: list[str]  # the controls that the way has
    pairs: list[tuple[str, str, str]]  # a few: question, better, worse
    n_pairs: int
    file: str
    problem: str
    setup_reading: str
    setup_python: str


def setup(scene: Aligned) -> SetupPart:
    """Choices."""
    state, lang = scene.state, scene.context.lang
    view, problem = state.view, ""
    try:
        _check(scene)
    except GptvizError as error:
        problem = error.say(lang)
    rule = view.source in RULES
    shown = [] if rule else [(p.prompt[:_TOLD], p.chosen[:_TOLD], p.rejected[:_TOLD]) for p in scene.pairs[:_ROWS]]
    return {
        "sources": list(SOURCES),
        "fields": list(FIELDS[view.by]),
        "pairs": shown,
        "n_pairs": len(scene.pairs),
        "file": state.own.name if state.own is not None else "",
        "problem": problem,
        "setup_reading": translate(f"alignment.reading.{'rule' if rule else 'pairs'}", lang,
                                   by=view.by.upper(), count=f"{len(scene.pairs):,}",
                                   source=translate(f"alignment.source.{view.source}", lang)),
        "setup_python": recipes.run(scene.context.lm.name, view.by, view.source if rule else "", view.epochs,
                                    view.steps, view.beta, view.kl, view.run_seed),
    }  # fmt: skip


def _check(scene: Aligned) -> None:
    """Raises GptvizError where the run cannot be."""
    lm = scene.context.lm
    if not isinstance(lm, LocalModel):
        raise ServiceError("remote.weights")
    most = settings().tuned_parameters
    if lm.config.n_parameters > most:
        raise ConfigError("train.too_large", count=f"{lm.config.n_parameters:,}", most=f"{most:,}")
    scene.state.given()
    if scene.pairs:
        ask(lm, scene.pairs[0].prompt)  # where the model cannot be asked so, that is said
    if len(scene.pairs) < FEWEST:
        raise ConfigError("tune.few_pairs", count=len(scene.pairs), fewest=FEWEST)


class ChoicePart(TypedDict):
    """Two answers to the text in the box."""

    offered: list[str]  # two, or none
    offered_of: str  # the question
    alike: bool  # a few tries gave no second one
    chosen_so_far: int
    most_choices: int
    choice_reading: str
    choice_python: str


def chooser(scene: Aligned) -> ChoicePart:
    """What is to be chosen from."""
    state, lang = scene.state, scene.context.lang
    there = bool(state.offered.prompt) and state.offered.model == scene.context.lm.fingerprint
    one, other = state.offered.answers
    return {
        "offered": [one, other] if there else [],
        "offered_of": state.offered.prompt if there else "",
        "alike": there and one == other,
        "chosen_so_far": len(state.mine),
        "most_choices": MOST_CHOICES,
        "choice_reading": translate("alignment.reading.choice", lang, one=one, other=other, count=len(state.mine))
                          if there else translate("alignment.reading.none_offered", lang),
        "choice_python": recipes.sampled(scene.context.lm.name, state.text[:_TOLD]),
    }  # fmt: skip


class JobsPart(TypedDict):
    """The alignments of this visitor, the one looked at, and where it stands."""

    jobs: list[JobView]
    job: str
    owned: bool
    state: str
    share: float
    archive: str


def jobs(scene: Aligned) -> JobsPart:
    """All of them."""
    job, what = scene.job, scene.state.saving[1]
    return {
        "jobs": [_job(one, scene.context.lang) for one in folder.jobs_of(scene.state.owner, folder.ALIGNMENT)],
        "job": job.id if job else "",
        "owned": bool(scene.state.owner),
        "state": _where(scene),
        "share": scene.state.heard.last / max(1, scene.state.heard.begun.get("steps", 0)) if job else 0.0,
        "archive": f"gptviz-{job.id}-{what}.zip" if job and _sends(scene) else "",
    }


def _job(job: Job, lang: str) -> JobView:
    ask, over = job.ask, job.end is not None
    return {
        "id": job.id,
        "title": f"{ask.preset.upper()} · {translate(f'alignment.source.{ask.source}', lang)}",
        "status": RUNNER.status(job),
        "model": job.model_name if job.has_model else "",
        "saves": [name for name, parts in PARTS.items() if over and all((job.path / p).exists() for p in parts)],
    }


def _where(scene: Aligned) -> str:
    lang, job, heard = scene.context.lang, scene.job, scene.state.heard
    if job is None or scene.status is None:
        return translate("alignment.none", lang)
    wanted = heard.begun.get("steps", 0)
    key = scene.status
    if key == "running" and not heard.last:
        return translate("alignment.judging" if heard.judge else "tuning.state.opening", lang)
    if key == "done" and job.ask.preset == "ppo":  # which is judged by its reward, not by what is held out
        return translate("alignment.done", lang, step=f"{heard.last:,}",
                         seconds=number(heard.report.get("cpu_seconds"), 0))  # fmt: skip
    left = (wanted - heard.last) * heard.seconds / max(1, heard.last)
    return translate(f"tuning.state.{key}", lang, place=RUNNER.place(job), step=f"{heard.last:,}", steps=f"{wanted:,}",
                     left=about(left, lang), seconds=number(heard.report.get("cpu_seconds"), 0))  # fmt: skip


def _sends(scene: Aligned) -> bool:
    job, (saving, what) = scene.job, scene.state.saving
    return job is not None and saving == job.id and what in _job(job, "en")["saves"]


def arrays(scene: Aligned) -> Blobs:
    """What was learnt as a zip, where it is to be saved."""
    if not _sends(scene) or scene.job is None:
        return {}
    what, scene.state.saving = scene.state.saving[1], ("", "")
    return {"zip": np.frombuffer(scene.job.archive(PARTS[what]), dtype=np.uint8)}


class CurvePart(TypedDict):
    """DPO: ln p of chosen and rejected answers, each less the reference's. PPO: reward against KL, step by step."""

    way: str  # dpo, ppo; empty while there is nothing
    chosen: list[tuple[float, float]]
    rejected: list[tuple[float, float]]
    pairs_right: str  # of pairs held out, as it is said
    judge_right: str  # by the reward model
    rewards: list[tuple[float, float]]  # step, mean reward
    tradeoff: list[tuple[float, float]]  # KL, mean reward
    steps: int
    curve_reading: str


def curve(scene: Aligned) -> CurvePart:
    """Of the job looked at."""
    heard, lang = scene.state.heard, scene.context.lang
    there = scene.job is not None
    points = heard.preferred if there else []
    ppo = heard.ppo if there else []
    way = "dpo" if points else "ppo" if ppo else ""
    return {
        "way": way,
        "chosen": [(x["step"], round(x["chosen"] - x["reference_chosen"], 4)) for x in points],
        "rejected": [(x["step"], round(x["rejected"] - x["reference_rejected"], 4)) for x in points],
        "pairs_right": percent(heard.valid[-1].accuracy, 0) if there and heard.valid else "",
        "judge_right": percent(heard.judge[-1].accuracy, 0) if there and heard.judge else "",
        "rewards": [(x["step"], round(x["reward"], 4)) for x in ppo],
        "tradeoff": [(round(x["kl"], 4), round(x["reward"], 4)) for x in ppo],
        "steps": heard.begun.get("steps", 0) if there else 0,
        "curve_reading": _curve_reading(scene, way, lang),
    }


def _curve_reading(scene: Aligned, way: str, lang: str) -> str:
    heard = scene.state.heard
    if way == "dpo":
        last = heard.preferred[-1]
        return translate("alignment.reading.dpo", lang, chosen=number(last["chosen"] - last["reference_chosen"], 2),
                         rejected=number(last["rejected"] - last["reference_rejected"], 2))  # fmt: skip
    if way == "ppo":
        first, last = heard.ppo[0], heard.ppo[-1]
        return translate("alignment.reading.ppo", lang, before=number(first["reward"], 3),
                         reward=number(last["reward"], 3), kl=number(last["kl"], 2), step=last["step"])  # fmt: skip
    return translate("alignment.reading.nothing", lang)


def lights(scene: Aligned) -> LightsPart:
    """What must hold of the job looked at."""
    return told(scene.state.heard.lights if scene.job is not None else [], scene.context.lang)
