"""Confident and wrong: the first guess after the text, and whether confidence keeps its word over a set. Pure."""

from __future__ import annotations

import math

from gptviz.evaluation.calibration import Guess, binned, calibration_error, guesses, read_items
from gptviz.i18n import FALLBACK
from gptviz.numbers import top_ids
from gptviz.recipes import limits as recipes
from gptviz.rounding import number, percent
from gptviz.tokens.labels import spoken
from gptviz.ui.pages.limits.parts import Dot, Part, bar, part
from gptviz.ui.pages.limits.scene import Tried

TOP = 8


def _lang(scene: Tried) -> str:
    return scene.context.lang if scene.context.lang in read_items() else FALLBACK


def want(scene: Tried) -> None:
    """Calibration of this model in this language."""
    items, lm = read_items()[_lang(scene)], scene.lm
    scene.state.live.rest()
    scene.state.side.want(scene.key("calibration", _lang(scene)), len(items), lambda: guesses(lm, items))


def live(scene: Tried) -> Part:
    """The likeliest next tokens."""
    best = [int(i) for i in top_ids(scene.probs, TOP)]
    p = [float(scene.probs[i]) for i in best]
    others = max(0.0, 1.0 - sum(p))
    bars = [bar(scene.label(i), share, percent(share, 1)) for i, share in zip(best, p, strict=True)]
    bars.append(bar(scene.say("others"), others, percent(others, 1)))
    said = scene.say("reading.facts", best=spoken(scene.label(best[0])), p=percent(p[0], 1))
    python = recipes.facts(scene.prompt, scene.lm.name, top=TOP)
    return part(scene.say("live.facts"), said, python, small=scene.say("small.facts"), bars=bars,
                most=max(p[0], others) or 1.0, columns=[scene.say("column.token"), scene.say("column.p")],
                rows=[[row["word"], row["number"]] for row in bars])  # fmt: skip


def side(scene: Tried) -> Part:
    """Confidence against accuracy."""
    work = scene.state.side
    given: list[Guess] = [one for one in work.records if one is not None]
    bins = binned(given)
    dots: list[Dot] = [{"x": one.confidence, "y": one.accuracy, "low": one.interval.low, "high": one.interval.high,
                        "n": one.n} for one in bins if one.n]  # fmt: skip
    names = ["bin", "n", "right", "confidence", "accuracy", "interval"]
    rows = [[f"{percent(one.low)}–{percent(one.high)}", str(one.n), str(one.right),
             *(["–", "–", "–"] if not one.n else [percent(one.confidence, 1), percent(one.accuracy, 1),
                                                  f"{percent(one.interval.low)}–{percent(one.interval.high)}"])]
            for one in bins]  # fmt: skip
    small = scene.say("small.calibration", n=work.wanted)
    return part(scene.say("side.facts"), _reading(scene, given), recipes.calibration(scene.lm.name, lang=_lang(scene)),
                small=small, dots=dots, plot="calibration", columns=[scene.say(f"column.{name}") for name in names],
                rows=rows, done=len(work.records), wanted=work.wanted if work.open else 0)  # fmt: skip


def _reading(scene: Tried, given: list[Guess]) -> str:
    error = calibration_error(given)
    if math.isnan(error):
        return scene.say("reading.unreadable") if not scene.state.side.open else scene.say("reading.measuring")
    hits = sum(one.right for one in given)
    sure = sum(one.confidence for one in given) / len(given)
    surest = max((one for one in given if not one.right), key=lambda one: one.confidence, default=None)
    values = {"n": len(given), "right": hits, "share": percent(hits / len(given)), "sure": percent(sure),
              "error": number(100 * error, 1)}  # fmt: skip
    said = scene.say("reading.calibration", **values)
    if surest is None:
        return said
    wrong = scene.say("reading.surest_wrong", prompt=surest.item.prompt, token=spoken(scene.label(surest.token)),
                      p=percent(surest.confidence), answer=surest.item.answers[0].strip())  # fmt: skip
    return f"{said} {wrong}" if scene.context.lang != "zh" else said + wrong
