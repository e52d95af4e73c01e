"""Rare words and digits: how the text is cut, and sums by length. Pure."""

from __future__ import annotations

from gptviz.evaluation.arithmetic import EACH, LENGTHS, SHOTS, Sum, sums
from gptviz.evaluation.calibration import wilson
from gptviz.recipes import limits as recipes
from gptviz.rounding import number, percent
from gptviz.tokens.labels import spoken
from gptviz.ui.pages.limits.parts import BarRow, Part, TextRow, bar, part, piece
from gptviz.ui.pages.limits.scene import Tried

_WORDS = 10  # shown
_EXAMPLES = 2  # sums of each length
_BREAKS = "、，。；,.;!?！？\n"


def want(scene: Tried) -> None:
    """Sums of this model."""
    lm = scene.lm
    scene.state.live.rest()
    scene.state.side.want(scene.key("arithmetic"), len(LENGTHS) * EACH, lambda: sums(lm))


def live(scene: Tried) -> Part:
    """The words of the text, each in its pieces."""
    words = _words(scene)
    texts: list[TextRow] = [{"name": "", "pieces": [piece(scene.label(i), "token") for i in word],
                             "number": scene.say("pieces", count=len(word))} for word in words[:_WORDS]]  # fmt: skip
    characters = len(scene.state.text)
    most = max(words, key=len, default=())
    said = scene.say("reading.digits", characters=characters, tokens=len(scene.ids), each=_each(scene),
                     word=scene.lm.tokenizer.decode(most).strip(), pieces=len(most))  # fmt: skip
    return part(scene.say("live.digits"), said, recipes.digits(scene.prompt, scene.lm.name),
                small=scene.say("small.digits"), texts=texts,
                columns=[scene.say("column.token"), scene.say("column.bytes")],
                rows=[[spoken(scene.label(i)), str(len(scene.lm.tokenizer.token_bytes(i)))]
                      for i in scene.ids])  # fmt: skip


def _each(scene: Tried) -> str:
    return number(len(scene.state.text) / max(1, len(scene.ids)), 1)


def _words(scene: Tried) -> list[tuple[int, ...]]:
    """The tokens by word: one begins where a blank does, or after a sign that ends one."""
    found: list[list[int]] = []
    fresh = True
    for token in scene.ids:
        text = scene.lm.tokenizer.token_bytes(token).decode("utf-8", "replace")
        if fresh or text[:1].isspace():
            found.append([])
        found[-1].append(token)
        fresh = bool(text) and (text[-1] in _BREAKS or text[-1].isspace())
    return [tuple(word) for word in found]


def side(scene: Tried) -> Part:
    """The share that is right, by the number of digits."""
    work = scene.state.side
    given: list[Sum] = [one for one in work.records if one is not None]
    bars: list[BarRow] = []
    rows = []
    for digits in LENGTHS:
        of = [one for one in given if one.digits == digits]
        right = sum(one.right for one in of)
        interval = wilson(right, len(of))
        said = scene.say("of", right=right, n=len(of)) if of else "…"
        known = {"low": interval.low, "high": interval.high} if of else {}
        bars.append(bar(scene.say("length", count=digits), right / len(of) if of else 0.0, said, **known))
        rows += [[str(one.digits), f"{one.a} + {one.b}", one.said or "–", str(one.a + one.b)] for one in of]
    names = ["digits", "sum", "said", "result"]
    shown = [one for digits in LENGTHS for one in [one for one in given if one.digits == digits][:_EXAMPLES]]
    texts: list[TextRow] = [{"name": "", "pieces": [piece(f"{one.a} + {one.b} ="), piece(f" {one.said or '–'}",
                             "right" if one.right else "wrong")], "number": "" if one.right else str(one.a + one.b)}
                            for one in shown]  # fmt: skip
    return part(scene.say("side.digits"), _reading(scene, given), recipes.arithmetic(scene.lm.name),
                small=scene.say("small.arithmetic", n=EACH), bars=bars, rows=rows, texts=texts,
                columns=[scene.say(f"column.{name}") for name in names], done=len(work.records),
                wanted=work.wanted if work.open else 0)  # fmt: skip


def _reading(scene: Tried, given: list[Sum]) -> str:
    if not given:
        return scene.say("reading.measuring" if scene.state.side.open else "reading.unreadable")
    right = sum(one.right for one in given)
    said = scene.say("reading.arithmetic", n=len(given), right=right, share=percent(right / len(given)), shots=SHOTS)
    wrong = next((one for one in given if not one.right and one.said), None)
    if wrong is None:
        return said
    more = scene.say("reading.wrong_sum", sum=f"{wrong.a} + {wrong.b}", said=wrong.said, result=wrong.a + wrong.b)
    return f"{said} {more}" if scene.context.lang != "zh" else said + more
