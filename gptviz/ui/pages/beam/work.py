"""Searches that several pictures ask for, done a little at a time and kept for whoever asks next. Pure: no Streamlit.

A *question* is one strategy on one prompt; its *answer* is what the strategy yields, step by step. In a class many ask
the same, and a wider beam was often another's main search: a ``Shelf`` keeps the newest complete answers.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple

from gptviz.decoding import Beam, BeamStep, Greedy, beam_search, generate
from gptviz.jobs import Slice, Task
from gptviz.language_model import LanguageModel

SLICE = 0.12  # seconds of work in one run of the page
MAX_ANSWERS = 128


class Question(NamedTuple):
    """What ``strategy`` says after ``ids``, at most ``limit`` tokens of it."""

    lm: LanguageModel
    ids: tuple[int, ...]
    strategy: Beam | Greedy
    limit: int


class Plain(NamedTuple):
    """One token of greedy search."""

    token: int
    logprob: float  # nats


Answer = tuple[BeamStep | Plain, ...]


class Shelf:
    """Complete answers, the least recently used out first; shared by all visitors."""

    def __init__(self, most: int = MAX_ANSWERS) -> None:
        self.most = most
        self._answers: OrderedDict[Question, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, question: Question) -> Answer | None:
        with self._lock:
            found = self._answers.get(question)
            if found is not None:
                self._answers.move_to_end(question)
            return found

    def put(self, question: Question, answer: Answer) -> None:
        with self._lock:
            self._answers[question] = answer
            self._answers.move_to_end(question)
            while len(self._answers) > self.most:
                self._answers.popitem(last=False)


#: That of this server.
SHELF = Shelf()


@dataclass
class Work:
    """Some questions, answered in order."""

    questions: Sequence[Question]
    shelf: Shelf
    answers: dict[Question, Answer] = field(default_factory=dict)  # complete ones
    _so_far: list[BeamStep | Plain] = field(default_factory=list)
    _running: Task[BeamStep | Plain] | None = None

    @property
    def open(self) -> Question | None:
        """The question in hand, or None where all are answered."""
        return next((q for q in self.questions if q not in self.answers), None)

    def answer(self, question: Question) -> Answer:
        """What is known of the answer by now."""
        return self.answers.get(question, tuple(self._so_far) if question == self.open else ())

    def advance(self, seconds: float, clock: Callable[[], float] = monotonic,
                pressed: Callable[[], bool] = lambda: False) -> None:  # fmt: skip
        """Work for about so long, one step of a search at least. Raises GptvizError as ``generate`` does."""
        time = Slice(seconds, clock, pressed)
        while (question := self.open) is not None:
            known = self.shelf.get(question)
            if known is not None:
                self._settle(question, known)
                continue
            if self._running is None:
                self._running = Task(records(question))
            self._so_far.extend(self._running.go_on(time))
            if self._running.finished:
                answer = tuple(self._so_far)
                self.shelf.put(question, answer)
                self._settle(question, answer)
            if time.over:
                return

    def _settle(self, question: Question, answer: Answer) -> None:
        self.answers[question] = answer
        self._so_far, self._running = [], None


def records(question: Question) -> Iterator[BeamStep | Plain]:
    """The answer as it comes. Raises GptvizError at the first record."""
    lm, ids, strategy, limit = question
    if isinstance(strategy, Beam):
        for step in beam_search(lm, ids, strategy, max_new_tokens=limit):
            yield step
            if step.done:
                return
    else:
        yield from (Plain(s.token, s.logprob) for s in generate(lm, ids, strategy, max_new_tokens=limit))
