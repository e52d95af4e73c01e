"""Beam search told as a story: every continuation that was looked at, what became of it, and why.

A *node* is one continuation (``gptviz.decoding.Hypothesis``); a *column* holds those of one step, group by group and by
falling total; a *final* is a text that ended and was not outscored; a *rung* is the result at one width of a ladder.
Log-probabilities, totals and scores are in nats; steps, groups and nodes count from 0, ranks from 1.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias

from gptviz.decoding.beam import BeamStep, Fate, Hypothesis
from gptviz.decoding.measures import distinct
from gptviz.decoding.strategies.beam import Beam
from gptviz.views.decoding import flowing
from gptviz.views.distribution import token_label

_Key: TypeAlias = tuple[int, tuple[int, ...]]  # group and tokens: what makes a hypothesis that one
_ON: tuple[Fate, ...] = ("kept", "stopped")  # would have gone on


class TokenizerLike(Protocol):
    """See ``gptviz.tokens.tokenizer.Tokenizer``."""

    @property
    def vocab_size(self) -> int: ...
    @property
    def ends(self) -> Collection[int]: ...
    def token_bytes(self, token: int, /) -> bytes: ...


class Node(NamedTuple):
    """One continuation that was looked at."""

    id: int
    parent: int | None  # None is the prompt
    step: int
    group: int
    rank: int  # among the continuations of its group
    token: int
    label: str
    text: str  # all that was generated up to here, to be read in a line
    ends: bool  # it is the token that ends a text
    logprob: float  # of its token alone
    p: float  # the same as a probability
    penalty: float  # what its token cost because earlier groups had chosen it
    total: float  # sum of logprobs, less penalties
    divisor: float  # length**length_penalty
    score: float  # total / divisor
    fate: Fate
    until: int | None  # the later step in which it was outscored
    against: float | None  # what it was measured against and fell short of: a total, or for scores a score
    heirs: int  # how many of its own continuations were kept or finished
    winner: bool  # it is on the line of the text that won


class Final(NamedTuple):
    """One text that ended; the first has won."""

    node: int
    group: int
    text: str
    length: int  # tokens
    total: float
    score: float
    ends: bool  # by end-of-text, not by the limit


class TreeView(NamedTuple):
    """The whole search, as far as it has come."""

    width: int
    n_groups: int
    length_penalty: float
    early_stopping: bool | str
    columns: tuple[tuple[Node, ...], ...]
    leaders: tuple[int, ...]  # after each step, the node with the best score among kept and finished
    finals: tuple[Final, ...]
    done: bool

    @property
    def group_width(self) -> int:
        """How many each group keeps."""
        return self.width // self.n_groups


class Rung(NamedTuple):
    """What one width finds; width 0 is greedy search."""

    width: int
    text: str
    length: int  # tokens
    total: float
    score: float
    distinct_2: float | None  # distinct pairs of neighbouring tokens, as a share of all pairs
    best: bool  # no other rung has a better score


#: How the beam's text compares with greedy's: by score, and where they differ, whether the total says otherwise.
Outcome: TypeAlias = Literal["same", "wins", "wins_by_length", "loses", "loses_by_length"]


def tree(steps: Sequence[BeamStep], beam: Beam, tokenizer: TokenizerLike) -> TreeView:
    """The view of a search (``gptviz.decoding.beam_search``), finished or not."""
    grown = _Tree(beam, tokenizer)
    for step in steps:
        grown.add(step)
    finished = steps[-1].finished if steps else ()
    done = bool(steps) and steps[-1].done
    winner = grown.line(grown.ids[_key(finished[0])]) if done and finished else set()
    nodes = [node._replace(winner=node.id in winner) for node in grown.nodes]
    finals = []
    for h in finished:
        n = nodes[grown.ids[_key(h)]]
        finals.append(Final(n.id, n.group, n.text, len(h.tokens), n.total, n.score, n.ends))
    columns = tuple(tuple(n for n in nodes if n.step == step.index) for step in steps)
    leaders = tuple(grown.ids[_key(step.leader)] for step in steps)
    return TreeView(beam.width, beam.n_groups, beam.length_penalty, beam.early_stopping, columns, leaders,
                    tuple(finals), done)  # fmt: skip


def ladder(found: Sequence[tuple[int, Sequence[int], float]], length_penalty: float, tokenizer: TokenizerLike
           ) -> tuple[Rung, ...]:  # fmt: skip
    """Rungs from (width, tokens, total) of each; the score is made as the search makes it."""
    scores = [total / len(tokens) ** length_penalty for _, tokens, total in found]
    best = max(scores, default=0.0)
    return tuple(
        Rung(width, _text(tokens, tokenizer), len(tokens), total, score, distinct([tokens], 2),
             math.isclose(score, best, rel_tol=1e-6, abs_tol=1e-6))
        for (width, tokens, total), score in zip(found, scores, strict=True)
    )  # fmt: skip


def outcome(beam: Rung, greedy: Rung) -> Outcome:
    """How ``beam`` compares with ``greedy``."""
    if math.isclose(beam.total, greedy.total, rel_tol=1e-5) and beam.length == greedy.length:
        return "same"
    likelier = beam.total > greedy.total
    if beam.score > greedy.score:
        return "wins" if likelier else "wins_by_length"
    return "loses_by_length" if likelier else "loses"


class _Tree:
    """The nodes found so far, and where each hypothesis of the step before is."""

    def __init__(self, beam: Beam, tokenizer: TokenizerLike) -> None:
        self.beam, self.tokenizer = beam, tokenizer
        self.nodes: list[Node] = []
        self.ids: dict[_Key, int] = {}
        self.kept: list[int] = []  # nodes of the step before, in the order of its ``kept``

    def add(self, step: BeamStep) -> None:
        """One column more, and the news of those finished earlier."""
        length = step.index + 1
        here = [h for h in (*step.kept, *step.finished, *step.pruned) if len(h.tokens) == length]
        here.sort(key=lambda h: (h.group, h.rank))
        for h in here:
            against = self._against(h, step, [other for other in here if other.group == h.group])
            self.ids[_key(h)] = self._node(h, step.index, against)
        for h in step.pruned:
            if len(h.tokens) < length:  # it had finished in an earlier step
                at = self.ids[_key(h)]
                against = self._against(h, step, [])
                self.nodes[at] = self.nodes[at]._replace(fate=h.fate, until=step.index, against=against)
        for h in here:
            node = self.nodes[self.ids[_key(h)]]
            if node.parent is not None and node.fate in ("kept", "finished", "outscored"):
                parent = self.nodes[node.parent]
                self.nodes[parent.id] = parent._replace(heirs=parent.heirs + 1)
        self.kept = [self.ids[_key(h)] for h in step.kept]

    def line(self, node: int) -> set[int]:
        """The node and those it came from."""
        found, at = set(), self.nodes[node]
        while True:
            found.add(at.id)
            if at.parent is None:
                return found
            at = self.nodes[at.parent]

    def _node(self, h: Hypothesis, step: int, against: float | None) -> int:
        token = h.token
        self.nodes.append(
            Node(
                id=len(self.nodes),
                parent=self.kept[h.parent] if step else None,
                step=step,
                group=h.group,
                rank=h.rank + 1,
                token=token,
                label=token_label(self.tokenizer, token),
                text=_text(h.tokens, self.tokenizer),
                ends=token in self.tokenizer.ends,
                logprob=h.logprob,
                p=min(1.0, math.exp(h.logprob)),
                penalty=h.penalty,
                total=h.total,
                divisor=float(len(h.tokens) ** self.beam.length_penalty),
                score=h.score,
                fate=h.fate,
                until=None,
                against=against,
                heirs=0,
                winner=False,
            )
        )
        return len(self.nodes) - 1

    def _against(self, h: Hypothesis, step: BeamStep, group: list[Hypothesis]) -> float | None:
        """What ``h`` fell short of; ``group`` are all continuations of its group in this step, by rank."""
        if h.fate in ("outscored", "stopped"):
            return min((f.score for f in step.finished if f.group == h.group), default=None)
        if h.fate == "crowded_out":
            return min((other.total for other in group if other.fate in _ON), default=None)
        if h.fate == "ended_too_low":
            width = self.beam.width // self.beam.n_groups
            if h.token in self.tokenizer.ends:
                return next((other.total for other in group if other.rank == width - 1), None)
            return min((other.total for other in group if other.fate in ("finished", "outscored")), default=None)
        return None


def _key(h: Hypothesis) -> _Key:
    return h.group, h.tokens


def _text(tokens: Sequence[int], tokenizer: TokenizerLike) -> str:
    """The tokens as one line of text, without end-of-text and ids that are no tokens."""
    known = (t for t in tokens if t < tokenizer.vocab_size and t not in tokenizer.ends)
    return flowing(b"".join(tokenizer.token_bytes(t) for t in known))
