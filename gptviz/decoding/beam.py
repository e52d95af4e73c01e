"""Beam search: several texts grow side by side, and the best as a whole wins.

Each step, every text in the beam (a *hypothesis*) is continued by every token; the best ``2 * width`` continuations by
summed log-probability are looked at. Those that end (end-of-text, or no more tokens asked for) among the best ``width``
are finished and get their score, sum / length**length_penalty; the best ``width`` that do not end are the next beam.
It is over when ``width`` have finished and the best in the beam, scored at its present length, is no better than the
worst of them. That is what ``generate(num_beams=width, early_stopping=False)`` of transformers does, in float32.
Twice the width, so that the beam stays full even if every hypothesis has end-of-text among its best continuations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

import numpy as np

from gptviz.decoding.checks import number, whole
from gptviz.decoding.contrastive import likeliest
from gptviz.decoding.filters import Array, log_softmax
from gptviz.decoding.stepper import play
from gptviz.decoding.steps import Job, Read, Run
from gptviz.decoding.strategies import Strategy

if TYPE_CHECKING:
    from gptviz.language_model import LanguageModel

MAX_WIDTH = 64  # rows in one forward pass
#: What became of a continuation: it stays in the beam; it ended and was scored; the beam was already full; it ended,
#: but not among the best ``width``.
Fate: TypeAlias = Literal["kept", "finished", "crowded_out", "ended_too_low"]


@dataclass(frozen=True)
class Hypothesis:
    """One continuation that was looked at."""

    token: int  # its last token
    parent: int  # which hypothesis of the step before it continues, as an index into that step's ``kept``
    logprob: float  # nats, of ``token`` alone
    total: float  # nats, sum over all tokens generated
    score: float  # total / length**length_penalty
    tokens: tuple[int, ...]  # all tokens generated
    fate: Fate


@dataclass(frozen=True)
class BeamStep:
    """One step of the search, everything in order of falling ``total``; ``finished`` is in order of falling score."""

    index: int  # 0 for the first token generated
    kept: tuple[Hypothesis, ...]  # the beam that the next step continues
    pruned: tuple[Hypothesis, ...]  # looked at and given up
    finished: tuple[Hypothesis, ...]  # the best ``width`` of all that ended, in this step or before
    done: bool  # whether the search is over; then ``finished[0]`` has won


@dataclass(frozen=True)
class Beam(Strategy):
    """``width`` from 1 to 64; ``length_penalty`` from -10 to 10: 0 compares sums, 1 means, more favours length."""

    width: int = 4
    length_penalty: float = 1.0
    name: ClassVar[str] = "beam"

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", whole("width", self.width, low=1, high=MAX_WIDTH))
        object.__setattr__(self, "length_penalty", number("length_penalty", self.length_penalty, low=-10, high=10))

    def run(self, job: Job) -> Run:
        """The search, a ``BeamStep`` each step; at its end the winner's steps."""
        search, rows = _Search(self, job), job.first
        while True:
            step = search.advance(rows.logits)
            yield step
            if step.done:
                break
            rows = yield Read([h.parent for h in step.kept], [h.token for h in step.kept])
        winner = step.finished[0].tokens
        for length, logits in enumerate(search.path(winner), start=1):
            yield job.step(self, winner[:length], logits)


@dataclass
class _Search:
    """The state between steps."""

    beam: Beam
    job: Job
    live: tuple[Hypothesis, ...] = ()  # empty only before the first step
    finished: tuple[Hypothesis, ...] = ()
    index: int = 0
    #: The model's answer after each hypothesis alive or finished, and after each beginning of one.
    answers: dict[tuple[int, ...], Array] = field(default_factory=dict)

    def advance(self, logits: Array) -> BeamStep:
        """One step, where the model says ``logits`` (n, V) after the n hypotheses of the beam."""
        for row, tokens in enumerate([h.tokens for h in self.live] or [()]):
            self.answers[tokens] = logits[row].copy()
        looked_at = self._judge(self._best(logits))
        kept = tuple(h for h in looked_at if h.fate == "kept")
        ended = [h for h in looked_at if h.fate == "finished"]
        best_first = sorted([*self.finished, *ended], key=lambda h: -h.score)  # stable: of equal ones the earlier
        self.finished = tuple(best_first[: self.beam.width])
        # ``score`` is at the present length; a longer text might do better, but transformers does not wait for it.
        enough = len(self.finished) == self.beam.width
        done = not kept or (enough and kept[0].score <= self.finished[-1].score)
        pruned = tuple(h for h in looked_at if h.fate in ("crowded_out", "ended_too_low"))
        self.live, self.index = kept, self.index + 1
        self._forget()
        return BeamStep(self.index - 1, kept, pruned, self.finished, done)

    def path(self, tokens: tuple[int, ...]) -> Iterator[Array]:
        """The model's answer (V,) that each of ``tokens`` was chosen from."""
        return (self.answers[tokens[:length]] for length in range(len(tokens)))

    def _best(self, logits: Array) -> Iterator[tuple[int, int, float, np.float32]]:
        """Parent, token, its logprob and the new total of the best ``2 * width`` continuations."""
        logprobs = log_softmax(logits)  # (n, V)
        before = np.array([h.total for h in self.live] or [0.0], dtype=np.float32)
        totals = (logprobs + before[:, None]).ravel()  # (n * V,)
        for flat in likeliest(totals, 2 * self.beam.width):
            parent, token = divmod(flat, logits.shape[1])
            yield parent, token, float(logprobs[parent, token]), totals[flat]

    def _judge(self, best: Iterator[tuple[int, int, float, np.float32]]) -> list[Hypothesis]:
        width, length = self.beam.width, self.index + 1
        last, room = length == self.job.limit, width
        judged: list[Hypothesis] = []
        for rank, (parent, token, logprob, total) in enumerate(best):
            fate: Fate
            if last or self.job.ends(token):
                fate = "finished" if rank < width else "ended_too_low"
            else:
                fate = "kept" if room else "crowded_out"
                room -= fate == "kept"
            tokens = (*(self.live[parent].tokens if self.live else ()), token)
            score = float(total / np.float32(length**self.beam.length_penalty))
            judged.append(Hypothesis(token, parent, logprob, float(total), score, tokens, fate))
        return judged

    def _forget(self) -> None:
        """Drop the answers that no hypothesis in play passed through: each is as large as the vocabulary."""
        in_play = {h.tokens[:length] for h in (*self.live, *self.finished) for length in range(len(h.tokens))}
        self.answers = {tokens: answer for tokens, answer in self.answers.items() if tokens in in_play}


def beam_search(lm: LanguageModel, prompt: str | Sequence[int], beam: Beam | None = None, *,
                max_new_tokens: int = 40) -> Iterator[BeamStep]:  # fmt: skip
    """The search itself, step by step; ``finished[0].tokens`` of the last is what ``generate`` returns.

    Raises as ``generate`` does.
    """
    events = play(lm, prompt, {"beam": beam or Beam()}, max_new_tokens=max_new_tokens)
    return (event for _, event in events if isinstance(event, BeamStep))
