"""The terms of the interface, explained: read from ``assets/glossary/<lang>.toml``, one table a term.

They lie beside the interface's strings and not among them, for they are of another kind: a table with a shape of its
own, which no line of code names. A further language is one more file; what it lacks, or says outside the bounds, is
said in English.

A page is sent them with its strings, once (see ``ui.web.message``); ``web/kit/glossary.js`` finds them on the page.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import Any, NamedTuple

from gptviz.i18n import FALLBACK
from gptviz.paths import ASSETS

MOST_TERMS = 200
MOST_WORDS = 8  # forms of one term
LONGEST_WORD, LONGEST_SENTENCE = 48, 240  # characters
PREFIX = "term."
_FOLDER = ASSETS / "glossary"


class Term(NamedTuple):
    """One entry: its name, the forms in which the interface writes it, and what it means."""

    name: str
    words: tuple[str, ...]
    plain: str  # one sentence for everybody from 14 on
    exact: str  # one sentence that a textbook could have
    formula: str = ""  # where it says more than words


@lru_cache(maxsize=32)
def terms(lang: str) -> dict[str, Term]:
    """All terms by key, in the order of the English file, each in ``lang`` where that says it, else in English."""
    own = _read(lang) if lang != FALLBACK else {}
    return {key: own.get(key, term) for key, term in _read(FALLBACK).items()}


def entries(lang: str) -> dict[str, str]:
    """The terms as strings for the browser: ``term.<key>.<field>``; of the forms one stands on each line."""
    told: dict[str, str] = {}
    for key, term in terms(lang).items():
        fields = term._asdict() | {"words": "\n".join(term.words)}
        told |= {f"{PREFIX}{key}.{name}": text for name, text in fields.items() if text}
    return told


def _read(lang: str) -> dict[str, Term]:
    """What the file of a language holds within the bounds; nothing where there is no such file, or no TOML in it."""
    path = _FOLDER / f"{lang}.toml"
    if path not in _FOLDER.glob("*.toml"):  # a language's name is no way out of the folder
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError:  # no TOML, or no UTF-8
        return {}
    read = ((key, _term(table)) for key, table in list(tables.items())[:MOST_TERMS])
    return {key: term for key, term in read if term is not None}


def _term(table: Any) -> Term | None:
    """One table as a term, or None where something is missing or out of bounds."""
    if not isinstance(table, dict) or not table.keys() <= set(Term._fields):
        return None
    name, plain, exact, formula = (table.get(field, "") for field in ("name", "plain", "exact", "formula"))
    words = table.get("words", [name])
    sized = [(name, 1, LONGEST_WORD), (plain, 1, LONGEST_SENTENCE), (exact, 1, LONGEST_SENTENCE),
             (formula, 0, LONGEST_SENTENCE)]  # fmt: skip
    if not isinstance(words, list) or not 1 <= len(words) <= MOST_WORDS:
        return None
    sized += [(word, 1, LONGEST_WORD) for word in words]
    if not all(isinstance(text, str) and least <= len(text) <= most for text, least, most in sized):
        return None
    return Term(name, tuple(words), plain, exact, formula)


def clear_cache() -> None:
    """Forget what was read, so that a file just dropped in is seen."""
    terms.cache_clear()
