"""A link restores a screen: prompt, model, layer, head, position, parameters, seed, path and its branches, as a query.

Pure: no Streamlit here. What cannot be read is left out and named, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gptviz.decoding.path import PathTree
from gptviz.ui.pages.next_token.state import READ, Screen, View
from gptviz.ui.web.conversation import MAX_CHARS
from gptviz.ui.web.frame import number_in, query_string

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
    "min_p": "min_p",
    "typical_p": "typical_p",
    "repetition_penalty": "penalty",
    "eta_cutoff": "eta",
    "no_repeat_ngram_size": "ngram",
}
#: Filters that are written only where they are on.
_SELDOM = ("min_p", "typical_p", "repetition_penalty", "eta_cutoff", "no_repeat_ngram_size")
MAX_BRANCHES = 12  # of the newest; a link must not become longer than browsers and chats take
#: A branch in a link: how many tokens it shares with the line, and its ids from there on.
Branch = tuple[int, list[int]]


def encode(screen: Screen, tree: PathTree, *, lang: str, model: str) -> str:
    """The query string of the present screen."""
    fields: dict[str, Any] = {"lang": lang, "model": model, "p": screen.text}
    for name, parameter in NAMES.items():
        value = getattr(screen.view, name)
        if value is not None and not (name in _SELDOM and value == getattr(View(), name)):
            fields[parameter] = value
    if len(tree):
        fields["path"] = ".".join(map(str, tree.line_ids()))
        fields["at"] = tree.depth
    if others := branches_of(tree):
        fields["branches"] = "_".join(".".join(map(str, (shared, *ids))) for shared, ids in others)
    return query_string(fields)


def branches_of(tree: PathTree) -> list[Branch]:
    """The newest branches beside the line, oldest first: what ``branches`` in a query says."""
    line = tree.line_ids()
    found: list[Branch] = []
    for node, ids in tree.leaves():
        if node != tree.tip:
            shared = next((n for n, (a, b) in enumerate(zip(ids, line, strict=False)) if a != b), len(line))
            found.append((shared, list(ids[shared:])))
    return found[-MAX_BRANCHES:]


def decode(query: Mapping[str, str], *, default_text: str) -> tuple[Screen, list[int], int | None]:
    """(screen, path ids, how many of them are in the picture) of a query; names of bad parts go into its notes."""
    screen = Screen(text=query.get("p", default_text)[:MAX_CHARS])
    bad: list[str] = []
    changes: dict[str, Any] = {}
    for name, parameter in NAMES.items():
        if parameter in query:
            value = READ[name](number_in(query[parameter]) if name != "stage" else query[parameter])
            if value is None:
                bad.append(parameter)
            else:
                changes[name] = value
    path = [number_in(part) for part in query.get("path", "").split(".") if part]
    if any(not isinstance(token, int) or token < 0 for token in path):
        bad.append("path")
        path = []
    if _branches(query) is None:
        bad.append("branches")
    at = number_in(query["at"]) if "at" in query else None
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


def restore_branches(query: Mapping[str, str], tree: PathTree, *, vocab_size: int, room: int) -> None:
    """Lay a link's branches beside the line that ``restore_path`` has laid; where one stands stays as it is."""
    tip, depth, length = tree.tip, tree.depth, len(tree.line())
    for shared, ids in (_branches(query) or [])[:MAX_BRANCHES]:
        if shared <= length and all(token < vocab_size for token in ids):
            tree.jump(tip)
            tree.go(shared)
            tree.extend(ids[: max(0, room - shared)], "chosen")
    tree.jump(tip)
    tree.go(depth)


def _branches(query: Mapping[str, str]) -> list[Branch] | None:
    """What ``branches`` says; None where it cannot be read."""
    found: list[Branch] = []
    for run in filter(None, query.get("branches", "").split("_")):
        numbers = [number_in(part) for part in run.split(".")]
        whole = [n for n in numbers if isinstance(n, int) and n >= 0]
        if len(whole) != len(numbers) or len(whole) < 2:
            return None
        found.append((whole[0], whole[1:]))
    return found
