"""The end of the context: what is read and what is left out, and the loss by position. Pure."""

from __future__ import annotations

import math

from gptviz.analysis.surprisal import Score, scores
from gptviz.recipes import limits as recipes
from gptviz.rounding import number, percent
from gptviz.ui.pages.limits.parts import Dot, Part, bar, part
from gptviz.ui.pages.limits.scene import Tried
from gptviz.ui.prompts import window


def want(scene: Tried) -> None:
    """The surprisal of each token that is read."""
    lm, ids, trace = scene.lm, scene.ids, scene.context.trace
    scene.state.live.want(scene.key("scores", ids), len(ids) - 1,
                          lambda: scores(lm, ids, trace=trace, top=1, start=False))  # fmt: skip
    scene.state.side.rest()


def spans(n: int) -> list[tuple[int, int]]:
    """Positions from 1 on in stretches that double: the first tokens tell most.

    >>> spans(12)
    [(1, 2), (2, 4), (4, 8), (8, 12)]
    """
    return [(1 << k, min(2 << k, n)) for k in range(max(0, n - 1).bit_length()) if 1 << k < n]


def live(scene: Tried) -> Part:
    """Bits a token, by how many tokens came before it."""
    given: list[Score] = scene.state.live.records
    dots: list[Dot] = []
    rows = []
    for low, high in spans(len(given) + 1):
        bits = [one.bits for one in given[low - 1 : high - 1] if math.isfinite(one.bits)]
        mean = sum(bits) / len(bits) if bits else 0.0
        dots.append({"x": math.sqrt(low * (high - 1)), "y": mean, "low": mean, "high": mean, "n": len(bits)})
        rows.append([f"{low}–{high - 1}" if high - 1 > low else str(low), str(len(bits)), number(mean)])
    return part(scene.say("live.context"), _reading(scene, dots),
                recipes.context(scene.prompt, scene.lm.name, read=len(scene.ids)), small=scene.say("small.context"),
                dots=dots, plot="position", rows=rows,
                columns=[scene.say(f"column.{name}") for name in ("before", "n", "bits")],
                done=len(given), wanted=scene.state.live.wanted if scene.state.live.open else 0)  # fmt: skip


def _reading(scene: Tried, dots: list[Dot]) -> str:
    if len(dots) < 2:
        return scene.say("reading.too_short")
    first, last = dots[0], dots[-1]
    return scene.say("reading.context", first=number(first["y"], 1), last=number(last["y"], 1), n=last["n"])


def side(scene: Tried) -> Part:
    """The window: read, left out, still free."""
    size, context = window(scene.lm), scene.lm.config.block_size
    counts = {"left_out": scene.left_out, "read": len(scene.ids), "free": max(0, size - len(scene.ids))}
    bars = [bar(scene.say(f"window.{name}"), float(count), str(count)) for name, count in counts.items()]
    total = scene.left_out + len(scene.ids)
    key = "reading.cut" if scene.left_out else "reading.fits"
    said = scene.say(key, total=total, size=size, context=context, left_out=scene.left_out,
                     share=percent(scene.left_out / max(1, total)))  # fmt: skip
    return part(scene.say("side.context"), said, recipes.window(scene.prompt, scene.lm.name), bars=bars,
                small=scene.say("small.window", context=context), most=float(max(counts.values())) or 1.0,
                columns=[scene.say("column.part"), scene.say("column.tokens")],
                rows=[[row["word"], row["number"]] for row in bars])  # fmt: skip
