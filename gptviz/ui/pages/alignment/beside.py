"""The panel of the alignment page that puts ways side by side: questions answered, and what each has forgotten.

Pure.
"""

from __future__ import annotations

from typing import Any, TypedDict

from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.aligned import WAYS
from gptviz.rounding import number
from gptviz.ui.pages.alignment.scene import Aligned
from gptviz.ui.pages.tuning import forgotten

_SAME = 1e-6  # bits per byte: from the same model the text costs the same before


class AnswersPart(TypedDict):
    """The same questions, and our held-out text: before, by DPO, by PPO, each by the newest job that is over."""

    answers: list[tuple[str, str, str, str]]
    forgotten: list[tuple[str, str, str, str]]  # what the text is, its bits per byte
    answers_reading: str


def answers(scene: Aligned) -> AnswersPart:
    """Beside one another: of the job looked at, and of the newest one of the other way."""
    lang = scene.context.lang
    summaries = {way: _summary_of(scene, way) for way in WAYS}
    found = {way: {prompt: (before, after) for prompt, before, after in said.get("answers", [])}
             for way, said in summaries.items()}  # fmt: skip
    rows = []
    for prompt in dict.fromkeys(prompt for rows in found.values() for prompt in rows):
        dpo, ppo = (found[way].get(prompt) for way in WAYS)
        before = (dpo or ppo or ("", ""))[0]
        rows.append((prompt, before, dpo[1] if dpo else "–", ppo[1] if ppo else "–"))
    costs, said = _forgotten(summaries, scene)
    return {
        "answers": rows,
        "forgotten": costs,
        "answers_reading": translate("alignment.reading.answers", lang, count=len(rows)) + said if rows
                           else translate("alignment.reading.nothing", lang),
    }  # fmt: skip


def _summary_of(scene: Aligned, way: str) -> dict[str, Any]:
    """Of the job looked at where it is of that way, else of the newest one."""
    mine = folder.jobs_of(scene.state.owner, folder.ALIGNMENT)
    for job in ([scene.job] if scene.job is not None else []) + mine:
        summary = job.summary if job.ask.preset == way else None
        if summary:
            return summary
    return {}


def _forgotten(summaries: dict[str, dict[str, Any]], scene: Aligned) -> tuple[list[tuple[str, str, str, str]], str]:
    """Rows, and the same in a sentence each; what came of another model is left out, as before was not the same."""
    lang, here = scene.context.lang, scene.job.ask.preset if scene.job is not None else WAYS[0]
    known = {way: forgotten.of(summary) for way, summary in summaries.items()}
    first = known.get(here) or next((one for one in known.values() if one), {})
    rows, said = [], ""
    for part, (before, _) in first.items():
        after = {way: one[part][1] for way, one in known.items() if part in one and abs(one[part][0] - before) < _SAME}
        name = forgotten.language(part, lang)
        costs = [forgotten.cost(before, after[way]) if way in after else "–" for way in WAYS]
        rows.append((translate("tuning.figure.forgotten", lang, language=name), number(before, forgotten.DIGITS),
                     costs[0], costs[1]))  # fmt: skip
        for way, cost in after.items():
            said += " " + translate("alignment.reading.forgotten", lang, language=name, by=way.upper(),
                                    before=number(before, forgotten.DIGITS),
                                    after=number(cost, forgotten.DIGITS))  # fmt: skip
    return rows, said
