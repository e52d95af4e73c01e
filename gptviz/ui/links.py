"""A link restores a page: language, model, text, controls, and what the page adds, as a query string. Pure.

What a link holds is what a reload brings back, and what a state is made of: the three are one. What cannot be read is
left out and named, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from gptviz.language_model import LanguageModel
from gptviz.ui.limits import fitting
from gptviz.ui.web.conversation import Conversation

TEXT = "p"
MAX_QUERY = 400_000  # characters that are read of one: a text of nothing but Chinese takes nine for each
_NOTHING: Mapping[str, str] = {}
_SAFE = ",:"  # need no escape, and are easier to read without


def encode(state: Conversation, lm: LanguageModel, *, lang: str, projector: bool = False,
           more: Mapping[str, str] = _NOTHING) -> str:  # fmt: skip
    """The query string of the present page, without its question mark; ``more`` is said last."""
    fields = {"lang": lang, "model": lm.name} | ({TEXT: state.text} if state.reads else {})
    for control in state.controls():
        written = control.written(getattr(state.view, control.name))
        if written is not None:
            fields[control.query] = written
    fields |= state.to_query(lm) | ({"projector": "1"} if projector else {}) | dict(more)
    # a lone surrogate is no UTF-8, so the link carries what the model read in its place
    return urlencode({name: value.encode("utf-8", "replace").decode() for name, value in fields.items()}, safe=_SAFE)


def take(state: Conversation, query: Mapping[str, str], lm: LanguageModel) -> None:
    """Make a new state what the query says; names of bad parts go into its notes."""
    if state.reads and TEXT in query:
        state.text = fitting(query[TEXT])
        state.cut = len(query[TEXT]) - len(state.text)
    changes: dict[str, Any] = {}
    bad: list[str] = []
    for control in state.controls():
        if control.query in query:
            value = control.read(control.parse(query[control.query]))
            if value is None:
                bad.append(control.query)
            else:
                changes[control.name] = value
                state.notes += cut_note(query[control.query], value)
    state.adopt(changes)
    bad += state.take_query(query, lm)
    if bad:
        state.notes.append(("note.link_bad", {"names": ", ".join(bad)}))


def cut_note(said: str, value: Any) -> list[tuple[str, dict[str, Any]]]:
    """Where a text of a link is longer than what is read of it: how much was left out."""
    if not isinstance(value, str) or len(said) <= len(value):
        return []
    return [("note.cut", {"limit": f"{len(value):,}", "count": f"{len(said) - len(value):,}"})]


def query_of(written: Any) -> dict[str, str]:
    """A query string as a mapping; of what is none, nothing."""
    if not isinstance(written, str):
        return {}
    try:
        return dict(parse_qsl(written[:MAX_QUERY], keep_blank_values=True, max_num_fields=100))
    except ValueError:
        return {}
