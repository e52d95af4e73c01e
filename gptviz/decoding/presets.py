"""Comparisons worth showing, and short names for what is compared.

``PRESETS[key]`` is named by the interface string ``preset.<key>``; the strategies in it by ``short(strategy, "en")``.
"""

from __future__ import annotations

from gptviz.decoding import Beam, Contrastive, Greedy, Sample, Strategy
from gptviz.i18n import FALLBACK, strings, translate

_SETS: dict[str, tuple[Strategy, ...]] = {
    # the textbook six
    "six": (Greedy(), Beam(5), Sample(0.7), Sample(top_k=50), Sample(top_p=0.9), Sample(min_p=0.1)),
    "temperatures": (Sample(0.3), Sample(0.7), Sample(1.0), Sample(1.5)),
    # cures for text that goes round in circles
    "repetition": (
        Greedy(),
        Sample(0, repetition_penalty=1.3),
        Sample(0, no_repeat_ngram_size=3),
        Contrastive(4, 0.6),
        Sample(typical_p=0.9),
    ),
    # a wider beam is likelier, and often duller; dividing by length or not decides how long it is
    "beams": (Greedy(), Beam(2), Beam(5), Beam(16), Beam(5, length_penalty=0.0), Beam(5, length_penalty=2.0)),
    # all cut the tail of the distribution, each in its own place
    "tails": (
        Sample(),
        Sample(top_k=50),
        Sample(top_p=0.9),
        Sample(min_p=0.1),
        Sample(typical_p=0.9),
        Sample(eta_cutoff=0.002),
    ),
}


def short(strategy: Strategy, lang: str = FALLBACK) -> str:
    """A few words that tell a strategy from others of its kind: what it is, and each setting that is not the default.

    >>> short(Sample(0.7, top_k=50)), short(Greedy())
    ('T 0.7, top-k 50', 'greedy')
    >>> short(Sample(0, repetition_penalty=1.3), "zh")
    '贪心、重复惩罚 1.3'
    """
    template = strings(FALLBACK).get(f"preset.short.{strategy.name}", "")
    settings = {key: value for key, value in strategy.to_dict(brief=True).items() if key != "name"}
    parts = [_part(key, value, lang) for key, value in settings.items() if "{" + key + "}" not in template]
    keys = (f"preset.short.{strategy.name}", f"strategy.{strategy.name}")
    name = _first(keys, lang, **strategy.to_dict()) or strategy.name
    return translate("reading.comma", lang).join(parts if parts and strategy.name == "sample" else [name, *parts])


def title(name: str, strategy: Strategy, lang: str = FALLBACK) -> str:
    """A column's name as shown: where it is only the English short one, that of the reader's language."""
    return short(strategy, lang) if name == short(strategy) else name


def _part(key: str, value: object, lang: str) -> str:
    if key == "temperature" and value == 0:
        return translate("preset.short.greedy", lang)  # the limit
    word = f"{value:g}" if isinstance(value, float) else str(value)
    shown = _first((f"strategy.choice.{key}.{word.lower()}",), lang) or word
    said = _first((f"preset.short.{key}",), lang, value=shown)
    return said or f"{_first((f'strategy.parameter.{key}',), lang) or key} {shown}"


def _first(keys: tuple[str, ...], lang: str, /, **values: object) -> str | None:
    """The first of ``keys`` that is an interface string, filled."""
    found = next((key for key in keys if key in strings(FALLBACK)), None)
    return translate(found, lang, **values) if found else None


PRESETS: dict[str, dict[str, Strategy]] = {
    key: {short(strategy): strategy for strategy in chosen} for key, chosen in _SETS.items()
}
