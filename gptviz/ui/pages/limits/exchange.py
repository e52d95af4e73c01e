"""One word exchanged: how far a list of continuations moves, and what comes next in either case. Pure."""

from __future__ import annotations

from gptviz.analysis.exchange import MOST_WORDS, Exchanged, exchanged, twin
from gptviz.numbers import top_ids
from gptviz.recipes import limits as recipes
from gptviz.rounding import number, percent
from gptviz.ui.pages.limits.parts import Part, bar, part
from gptviz.ui.pages.limits.scene import Tried, next_probs
from gptviz.ui.prompts import how, prompt_ids

TOP = 7


def continuations(scene: Tried) -> list[str]:
    """The words of the list as they follow the text: after a space where the text is written with spaces."""
    given = scene.state.view.words.replace("，", ",").replace("、", ",").split(",")
    words = list(dict.fromkeys(word.strip() for word in given if word.strip()))[:MOST_WORDS]
    return [f" {word}" if word[0].isascii() else word for word in words]


def other_ids(scene: Tried) -> tuple[int, ...]:
    """The twin's; none where the word is not in the text."""
    view = scene.state.view
    text = twin(scene.state.text, view.old, view.new)
    return prompt_ids(scene.lm, text, how(view))[0] if text else ()


def want(scene: Tried) -> None:
    """Each continuation after both."""
    scene.state.side.rest()
    lm, ids, other, words = scene.lm, scene.ids, other_ids(scene), continuations(scene)
    if not other or not words:
        scene.state.live.rest()
        return
    key = scene.key("exchange", ids, other, tuple(words))
    scene.state.live.want(key, len(words), lambda: exchanged(lm, ids, other, words))


def live(scene: Tried) -> Part:
    """The differences, from what gains most to what loses most."""
    work, view = scene.state.live, scene.state.view
    given: list[Exchanged] = [one for one in work.records if one is not None]
    given.sort(key=lambda one: -one.difference)
    bars = [bar(one.continuation.strip(), one.difference, _signed(one.difference)) for one in given]
    rows = [[one.continuation.strip(), number(one.one), number(one.other), _signed(one.difference)] for one in given]
    python = recipes.exchange(scene.state.text, scene.lm.name, old=view.old, new=view.new, words=continuations(scene))
    small = scene.say("small.exchange", old=view.old, new=view.new) if view.old else ""
    return part(scene.say("live.exchange"), _reading(scene, given), python, small=small, bars=bars, rows=rows,
                most=max((abs(one.difference) for one in given), default=1.0) or 1.0, done=len(work.records),
                columns=[scene.say(f"column.{name}") for name in ("continuation", "one", "other", "difference")],
                wanted=work.wanted if work.open else 0)  # fmt: skip


def _signed(x: float) -> str:
    return f"+{number(x)}" if x > 0 else number(x)


def _reading(scene: Tried, given: list[Exchanged]) -> str:
    view = scene.state.view
    if not other_ids(scene):
        return scene.say("reading.no_word", old=view.old or "–")
    if scene.state.live.open:
        return scene.say("reading.measuring")
    if not given:
        return scene.say("reading.no_words")
    top, low = given[0], given[-1]
    mean = sum(abs(one.difference) for one in given) / len(given)
    return scene.say("reading.exchange", old=view.old, new=view.new, top=top.continuation.strip(),
                     low=low.continuation.strip(), most=_signed(top.difference), least=_signed(low.difference),
                     mean=number(mean))  # fmt: skip


def side(scene: Tried) -> Part:
    """The likeliest next tokens of both."""
    view, other = scene.state.view, other_ids(scene)
    title, small = scene.say("side.exchange"), scene.say("small.both", old=view.old, new=view.new)
    python = recipes.exchange(scene.state.text, scene.lm.name, old=view.old, new=view.new, words=continuations(scene))
    if not other:
        return part(title, scene.say("reading.no_word", old=view.old or "–"), python, small=small)
    one, twins = scene.probs, next_probs(scene.context, other)
    best = [int(i) for i in top_ids(one + twins, TOP)]
    bars = [bar(scene.label(i), float(one[i]), percent(float(one[i]), 1), other=float(twins[i])) for i in best]
    moved = float(abs(one - twins).sum() / 2)
    rows = [[row["word"], row["number"], percent(row["other"], 1)] for row in bars]
    return part(title, scene.say("reading.moved", moved=percent(moved, 1), old=view.old, new=view.new), python,
                small=small, bars=bars, most=float(max(one[best].max(), twins[best].max())),
                columns=[scene.say("column.token"), view.old, view.new], rows=rows)  # fmt: skip
