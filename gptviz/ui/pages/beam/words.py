"""The beam page in sentences: what the tree shows, whether the beam won, what width changed. Pure: no Streamlit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from gptviz.i18n import translate
from gptviz.rounding import number, percent
from gptviz.views.beam import Rung, TreeView, outcome

_MOST_TIMES = 1e6  # a larger factor is said as a power of e
_DULLER = 0.2  # share of distinct pairs lost, from which a text is called more repetitive


def tree_reading(view: TreeView, lang: str) -> str:
    """What the tree shows, in a few sentences."""
    if not view.columns:
        return translate("beam.reading.none", lang)
    fates = Counter(node.fate for column in view.columns for node in column)
    said = [
        translate(
            "beam.reading.tree", lang, width=view.width, steps=len(view.columns), looked=sum(fates.values()),
            kept=fates["kept"], finished=fates["finished"] + fates["outscored"],
            pruned=fates["crowded_out"] + fates["ended_too_low"] + fates["stopped"],
        )
    ]  # fmt: skip
    if view.done and view.finals:
        best = view.finals[0]
        said.append(
            translate("beam.reading.winner", lang, text=best.text, total=number(best.total), length=best.length,
                      score=number(best.score, 3))
        )  # fmt: skip
    else:
        said.append(translate("beam.reading.running", lang))
    return _joined(said)


def verdict(beam: Rung, greedy: Rung, lang: str) -> str:
    """Whether the beam's text is better than greedy's, with both numbers."""
    more = beam.total - greedy.total
    large = more >= math.log(_MOST_TIMES)
    times = f"e^{number(more, 0)}" if large else number(math.exp(more), 1 if more < math.log(100) else 0)
    return translate(
        f"beam.verdict.{outcome(beam, greedy)}", lang, times=times, beam=number(beam.total),
        greedy=number(greedy.total), beam_score=number(beam.score, 3), greedy_score=number(greedy.score, 3),
    )  # fmt: skip


def ladder_note(rungs: Sequence[Rung], lang: str, *, own: int = 0) -> str:
    """What a wider beam changed for the worse: lower, shorter or more repetitive, whichever comes first; or nothing.

    Of several such pairs one whose wider beam has the width ``own`` is named.
    """
    every = [(a, b) for i, a in enumerate(rungs) for b in rungs[i + 1 :]]
    every.sort(key=lambda pair: pair[1].width != own)
    for narrow, wide in every:
        if narrow.width and wide.score < narrow.score - 1e-4:
            return translate("beam.ladder.lower", lang, narrow=narrow.width, wide=wide.width,
                             score=number(wide.score, 3), better=number(narrow.score, 3))  # fmt: skip
    for narrow, wide in every:
        if wide.length < narrow.length and wide.score > narrow.score:
            return translate("beam.ladder.shorter", lang, wide=wide.width, length=wide.length, longer=narrow.length)
    for narrow, wide in every:
        if (wide.distinct_2 or 0) < (narrow.distinct_2 or 0) - _DULLER and wide.total > narrow.total:
            return translate("beam.ladder.duller", lang, wide=wide.width, share=_percent(wide.distinct_2),
                             before=_percent(narrow.distinct_2))  # fmt: skip
    return translate("beam.ladder.good", lang)


def ladder_reading(rungs: Sequence[Rung], lang: str) -> str:
    """Each rung's numbers."""
    items = [
        translate("beam.reading.greedy" if not r.width else "beam.reading.rung", lang, width=r.width,
                  total=number(r.total), score=number(r.score, 3), text=r.text)
        for r in rungs
    ]  # fmt: skip
    return _joined(items or [translate("beam.reading.none", lang)])


def _percent(share: float | None) -> str:
    return percent(share or 0.0)


def _joined(sentences: Sequence[str]) -> str:
    return " ".join(sentences).replace("。 ", "。")
