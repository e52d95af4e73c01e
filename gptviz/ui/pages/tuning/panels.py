"""The panels of the tuning page before and while it learns: what is wished for, the data, the jobs, the curve. Pure."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from gptviz.errors import ConfigError, GptvizError, PromptError, ServiceError
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Job
from gptviz.jobs.settings import settings
from gptviz.language_model import LocalModel
from gptviz.recipes import tuning as recipes
from gptviz.rounding import gigabytes, number, percent
from gptviz.tuning import sets
from gptviz.tuning.cost import Cost, cost
from gptviz.tuning.examples import Example, Tagged
from gptviz.tuning.pairs import Answered, ask, asked
from gptviz.tuning.saved_names import ADAPTER, LEARNT, MODEL, SAID
from gptviz.ui.jobs import RUNNER
from gptviz.ui.pages.tuning.own import RoleView
from gptviz.ui.pages.tuning.scene import Tuned
from gptviz.ui.pages.tuning.state import ANSWERING, OFFERED, SETTINGS
from gptviz.ui.web.arrays import Blobs
from gptviz.views.distribution import token_label

_POINTS = 400  # of a curve: more than there are pixels for
_ROWS, _TOLD = 7, 160  # of the data that are shown, and characters of each
PARTS = {"model": (MODEL,), "adapter": (ADAPTER,), "learnt": (SAID, LEARNT)}


class SetupPart(TypedDict):
    """What can be chosen, and what the run that is wished for costs; ``problem``: why it cannot be."""

    tasks: list[str]
    methods: list[tuple[str, bool]]  # name, whether it fits the task
    fields: list[str]  # the controls that the method has
    cost: list[tuple[str, str]]  # what, and how much of it
    problem: str
    file: str  # the name of the visitor's own; empty: the set that ships
    columns: list[str]
    roles: list[RoleView]
    setup_reading: str
    setup_python: str


def setup(scene: Tuned) -> SetupPart:
    """Choices with their cost."""
    lang, view, own = scene.context.lang, scene.state.view, scene.own
    problem, found = "", None
    try:
        found = _cost(scene)
    except GptvizError as error:
        problem = error.say(lang)
    ask = scene.state.ask(scene.context.lm.name, lang)
    fits = ANSWERING if view.task == sets.INSTRUCTIONS else OFFERED
    path = f"assets/tuning/{lang}/{sets.KINDS[view.task].file}" if own is None else own.name
    return {
        "tasks": list(sets.TASKS),
        "methods": [(name, name in fits) for name in OFFERED],
        "fields": [name for name, methods in SETTINGS.items() if view.method in methods],
        "cost": [] if found is None else _said(found, lang),
        "problem": problem,
        "file": "" if own is None else own.name,
        "columns": [] if own is None else own.shown_columns,
        "roles": [] if own is None else own.roles,
        "setup_reading": "" if found is None else translate(
            "tuning.reading.setup", lang, method=translate(f"tuning.method.{view.method}", lang),
            trainable=f"{found.trainable:,}", count=f"{found.n_parameters:,}", texts=f"{len(scene.data):,}"),
        "setup_python": recipes.run(scene.context.lm.name, view.task, ask.preset, scene.state.settings(), ask.changes,
                                    path, forgotten=bool(scene.job and scene.state.heard.report.get("forgotten"))),
    }  # fmt: skip


def _cost(scene: Tuned) -> Cost:
    """Of the run that is wished for. Raises GptvizError where it cannot be."""
    state, lm = scene.state, scene.context.lm
    if scene.own is not None and scene.own.problem is not None:
        raise scene.own.problem
    if not isinstance(lm, LocalModel):
        raise ServiceError("remote.weights")
    if state.view.task == sets.INSTRUCTIONS and state.view.method not in ANSWERING:
        raise ConfigError("tune.no_model", method=state.view.method)
    most = settings().tuned_parameters
    if lm.config.n_parameters > most:
        raise ConfigError("train.too_large", count=f"{lm.config.n_parameters:,}", most=f"{most:,}")
    says, data = state.view.task == sets.INSTRUCTIONS, scene.data
    texts = scene.facts.texts
    if says and texts:
        ask(lm, texts[0])
    tokens = length_of(texts, lm.fingerprint, lm) if texts else 0.0
    return cost(lm.config, state.method(), n_outputs=scene.facts.outputs, n_texts=len(data), n_tokens=tokens,
                epochs=state.view.epochs, batch_size=state.view.batch_size, says=says)  # fmt: skip


_LENGTHS: dict[tuple[int, str], float] = {}


def length_of(texts: tuple[str, ...], fingerprint: str, lm: LocalModel) -> float:
    """Tokens of a text on average; worked out once for the same texts."""
    key = (hash(texts), fingerprint)
    if key not in _LENGTHS:
        if len(_LENGTHS) > 64:
            _LENGTHS.clear()
        read = [min(256, len(lm.tokenizer.encode(text))) for text in texts]
        _LENGTHS[key] = sum(read) / len(read)
    return _LENGTHS[key]


def _said(found: Cost, lang: str) -> list[tuple[str, str]]:
    share = found.trainable / found.n_parameters
    said = {
        "trainable": f"{found.trainable:,} ({percent(share, 2)})",
        "memory": gigabytes(found.n_bytes),
        "time": about(found.seconds, lang),
    }
    return [(translate(f"tuning.cost.{name}", lang), value) for name, value in said.items()]


def about(seconds: float, lang: str) -> str:
    """A time as it is said."""
    key = "seconds" if seconds < 100 else "minutes"
    value = max(1, round(seconds if key == "seconds" else seconds / 60))
    return translate(f"training.about_{key}", lang, count=value)


class DataPart(TypedDict):
    """What is learnt from: a few rows, how many of each label; of instructions one row's tokens and the loss's mask."""

    data_rows: list[tuple[str, str]]
    data_counts: list[tuple[str, int]]
    data_n: int
    mask: list[tuple[str, bool]]  # a token's label, and whether its loss is learnt from
    data_reading: str


def data(scene: Tuned) -> DataPart:
    """The rows."""
    lang, rows, task = scene.context.lang, scene.data, scene.state.view.task
    counts = list(scene.facts.counts)
    mask = _mask(scene, rows[0]) if task == sets.INSTRUCTIONS and rows else []
    said = ", ".join(f"{name} {n:,}" for name, n in counts)
    key = "mask" if mask else "data"
    return {
        "data_rows": [_shown(row) for row in rows[:_ROWS]],
        "data_counts": counts,
        "data_n": len(rows),
        "mask": mask,
        "data_reading": translate(f"tuning.reading.{key}", lang, count=f"{len(rows):,}", labels=said or "–",
                                  inside=sum(inside for _, inside in mask), total=len(mask)),
    }  # fmt: skip


def _shown(row: object) -> tuple[str, str]:
    if isinstance(row, Example):
        return row.text[:_TOLD], row.label
    if isinstance(row, Tagged):
        named = [f"{word}/{tag}" if tag != "O" else word for word, tag in zip(*row, strict=True)]
        return " ".join(named)[:_TOLD], ""
    assert isinstance(row, Answered)
    return row.prompt[:_TOLD], row.answer[:_TOLD]


def _mask(scene: Tuned, row: object) -> list[tuple[str, bool]]:
    """The tokens of the first row as it is read, and which of them count."""
    lm = scene.context.lm
    if not isinstance(lm, LocalModel) or not isinstance(row, Answered):
        return []
    try:
        found = asked(lm, row.prompt[:_TOLD], row.answer[:_TOLD], min(80, lm.config.block_size))
    except PromptError:  # a model of few characters, which cannot be asked so
        return []
    return [(token_label(lm.tokenizer, token), i >= found.start) for i, token in enumerate(found.ids)]


class JobView(TypedDict):
    """One tuning of this visitor."""

    id: str
    title: str
    status: str
    model: str  # the name under which its model opens; empty where it leaves none
    saves: list[str]  # what can be downloaded of it


class JobsPart(TypedDict):
    """The tunings of this visitor, the one looked at, and where it stands."""

    jobs: list[JobView]
    job: str
    owned: bool  # this browser has said who it is
    state: str  # where the one looked at stands, in words
    share: float  # of its steps that are taken
    archive: str  # the name of the file that the array ``zip`` is; empty where none is sent


def jobs(scene: Tuned) -> JobsPart:
    """All of them."""
    job = scene.job
    what = scene.state.saving[1]
    return {
        "jobs": [_job(one, scene.context.lang) for one in folder.jobs_of(scene.state.owner, folder.TUNING)],
        "job": job.id if job else "",
        "owned": bool(scene.state.owner),
        "state": _where(scene),
        "share": _share(scene),
        "archive": f"gptviz-{job.id}-{what}.zip" if job and _sends(scene) else "",
    }


def title_of(job: Job, lang: str) -> str:
    """What a tuning is called."""
    ask = job.ask
    return translate("tuning.job", lang, task=translate(f"tuning.task.{ask.source}", lang),
                     method=translate(f"tuning.method.{ask.preset}", lang))  # fmt: skip


def _job(job: Job, lang: str) -> JobView:
    over = job.end is not None
    return {
        "id": job.id,
        "title": title_of(job, lang),
        "status": RUNNER.status(job),
        "model": job.model_name if job.has_model else "",
        "saves": [name for name, parts in PARTS.items() if over and all((job.path / p).exists() for p in parts)],
    }


def _share(scene: Tuned) -> float:
    heard = scene.state.heard
    wanted = heard.begun.get("steps", 0)
    return heard.steps[-1].step / wanted if scene.job is not None and wanted and heard.steps else 0.0


def _where(scene: Tuned) -> str:
    lang, job, heard = scene.context.lang, scene.job, scene.state.heard
    if job is None or scene.status is None:
        return translate("tuning.state.none", lang)
    step, wanted = (heard.steps[-1].step if heard.steps else 0), heard.begun.get("steps", 0)
    spent = heard.steps[-1].seconds if heard.steps else 0.0
    key = "opening" if scene.status == "running" and not heard.steps else scene.status
    said = translate(f"tuning.state.{key}", lang, place=RUNNER.place(job), step=f"{step:,}", steps=f"{wanted:,}",
                     left=about((wanted - step) * spent / max(1, step), lang),
                     seconds=number(heard.report.get("cpu_seconds"), 0))  # fmt: skip
    cut = heard.begun.get("cut", 0)
    if not cut:
        return said
    return said + " " + translate("tuning.cut", lang, count=f"{cut:,}", most=heard.begun.get("most", 0))


def _sends(scene: Tuned) -> bool:
    job, (saving, what) = scene.job, scene.state.saving
    return job is not None and saving == job.id and what in _job(job, "en")["saves"]


def arrays(scene: Tuned) -> Blobs:
    """What was learnt as a zip, where it is to be saved: then the browser has it, and it is not sent again."""
    if not _sends(scene) or scene.job is None:
        return {}
    what, scene.state.saving = scene.state.saving[1], ("", "")
    return {"zip": np.frombuffer(scene.job.archive(PARTS[what]), dtype=np.uint8)}


class CurvePart(TypedDict):
    """The loss, step by step, and after each epoch what is held out."""

    train: list[tuple[int, float]]
    valid: list[tuple[int, float]]
    right: list[tuple[int, float]]
    steps: int
    chance: float  # the loss of who knows nothing, nats; 0 where that is not said
    curve_reading: str


def curve(scene: Tuned) -> CurvePart:
    """The curves of the job looked at."""
    heard, lang = scene.state.heard, scene.context.lang
    if scene.job is None:
        return {"train": [], "valid": [], "right": [], "steps": 0, "chance": 0.0, "curve_reading": ""}
    every = max(1, len(heard.steps) // _POINTS)
    shown = [one for i, one in enumerate(heard.steps) if i % every == 0 or i == len(heard.steps) - 1]
    reading = translate("tuning.reading.nothing", lang)
    if heard.valid:
        first, last = heard.valid[0], heard.valid[-1]
        reading = translate("tuning.reading.curve", lang, step=f"{last.step:,}", loss=number(last.loss, 3),
                            before=number(first.loss, 3), right=percent(last.accuracy, 1))  # fmt: skip
    return {
        "train": [(one.step, round(one.loss, 4)) for one in shown],
        "valid": [(one.step, round(one.loss, 4)) for one in heard.valid],
        "right": [(one.step, round(one.accuracy, 4)) for one in heard.valid],
        "steps": heard.begun.get("steps", 0),
        "chance": next((light.wanted for light in heard.lights if light.name == "first"), 0.0),
        "curve_reading": reading,
    }
