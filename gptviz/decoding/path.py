"""The tokens added to a prompt, kept as a tree: a step back and another choice opens a branch, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

ROOT = 0
MOST_TOKENS = 1000  # of one tree: more branches are drawn nowhere, and every picture goes through all of them


@dataclass(frozen=True)
class Node:
    """One token after its parent's; ``how`` it came: drawn | greedy | chosen."""

    parent: int
    token: int
    how: str


@dataclass
class PathTree:
    """Node 0 is the prompt. The *line* runs from it to ``tip``; ``at`` is the node on the line that is looked at.

    >>> tree = PathTree()
    >>> for token in (5, 6, 7):
    ...     _ = tree.add(token, "drawn")
    >>> tree.back(), tree.back(), tree.ids(), tree.line_ids()
    (True, True, (5,), (5, 6, 7))
    """

    nodes: list[Node] = field(default_factory=lambda: [Node(-1, -1, "prompt")])
    at: int = ROOT
    tip: int = ROOT

    def __len__(self) -> int:
        """Tokens in the whole tree."""
        return len(self.nodes) - 1

    @property
    def full(self) -> bool:
        """Whether no further token is taken; what is there can still be walked."""
        return len(self) >= MOST_TOKENS

    def line(self) -> tuple[int, ...]:
        """Node numbers from the first token to the tip."""
        return self._up(self.tip)

    def line_ids(self) -> tuple[int, ...]:
        """Token ids of the whole line, those ahead of ``at`` included."""
        return tuple(self.nodes[n].token for n in self.line())

    def ids(self) -> tuple[int, ...]:
        """Token ids from the first to ``at``: what follows the prompt in the picture."""
        return tuple(self.nodes[n].token for n in self._up(self.at))

    @property
    def depth(self) -> int:
        """How many tokens lie between the prompt and ``at``."""
        return len(self._up(self.at))

    def add(self, token: int, how: str) -> int:
        """Append ``token`` after ``at`` and go there; the same token again is the same node, its old line ahead.

        Gives where it then stands: in a tree that is full, a token that is not there yet leads nowhere.
        """
        known = next((n for n in self.children(self.at) if self.nodes[n].token == token), None)
        if known is None and self.full:
            return self.at
        if known is None:
            self.nodes.append(Node(self.at, token, how))
            known = self.tip = len(self.nodes) - 1
        elif known not in self.line():
            self.tip = self._newest_leaf(known)
        self.at = known
        return known

    def back(self) -> bool:
        """One token back; the line ahead is remembered. False at the prompt."""
        if self.at == ROOT:
            return False
        self.at = self.nodes[self.at].parent
        return True

    def forward(self) -> bool:
        """One token ahead on the remembered line. False at its tip."""
        ahead = [n for n in self.line() if self.nodes[n].parent == self.at]
        if not ahead:
            return False
        self.at = ahead[0]
        return True

    def go(self, index: int) -> None:
        """Stand after ``index`` tokens of the line (0 is the prompt; beyond the tip is the tip)."""
        line = self.line()
        self.at = ROOT if index <= 0 else (line[min(index, len(line)) - 1] if line else ROOT)

    def jump(self, node: int) -> bool:
        """Stand at any node, its newest line ahead. False where there is no such node."""
        if not 0 <= node < len(self.nodes):
            return False
        if node != ROOT and node not in self.line():
            self.tip = self._newest_leaf(node)
        self.at = node
        return True

    def children(self, node: int) -> Iterator[int]:
        """Nodes whose parent is ``node``, oldest first."""
        return (n for n, candidate in enumerate(self.nodes) if candidate.parent == node)

    def ends(self) -> list[int]:
        """The node at the end of every branch, oldest first."""
        parents = {node.parent for node in self.nodes}
        return [n for n in range(1, len(self.nodes)) if n not in parents]

    def leaves(self) -> list[tuple[int, tuple[int, ...]]]:
        """(node, token ids from the prompt) of the end of every branch, oldest first."""
        return [(n, tuple(self.nodes[m].token for m in self._up(n))) for n in self.ends()]

    def extend(self, tokens: Sequence[int], how: str) -> None:
        """Append several tokens: how a link restores its path."""
        for token in tokens:
            self.add(token, how)

    def _up(self, node: int) -> tuple[int, ...]:
        found: list[int] = []
        while node != ROOT:
            found.append(node)
            node = self.nodes[node].parent
        return tuple(reversed(found))

    def _newest_leaf(self, node: int) -> int:
        while children := list(self.children(node)):
            node = children[-1]
        return node
