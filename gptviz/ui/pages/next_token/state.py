"""What one visitor's first screen stands at, and how a message from the browser changes it. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from gptviz.decoding.path import PathTree
from gptviz.ui.web.conversation import Conversation, real, whole

STAGES = ("raw", "scores", "masked", "pattern")
_MAX_TREES = 50


@dataclass(frozen=True)
class View:
    """What is looked at, and how the next token is chosen.

    ``pos`` None is the last position, ``key`` None its strongest; ``temperature`` 0 is the greedy limit. Off is 1 for
    ``temperature``, ``top_p``, ``typical_p`` and ``repetition_penalty``, 0 for the other filters.
    """

    pos: int | None = None
    layer: int = 0
    head: int = 1  # with the default layer, the bundled model's head for the token before, on any text
    stage: str = "pattern"
    key: int | None = None
    temperature: float = 0.8
    top_k: int = 0
    top_p: float = 0.95
    seed: int = 7
    min_p: float = 0.0
    typical_p: float = 1.0
    repetition_penalty: float = 1.0
    eta_cutoff: float = 0.0
    no_repeat_ngram_size: int = 0

    def clamped(self, *, n_layer: int, n_head: int, T: int) -> View:
        """The view as it can be shown: layer, head and positions that exist; a key may lie after the position."""
        pos = None if self.pos is None or self.pos >= T else self.pos
        key = None if self.key is None or self.key >= T else self.key
        return replace(self, layer=min(self.layer, n_layer - 1), head=min(self.head, n_head - 1), pos=pos, key=key)


#: How each field of a view is read from outside; None means unusable (for ``pos`` and ``key``: not pinned).
READ: dict[str, Callable[[Any], Any]] = {
    "pos": lambda v: whole(v, 0, 100_000),
    "layer": lambda v: whole(v, 0, 1000),
    "head": lambda v: whole(v, 0, 1000),
    "stage": lambda v: v if v in STAGES else None,
    "key": lambda v: whole(v, 0, 100_000),
    "temperature": lambda v: real(v, 0.0, 5.0),
    "top_k": lambda v: whole(v, 0, 1_000_000),
    "top_p": lambda v: real(v, 0.0, 1.0),
    "seed": lambda v: whole(v, 0, 2**31 - 1),
    "min_p": lambda v: real(v, 0.0, 1.0),
    "typical_p": lambda v: real(v, 0.01, 1.0),
    "repetition_penalty": lambda v: real(v, 0.1, 10.0),
    "eta_cutoff": lambda v: real(v, 0.0, 0.5),
    "no_repeat_ngram_size": lambda v: whole(v, 0, 100),
}


@dataclass
class Screen(Conversation):
    """One visitor's first screen."""

    view: View = field(default_factory=View)
    trees: dict[tuple[str, str], PathTree] = field(default_factory=dict)  # (vocabulary, prompt) → path
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # from a link: (key, values)

    READ = READ
    NULLABLE = ("pos", "key")

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

    def follow(self) -> None:
        """Look at the last position and its strongest key again."""
        self.view = replace(self.view, pos=None, key=None)

    def adopt(self, changes: dict[str, Any]) -> None:
        """Another position is looked at with its own strongest key."""
        if "pos" in changes and "key" not in changes:
            changes["key"] = None
        self.view = replace(self.view, **changes)
