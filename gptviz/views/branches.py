"""The paths taken from one prompt: the tree of branches, and two of them side by side.

A *branch* is the tokens from the prompt to the end of one path; its ``logprob`` (nats) is the sum over them, under the
model itself, whatever the filters did. A *step* counts the tokens after the prompt: step 0 chooses the first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from gptviz.decoding.path import ROOT, PathTree
from gptviz.numbers import Doubles, bits, entropy_bits, rank_of, softmax, top_ids
from gptviz.tokens.labels import label
from gptviz.views.distribution import token_label
from gptviz.views.sources import Floats, TokenizerLike, TraceLike


class TreeNode(NamedTuple):
    """One token, or the prompt (node 0, in column 0)."""

    node: int
    parent: int  # −1 for the prompt
    depth: int  # its column: tokens after the prompt
    lane: int  # its line, from the top: a first child stays on its parent's
    label: str
    how: str  # prompt | drawn | greedy | chosen
    logprob: float | None  # nats; None where it is not known
    p: float | None
    total: float | None  # of all tokens from the prompt on
    leaf: bool
    on_line: bool  # on the way from the prompt to the tip


class TreeView(NamedTuple):
    """The tree; ``at`` is the node that is looked at, ``tip`` the end of the line ahead of it."""

    nodes: tuple[TreeNode, ...]  # by lane, then depth
    lanes: int
    depth: int  # of the longest branch
    at: int
    tip: int
    left_out: int  # branches that are kept but not shown


class BranchToken(NamedTuple):
    """One token of a branch."""

    id: int
    label: str
    p: float  # under the model
    surprisal: float  # bits


class Branch(NamedTuple):
    """One of two branches, and where its head looks at the step chosen."""

    tokens: tuple[BranchToken, ...]
    logprob: float  # nats, of all its tokens
    mean: float | None  # per token
    entropy: float  # bits, of the model's distribution at the step
    labels: tuple[str, ...]  # all tokens read at the step, the prompt's too
    weights: tuple[float, ...]  # one row of the pattern, summing to 1


class PairRow(NamedTuple):
    """One token at the same step of both."""

    id: int
    label: str
    p_a: float
    p_b: float
    rank_a: int
    rank_b: int
    next_a: bool  # the token that this branch goes on with
    next_b: bool


class PairTail(NamedTuple):
    """All tokens without a row."""

    count: int  # type: ignore[assignment]  # hides the method of tuple, which nobody calls here
    p_a: float
    p_b: float


class PairView(NamedTuple):
    """Two branches of one prompt, and the model's distribution and one head's attention at the same step of both."""

    a: Branch
    b: Branch
    shared: int  # tokens they have in common before they part
    step: int
    steps: int  # the last step that can be looked at
    n_prompt: int
    layer: int
    head: int
    rows: tuple[PairRow, ...]  # by falling mean probability
    tail: PairTail
    divergence: float  # bits
    ratio: float  # how many times as likely the likelier branch is, as a power of 10; above 0 A is, below B


class Trace(TraceLike, Protocol):
    """See ``gptviz.gpt.trace.Trace``."""

    @property
    def ids(self) -> Sequence[int]: ...
    def logits_at(self, pos: int, /) -> Floats: ...


def tree(path: PathTree, tokenizer: TokenizerLike, logprobs: Mapping[int, float], *, most: int = 24) -> TreeView:
    """The tree with the ``logprobs`` (nats) of those nodes that are known; the newest ``most`` branches are shown."""
    below: dict[int, list[int]] = {node: [] for node in range(len(path.nodes))}
    for node in range(1, len(path.nodes)):
        below[path.nodes[node].parent].append(node)
    leaves = [node for node in range(1, len(path.nodes)) if not below[node]]
    left_out = [node for node in leaves[: max(0, len(leaves) - most)] if node != path.tip]
    hidden = _only_above(below, set(left_out))
    line = {ROOT, *path.line()}
    nodes: list[TreeNode] = []
    lane = -1
    waiting: list[tuple[int, int, float | None]] = [(ROOT, 0, 0.0)]  # (node, depth, total above it)
    while waiting:
        node, depth, above = waiting.pop()
        parent, how = path.nodes[node].parent, path.nodes[node].how
        lane += not nodes or nodes[-1].node != parent  # a first child comes right after its parent
        children = [child for child in below[node] if child not in hidden]
        own = None if node == ROOT else logprobs.get(node)
        total = above if node == ROOT else None if above is None or own is None else above + own
        shown = "" if node == ROOT else token_label(tokenizer, path.nodes[node].token)
        p = None if own is None else math.exp(own)
        nodes.append(TreeNode(node, parent, depth, lane, shown, how, own, p, total, not children, node in line))
        waiting += [(child, depth + 1, total) for child in reversed(children)]
    depth = max(node.depth for node in nodes)
    return TreeView(tuple(nodes), lane + 1, depth, path.at, path.tip, len(left_out))


def _only_above(below: Mapping[int, list[int]], leaves: set[int]) -> set[int]:
    """The nodes from which only ``leaves`` can be reached."""
    gone: set[int] = set()
    for node in sorted(below, reverse=True):  # children have higher numbers than their parents
        if node in leaves or (node != ROOT and below[node] and all(child in gone for child in below[node])):
            gone.add(node)
    return gone


def pair(a: Trace, b: Trace, n_prompt: int, tokenizer: TokenizerLike, *, step: int | None = None, layer: int = 0,
         head: int = 0, top: int = 8) -> PairView:  # fmt: skip
    """Two branches, given as the traces of prompt and branch; ``n_prompt`` tokens of each are the prompt's.

    ``step`` is by default the first at which they have read different tokens. Their distance there is the
    Jensen-Shannon divergence of the model's distributions (Lin 1991, equation 4.1, in bits: 0 alike, 1 disjoint).
    Raises IndexError for a layer, head or step that is not there.
    """
    ids = [tuple(trace.ids[n_prompt:]) for trace in (a, b)]
    shared = next((n for n, (x, y) in enumerate(zip(*ids, strict=False)) if x != y), min(map(len, ids)))
    steps = min(map(len, ids))
    step = min(shared + 1, steps) if step is None else step
    for name, value, count in (("step", step, steps + 1), ("layer", layer, a.q.shape[0]), ("head", head, a.q.shape[1])):
        if not 0 <= value < count:
            raise IndexError(f"{name} must be from 0 to {count - 1}, not {value}")
    pos = n_prompt + step - 1
    p_a, p_b = (softmax(np.asarray(trace.logits_at(pos), dtype=np.float64)) for trace in (a, b))
    following = [branch[step] if step < len(branch) else None for branch in ids]
    shown = _pair_ids(p_a, p_b, top, [i for i in following if i is not None])
    others = np.ones(len(p_a), dtype=np.bool_)
    others[shown] = False
    rows = tuple(
        PairRow(i, token_label(tokenizer, i), float(p_a[i]), float(p_b[i]), rank_of(p_a, i), rank_of(p_b, i),
                i == following[0], i == following[1])
        for i in shown
    )  # fmt: skip
    tail = PairTail(int(others.sum()), float(p_a[others].sum()), float(p_b[others].sum()))
    branches = [_branch(trace, n_prompt, pos, layer, head, p) for trace, p in ((a, p_a), (b, p_b))]
    apart = max(0.0, entropy_bits((p_a + p_b) / 2) - (entropy_bits(p_a) + entropy_bits(p_b)) / 2)
    ratio = (branches[0].logprob - branches[1].logprob) / math.log(10)
    return PairView(branches[0], branches[1], shared, step, steps, n_prompt, layer, head, rows, tail, apart, ratio)


def _branch(trace: Trace, n_prompt: int, pos: int, layer: int, head: int, probs: Doubles) -> Branch:
    nats = [float(value) for value in trace.logprobs[n_prompt:]]
    tokens = tuple(
        BranchToken(int(token.id), label(token), math.exp(value), bits(value))
        for token, value in zip(trace.tokens[n_prompt:], nats, strict=True)
    )
    total = math.fsum(nats)
    weights = tuple(float(weight) for weight in trace.pattern_of(layer, head)[pos, : pos + 1])
    labels = tuple(label(token) for token in trace.tokens[: pos + 1])
    return Branch(tokens, total, total / len(nats) if nats else None, entropy_bits(probs), labels, weights)


def _pair_ids(p_a: Doubles, p_b: Doubles, top: int, always: list[int]) -> list[int]:
    """The likeliest of both by falling mean; the tokens that the branches go on with are always among them."""
    mean = (p_a + p_b) / 2
    best: list[int] = top_ids(mean, min(top, len(mean))).tolist()
    extra = [i for i in dict.fromkeys(always) if i not in best]
    kept = [i for i in best if i in always] if extra else []
    room = max(0, top - len(extra) - len(kept))
    plain = [i for i in best if i not in kept][:room]
    return sorted([*kept, *plain, *extra], key=lambda i: (-float(mean[i]), i))
