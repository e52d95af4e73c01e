"""What the step machine keeps beside the first screen's state, which it shares, and its own actions.

Prompt, path, seed and filters are the first screen's (``Screen``): what was stepped there is here, and back. Its own
are the two branches compared, A and B, the step at which they are, and the log-probabilities of the tree's tokens.
Pure: no Streamlit here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gptviz.decoding.path import PathTree
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.next_token import actions
from gptviz.ui.pages.next_token.actions import Tracer
from gptviz.ui.pages.next_token.state import Screen
from gptviz.ui.prompts import vocabulary
from gptviz.ui.web.conversation import whole

_MOST = 2**31


@dataclass
class Steps:
    """``a`` and ``b`` are nodes of the present tree, None: chosen for the visitor; ``step`` None: where they part."""

    a: int | None = None
    b: int | None = None
    step: int | None = None
    about: tuple[Any, ...] = ()  # the model and the prompt that all this is about
    logprobs: dict[int, float] = field(default_factory=dict)  # nats, by node

    def settle(self, screen: Screen, lm: LanguageModel) -> None:
        """Forget what was about another prompt or model."""
        about = (lm.name, lm.fingerprint, screen.text)
        if self.about and self.about != about:
            self.a = self.b = self.step = None
        if self.about != about:
            self.about, self.logprobs = about, {}

    def pair(self, tree: PathTree) -> tuple[int, int] | None:
        """The leaves compared as (A, B), None where there are not two: by default the line looked at is B."""
        leaves = [node for node, _ in tree.leaves()]
        if len(leaves) < 2:
            return None
        a, b = (self._leaf(node, tree) for node in (self.a, self.b))
        if b is None:
            b = tree.tip if tree.tip != a else next(node for node in reversed(leaves) if node != a)
        if a is None or a == b:
            a = next(node for node in reversed(leaves) if node != b)
        return a, b

    def _leaf(self, node: int | None, tree: PathTree) -> int | None:
        """The leaf that ``node`` has grown into."""
        if node is None or not 0 < node < len(tree.nodes):
            return None
        while children := list(tree.children(node)):
            node = children[-1]
        return node

    def choose(self, tree: PathTree, a: int | None, b: int | None) -> None:
        """Compare other branches; taking the one that is the other's exchanges the two."""
        now = self.pair(tree)
        if now is None:
            return
        if a is not None and 0 < a < len(tree.nodes):
            self.a, self.b = a, now[0] if self._leaf(a, tree) == now[1] else now[1]
        if b is not None and 0 < b < len(tree.nodes):
            self.a, self.b = now[1] if self._leaf(b, tree) == now[0] else now[0], b
        self.step = None


def first(query: Mapping[str, str], tree: PathTree) -> Steps:
    """What a link says of this page: ``a`` and ``b`` count the branches (0 is the line), ``step``."""
    order = leaves_in_order(tree)

    def place(name: str) -> int | None:
        text = query.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    a, b = (order[at] if at is not None and at < len(order) else None for at in (place("a"), place("b")))
    return Steps(a=a, b=b, step=place("cmp"))


def leaves_in_order(tree: PathTree) -> list[int]:
    """The ends of all branches as a link lays them: the line first."""
    leaves = [node for node, _ in tree.leaves()]
    return sorted(leaves, key=lambda node: (node != tree.tip, node))


def carry_out(action: Mapping[str, Any], steps: Steps, screen: Screen, lm: LanguageModel, tracer: Tracer) -> None:
    """Do one action, of this page or of the path."""
    tree = screen.tree(vocabulary(lm))
    kind = action.get("kind")
    if kind == "pair":
        steps.settle(screen, lm)
        steps.choose(tree, whole(action.get("a"), 0, _MOST), whole(action.get("b"), 0, _MOST))
    elif kind == "look":
        steps.settle(screen, lm)
        steps.step = whole(action.get("step"), 0, _MOST)
    else:
        actions.carry_out(dict(action), screen, lm, vocabulary(lm), tracer)
        return
    screen.done(action)


def take_in(message: Mapping[str, Any] | None, steps: Steps, screen: Screen, lm: LanguageModel, tracer: Tracer) -> None:
    """Carry out what the browser asks for."""
    if isinstance(message, Mapping):
        for action in screen.receive(message):
            carry_out(action, steps, screen, lm, tracer)
    steps.settle(screen, lm)
