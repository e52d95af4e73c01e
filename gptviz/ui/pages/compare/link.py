"""A comparison's columns in a link. Pure: no Streamlit here.

``s`` lists them, as in ``greedy,beam:width:5,sample:temperature:0.7:top_k:50``: the strategy's name, then each setting
that is not the default. What cannot be read is left out and named, never an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gptviz.decoding import STRATEGIES, Strategy, strategy_from_dict
from gptviz.errors import GptvizError

COLUMNS = "s"
_MOST = 50  # that are read


def written(strategies: Iterable[Strategy]) -> dict[str, str]:
    """The query parameter of these columns."""
    return {COLUMNS: ",".join(map(_written, strategies))}


def strategies(query: Mapping[str, str]) -> tuple[list[Strategy], list[str]]:
    """(the columns that a query lists, the names of those that cannot be read)."""
    found: list[Strategy] = []
    bad: list[str] = []
    listed = query.get(COLUMNS, "")
    for part in listed.split(",")[:_MOST] if listed else []:
        try:
            found.append(_read(part))
        except GptvizError:
            bad.append(f"{COLUMNS} ({part[:40]})")
    return found, bad


def _written(strategy: Strategy) -> str:
    settings = strategy.to_dict(brief=True)
    name = settings.pop("name")
    return ":".join([str(name), *(f"{key}:{_word(value)}" for key, value in settings.items())])


def _word(value: object) -> str:
    return "off" if value is None else f"{value:g}" if isinstance(value, float) else str(value).lower()


def _read(part: str) -> Strategy:
    """One column. Raises DecodingError, as ``strategy_from_dict`` does."""
    name, *rest = part.split(":")
    values: dict[str, Any] = dict(zip(rest[::2], rest[1::2], strict=False))
    known = {p.name: p for p in STRATEGIES[name].parameters} if name in STRATEGIES else {}
    read = {key: known[key].read(text) if key in known else text for key, text in values.items()}
    return strategy_from_dict({"name": name, **read})
