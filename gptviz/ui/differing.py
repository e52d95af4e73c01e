"""In what two runs differ, in words: one line, the most telling first. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gptviz.gpt.config import OPTIMIZERS, POSITIONS, PRECISIONS, SCHEDULES
from gptviz.i18n import translate
from gptviz.rounding import scientific, setting
from gptviz.training.differing import Difference

MOST = 4  # that are said; of the others how many
_WORDS = {"position": POSITIONS, "optimizer": OPTIMIZERS, "schedule": SCHEDULES, "precision": PRECISIONS,
          "parts": ("classic", "modern")}  # fmt: skip
_SMALL = 1e-3  # a number below it is said with its power of ten


def sentence(found: Sequence[Difference], lang: str, names: tuple[str, str] = ("A", "B"), most: int = MOST) -> str:
    """What is chosen otherwise in two runs called ``names``; where all is alike, that."""
    if not found:
        return translate("differing.nothing", lang)
    one, other = names
    said = [translate("differing.choice", lang, name=translate(f"differing.name.{x.name}", lang),
                      one=value(x.name, x.one, lang), other=value(x.name, x.other, lang), a=one, b=other)
            for x in found[:most]]  # fmt: skip
    more = translate("differing.more", lang, count=len(found) - most) if len(found) > most else ""
    return translate("differing.line", lang, choices=translate("differing.and", lang).join(said), more=more)


def short(found: Sequence[Difference], lang: str, *, other: bool, most: int = 2) -> str:
    """What one of the two has, the first things only: "warm-up steps none"; empty where all is alike."""
    return translate("differing.comma", lang).join(_short(x, lang, other=other) for x in found[:most])


def _short(x: Difference, lang: str, *, other: bool) -> str:
    said = value(x.name, x.other if other else x.one, lang)
    if x.name == "parts":  # which says what it is by itself
        return said
    return translate("differing.short", lang, name=translate(f"differing.name.{x.name}", lang), value=said)


def value(name: str, x: Any, lang: str) -> str:
    """One choice as it is said."""
    if x is None:
        return translate("differing.none", lang)
    if name == "source":
        return translate("differing.bundled" if x == "" else f"training.source.{x}", lang)
    if name in _WORDS:
        return translate(f"training.choice.{x}", lang) if x in _WORDS[name] else str(x)
    if isinstance(x, bool):
        return translate("differing.on" if x else "differing.off", lang)
    if isinstance(x, int) or (isinstance(x, float) and x.is_integer()):
        return f"{int(x):,}"
    return setting(x) if abs(x) >= _SMALL else scientific(x)
