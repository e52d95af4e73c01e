"""A whole run kept: the model, the prompt, the strategies, the seed, and every step with what led to it.

``record`` makes a ``Run`` by running strategies, ``from_steps`` from steps at hand; ``exchange`` writes it as JSON or
CSV and reads it back. A run holds numbers, no distributions: the likeliest ``TOP`` tokens of each step stand for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import exp
from typing import TYPE_CHECKING, Any, NamedTuple

from gptviz.decoding.compare import Comparison, compare_steps, diverge
from gptviz.decoding.measures import Measures, Metered, metered, summarise
from gptviz.decoding.steps import Finish, Stage, Step
from gptviz.decoding.strategy import Strategy
from gptviz.numbers import entropy_bits, top_ids

if TYPE_CHECKING:
    from gptviz.language_model import LanguageModel

TOP = 10  # alternatives kept of each step
#: How far (nats) a step's log-probability may lie from the recorded one and still be the same: other machines add up
#: float32 in another order.
CLOSE = 1e-3


class Alternative(NamedTuple):
    """A token that could have been chosen."""

    token: int
    piece: bytes
    p_model: float  # under the model alone
    p: float  # after all filters; 0 where one cut it


class Kept(NamedTuple):
    """What a stage of the chain left."""

    name: str  # "model", then the filters, as in ``Stage``
    kept: int  # tokens
    entropy: float  # bits


@dataclass(frozen=True)
class StepRecord:
    """One token chosen."""

    token: int
    piece: bytes  # its bytes
    logprob: float  # nats, under the model
    p: float  # after all filters
    draw: float | None  # u, or None where nothing was drawn
    stages: tuple[Kept, ...]
    top: tuple[Alternative, ...]  # the model's likeliest, by falling probability
    finish: Finish | None = None

    @property
    def p_model(self) -> float:
        """Under the model."""
        return exp(self.logprob)


@dataclass(frozen=True)
class Column:
    """One strategy's text."""

    strategy: Strategy
    steps: tuple[StepRecord, ...]
    text: str  # without the prompt, an end-of-text token, or the bytes of an unfinished character
    passes: int | None = None  # forward passes it would take alone; None where they were not counted
    seconds: float | None = None  # wall time until its last token, the others' share included

    @property
    def tokens(self) -> tuple[int, ...]:
        """The ids generated."""
        return tuple(step.token for step in self.steps)

    @cached_property
    def measures(self) -> Measures:
        """Surprisals, entropies, loops and so on."""
        return summarise(self.tokens, [s.logprob for s in self.steps], [s.stages[0].entropy for s in self.steps],
                         [s.stages[-1].entropy for s in self.steps])  # fmt: skip


class Model(NamedTuple):
    """Which model a run was made with."""

    name: str
    fingerprint: str  # see ``LanguageModel.fingerprint``


class Difference(NamedTuple):
    """Where a column of one run first differs from that of another."""

    name: str
    step: int
    reason: str  # token | logprob | length | missing


@dataclass(frozen=True)
class Run:
    """One prompt, one seed, one or more strategies: each under its name, in the order given."""

    model: Model
    ids: tuple[int, ...]  # the prompt
    pieces: tuple[bytes, ...]  # their bytes
    seed: int
    max_new_tokens: int
    columns: dict[str, Column] = field(default_factory=dict)
    start: bool = False  # the first of ``ids`` is the mark that the text was read after

    @property
    def prompt(self) -> str:
        """The prompt's text, without the mark before it."""
        return b"".join(self.pieces[self.start :]).decode("utf-8", "replace")

    @property
    def mark(self) -> bytes:
        """The mark that the text was read after; empty where there was none."""
        return self.pieces[0] if self.start else b""

    @property
    def strategies(self) -> dict[str, Strategy]:
        """What ``compare`` takes."""
        return {name: column.strategy for name, column in self.columns.items()}

    @property
    def leaves(self) -> dict[str, int | None]:
        """For each column the step where it leaves its left neighbour; None for the first, and where it never does."""
        names = list(self.columns)
        steps: list[Sequence[Any]] = [self.columns[name].steps for name in names]
        found = [None, *(diverge(a, b) for a, b in pairwise(steps))]
        return dict(zip(names, found, strict=True))

    def replay(self, lm: LanguageModel, *, max_new_tokens: int | None = None) -> Run:
        """The same prompt, strategies and seed run again, or further. Raises as ``compare`` does."""
        asked = self.max_new_tokens if max_new_tokens is None else max_new_tokens
        return record(lm, self.ids, self.strategies, max_new_tokens=asked, seed=self.seed)

    def differences(self, other: Run) -> tuple[Difference, ...]:
        """Where ``other`` says something else: another token, log-probability (by more than ``CLOSE``), or length."""
        names = [*self.columns, *(name for name in other.columns if name not in self.columns)]
        pairs = ((name, self.columns.get(name), other.columns.get(name)) for name in names)
        return tuple(found for name, one, two in pairs if (found := _difference(name, one, two)))


def _difference(name: str, one: Column | None, two: Column | None) -> Difference | None:
    if one is None or two is None:
        return Difference(name, 0, "missing")
    for index, (a, b) in enumerate(zip(one.steps, two.steps, strict=False)):
        if a.token != b.token:
            return Difference(name, index, "token")
        if abs(a.logprob - b.logprob) > CLOSE:
            return Difference(name, index, "logprob")
    shorter = min(len(one.steps), len(two.steps))
    return None if len(one.steps) == len(two.steps) else Difference(name, shorter, "length")


def record(lm: LanguageModel, prompt: str | Sequence[int], strategies: Mapping[str, Strategy], *,
           max_new_tokens: int = 40, seed: int = 0,
           progress: Callable[[str, Step], None] | None = None) -> Run:  # fmt: skip
    """Run strategies side by side and keep everything; ``progress`` is told of each step. Raises as ``compare``."""
    watched = metered(strategies)
    recorder = Recorder(lm, lm.ids(prompt), watched, max_new_tokens=max_new_tokens, seed=seed)
    for name, step in compare_steps(lm, prompt, watched, max_new_tokens=max_new_tokens, seed=seed):
        recorder.add(name, step)
        if progress:
            progress(name, step)
    return recorder.run()


class Recorder:
    """Takes steps as they come, keeps their numbers and lets go of their distributions; ``run()`` at any time."""

    def __init__(self, lm: LanguageModel, ids: Sequence[int], strategies: Mapping[str, Strategy], *,
                 max_new_tokens: int, seed: int) -> None:  # fmt: skip
        """``strategies`` may be ``metered``, in which case passes and seconds are recorded."""
        self._lm, self._ids, self._strategies = lm, tuple(ids), dict(strategies)
        self._max_new_tokens, self._seed = max_new_tokens, seed
        self._steps: dict[str, list[StepRecord]] = {name: [] for name in strategies}
        self._text = dict.fromkeys(strategies, "")

    def add(self, name: str, step: Step) -> StepRecord:
        """The next step of ``name``."""
        kept = step_record(step, self._lm)
        self._steps[name].append(kept)
        self._text[name] = step.text
        return kept

    def run(self) -> Run:
        """What there is so far; strategies without a step are left out."""
        columns = {name: self._column(name) for name, steps in self._steps.items() if steps}
        pieces = tuple(_piece(self._lm, token) for token in self._ids)
        about = Model(self._lm.name, self._lm.fingerprint)
        start = begins(self._lm, self._ids)
        return Run(about, self._ids, pieces, self._seed, self._max_new_tokens, columns, start)

    def _column(self, name: str) -> Column:
        given, steps, text = self._strategies[name], tuple(self._steps[name]), self._text[name]
        if isinstance(given, Metered):
            return Column(given.inner, steps, text, given.passes, given.seconds)
        return Column(given, steps, text)


def begins(lm: LanguageModel, ids: Sequence[int]) -> bool:
    """Whether the first of ``ids`` is the model's start mark."""
    return len(ids) > 0 and ids[0] == lm.tokenizer.start


def from_comparison(lm: LanguageModel, comparison: Comparison, *, max_new_tokens: int | None = None) -> Run:
    """The run that a comparison (of ``compare``) is; without ``max_new_tokens``, the longest text's length."""
    strategies = {name: steps[-1].strategy for name, steps in comparison.steps.items()}
    asked = max_new_tokens or max(len(steps) for steps in comparison.steps.values())
    recorder = Recorder(lm, comparison.ids, strategies, max_new_tokens=asked, seed=comparison.seed)
    for name, step in ((name, step) for name, steps in comparison.steps.items() for step in steps):
        recorder.add(name, step)
    return recorder.run()


def step_record(step: Step, lm: LanguageModel) -> StepRecord:
    """The numbers of one step. Its chain is computed for it and not kept."""
    chain = step.__dict__.get("stages") or step.strategy.stages(step.logits, step.ids[:-1], chosen=step.token)
    return StepRecord(
        token=step.token,
        piece=step.piece,
        logprob=step.logprob,
        p=float(chain[-1].probs[step.token]),
        draw=step.draw,
        stages=tuple(Kept(s.name, int(s.kept.sum()), entropy_bits(s.probs)) for s in chain),
        top=tuple(_alternatives(chain, lm)),
        finish=step.finish,
    )


def _alternatives(chain: Sequence[Stage], lm: LanguageModel) -> Iterator[Alternative]:
    first, last = chain[0].probs, chain[-1].probs
    for token in top_ids(first, TOP).tolist():
        yield Alternative(token, _piece(lm, token), float(first[token]), float(last[token]))


def _piece(lm: LanguageModel, token: int) -> bytes:
    tokenizer = lm.tokenizer  # a model may have more rows than its vocabulary has tokens
    return tokenizer.token_bytes(token) if token < tokenizer.vocab_size else b""
