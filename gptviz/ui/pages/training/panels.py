"""The panels of the training page: what is wished for and its cost, the jobs, the curves, what the model says. Pure."""

from __future__ import annotations

import json
from typing import TypedDict

import numpy as np

from gptviz.errors import GptvizError
from gptviz.gpt.config import PRESETS, GPTConfig, padded
from gptviz.i18n import large, translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Job
from gptviz.jobs.settings import settings
from gptviz.recipes import training as recipes
from gptviz.rounding import gigabytes, number, percent
from gptviz.training.worlds import WORLDS
from gptviz.ui.jobs import RUNNER
from gptviz.ui.pages.training.cost import Cost, cost
from gptviz.ui.pages.training.scene import Watched
from gptviz.ui.pages.training.state import OFFERED, SHAPE, SOURCES
from gptviz.ui.web.arrays import Blobs

_POINTS = 400  # of a curve: more than there are pixels for
_SAMPLES = 6  # that are shown
_ASCII = 100  # characters of Python's own text, about


class SetupPart(TypedDict):
    """What can be chosen, and what the run that is wished for costs; ``problem``: why it cannot be."""

    presets: list[str]
    sources: list[str]
    cost: list[tuple[str, str]]  # what, and how much of it
    parts: list[tuple[str, int]]
    problem: str
    setup_reading: str
    setup_python: str


def setup(scene: Watched) -> SetupPart:
    """Choices with their cost."""
    lang, view = scene.context.lang, scene.state.view
    problem, found = "", None
    try:
        found = cost(_shape(scene), batch_size=view.batch_size, steps=view.steps)
        most = settings().parameters
        if found.n_parameters > most:
            raise GptvizError("train.too_large", count=f"{found.n_parameters:,}", most=f"{most:,}")
    except GptvizError as error:
        problem = error.say(lang)
    ask = scene.state.ask()
    return {
        "presets": list(OFFERED),
        "sources": list(SOURCES),
        "cost": [] if found is None else _cost(found, lang),
        "parts": [] if found is None else [(translate(f"training.part.{k}", lang), n) for k, n in found.parts.items()],
        "problem": problem,
        "setup_reading": "" if found is None else translate(
            "training.reading.setup", lang, count=f"{found.n_parameters:,}", tokens=f"{found.n_tokens:,}",
            flops=large(round(found.flops), lang), rule=large(round(found.flops_rule), lang)),
        "setup_python": recipes.run(ask.source, ask.preset, ask.shape, ask.changes),
    }  # fmt: skip


def _shape(scene: Watched) -> GPTConfig:
    """Of the model that is wished for. Raises ConfigError."""
    view = scene.state.view
    n_tokens = len(WORLDS[view.source].alphabet) if view.source in WORLDS else _ASCII
    base = PRESETS[view.preset].model
    changed = {name: getattr(view, name) for name in SHAPE}
    return padded(GPTConfig(**{"dropout": base.dropout, **changed}), n_tokens)


def _cost(found: Cost, lang: str) -> list[tuple[str, str]]:
    said = {
        "parameters": f"{found.n_parameters:,}",
        "memory": gigabytes(found.n_bytes),
        "flops": f"{large(round(found.flops), lang)} (6N: {large(round(found.flops_rule), lang)})",
        "tokens": f"{found.n_tokens:,}",
        "time": _time(found.seconds, lang),
    }
    return [(translate(f"training.cost.{name}", lang), value) for name, value in said.items()]


def _time(seconds: float, lang: str) -> str:
    key = "seconds" if seconds < 100 else "minutes"
    value = max(1, round(seconds if key == "seconds" else seconds / 60))
    return translate(f"training.about_{key}", lang, count=value)


class JobView(TypedDict):
    """One training of this visitor."""

    id: str
    title: str
    status: str
    model: str  # the name under which its model opens; empty while it has none


class JobsPart(TypedDict):
    """The trainings of this visitor, the one looked at, and where it stands."""

    jobs: list[JobView]
    job: str
    owned: bool  # this browser has said who it is
    state: str  # where the one looked at stands, in words
    share: float  # of its steps that are taken
    archive: str  # the name of the file that the array ``zip`` is; empty where none is sent


def jobs(scene: Watched) -> JobsPart:
    """All of them."""
    lang, job = scene.context.lang, scene.job
    return {
        "jobs": [_job(one, lang) for one in folder.jobs_of(scene.state.owner, folder.TRAINING)],
        "job": job.id if job else "",
        "owned": bool(scene.state.owner),
        "state": _where(scene),
        "share": _share(scene),
        "archive": f"gptviz-{job.id}.zip" if job and _sends(scene) else "",
    }


def _job(job: Job, lang: str) -> JobView:
    ask = job.ask
    title = translate("training.job", lang, source=translate(f"training.source.{ask.source}", lang),
                      steps=f"{ask.changes.get('steps', 0):,}")  # fmt: skip
    return {
        "id": job.id,
        "title": title,
        "status": RUNNER.status(job),
        "model": job.model_name if job.has_model else "",
    }


def _share(scene: Watched) -> float:
    heard = scene.state.heard
    wanted = heard.begun.get("steps", 0)
    return heard.steps[-1].step / wanted if wanted and heard.steps else 0.0


def _where(scene: Watched) -> str:
    lang, job, heard = scene.context.lang, scene.job, scene.state.heard
    if job is None or scene.status is None:
        return translate("training.state.none", lang)
    step, wanted = (heard.steps[-1].step if heard.steps else 0), heard.begun.get("steps", 0)
    speed = heard.tokens_a_second
    left = (wanted - step) * sum(one.seconds for one in heard.steps[-30:]) / max(1, len(heard.steps[-30:]))
    return translate(f"training.state.{scene.status}", lang, place=RUNNER.place(job), step=f"{step:,}",
                     steps=f"{wanted:,}", speed=number(speed, 0), left=_time(left, lang))  # fmt: skip


def _sends(scene: Watched) -> bool:
    return scene.job is not None and scene.state.saving == scene.job.id and scene.job.has_model


def arrays(scene: Watched) -> Blobs:
    """The model as a zip, where it is to be saved: then the browser has it, and it is not sent again."""
    if not _sends(scene) or scene.job is None:
        return {}
    scene.state.saving = ""
    return {"zip": np.frombuffer(scene.job.archive(), dtype=np.uint8)}


class CurvePart(TypedDict):
    """The loss, step by step, and what it can be measured against; nats per token."""

    train: list[tuple[int, float]]
    valid: list[tuple[int, float]]
    rate: list[tuple[int, float]]
    grad_norm: list[tuple[int, float]]
    levels: list[tuple[str, str, float]]  # name, words, nats
    steps: int
    closed: str  # how much of the way from ln V to the floor is done
    curve_reading: str


def curve(scene: Watched) -> CurvePart:
    """The curves of the job looked at."""
    heard, lang = scene.state.heard, scene.context.lang
    if scene.job is None:
        return {"train": [], "valid": [], "rate": [], "grad_norm": [], "levels": [], "steps": 0, "closed": "",
                "curve_reading": ""}  # fmt: skip
    every = max(1, len(heard.steps) // _POINTS)
    shown = [one for i, one in enumerate(heard.steps) if i % every == 0 or i == len(heard.steps) - 1]
    order = [name for name in ("uniform", "unigram", "bigram", "floor") if name in heard.levels]
    return {
        "train": [(one.step, round(one.loss, 4)) for one in shown],
        "valid": [(step, round(loss, 4)) for step, loss in heard.valid],
        "rate": [(one.step, one.rate) for one in shown],
        "grad_norm": [(one.step, round(one.grad_norm, 4)) for one in shown],
        "levels": [(name, translate(f"training.level.{name}", lang), heard.levels[name]) for name in order],
        "steps": heard.begun.get("steps", 0),
        "closed": _closed(scene),
        "curve_reading": _curve_reading(scene),
    }


def _closed(scene: Watched) -> str:
    heard = scene.state.heard
    if not heard.valid or not {"uniform", "floor"} <= heard.levels.keys():
        return ""
    uniform, floor = heard.levels["uniform"], heard.levels["floor"]
    return percent(max(0.0, (uniform - heard.valid[-1][1]) / (uniform - floor)), 0)


def _curve_reading(scene: Watched) -> str:
    heard, lang = scene.state.heard, scene.context.lang
    if not heard.valid or "uniform" not in heard.levels:
        return translate("training.reading.nothing", lang)
    step, loss = heard.valid[-1]
    values = {"step": f"{step:,}", "loss": number(loss, 3), "uniform": number(heard.levels["uniform"], 3)}
    if "floor" in heard.levels:
        more = {"floor": number(heard.levels["floor"], 3), "closed": _closed(scene)}
        return translate("training.reading.curve", lang, **values, **more)
    return translate("training.reading.curve_text", lang, **values)


class SampleView(TypedDict):
    """What the model wrote, and how far it had come."""

    step: int
    text: str
    phase: str
    valid: bool | None


class SamplesPart(TypedDict):
    """The newest samples first; and how high the heads' prefix matching is."""

    samples: list[SampleView]
    heads: list[list[float]]  # (n_layer, n_head), at the last evaluation
    heads_step: int
    best: list[tuple[int, float]]  # the highest of all heads, at each evaluation
    samples_reading: str
    heads_reading: str


def samples(scene: Watched) -> SamplesPart:
    """What it writes, and which heads form."""
    heard, lang = scene.state.heard, scene.context.lang
    there = scene.job is not None
    made: list[SampleView] = []
    for one in reversed(heard.samples[-_SAMPLES:] if there else []):
        phase = heard.phase(heard.loss_at(one.step), one.valid)
        made.append({"step": one.step, "text": one.text, "valid": one.valid,
                     "phase": translate(f"training.phase.{phase}", lang) if phase else ""})  # fmt: skip
    step, scores = heard.heads[-1] if there and heard.heads else (0, [])
    best = [(at, max(max(layer) for layer in found)) for at, found in heard.heads] if there else []
    return {
        "samples": made,
        "heads": scores,
        "heads_step": step,
        "best": best,
        "samples_reading": _samples_reading(made, lang),
        "heads_reading": translate("training.reading.heads", lang, score=number(best[-1][1], 2), step=f"{step:,}")
                         if best else translate("training.reading.nothing", lang),
    }  # fmt: skip


def _samples_reading(made: list[SampleView], lang: str) -> str:
    if not made:
        return translate("training.reading.nothing", lang)
    newest = made[0]
    text = json.dumps(newest["text"], ensure_ascii=False)
    return translate("training.reading.samples", lang, step=f"{newest['step']:,}", phase=newest["phase"], text=text)


class NextPart(TypedDict):
    """The next token after the text in the box, by the model as it is now."""

    read: str
    rows: list[tuple[str, float]]
    others: float
    answer_step: int
    bits: float
    next_reading: str
    next_python: str


def following(scene: Watched) -> NextPart:
    """What it would say."""
    answer, lang, job = scene.state.answer, scene.context.lang, scene.job
    asked = job is not None and answer.of[0] == job.id and bool(answer.rows) and bool(scene.state.text)
    return {
        "read": answer.read if asked else "",
        "rows": answer.rows if asked else [],
        "others": answer.others if asked else 0.0,
        "answer_step": answer.step if asked else 0,
        "bits": answer.bits if asked else 0.0,
        "next_reading": translate("training.reading.next", lang, step=f"{answer.step:,}", label=answer.rows[0][0],
                                  p=percent(answer.rows[0][1]), bits=number(answer.bits, 2)) if asked
                        else translate("training.reading.nothing", lang),
        "next_python": recipes.asked(answer.read) if asked else "",
    }  # fmt: skip
