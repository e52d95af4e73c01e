"""A link restores the beam page: prompt, controls, step and chosen hypothesis, as query parameters.

Pure: no Streamlit here. What cannot be read is left out and named, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gptviz.ui.pages.beam.state import READ, BeamPage, View
from gptviz.ui.web.conversation import MAX_CHARS
from gptviz.ui.web.frame import query_string

#: Query parameter of each field of the view.
NAMES = {
    "width": "width",
    "length_penalty": "length",
    "n_groups": "groups",
    "diversity_penalty": "diversity",
    "early_stopping": "stop",
    "tokens": "n",
    "pruned": "pruned",
    "step": "step",
    "node": "node",
}


def encode(page: BeamPage, *, lang: str, model: str) -> str:
    """The query string of the present page."""
    fields: dict[str, Any] = {"lang": lang, "model": model, "p": page.text}
    usual = View()
    for name, parameter in NAMES.items():
        value = getattr(page.view, name)
        if name in ("width", "tokens") or value != getattr(usual, name):
            fields[parameter] = int(value) if isinstance(value, bool) else value
    return query_string(fields)


def decode(query: Mapping[str, str], *, default_text: str) -> BeamPage:
    """The page that a query describes; names of bad parts go into its notes."""
    page = BeamPage(text=query.get("p", default_text)[:MAX_CHARS])
    bad: list[str] = []
    changes: dict[str, Any] = {}
    for name, parameter in NAMES.items():
        if parameter in query:
            value = READ[name](_value(name, query[parameter]))
            if value is None:
                bad.append(parameter)
            else:
                changes[name] = value
    page.view = replace(View(), **changes).settled()
    if bad:
        page.notes.append(("note.link_bad", {"names": ", ".join(bad)}))
    return page


def _value(name: str, text: str) -> Any:
    if name == "early_stopping":
        return text
    if name == "pruned":
        return {"0": False, "1": True}.get(text)
    try:
        return float(text) if name in ("length_penalty", "diversity_penalty") else int(text)
    except ValueError:
        return None
