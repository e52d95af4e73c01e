"""What the step machine's panels are made of: the walk, and what is known of its branches. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gptviz.decoding.path import ROOT
from gptviz.ui.page import Context
from gptviz.ui.prompts import window
from gptviz.ui.walk.actions import settle
from gptviz.ui.walk.scene import WalkScene, common
from gptviz.ui.walk.state import View, Walk

_AT_ONCE = 4  # branches read anew per picture, one where others wait; the rest in those that follow


@dataclass(kw_only=True)
class Steps(WalkScene):
    """The walk with two of its branches."""

    leaves: tuple[int, int] | None = None

    def look(self, T: int) -> View:
        """Layer and head as they exist in a text of ``T`` tokens."""
        shape = self.context.lm.config
        return self.walk.view.clamped(n_layer=shape.n_layer, n_head=shape.n_head, T=max(1, T))

    def upto(self, node: int) -> tuple[int, ...]:
        """Prompt and branch up to ``node``, as many as are read at a time."""
        found: list[int] = []
        while node != ROOT:
            found.append(self.tree.nodes[node].token)
            node = self.tree.nodes[node].parent
        return (self.ids[: self.n_prompt] + tuple(reversed(found)))[: window(self.context.lm)]


def scene(walk: Walk, context: Context) -> Steps:
    """The walk as the step machine shows it, a few more of its branches read."""
    settle(walk, context)
    found = Steps(**common(walk, context))
    look = found.look(len(found.ids))
    last = len(found.ids) - 1 if found.ready else None
    found.view = replace(look, pos=last, key=None)
    if found.ready:
        found.leaves = walk.pair.leaves(found.tree)
        found.running = _read_branches(found)
    return found


def _read_branches(found: Steps) -> bool:
    """Note the log-probabilities of all branches; True where some are left for the next picture."""
    tree, logprobs = found.tree, found.walk.pair.logprobs
    wanted = [tree.at, *(found.leaves or ()), *reversed(tree.ends())]
    unread = [n for n in dict.fromkeys(wanted) if n != ROOT and n not in logprobs]
    read = 0
    for node in unread[:_AT_ONCE]:
        nats = found.context.trace(found.upto(node)).logprobs[found.n_prompt :].tolist()
        way = [node]
        while tree.nodes[way[-1]].parent != ROOT:
            way.append(tree.nodes[way[-1]].parent)
        # a path longer than this model's context ends early: the rest is not known
        logprobs |= dict(zip(reversed(way), nats, strict=False))
        logprobs.setdefault(node, float("nan"))
        read += 1
        if found.context.pressed():
            break
    return len(unread) > read
