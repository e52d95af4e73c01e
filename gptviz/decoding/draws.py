"""Many texts by one strategy: how much chance matters.

Draw ``i`` has a seed of its own, so that ``generate`` with that seed writes the same text; draw 0 has the seed given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from gptviz.decoding.measures import distinct
from gptviz.decoding.parameters import DRAWS, SEED
from gptviz.decoding.stepper import play
from gptviz.decoding.steps import Finish, Job, Run, Step
from gptviz.decoding.strategy import OneByOne, Strategy

if TYPE_CHECKING:
    from gptviz.language_model import LanguageModel

MAX_ROWS = 64  # in one forward pass


@dataclass(frozen=True)
class Draw:
    """One text."""

    index: int
    seed: int
    tokens: tuple[int, ...]
    text: str
    logprob: float  # nats, of the whole text under the model
    finish: Finish

    @property
    def perplexity(self) -> float:
        """Under the model, per token."""
        return exp(min(-self.logprob / len(self.tokens), 700.0))


@dataclass(frozen=True)
class Spread:
    """Many draws together, in the order of their index."""

    draws: tuple[Draw, ...]
    counts: tuple[tuple[str, int], ...]  # each text and how often it was written, most often first
    distinct_1: float | None  # over all draws together
    distinct_2: float | None

    @property
    def lengths(self) -> tuple[int, ...]:
        """Tokens of each."""
        return tuple(len(draw.tokens) for draw in self.draws)

    @property
    def logprobs(self) -> tuple[float, ...]:
        """Nats of each."""
        return tuple(draw.logprob for draw in self.draws)

    @property
    def distinct_texts(self) -> int:
        """How many different texts there are."""
        return len(self.counts)


@dataclass(eq=False)
class _Seeded(Strategy):
    """``inner`` with chances of its own, and the sums that a ``Draw`` needs."""

    inner: Strategy
    index: int
    seed: int
    name: ClassVar[str] = "seeded"

    def run(self, job: Job) -> Run:
        return self.inner.run(replace(job, seed=self.seed))


def draw_seed(seed: int, index: int) -> int:
    """The seed of draw ``index``: for 0 the one given, then 48 bits of numpy's SeedSequence((seed, index)).

    48 bits, so that any program that reads a run's JSON holds them exactly.
    """
    if not index:
        return seed
    return int(np.random.SeedSequence((seed, index)).generate_state(1, np.uint64)[0] >> np.uint64(16))


def many(lm: LanguageModel, prompt: str | Sequence[int], strategy: Strategy, n: int = 64, *, max_new_tokens: int = 40,
         seed: int = 0) -> Iterator[Draw]:  # fmt: skip
    """``n`` texts (1 to 10,000) by one strategy, each as soon as it is finished (``index`` says which it is).

    Up to 64 are written together, with one forward pass per step. Where the first ones turn out to draw nothing
    (greedy, beam search), all are alike and the others are copies. Raises as ``generate`` does, when called.
    """
    events = draw_events(lm, prompt, strategy, n, max_new_tokens=max_new_tokens, seed=seed)
    return (draw for draw in events if draw is not None)


def draw_events(lm: LanguageModel, prompt: str | Sequence[int], strategy: Strategy, n: int = 64, *,
                max_new_tokens: int = 40, seed: int = 0) -> Iterator[Draw | None]:  # fmt: skip
    """``many`` with a None for each token on the way, so that a page that shows the draws can do other things between.

    Raises as ``many`` does, when called.
    """
    count, seed = DRAWS.whole(n), SEED.whole(seed)
    ids = lm.ids(prompt)
    play(lm, ids, {"": strategy}, max_new_tokens=max_new_tokens)  # checks everything, computes nothing yet
    return _many(lm, ids, strategy, count, max_new_tokens, seed)


def _many(lm: LanguageModel, ids: list[int], strategy: Strategy, n: int, max_new_tokens: int, seed: int,
          ) -> Iterator[Draw | None]:  # fmt: skip
    size = MAX_ROWS if isinstance(strategy, OneByOne) else 1  # what looks ahead has several rows of its own
    for start in range(0, n, size):
        batch = {str(i): _Seeded(strategy, i, draw_seed(seed, i)) for i in range(start, min(start + size, n))}
        by_chance, last = False, None
        for draw, drawn in _written(lm, ids, batch, max_new_tokens):
            by_chance |= drawn
            last = draw or last
            yield draw
        if last and not by_chance:
            yield from (replace(last, index=i, seed=draw_seed(seed, i)) for i in range(start + len(batch), n))
            return


def _written(lm: LanguageModel, ids: list[int], batch: dict[str, _Seeded], max_new_tokens: int,
             ) -> Iterator[tuple[Draw | None, bool]]:  # fmt: skip
    """Each draw with whether anything was drawn for it; None for a token that ends none."""
    totals = dict.fromkeys(batch, 0.0)
    drawn = dict.fromkeys(batch, False)
    for name, step in play(lm, ids, batch, max_new_tokens=max_new_tokens):
        if isinstance(step, Step):
            totals[name] += step.logprob
            drawn[name] |= step.draw is not None
        if isinstance(step, Step) and step.finish:
            one = batch[name]
            yield Draw(one.index, one.seed, step.generated, step.text, totals[name], step.finish), drawn[name]
        else:
            yield None, False


def spread(draws: Sequence[Draw] | Iterator[Draw]) -> Spread:
    """The draws side by side. Distinct-n counts over all of them (see ``measures.distinct``)."""
    ordered = tuple(sorted(draws, key=lambda draw: draw.index))
    counts = Counter(draw.text for draw in ordered).most_common()
    texts = [draw.tokens for draw in ordered]
    return Spread(ordered, tuple(counts), distinct(texts, 1), distinct(texts, 2))
