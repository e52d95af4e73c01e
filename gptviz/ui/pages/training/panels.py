"""The panels of the training page but the form: the jobs, the curves, what the model says. Pure."""

from __future__ import annotations

import json
from typing import TypedDict

import numpy as np

from gptviz.i18n import translate
from gptviz.jobs.folder import Job
from gptviz.recipes import training as recipes
from gptviz.rounding import number, percent
from gptviz.ui.jobs import RUNNER
from gptviz.ui.pages.training.pair import told_apart
from gptviz.ui.pages.training.scene import Watched
from gptviz.ui.pages.training.setup import about
from gptviz.ui.web.arrays import Blobs

_POINTS = 400  # of a curve: more than there are pixels for
_SAMPLES = 6  # that are shown
_SETTLED = 10.0  # seconds after which the first look no longer outweighs all others


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
    lang, job, mine = scene.context.lang, scene.job, scene.state.jobs()
    return {
        "jobs": [_job(one, mine, lang) for one in mine],
        "job": job.id if job else "",
        "owned": bool(scene.state.owner),
        "state": _where(scene),
        "share": scene.state.heard.left[0],
        "archive": f"gptviz-{job.id}.zip" if job and _sends(scene) else "",
    }


def _job(job: Job, jobs: list[Job], lang: str) -> JobView:
    ask = job.ask
    source = ask.text or translate(f"training.source.{ask.source}", lang)
    title = translate("training.job", lang, source=source, steps=f"{ask.changes.get('steps', 0):,}")
    if ask.parts == "modern":
        title = translate("training.modern_job", lang, title=title)
    elif apart := told_apart(job, jobs, lang):
        title = translate("training.told_apart", lang, title=title, what=apart)
    return {
        "id": job.id,
        "title": title,
        "status": RUNNER.status(job),
        "model": job.model_name if job.has_model else "",
    }


def _where(scene: Watched) -> str:
    lang, job, heard = scene.context.lang, scene.job, scene.state.heard
    if job is None or scene.status is None:
        return translate("training.state.none", lang)
    step, wanted = (heard.steps[-1].step if heard.steps else 0), heard.begun.get("steps", 0)
    speed = heard.tokens_a_second
    taken = step if scene.status == "done" else wanted
    said = translate(f"training.state.{scene.status}", lang, place=RUNNER.place(job), step=f"{step:,}",
                     steps=f"{taken:,}", speed=number(speed, 0), left=about(heard.left[1], lang))  # fmt: skip
    if scene.status != "done" or not heard.early:
        return said
    why = translate(f"training.early.{heard.early}", lang, step=f"{step:,}")
    return translate("training.two_sentences", lang, first=said, second=why)


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
    first_step: int  # what is shown of them: these two where a part is chosen, else 0 and 0
    last_step: int
    closed: str  # how much of the way from ln V to the floor is done
    picture_cost: str  # the share of the time so far that went into what is to be looked at
    curve_reading: str


def curve(scene: Watched) -> CurvePart:
    """The curves of the job looked at."""
    heard, lang = scene.state.heard, scene.context.lang
    if scene.job is None:
        return {"train": [], "valid": [], "rate": [], "grad_norm": [], "levels": [], "steps": 0, "first_step": 0,
                "last_step": 0, "closed": "", "picture_cost": "", "curve_reading": ""}  # fmt: skip
    low, high = scene.part
    part = [one for one in heard.steps if low <= one.step <= high] if high else heard.steps
    every = max(1, len(part) // _POINTS)
    shown = [one for i, one in enumerate(part) if i % every == 0 or i == len(part) - 1]
    order = [name for name in ("uniform", "unigram", "bigram", "floor") if name in heard.levels]
    return {
        "train": [(one.step, round(one.loss, 4)) for one in shown],
        "valid": [(step, round(loss, 4)) for step, loss in heard.valid if not high or low <= step <= high],
        "rate": [(one.step, one.rate) for one in shown],
        "grad_norm": [(one.step, round(one.grad_norm, 4)) for one in shown],
        "levels": [(name, translate(f"training.level.{name}", lang), heard.levels[name]) for name in order],
        "steps": heard.begun.get("steps", 0),
        "first_step": low,
        "last_step": high,
        "closed": _closed(scene),
        "picture_cost": _picture_cost(scene),
        "curve_reading": _curve_reading(scene),
    }


def _picture_cost(scene: Watched) -> str:
    seconds, whole = scene.state.heard.watched
    return percent(seconds / whole, 1) if whole >= _SETTLED else ""


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
