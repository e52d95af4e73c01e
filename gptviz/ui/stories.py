"""What a model was tuned for, in a sentence, for whatever speaks of the model. Pure."""

from __future__ import annotations

from pathlib import Path

from gptviz.i18n import translate
from gptviz.tuning.methods import METHODS
from gptviz.tuning.story import Story, story

_NAMED = 8  # labels that are named; of more, how many


def told(path: Path | None, lang: str) -> str:
    """Of the model in the folder ``path``; empty where it was not tuned under a head."""
    found = None if path is None else story(path)
    return "" if found is None else _sentence(found, lang)


def _sentence(found: Story, lang: str) -> str:
    more = len(found.names) - _NAMED
    between = translate("toolbar.between", lang)
    names = between.join(found.names[:_NAMED]) + (f" +{more}" if more > 0 else "")
    known = translate(f"model.{found.base}", lang)
    base = found.base if known == f"model.{found.base}" else known
    method = translate(f"tuning.method.{found.method}", lang) if found.method in METHODS else found.method
    return translate(f"model_page.tuned.{found.kind}", lang, names=names, base=base, method=method)
