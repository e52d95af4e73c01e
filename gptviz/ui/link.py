"""A link restores a screen: prompt, model, layer, head, position, parameters, seed and path, as query parameters.

Pure: no Streamlit here. What cannot be read is left out and named, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from gptviz.decoding.path import PathTree
from gptviz.ui.state import READ, Screen, View
from gptviz.ui.web.conversation import MAX_CHARS

#: Query parameter of each field of the view.
NAMES = {
    "pos": "pos",
    "layer": "layer",
    "head": "head",
    "stage": "stage",
    "key": "key",
    "temperature": "t",
    "top_k": "top_k",
    "top_p": "top_p",
    "seed": "seed",
}


def encode(screen: Screen, tree: PathTree, *, lang: str, model: str) -> str:
    """The query string of the present screen."""
    fields = {"lang": lang, "model": model, "p": screen.text}
    for name, parameter in NAMES.items():
        value = getattr(screen.view, name)
        if value is not None:
            fields[parameter] = f"{value:g}" if isinstance(value, float) else str(value)
    if len(tree):
        fields["path"] = ".".join(map(str, tree.line_ids()))
        fields["at"] = str(tree.depth)
    # a lone surrogate is no UTF-8: the link carries what the model read in its place
    return urlencode({name: value.encode("utf-8", "replace").decode() for name, value in fields.items()})


def decode(query: Mapping[str, str], *, default_text: str) -> tuple[Screen, list[int], int | None]:
    """(screen, path ids, how many of them are in the picture) of a query; names of bad parts go into its notes."""
    screen = Screen(text=query.get("p", default_text)[:MAX_CHARS])
    bad: list[str] = []
    changes: dict[str, Any] = {}
    for name, parameter in NAMES.items():
        if parameter in query:
            value = READ[name](_number(query[parameter]) if name != "stage" else query[parameter])
            if value is None:
                bad.append(parameter)
            else:
                changes[name] = value
    path = [_number(part) for part in query.get("path", "").split(".") if part]
    if any(not isinstance(token, int) or token < 0 for token in path):
        bad.append("path")
        path = []
    at = _number(query["at"]) if "at" in query else None
    if at is not None and not isinstance(at, int):
        bad.append("at")
        at = None
    screen.view = replace(View(), **changes)
    if bad:
        screen.notes.append(("note.link_bad", {"names": ", ".join(bad)}))
    return screen, [token for token in path if isinstance(token, int)], at


def restore_path(tree: PathTree, path: list[int], at: int | None, *, vocab_size: int, room: int) -> None:
    """Lay a link's path into an empty tree; ids that the model does not have end it."""
    usable = next((n for n, token in enumerate(path) if token >= vocab_size), len(path))
    tree.extend(path[: min(usable, room)], "chosen")
    tree.go(len(path) if at is None else at)


def _number(text: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None
