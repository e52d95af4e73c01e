"""Interface strings, by key and language, read from ``assets/i18n/<lang>/<group>.toml``: a file for each first word of
the keys. Or all groups of a language in one file, ``assets/i18n/<lang>.toml``.

A further language is one more file, or a folder of some: it appears by itself, and what it lacks is said in English.

``{count}`` is filled with a value; ``{count|token|tokens}`` with the first word where the value is written "1", else
with the second: ``{count} {count|token|tokens}`` says "1 token" and "1,024 tokens". A language without plurals, such as
Chinese, leaves it out. Instead of a word there may be several ("{count|token was|tokens were}"), no braces or bars.
``fillIn`` in ``web/kit/dom.js`` follows the same rule.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from gptviz.paths import ASSETS
from gptviz.rounding import fixed

FALLBACK = "en"
_FOLDER = ASSETS / "i18n"
_PLURAL = re.compile(r"{(\w+)\|([^|{}]*)\|([^|{}]*)}")


@lru_cache(maxsize=32)
def strings(lang: str) -> dict[str, str]:
    """All strings of ``lang``, flat: ``{"prompt.label": "Your text", ...}``; empty where there is no such file."""
    if lang not in languages():
        return {}
    found: dict[str, str] = {}
    for path in (*_FOLDER.glob(f"{lang}.toml"), *sorted(_FOLDER.glob(f"{lang}/*.toml"))):
        found |= _flatten(tomllib.loads(path.read_text(encoding="utf-8")))
    return found


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Codes of the languages at hand, English first, then by name of file or folder."""
    files = {path.stem for path in _FOLDER.glob("*.toml")}
    found = sorted(files | {path.parent.name for path in _FOLDER.glob("*/*.toml")})
    return (FALLBACK, *(code for code in found if code != FALLBACK))


def translate(key: str, lang: str, **values: Any) -> str:
    """The string ``key`` in ``lang``, else in English, else the key itself; ``{name}`` is filled from ``values``.

    Choices between one and many go by the value as it is written: ``1`` and ``"1"`` are one, ``1.0`` and ``0`` many.
    """
    template = strings(lang).get(key) or strings(FALLBACK).get(key) or key
    return _counted(template, values).format_map(_Kept(values)) if values else template


def counted(number: int, one: str) -> str:
    """A number of things in English, for what speaks only English (``repr``, the shell).

    >>> counted(1, "token"), counted(1024, "token")
    ('1 token', '1,024 tokens')
    """
    return f"{number:,} {one if number == 1 else one + 's'}"


def large(count: int, lang: str) -> str:
    """A large number as a language says it: 20.6 M in English, 2060 万 in Chinese; whole where it is below all units.

    ``number.units`` lists the units, smallest first, one a line: size, decimals, name. ``fmtLarge`` in
    ``web/kit/dom.js`` does the same.

    >>> large(20_600_000, "en"), large(20_600_000, "zh"), large(124_439_808, "zh"), large(512, "en")
    ('20.6 M', '2060 万', '1.24 亿', '512')
    """
    fitting = [line.split() for line in translate("number.units", lang).split("\n") if line.strip()]
    fitting = [unit for unit in fitting if count >= int(unit[0])]
    if not fitting:
        return f"{count:,}"
    size, decimals, name = fitting[-1]
    value = fixed(count / int(size), int(decimals))
    return f"{value.rstrip('0').rstrip('.') if '.' in value else value} {name}"


def choose_language(wanted: str | None) -> str:
    """The best language for a browser's locale such as ``zh-CN``: exact, else by its first part, else English."""
    code = (wanted or "").replace("_", "-").lower()
    by_lower = {known.lower(): known for known in languages()}
    return by_lower.get(code) or by_lower.get(code.split("-")[0]) or FALLBACK


def _counted(template: str, values: Mapping[str, Any]) -> str:
    """``template`` with the words that fit the numbers; where a number is missing, those for many."""
    return _PLURAL.sub(lambda found: found[2] if str(values.get(found[1])) == "1" else found[3], template)


class _Kept(dict[str, Any]):
    """Leaves a placeholder as it stands where its value is missing, so that a translator's slip cannot break a page."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


def _flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in tree.items():
        flat |= _flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": str(value)}
    return flat


def clear_cache() -> None:
    """Forget what was read, so that a file just dropped in is seen."""
    strings.cache_clear()
    languages.cache_clear()
