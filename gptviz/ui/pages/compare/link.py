"""A link restores a comparison: prompt, columns, seed, length and step, as query parameters. Pure: no Streamlit here.

``s`` lists the columns, as in ``greedy,beam:width:5,sample:temperature:0.7:top_k:50``: the strategy's name, then each
setting that is not the default. What cannot be read is left out and named, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gptviz.decoding import STRATEGIES, Strategy, strategy_from_dict
from gptviz.decoding.presets import PRESETS
from gptviz.errors import GptvizError
from gptviz.ui.pages.compare.state import AUTO, FIRST_PRESET, MOST_COLUMNS, READ, Compare, View
from gptviz.ui.web.conversation import MAX_CHARS
from gptviz.ui.web.frame import query_string

_WHOLE = ("seed", "n", "step")


def encode(state: Compare, *, lang: str, model: str) -> str:
    """The query string of the present comparison."""
    fields = {"lang": lang, "model": model, "p": state.text}
    fields["s"] = ",".join(_written(slot.strategy) for slot in state.slots)
    fields |= {"seed": str(state.view.seed), "n": str(state.view.n)}
    if state.view.step != AUTO:
        fields["step"] = str(state.view.step)
    return query_string(fields, safe=",:")


def decode(query: Mapping[str, str], *, default_text: str) -> Compare:
    """The comparison that a query says; the names of its bad parts go into the notes."""
    state = Compare(text=query.get("p", default_text)[:MAX_CHARS])
    bad: list[str] = []
    changes: dict[str, Any] = {}
    for name in _WHOLE:
        value = READ[name](_whole(query[name])) if name in query else None
        if value is not None:
            changes[name] = value
        elif name in query:
            bad.append(name)
    state.view = View(**changes)
    state.choose(_strategies(query.get("s", ""), bad) or PRESETS[FIRST_PRESET].values())
    if bad:
        state.notes.append(("note.link_bad", {"names": ", ".join(bad)}))
    return state


def _written(strategy: Strategy) -> str:
    settings = strategy.to_dict(brief=True)
    name = settings.pop("name")
    return ":".join([str(name), *(f"{key}:{_word(value)}" for key, value in settings.items())])


def _word(value: object) -> str:
    return "off" if value is None else f"{value:g}" if isinstance(value, float) else str(value).lower()


def _strategies(written: str, bad: list[str]) -> list[Strategy]:
    found: list[Strategy] = []
    for part in written.split(",") if written else []:
        try:
            found.append(_read(part))
        except GptvizError:
            bad.append(f"s ({part[:40]})")
    return found[:MOST_COLUMNS]


def _read(part: str) -> Strategy:
    """One column. Raises DecodingError, as ``strategy_from_dict`` does."""
    name, *rest = part.split(":")
    values: dict[str, Any] = dict(zip(rest[::2], rest[1::2], strict=False))
    known = {p.name: p for p in STRATEGIES[name].parameters} if name in STRATEGIES else {}
    read = {key: known[key].read(text) if key in known else text for key, text in values.items()}
    return strategy_from_dict({"name": name, **read})


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
