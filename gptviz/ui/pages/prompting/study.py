"""The panels of the study: its jobs, and what has been measured so far with what can be told apart. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from gptviz.errors import ConfigError, GptvizError, ServiceError
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Job
from gptviz.jobs.prompting import COUNTS, LEARNT, ORDERS, SHOTS, fitting, majority, n_orders, study_of, ways
from gptviz.jobs.settings import settings
from gptviz.language_model import LocalModel
from gptviz.recipes import prompting as recipes
from gptviz.rounding import number, percent
from gptviz.ui.jobs import RUNNER
from gptviz.ui.pages.alignment.panels import JobsPart
from gptviz.ui.pages.prompting.scene import Prompted
from gptviz.ui.pages.prompting.state import our, paraphrases
from gptviz.ui.pages.tuning.panels import JobView

Share = tuple[float, float, float]  # accuracy, and the ends of its 95 % interval (Wilson)
_TITLE = 40


def jobs(scene: Prompted) -> JobsPart:
    """The studies of this visitor, the one looked at, and where it stands."""
    heard, job = scene.state.heard, scene.job
    return {
        "jobs": [_job(one, scene.context.lang) for one in folder.jobs_of(scene.state.owner, folder.PROMPTING)],
        "job": job.id if job else "",
        "owned": bool(scene.state.owner),
        "state": _where(scene),
        "share": min(1.0, len(heard.ways) / max(1, heard.begun.get("ways", 0))) if job else 0.0,
        "archive": "",
    }


def _job(job: Job, lang: str) -> JobView:
    changes = job.ask.changes
    written = str(changes["patterns"][0]).replace("\n", " ⏎ ")
    words = " / ".join(changes["words"].values())
    return {"id": job.id, "title": f"{written[:_TITLE]} · {words} · "
            + translate("prompting.texts", lang, count=changes["texts"]), "status": RUNNER.status(job), "model": "",
            "saves": []}  # fmt: skip


def _where(scene: Prompted) -> str:
    lang, job, heard = scene.context.lang, scene.job, scene.state.heard
    if job is None or scene.status is None:
        return translate("prompting.none", lang)
    key = "opening" if scene.status == "running" and not heard.begun else scene.status
    return translate(f"prompting.state.{key}", lang, place=RUNNER.place(job), done=len(heard.ways),
                     ways=heard.begun.get("ways", 0), model=str(heard.begun.get("model", "")),
                     seconds=number(heard.report.get("cpu_seconds"), 0))  # fmt: skip


class Way(TypedDict):
    """One way of asking, measured; ``calibrated``: none of a head, which is tuned on so many examples."""

    kind: str  # shots, order, pattern, head; of what is learnt from more examples: tuned, scratch, words
    shots: int  # examples shown, or learnt from
    order: list[int]
    pattern: str
    plain: Share
    calibrated: Share | None


class StudyPart(TypedDict):
    """What has been measured so far. Before that: on how many texts it will be, and what guessing gets."""

    ways: list[Way]
    n_measured: int  # texts
    n_ways: int  # in all; 0 where it cannot be asked so
    majority: Share  # always the most frequent label
    all_shots: list[int]
    n_orders: int
    counts: list[int]  # of examples learnt from
    study_patterns: list[str]
    study_problem: str  # why a study cannot be
    study_reading: list[str]  # sentences
    study_python: str


def study(scene: Prompted) -> StudyPart:
    """Of the job looked at."""
    lang, heard, view, problem = scene.context.lang, scene.state.heard, scene.written, ""
    there = scene.job is not None and bool(heard.begun)
    changes = scene.job.ask.changes if scene.job is not None else {}
    guess = heard.begun["majority"] if there else majority(our(lang, view.n_texts).test)
    shots, orders, n_ways = (heard.begun[name] for name in ("shots", "orders", "ways")) if there else _wished(scene)
    try:
        _check(scene)
    except GptvizError as error:
        problem = error.say(lang)
    found = [_way(record) for record in heard.ways] if there else []
    patterns = list(changes.get("patterns") or paraphrases(view.pattern, lang))
    return {
        "ways": found,
        "n_measured": heard.begun["texts"] if there else view.n_texts,
        "n_ways": n_ways,
        "majority": (guess[0], guess[1], guess[2]),
        "all_shots": shots,
        "n_orders": orders,
        "counts": heard.begun.get("counts", []) if there else list(COUNTS),
        "study_patterns": patterns,
        "study_problem": problem,
        "study_reading": sentences(found, guess[0], heard.begun["texts"], lang) if found
                         else [translate("prompting.reading.unmeasured", lang)],
        "study_python": recipes.study(str(changes.get("model") or scene.context.lm.name),
                                      str(changes.get("lang") or lang), patterns, changes.get("words") or view.words,
                                      changes.get("texts") or view.n_texts, changes.get("seed", view.drawn_seed)),
    }  # fmt: skip


def _wished(scene: Prompted) -> tuple[list[int], int, int]:
    """Numbers of examples, of orders, and of all ways, as a study would have them; nothing where it cannot be."""
    pool = our(scene.context.lang).pool
    try:
        asked = fitting(study_of(scene.state.ask("", scene.context.lang)), scene.context.lm, pool)
    except GptvizError:
        return list(SHOTS), ORDERS, 0
    return list(asked.shots), n_orders(asked), ways(asked, pool)


def _way(record: Mapping[str, Any]) -> Way:
    plain, calibrated = record["plain"], record["calibrated"]
    return {"kind": record["kind"], "shots": record["shots"], "order": list(record["order"]),
            "pattern": record["pattern"], "plain": (plain[0], plain[1], plain[2]),
            "calibrated": None if calibrated is None else (calibrated[0], calibrated[1], calibrated[2])}  # fmt: skip


def _check(scene: Prompted) -> None:
    """Raises GptvizError where a study cannot be."""
    lm, most = scene.context.lm, settings().tuned_parameters
    if scene.problem is not None and scene.problem.key != "tune.context":  # of that it finds out by itself
        raise scene.problem
    if not isinstance(lm, LocalModel):
        raise ServiceError("remote.weights")
    if lm.config.n_parameters > most:
        raise ConfigError("train.too_large", count=f"{lm.config.n_parameters:,}", most=f"{most:,}")


def sentences(measured: Sequence[Way], guess: float, texts: int, lang: str) -> list[str]:
    """What can be told apart by the intervals, and what cannot."""
    of = {kind: [way for way in measured if way["kind"] == kind] for kind in ("shots", "order", "pattern", "head")}
    found = [_against_guessing(measured, guess, texts, lang)]
    for kind in ("shots", "order", "pattern"):
        shares = [way["calibrated"] or way["plain"] for way in of[kind]]
        if len(shares) > 1:
            low, high = min(shares), max(shares)
            key = f"prompting.reading.{kind}_{'apart' if _apart(low, high) else 'alike'}"
            found.append(translate(key, lang, low=percent(low[0]), high=percent(high[0])))
    if of["head"]:
        head = max(of["head"], key=lambda way: way["shots"])
        same = [way["calibrated"] for way in of["shots"] if way["shots"] == head["shots"] and way["calibrated"]]
        if same:
            shares = sorted((head["plain"], same[0]))
            how = "alike" if not _apart(*shares) else "better" if head["plain"] > same[0] else "worse"
            found.append(translate(f"prompting.reading.head_{how}", lang, head=percent(head["plain"][0]),
                                   prompt=percent(same[0][0]), shots=head["shots"]))  # fmt: skip
    return [*found, *_of_more(measured, lang)]


def _of_more(measured: Sequence[Way], lang: str) -> list[str]:
    """Of the most examples that were learnt from in all ways: whether what was read before tells."""
    by = {(way["shots"], way["kind"]): way["plain"] for way in measured if way["kind"] in LEARNT}
    whole = [count for count, _ in by if all((count, kind) in by for kind in LEARNT)]
    if not whole:
        return []
    tuned, scratch, words = (by[max(whole), kind] for kind in LEARNT)
    key = "apart" if _apart(scratch, tuned) else "alike"
    return [translate(f"prompting.reading.more_{key}", lang, count=max(whole), tuned=percent(tuned[0]),
                      scratch=percent(scratch[0]), words=percent(words[0]))]  # fmt: skip


def _against_guessing(measured: Sequence[Way], guess: float, texts: int, lang: str) -> str:
    """Whether any way of asking is surely better than always saying the most frequent label."""
    asked = [way for way in measured if way["kind"] not in ("head", *LEARNT)]
    shares = [share for way in asked for share in (way["plain"], way["calibrated"]) if share]
    better = [share for share in shares if share[1] > guess]
    values = {"count": len(better), "all": len(shares), "guess": percent(guess), "texts": texts,
              "best": percent(max(shares)[0])}  # fmt: skip
    return translate(f"prompting.reading.{'some_better' if better else 'coin'}", lang, **values)


def _apart(low: Share, high: Share) -> bool:
    """Whether two 95 % intervals do not meet."""
    return low[2] < high[1]
