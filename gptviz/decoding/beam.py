"""Beam search: several texts grow side by side, and the best as a whole wins.

Each step, every text in the beam (a *hypothesis*) is continued by every token; the best ``2 * width`` continuations by
summed log-probability are looked at. Those that end (end-of-text, or no more tokens asked for) among the best ``width``
are finished and get their score, sum / length**length_penalty; the best ``width`` that do not end are the next beam.
Twice the width, so that the beam stays full even if every hypothesis has end-of-text among its best continuations.

It is over when ``width`` have finished and, by ``early_stopping``: ``True``, at once; ``False``, when the best in the
beam, scored at its present length, is no better than the worst of them; ``"never"``, when it could not become better
(scored, if length is rewarded, at the greatest length there can be). That is ``generate(num_beams=width)`` of
transformers 5, in float32; a beam of one is greedy search, as there, and stops at the first end.

*Diverse* beam search (Vijayakumar et al. 2018, section 4, Hamming diversity) splits the beam into groups that are
searched one after another within a step: each token that earlier groups have just chosen costs a later group
``diversity_penalty`` nats, once for each hypothesis that chose it, and for good. That is ``generate(num_beam_groups)``
of transformers 4, the last to have it, in its details too: the best continuation looked at, ended or not, decides
whether a group is over; at the last step only a group that is not over adds what is in its beam; a group that is over
counts as choosing end-of-text again and again (the padding, which for GPT-2 is end-of-text).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np

from gptviz.decoding.filter import Array
from gptviz.numbers import log_softmax, top_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gptviz.decoding.steps import Job
    from gptviz.decoding.strategies.beam import Beam

#: What became of a continuation.
#: - kept: it stays in the beam. finished: it ended, and is among the best ``width`` that did.
#: - crowded_out: ``width`` better ones that go on had filled the beam. ended_too_low: it ended, but ``width`` better
#:   continuations were there. outscored: it ended, then or before, but ``width`` that ended have a better score.
#: - stopped: it was in the beam when the search (or its group's) was over.
Fate: TypeAlias = Literal["kept", "finished", "crowded_out", "ended_too_low", "outscored", "stopped"]


@dataclass(frozen=True)
class Hypothesis:
    """One continuation that was looked at."""

    token: int  # its last token
    parent: int  # which hypothesis of the step before it continues, as an index into that step's ``kept``
    logprob: float  # nats, of ``token`` alone
    total: float  # nats, sum over all tokens generated, less what they cost in penalties
    score: float  # total / length**length_penalty
    tokens: tuple[int, ...]  # all tokens generated
    fate: Fate
    rank: int = 0  # its place among the continuations of its group, 0 for the best
    group: int = 0
    penalty: float = 0.0  # nats that ``token`` cost because earlier groups had chosen it


@dataclass(frozen=True)
class BeamStep:
    """One step of the search: group by group, in order of falling ``total``; ``finished`` in order of falling score."""

    index: int  # 0 for the first token generated
    kept: tuple[Hypothesis, ...]  # the beam that the next step continues; empty where the search is over
    pruned: tuple[Hypothesis, ...]  # looked at, or finished before, and given up in this step
    finished: tuple[Hypothesis, ...]  # the best of all that ended, in this step or before: ``width`` at most
    done: bool  # whether the search is over; then ``finished[0]`` has won
    text: str = ""  # of the leader, as ``Step.text``

    @property
    def leader(self) -> Hypothesis:
        """The best score so far, finished or not: what the search would answer if it had to stop here."""
        return max((*self.finished, *self.kept), key=lambda h: h.score)


class _Moment(NamedTuple):
    """What a group must know of the present step."""

    length: int  # tokens generated, those now chosen included
    last: bool  # whether that is as many as there can be
    first_row: int  # the group's first hypothesis, as an index into the step before's ``kept``
    chosen: Counter[int]  # how often earlier groups have just chosen a token


@dataclass
class _Group:
    """The state of one group between steps; a search without groups is one."""

    number: int
    beam: Beam
    job: Job
    live: tuple[Hypothesis, ...] = ()  # empty only before the first step, and when the group is over
    finished: tuple[Hypothesis, ...] = ()
    over: bool = False

    @property
    def width(self) -> int:
        return self.beam.width // self.beam.n_groups

    def advance(self, logits: Array, now: _Moment) -> tuple[list[Hypothesis], list[int]]:
        """What was given up in this step, and the tokens chosen to go on with; ``logits`` (n, V) are of ``live``."""
        looked_at = self._judge(logits, now)
        kept = [h for h in looked_at if h.fate == "kept"]
        pruned = [h for h in looked_at if h.fate in ("crowded_out", "ended_too_low")]
        pruned += self._finish([h for h in looked_at if h.fate == "finished"])
        chosen = [h.token for h in kept]
        best = kept[:1] if self.beam.n_groups == 1 else looked_at[:1]
        self.over = not kept or self._enough(best[0].total, now.length)
        if self.over:
            pruned += [replace(h, fate="stopped") for h in kept]
            kept = []
        elif now.last:  # only in groups: in a plain search all that is looked at in the last step has ended
            self.over = True
            pruned += self._finish([replace(h, fate="finished") for h in kept])
            kept = []
        self.live = tuple(kept)
        return sorted(pruned, key=lambda h: -h.total), chosen

    def _judge(self, logits: Array, now: _Moment) -> list[Hypothesis]:
        """The best ``2 * width`` continuations, each with what becomes of it."""
        logprobs = log_softmax(logits)  # (n, V)
        costs = {t: np.float32(self.beam.diversity_penalty) * np.float32(n) for t, n in now.chosen.items()}
        before = np.array([h.total for h in self.live] or [0.0], dtype=np.float32)
        totals = logprobs + before[:, None] if not costs else _less(logprobs, costs) + before[:, None]
        room = self.width
        judged: list[Hypothesis] = []
        for rank, flat in enumerate(top_ids(totals.ravel(), 2 * self.width).tolist()):
            parent, token = divmod(flat, logits.shape[1])
            fate: Fate
            if self.job.ends(token) or (now.last and self.beam.n_groups == 1):
                fate = "finished" if rank < self.width else "ended_too_low"
            else:
                fate = "kept" if room else "ended_too_low" if now.last else "crowded_out"
                room -= fate == "kept"
            total = float(totals[parent, token])
            judged.append(
                Hypothesis(
                    token=token,
                    parent=now.first_row + parent,
                    logprob=float(logprobs[parent, token]),
                    total=total,
                    score=self._score(total, now.length),
                    tokens=(*(self.live[parent].tokens if self.live else ()), token),
                    fate=fate,
                    rank=rank,
                    group=self.number,
                    penalty=float(costs.get(token, 0.0)),
                )
            )
        return judged

    def _finish(self, ended: list[Hypothesis]) -> list[Hypothesis]:
        """Those of the finished, old and new, that ``width`` others outscore."""
        best_first = sorted([*self.finished, *ended], key=lambda h: -h.score)  # stable: of equal ones the earlier
        self.finished = tuple(best_first[: self.width])
        return [replace(h, fate="outscored") for h in best_first[self.width :]]

    def _enough(self, best_total: float, length: int) -> bool:
        if len(self.finished) < self.width:
            return False
        if self.beam.early_stopping is True or self.beam.width == 1:
            return True
        # ``False`` scores at the present length; a longer text might do better, but is not waited for.
        longest = self.beam.early_stopping == "never" and self.beam.length_penalty > 0
        return self._score(best_total, self.job.limit if longest else length) <= self.finished[-1].score

    def _score(self, total: float, length: int) -> float:
        return float(np.float32(total) / np.float32(length**self.beam.length_penalty))


@dataclass
class Search:
    """A search under way: its groups, and what the model said along every text still in play."""

    beam: Beam
    job: Job
    index: int = 0
    groups: list[_Group] = field(init=False)
    #: The model's answer after each hypothesis alive or finished, and after each beginning of one.
    answers: dict[tuple[int, ...], Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.groups = [_Group(number, self.beam, self.job) for number in range(self.beam.n_groups)]

    def advance(self, logits: Array) -> BeamStep:
        """One step, where the model says ``logits`` (n, V) after the n hypotheses of the beam."""
        for row, tokens in enumerate([h.tokens for h in self._live()] or [()]):
            self.answers[tokens] = logits[row].copy()
        length, first_row = self.index + 1, 0
        chosen: Counter[int] = Counter()
        pruned: list[Hypothesis] = []
        for group in self.groups:
            if group.over:
                chosen.update(self._padding(group))
                continue
            n = len(group.live)
            now = _Moment(length, length == self.job.limit, first_row, chosen)
            given_up, tokens_chosen = group.advance(logits[first_row : first_row + n] if n else logits, now)
            pruned += given_up
            chosen.update(tokens_chosen)
            first_row += n
        self.index = length
        return self._step(pruned)

    def path(self, tokens: tuple[int, ...]) -> Iterator[Array]:
        """The model's answer (V,) that each of ``tokens`` was chosen from."""
        return (self.answers[tokens[:length]] for length in range(len(tokens)))

    def _step(self, pruned: list[Hypothesis]) -> BeamStep:
        kept = tuple(self._live())
        finished = tuple(sorted((h for group in self.groups for h in group.finished), key=lambda h: -h.score))
        self._forget((*kept, *finished))
        step = BeamStep(self.index - 1, kept, tuple(pruned), finished, all(group.over for group in self.groups))
        return replace(step, text=self.job.text(step.leader.tokens))

    def _live(self) -> Iterable[Hypothesis]:
        return (h for group in self.groups for h in group.live)

    def _padding(self, group: _Group) -> list[int]:
        end = self.job.lm.tokenizer.end_of_text
        return [] if end is None else [end] * group.width

    def _forget(self, in_play: tuple[Hypothesis, ...]) -> None:
        """Drop the answers that no hypothesis in play passed through: each is as large as the vocabulary."""
        passed = {h.tokens[:length] for h in in_play for length in range(len(h.tokens))}
        self.answers = {tokens: answer for tokens, answer in self.answers.items() if tokens in passed}


def _less(logprobs: Array, costs: dict[int, np.float32]) -> Array:
    """``logprobs`` (n, V) with the cost of each token taken off."""
    out = logprobs.copy()
    out[:, list(costs)] -= np.array(list(costs.values()), dtype=np.float32)
    return out
