"""A run before and after a change, as pages show it: the next token, the loss, a sentence. Pure: no Streamlit here."""

from __future__ import annotations

import math
from typing import TypedDict

from gptviz.i18n import translate
from gptviz.rounding import both, number, percent
from gptviz.tokens.labels import spoken
from gptviz.views.change import ChangeView


class Changed(TypedDict):
    """Rows of (token, label, probability before, after); bits per token, None where no token has a score."""

    rows: list[tuple[int, str, float, float]]
    others: int
    others_before: float
    others_after: float
    bits_before: float | None
    bits_after: float | None
    reading: str


def changed(view: ChangeView, lang: str) -> Changed:
    """The view as a message says it."""
    return {
        "rows": [(row.id, row.label, row.before, row.after) for row in view.rows],
        "others": view.others,
        "others_before": view.others_before,
        "others_after": view.others_after,
        "bits_before": finite(view.bits_before),
        "bits_after": finite(view.bits_after),
        "reading": reading(view, lang),
    }


def finite(value: float) -> float | None:
    """A number as JSON can say it."""
    return value if math.isfinite(value) else None


def reading(view: ChangeView, lang: str) -> str:
    """What changed, in a sentence or two."""
    first, winner = view.first, view.winner
    before, after = both(percent, first.before, first.after, 0)
    said = translate("change.token", lang, label=spoken(first.label), before=before, after=after)
    if winner.id != first.id:
        said += " " + translate("change.winner", lang, label=spoken(winner.label), after=percent(winner.after))
    if math.isfinite(view.bits_before):
        before, after = both(number, view.bits_before, view.bits_after, 2)
        said += " " + translate("change.loss", lang, before=before, after=after)
    return said.replace("。 ", "。")
