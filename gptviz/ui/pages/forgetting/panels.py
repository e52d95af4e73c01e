"""The panels of the page of forgetting before and while it learns: what is wished for, the jobs, the loss. Pure."""

from __future__ import annotations

from typing import TypedDict

from gptviz.errors import ConfigError, GptvizError, PromptError, ServiceError
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Job
from gptviz.jobs.forgetting import BATCH, FIRSTS, THENS
from gptviz.jobs.settings import settings
from gptviz.language_model import LocalModel
from gptviz.recipes import forgetting as recipes
from gptviz.rounding import number
from gptviz.tuning.cost import cost
from gptviz.tuning.examples import Example
from gptviz.tuning.methods import method
from gptviz.tuning.sequence import REMEDIES
from gptviz.ui.jobs import RUNNER
from gptviz.ui.pages.forgetting.heard import FIRST
from gptviz.ui.pages.forgetting.scene import Forgot
from gptviz.ui.pages.tuning.labelled import FileView
from gptviz.ui.pages.tuning.panels import JobView, about, length_of

_POINTS = 240  # of a curve
_MEASURING = 5.0  # what measuring after a run costs, in passes over the texts measured on
#: What a run with each remedy takes, in that of one without: EWC first reads A's texts one by one.
_TIMES = {"none": 1.0, "rehearsal": 1.0, "ewc": 1.7, "lora": 0.75}


class SetupPart(FileView):
    """What can be chosen, and what it costs; ``problem``: why it cannot be."""

    firsts: list[str]
    thens: list[str]
    cost: list[tuple[str, str]]  # what, and how much of it
    button: str  # what the button says, with the time it takes
    problem: str
    setup_reading: str
    setup_python: str


def setup(scene: Forgot) -> SetupPart:
    """Choices with their cost."""
    state, lang = scene.state, scene.context.lang
    view, problem, seconds = state.view, "", 0.0
    said: list[tuple[str, str]] = []
    try:
        seconds, said = _cost(scene)
    except GptvizError as error:
        problem = error.say(lang)
    start = translate("forgetting.start", lang)
    return {
        "firsts": list(FIRSTS),
        "thens": list(THENS),
        **state.file_view(),
        "cost": said,
        "button": start if problem else translate("forgetting.start_takes", lang, time=about(seconds, lang)),
        "problem": problem,
        "setup_reading": translate("forgetting.reading.setup", lang, first=task_name(view.first, lang),
                                   then=task_name(view.then, lang), remedies=_listed(state.remedies(), lang)),
        "setup_python": recipes.run(scene.context.lm.name, state.ask(scene.context.lm.name)),
    }  # fmt: skip


def task_name(name: str, lang: str) -> str:
    """What a task is called."""
    return translate(f"forgetting.task.{name}", lang)


def name_of(at: str, lang: str) -> str:
    """What a stage is called: after A, or B with a remedy."""
    return translate(f"forgetting.at.{at}", lang)


def _listed(remedies: tuple[str, ...], lang: str) -> str:
    return translate("forgetting.between", lang).join(name_of(one, lang) for one in remedies)


def _cost(scene: Forgot) -> tuple[float, list[tuple[str, str]]]:
    """Seconds of all runs on one core, and what is said of it. Raises GptvizError where it cannot be."""
    lm, state, lang = scene.context.lm, scene.state, scene.context.lang
    if not isinstance(lm, LocalModel):
        raise ServiceError("remote.weights")
    if not lm.config.causal:
        raise PromptError("prompt.fills_blanks")
    most = settings().tuned_parameters
    if lm.config.n_parameters > most:
        raise ConfigError("train.too_large", count=f"{lm.config.n_parameters:,}", most=f"{most:,}")
    state.given()
    first, then = scene.task(state.view.first), scene.task(state.view.then)
    every = [_run(scene, lm, task.train, state.view.epochs) for task in (first, then)]
    tested = [_run(scene, lm, task.test, 1) / 3 for task in (first, then)]  # which is not learnt from
    passes = {name: _TIMES[name] * every[1] for name in state.remedies()}
    if "rehearsal" in passes:
        passes["rehearsal"] += state.view.rehearse * every[1]
    seconds = every[0] + sum(passes.values()) + (1 + len(passes)) * _MEASURING * sum(tested)
    steps = [state.view.epochs * -(-len(task.train) // BATCH) for task in (first, then)]
    said = {"runs": str(1 + len(passes)), "steps": f"{steps[0] + len(passes) * steps[1]:,}",
            "texts": f"{len(first.train):,} + {len(then.train):,}",
            "tests": f"{len(first.test):,} + {len(then.test):,}", "time": about(seconds, lang)}  # fmt: skip
    return seconds, [(translate(f"forgetting.cost.{name}", lang), value) for name, value in said.items()]


def _run(scene: Forgot, lm: LocalModel, texts: list[Example], epochs: int) -> float:
    """Seconds of learning from these by all numbers."""
    some = tuple(example.text for example in texts[:40])
    tokens = length_of(some, lm.fingerprint, lm)
    return cost(lm.config, method("full"), n_outputs=2, n_texts=len(texts), n_tokens=tokens, epochs=epochs,
                batch_size=BATCH, says=False).seconds  # fmt: skip


class JobsPart(TypedDict):
    """The runs of this visitor, the one looked at, and where it stands."""

    jobs: list[JobView]
    job: str
    owned: bool
    state: str
    share: float
    archive: str  # nothing of it can be saved


def jobs(scene: Forgot) -> JobsPart:
    """All of them."""
    job, heard = scene.job, scene.state.heard
    return {
        "jobs": [_job(one, scene.context.lang) for one in folder.jobs_of(scene.state.owner, folder.FORGETTING)],
        "job": job.id if job else "",
        "owned": bool(scene.state.owner),
        "state": _where(scene),
        "share": min(1.0, heard.taken / max(1, heard.begun.get("steps", 0))) if job else 0.0,
        "archive": "",
    }


def _job(job: Job, lang: str) -> JobView:
    title = translate("forgetting.job", lang, first=task_name(job.ask.source, lang),
                      then=task_name(job.ask.preset, lang))  # fmt: skip
    return {"id": job.id, "title": title, "status": RUNNER.status(job), "model": "", "saves": []}


def _where(scene: Forgot) -> str:
    lang, job, heard = scene.context.lang, scene.job, scene.state.heard
    if job is None or scene.status is None:
        return translate("forgetting.none", lang)
    key = scene.status
    if key == "running" and not heard.learning:
        key = "measuring" if heard.stages else "opening"  # type: ignore[assignment]
    steps = heard.begun.get("steps", 0)
    left = (steps - heard.taken) * heard.seconds / max(1, heard.taken)
    return translate(f"forgetting.state.{key}", lang, place=RUNNER.place(job), step=f"{heard.taken:,}",
                     steps=f"{steps:,}", left=about(left, lang), what=name_of(heard.learning or FIRST, lang),
                     count=max(0, len(heard.stages) - 1),
                     seconds=number(heard.report.get("cpu_seconds"), 0))  # fmt: skip


class Curve(TypedDict):
    """The loss of one run, a mean over a few steps, nats; steps are counted from the beginning of A."""

    at: str  # first, or the remedy
    points: list[tuple[float, float]]


class CurvePart(TypedDict):
    """All runs, from the beginning of A on."""

    curves: list[Curve]
    first_steps: int
    then_steps: int
    mean_of: int  # steps of which a point is the mean
    curve_reading: str


def curve(scene: Forgot) -> CurvePart:
    """Of the job looked at."""
    heard, lang = scene.state.heard, scene.context.lang
    begun = heard.begun if scene.job is not None else {}
    steps = begun.get("first_steps", 0), begun.get("then_steps", 0)
    window = max(1, min(steps) // 8)
    found: list[Curve] = []
    for at in (FIRST, *REMEDIES):
        losses = heard.losses.get(at, []) if scene.job is not None else []
        if losses:
            found.append({"at": at, "points": _smooth(losses, window, 0 if at == FIRST else steps[0])})
    lasts = "; ".join(translate("forgetting.reading.loss", lang, name=name_of(one["at"], lang),
                                loss=number(one["points"][-1][1], 3)) for one in found)  # fmt: skip
    return {
        "curves": found,
        "first_steps": steps[0],
        "then_steps": steps[1],
        "mean_of": window,
        "curve_reading": translate("forgetting.reading.curve", lang, said=lasts, window=window) if found
                         else translate("forgetting.reading.nothing", lang),
    }  # fmt: skip


def _smooth(losses: list[float], window: int, begin: int) -> list[tuple[float, float]]:
    """Each step's mean over the last ``window``, or over as many as there are."""
    every = max(1, len(losses) // _POINTS)
    found = []
    for i in range(len(losses)):
        if i % every == 0 or i == len(losses) - 1:
            some = losses[max(0, i + 1 - window) : i + 1]
            found.append((float(begin + i + 1), round(sum(some) / len(some), 4)))
    return found
