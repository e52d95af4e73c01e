"""The path as a panel: the tokens walked so far, the ends of all branches, other prompts that have a path. Pure."""

from __future__ import annotations

import math
from collections import Counter
from itertools import zip_longest
from typing import TypedDict

from gptviz.recipes import decoding as recipes
from gptviz.ui.prompts import vocabulary
from gptviz.ui.walk.scene import WalkScene
from gptviz.views.distribution import token_label

_MOST_EARLIER = 8


class PathToken(TypedDict):
    """One token of the line."""

    node: int
    label: str
    how: str
    p: float | None  # given all before it; None where it lies ahead of what is read
    forks: int  # ways on from the token before


class PathBranch(TypedDict):
    """One branch of the tree."""

    node: int
    text: str
    length: int
    active: bool


class Earlier(TypedDict):
    """Another prompt that has a path."""

    text: str
    count: int


class PathView(TypedDict):
    """The line of generated tokens, its branches, and other prompts that have one."""

    line: list[PathToken]
    at: int
    branches: list[PathBranch]
    earlier: list[Earlier]
    full: bool
    ended: bool  # the model has ended its turn in a chat
    python: str


class PathPart(TypedDict):
    """The path from the text on."""

    path: PathView


NO_PATH: PathPart = {
    "path": {"line": [], "at": 0, "branches": [], "earlier": [], "full": False, "ended": False, "python": ""}
}


def path(scene: WalkScene) -> PathPart:
    """The path; it is there even where the text is empty."""
    tree, lm = scene.tree, scene.context.lm
    ways = Counter(node.parent for node in tree.nodes)

    def label(token: int) -> str:
        return token_label(lm.tokenizer, token)

    line: list[PathToken] = [
        {"node": node, "label": label(tree.nodes[node].token), "how": tree.nodes[node].how, "p": p,
         "forks": ways[tree.nodes[node].parent]}
        for node, p in zip_longest(tree.line(), _probs(scene))
    ]  # fmt: skip
    texts, lengths = [""], [0]  # from the prompt to each node, which comes after its parent
    for one in tree.nodes[1:]:
        texts.append(texts[one.parent] + label(one.token))
        lengths.append(lengths[one.parent] + 1)
    branches: list[PathBranch] = [
        {"node": node, "text": texts[node], "length": lengths[node], "active": node == tree.tip} for node in tree.ends()
    ]
    earlier: list[Earlier] = [{"text": text, "count": count} for text, count in scene.walk.earlier(vocabulary(lm))]
    prompt = scene.ids[: scene.n_prompt]
    return {
        "path": {
            "line": line,
            "at": tree.depth,
            "branches": branches,
            "earlier": earlier[:_MOST_EARLIER],
            "full": scene.full,
            "ended": scene.ended,
            "python": recipes.branches(prompt, lm.name, [tree.line_ids()]) if prompt and len(tree) else "",
        }
    }


def _probs(scene: WalkScene) -> list[float]:
    """The probability of each token of the line that is read, under the model as it is."""
    if len(scene.ids) <= scene.n_prompt:
        return []
    return [math.exp(nats) for nats in scene.trace.logprobs[scene.n_prompt :].tolist()]
