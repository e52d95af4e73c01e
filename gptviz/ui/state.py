"""What one visitor's first screen stands at, and how a message from the browser changes it. Pure: no Streamlit here.

The browser sends ``{"n", "text", "view", "queue"}`` (newest wins; queue actions are numbered, so none is lost or done
twice); nothing in it is trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from gptviz.decoding.path import PathTree

MAX_CHARS = 10_000
STAGES = ("raw", "scores", "masked", "pattern")
_MAX_TREES = 50
MOST = 2**53  # beyond it a browser's numbers skip some


@dataclass(frozen=True)
class View:
    """What is looked at, and how the next token is chosen.

    ``pos`` None is the last position, ``key`` None its strongest; ``top_k`` 0 and ``top_p`` 1 are off; ``temperature``
    0 is the greedy limit.
    """

    pos: int | None = None
    layer: int = 2
    head: int = 2
    stage: str = "pattern"
    key: int | None = None
    temperature: float = 0.8
    top_k: int = 0
    top_p: float = 0.95
    seed: int = 7

    def clamped(self, *, n_layer: int, n_head: int, T: int) -> View:
        """The view as it can be shown: layer, head and positions that exist; a key may lie after the position."""
        pos = None if self.pos is None or self.pos >= T else self.pos
        key = None if self.key is None or self.key >= T else self.key
        return replace(self, layer=min(self.layer, n_layer - 1), head=min(self.head, n_head - 1), pos=pos, key=key)


def whole(value: Any, low: int, high: int) -> int | None:
    """``value`` as a whole number within bounds; None where it is no finite number."""
    return int(min(max(value, low), high)) if _is_number(value) else None


def _real(value: Any, low: float, high: float) -> float | None:
    return float(min(max(value, low), high)) if _is_number(value) else None


def _is_number(value: Any) -> bool:
    """Neither NaN nor infinite; a whole number may be larger than any float, so ``isfinite`` must not see it."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and isfinite(value))


#: How each field of a view is read from outside; None means unusable (for ``pos`` and ``key``: not pinned).
READ: dict[str, Callable[[Any], Any]] = {
    "pos": lambda v: whole(v, 0, 100_000),
    "layer": lambda v: whole(v, 0, 1000),
    "head": lambda v: whole(v, 0, 1000),
    "stage": lambda v: v if v in STAGES else None,
    "key": lambda v: whole(v, 0, 100_000),
    "temperature": lambda v: _real(v, 0.0, 5.0),
    "top_k": lambda v: whole(v, 0, 1_000_000),
    "top_p": lambda v: _real(v, 0.0, 1.0),
    "seed": lambda v: whole(v, 0, 2**31 - 1),
}
_NULLABLE = ("pos", "key")


@dataclass
class Screen:
    """One visitor's screen; lives in the session."""

    text: str = ""
    view: View = field(default_factory=View)
    trees: dict[tuple[str, str], PathTree] = field(default_factory=dict)  # (vocabulary, prompt) → path
    rev: int = 1  # grows when Python, not the browser, sets text or view
    echo: int = 0  # newest message taken in
    acked: int = 0  # newest action carried out
    cut: bool = False  # the text was longer than is allowed
    shown: dict[str, Any] = field(
        default_factory=dict
    )  # the view as last shown: what the browser may merely be repeating
    heard: dict[str, Any] = field(default_factory=dict)  # the view as last heard
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # from a link: (key, values)

    def tree(self, vocabulary: str) -> PathTree:
        """The path of the present prompt; a prompt typed again finds its old one."""
        key = (vocabulary, self.text)
        tree = self.trees.pop(key, None) or PathTree()
        self.trees[key] = tree  # newest last
        empty = [k for k, t in self.trees.items() if not len(t) and k != key]
        for old in empty or list(self.trees)[: max(0, len(self.trees) - _MAX_TREES)]:
            del self.trees[old]
        return tree

    def earlier(self, vocabulary: str) -> list[tuple[str, int]]:
        """(prompt, tokens kept) of other prompts with a path, newest first."""
        others = [(text, len(t)) for (v, text), t in self.trees.items() if v == vocabulary and text != self.text]
        return [(text, count) for text, count in reversed(others) if count]

    def set_text(self, text: str) -> None:
        """Set the prompt from Python."""
        self.text, self.rev = text, self.rev + 1
        self.follow()

    def follow(self) -> None:
        """Look at the last position and its strongest key again."""
        self.view = replace(self.view, pos=None, key=None)

    def receive(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Take in a message of the browser; returns the actions not yet carried out, oldest first."""
        n = whole(message.get("n"), 0, MOST) or 0
        # a reloaded page counts from 1 again; a message already taken in changes nothing
        if n == self.echo:
            return []
        self.echo = n
        self._receive_view(message.get("view"))
        text = message.get("text")
        if isinstance(text, str) and text[:MAX_CHARS] != self.text:
            self.text, self.cut = text[:MAX_CHARS], len(text) > MAX_CHARS
            self.follow()
        queue = message.get("queue")
        actions = [a for a in queue if isinstance(a, dict)] if isinstance(queue, list) else []
        return [a for a in actions if (whole(a.get("q"), 0, MOST) or 0) > self.acked]

    def _receive_view(self, sent: Any) -> None:
        """Adopt the fields that the visitor changed: neither what was shown before nor what was heard before."""
        if not isinstance(sent, Mapping):
            return
        changes: dict[str, Any] = {}
        for name, read in READ.items():
            if name not in sent or sent[name] == self.heard.get(name, self) or sent[name] == self.shown.get(name, self):
                continue
            value = read(sent[name])
            if value is not None or name in _NULLABLE:
                changes[name] = value
        if "pos" in changes and "key" not in changes:
            changes["key"] = None
        self.heard = dict(sent)
        self.view = replace(self.view, **changes)
