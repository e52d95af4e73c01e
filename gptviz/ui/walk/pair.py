"""Which two branches of a path are compared, and where. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gptviz.decoding.path import PathTree

A, B, STEP = "a", "b", "cmp"  # in a link


@dataclass
class Pair:
    """``a`` and ``b`` are nodes of the present tree, None: chosen for the visitor; ``step`` None: where they part."""

    a: int | None = None
    b: int | None = None
    step: int | None = None
    about: tuple[Any, ...] = ()  # the model and the prompt that all this is about
    logprobs: dict[int, float] = field(default_factory=dict)  # nats, by node

    def settle(self, *about: Any) -> None:
        """Forget what was about another prompt or model."""
        if self.about and self.about != about:
            self.a = self.b = self.step = None
        if self.about != about:
            self.about, self.logprobs = about, {}

    def leaves(self, tree: PathTree) -> tuple[int, int] | None:
        """The leaves compared as (A, B), None where there are not two: by default the line looked at is B."""
        leaves = tree.ends()
        if len(leaves) < 2:
            return None
        a, b = (_leaf(node, tree) for node in (self.a, self.b))
        if b is None:
            b = tree.tip if tree.tip != a else next(node for node in reversed(leaves) if node != a)
        if a is None or a == b:
            a = next(node for node in reversed(leaves) if node != b)
        return a, b

    def choose(self, tree: PathTree, a: int | None, b: int | None) -> None:
        """Compare other branches; taking the one that is the other's exchanges the two."""
        now = self.leaves(tree)
        if now is None:
            return
        if a is not None and 0 < a < len(tree.nodes):
            self.a, self.b = a, now[0] if _leaf(a, tree) == now[1] else now[1]
        if b is not None and 0 < b < len(tree.nodes):
            self.a, self.b = now[1] if _leaf(b, tree) == now[0] else now[0], b
        self.step = None

    def to_query(self, tree: PathTree) -> dict[str, str]:
        """``a`` and ``b`` count the branches (0 is the line)."""
        order = leaves_in_order(tree)
        own = {name: order.index(node) for name, node in ((A, self.a), (B, self.b)) if node in order}
        if self.step is not None:
            own[STEP] = self.step
        return {name: str(value) for name, value in own.items()}

    @classmethod
    def from_query(cls, query: Mapping[str, str], tree: PathTree) -> Pair:
        """What a link says; what makes no sense is left to the page."""
        order = leaves_in_order(tree)

        def place(name: str) -> int | None:
            text = query.get(name, "")
            return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

        a, b = (order[at] if at is not None and at < len(order) else None for at in (place(A), place(B)))
        return cls(a=a, b=b, step=place(STEP))


def leaves_in_order(tree: PathTree) -> list[int]:
    """The ends of all branches: the line first."""
    return sorted(tree.ends(), key=lambda node: (node != tree.tip, node))


def _leaf(node: int | None, tree: PathTree) -> int | None:
    """The leaf that ``node`` has grown into."""
    if node is None or not 0 < node < len(tree.nodes):
        return None
    while children := list(tree.children(node)):
        node = children[-1]
    return node
