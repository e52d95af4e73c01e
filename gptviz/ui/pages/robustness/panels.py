"""The panels of the robustness page about the text: the attack, its changed copies; and the trial that is wished for,
with its jobs. Pure."""

from __future__ import annotations

from typing import TypedDict

from gptviz.errors import ConfigError, GptvizError, ServiceError
from gptviz.i18n import translate
from gptviz.jobs.folder import Job
from gptviz.jobs.settings import settings
from gptviz.language_model import LocalModel
from gptviz.recipes import robustness as recipes
from gptviz.rounding import number, percent
from gptviz.ui.jobs import RUNNER
from gptviz.ui.pages.robustness import copies
from gptviz.ui.pages.robustness.attacking import MOST, NEW, OLD
from gptviz.ui.pages.robustness.estimate import seconds
from gptviz.ui.pages.robustness.scene import Attacked
from gptviz.ui.pages.robustness.state import CHOSEN
from gptviz.ui.pages.tuning.panels import JobsPart, JobView, about

_TOLD = 200


class AttackRow(TypedDict):
    """One exchange."""

    pieces: list[tuple[str, str]]  # a piece of the text, and what it is: same, before, old, new
    promised: float  # nats
    gained: float
    found: str  # the label now
    prob: float  # of the label that it had


class AttackPart(TypedDict):
    """The classifiers there are, what the one under attack says of the text, and each exchange."""

    targets: list[tuple[str, str]]  # name, title
    target: str
    labels: list[tuple[str, float]]
    attacked_label: str  # empty: no attack on this text
    attacked_prob: float
    exchanges: list[AttackRow]
    attacking: bool
    attack_end: str  # why it is over, in words
    attack_problem: str
    attack_reading: str
    attack_python: str


def attack(scene: Attacked) -> AttackPart:
    """As far as it has come."""
    state, lang, found = scene.state, scene.context.lang, scene.state.attack
    end = ""
    if found.end:
        last = found.steps[-1].found if found.steps else found.label
        end = translate(f"robustness.end.{found.end}", lang, label=last, count=len(found.steps), most=MOST)
    return {
        "targets": [(one.name, one.title) for one in scene.targets],
        "target": scene.target.name if scene.target is not None else "",
        "labels": scene.tried.labels if scene.tried is not None else [],
        "attacked_label": found.label,
        "attacked_prob": found.prob,
        "exchanges": [{"pieces": step.pieces, "promised": step.promised, "gained": step.gained, "found": step.found,
                       "prob": step.prob} for step in found.steps],
        "attacking": found.going,
        "attack_end": end,
        "attack_problem": "" if scene.problem is None else scene.problem.say(lang),
        "attack_reading": _attack_reading(scene, end),
        "attack_python": recipes.attacked(scene.context.lm.name, state.text[:_TOLD]),
    }  # fmt: skip


def _attack_reading(scene: Attacked, end: str) -> str:
    found, lang = scene.state.attack, scene.context.lang
    if not found.label:
        return translate("robustness.reading.no_attack", lang)
    said = [translate("robustness.reading.attacked", lang, label=found.label, p=percent(found.prob, 1))]
    for step in found.steps:
        old, new = (next(piece for piece, mark in step.pieces if mark == kind).strip() for kind in (OLD, NEW))
        said.append(translate("robustness.reading.exchange", lang, old=old, new=new, promised=number(step.promised, 2),
                              gained=number(step.gained, 2), p=percent(step.prob, 1)))  # fmt: skip
    return " ".join([*said, end] if end else said)


class CopyView(TypedDict):
    """The text changed in one way, beside what it was."""

    way: str
    pieces: list[tuple[str, str]]


class CopiesPart(TypedDict):
    """The text and its changed copies."""

    copies: list[CopyView]
    other_words: str  # what the model says it is in other words; empty: it was not asked, or said nothing
    other_words_asked: bool
    copies_cut: int  # characters that are changed, where the text has more; else 0
    copies_reading: str
    copies_python: str


def changed(scene: Attacked) -> CopiesPart:
    """Of the text in the box."""
    state, lm, lang = scene.state, scene.context.lm, scene.context.lang
    made = scene.copies
    asked = state.said[:2] == (scene.text, state.draws)
    words = state.said[2] if asked else ""
    said = "; ".join(f"{translate(f'robustness.way.{way}', lang)}: {text}" for way, text in made.items())
    return {
        "copies": [{"way": way, "pieces": copies.apart(scene.text, text)} for way, text in made.items()],
        "other_words": words,
        "other_words_asked": asked,
        "copies_cut": copies.MOST_CHARS if len(state.text) > copies.MOST_CHARS else 0,
        "copies_reading": translate("robustness.reading.copies", lang, text=scene.text, said=said) if made
                          else translate("robustness.reading.no_copies", lang),
        "copies_python": recipes.changed(lm.name, scene.text, state.draws),
    }  # fmt: skip


class SetupPart(TypedDict):
    """The ways that can be chosen, what a trial of them costs; ``problem``: why it cannot be."""

    ways: list[tuple[str, bool]]  # name, whether it is tried
    cost: list[tuple[str, str]]
    problem: str
    setup_reading: str
    setup_python: str


def setup(scene: Attacked) -> SetupPart:
    """The trial that is wished for."""
    state, lang, view = scene.state, scene.context.lang, scene.state.view
    problem, cost = "", []
    try:
        cost = _cost(scene)
    except GptvizError as error:
        problem = error.say(lang)
    said = ", ".join(translate(f"robustness.way.{way}", lang) for way in state.ways())
    return {
        "ways": [(way, bool(getattr(view, way))) for way in CHOSEN],
        "cost": cost,
        "problem": problem,
        "setup_reading": translate("robustness.reading.setup", lang, ways=said, count=len(scene.parts.train),
                                   test=len(scene.parts.test)),
        "setup_python": recipes.trial(scene.context.lm.name, lang, state.ways(), view.epsilon, view.epochs,
                                      view.copies, view.attacked, view.flips, view.run_seed),
    }  # fmt: skip


def _cost(scene: Attacked) -> list[tuple[str, str]]:
    """What it takes. Raises GptvizError where it cannot be."""
    lm, lang, view, found = scene.context.lm, scene.context.lang, scene.state.view, scene.parts
    if not isinstance(lm, LocalModel):
        raise ServiceError("remote.weights")
    most = settings().tuned_parameters
    if lm.config.n_parameters > most:
        raise ConfigError("train.too_large", count=f"{lm.config.n_parameters:,}", most=f"{most:,}")
    spent = seconds(lm, found, scene.state.ways(), epochs=view.epochs, copies=view.copies, attacked=view.attacked)
    said = {"train": f"{len(found.train):,}", "test": f"{len(found.test):,}", "time": about(spent, lang)}
    return [(translate(f"robustness.cost.{name}", lang), value) for name, value in said.items()]


def jobs(scene: Attacked) -> JobsPart:
    """All trials of this visitor."""
    job = scene.job
    mine = scene.state.jobs()
    return {
        "jobs": [_job(one, len(mine) - i, scene.context.lang) for i, one in enumerate(mine)],
        "job": job.id if job else "",
        "owned": bool(scene.state.owner),
        "state": _where(scene),
        "share": _share(scene),
        "archive": "",
    }


def _job(job: Job, at: int, lang: str) -> JobView:
    ways = [translate(f"robustness.way.{way}", lang) for way in job.ask.changes.get("ways", ())]
    title = translate("robustness.job", lang, number=at, ways=", ".join(ways[1:]) or "–")
    return {"id": job.id, "title": title, "status": RUNNER.status(job), "model": "", "saves": []}


def _share(scene: Attacked) -> float:
    """Of all ways, what is done: learning counts for two thirds of one."""
    moment, ways = scene.state.heard.moment, scene.state.heard.begun.get("ways", [])
    if scene.job is None or not moment or not ways:
        return 0.0
    part = moment["done"] / max(1, moment["of"])
    within = {"learning": 0.66 * part, "measuring": 0.66, "exchanging": 0.8 + 0.2 * part}[moment["doing"]]
    return float((moment["place"] + within) / len(ways))


def _where(scene: Attacked) -> str:
    lang, job, heard = scene.context.lang, scene.job, scene.state.heard
    if job is None or scene.status is None:
        return translate("robustness.state.none", lang)
    moment, key = heard.moment, scene.status
    values = {"place": RUNNER.place(job), "count": len(heard.rows), "ways": len(heard.begun.get("ways", [])),
              "seconds": number(heard.report.get("cpu_seconds"), 0), "minutes": settings().minutes}  # fmt: skip
    if key == "running":
        if not moment:
            return translate("tuning.state.opening", lang)
        share = _share(scene)
        doing = translate(f"robustness.doing.{moment['doing']}", lang, done=moment["done"], of=moment["of"])
        left = moment["seconds"] * (1 - share) / share if share > 0.02 else None
        said = "" if left is None else translate("robustness.left", lang, left=about(left, lang))
        return translate("robustness.state.running", lang, doing=doing, at=moment["place"] + 1, left=said,
                         way=translate(f"robustness.way.{moment['way']}", lang), **values)  # fmt: skip
    if heard.report.get("late"):
        return translate("robustness.state.late", lang, **values)
    return translate(f"robustness.state.{key}", lang, **values)
