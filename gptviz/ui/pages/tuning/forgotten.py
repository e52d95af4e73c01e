"""What a job's model has forgotten of the language, in words: bits per byte of held-out text, each language apart.

Jobs from before this was measured have none. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gptviz.i18n import translate
from gptviz.rounding import number

DIGITS = 3  # of bits per byte


def of(found: Mapping[str, Any] | None) -> dict[str, tuple[float, float]]:
    """Language → before and after, of a report or a summary; empty where it was not measured."""
    rows: Sequence[Sequence[Any]] = (found or {}).get("forgotten") or ()
    return {str(name): (float(before), float(after)) for name, before, after in rows}


def more(before: float, after: float) -> str:
    """By how many bits per byte the text costs more now: "+0.213", "−0.004", "0.000".

    >>> more(1.0, 1.25), more(1.25, 1.0), more(1.0, 1.0001)
    ('+0.250', '−0.250', '0.000')
    """
    said = number(after - before, DIGITS)
    return said if said.startswith("−") or said == number(0.0, DIGITS) else f"+{said}"


def cost(before: float, after: float) -> str:
    """What the text costs now, and by how much that is more: "1.598 (+0.213)"."""
    return f"{number(after, DIGITS)} ({more(before, after)})"


def language(part: str, lang: str) -> str:
    """What a part of the text is called."""
    return translate(f"tuning.part.{part}", lang)


def figures(found: Mapping[str, Any], lang: str) -> list[tuple[str, str]]:
    """A line for each language: what it is, and "1.385 → 1.598 (+0.213)"."""
    return [(translate("tuning.figure.forgotten", lang, language=language(part, lang)),
             f"{number(before, DIGITS)} → {cost(before, after)}")
            for part, (before, after) in of(found).items()]  # fmt: skip


def reading(found: Mapping[str, Any], lang: str) -> str:
    """A sentence for each language, after a space; empty where it was not measured."""
    return "".join(" " + translate("tuning.reading.forgotten", lang, language=language(part, lang),
                                   before=number(before, DIGITS), after=number(after, DIGITS))
                   for part, (before, after) in of(found).items())  # fmt: skip
