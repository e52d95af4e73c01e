"""Numbers about texts that were generated, and what they cost.

Surprisal and entropy are in bits, log-probabilities in nats; all under the model itself (whatever the filters did),
unless ``after`` is said: that is the distribution the token was chosen from. ``Loop`` is a passage that repeats.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from gptviz.decoding.filter import Filter
from gptviz.decoding.steps import Array, Job, Read, Run, Stage, Step
from gptviz.decoding.strategy import Strategy
from gptviz.numbers import bits, entropy_bits, perplexity

_Key = TypeVar("_Key")


class Loop(NamedTuple):
    """``tokens[start : stop]`` is a block of ``period`` tokens written ``times`` times over."""

    start: int
    period: int
    times: int

    @property
    def stop(self) -> int:
        """The first token after the last whole block (the beginning of one more may follow)."""
        return self.start + self.period * self.times


class Measures(NamedTuple):
    """What can be said about one text; the last three fields have a number for each token."""

    length: int  # tokens
    logprob: float  # nats, of the whole text given the prompt
    mean_logprob: float  # nats per token
    perplexity: float  # e**-mean_logprob: as uncertain as among so many equal choices, per token
    distinct_1: float | None
    distinct_2: float | None
    loops: tuple[Loop, ...]
    surprisals: tuple[float, ...]  # bits
    entropies: tuple[float, ...]  # bits, of the model's distribution
    entropies_after: tuple[float, ...]  # bits, of the distribution after all filters

    @property
    def looped(self) -> float:
        """Share of the tokens that lie in a loop."""
        covered = {pos for loop in self.loops for pos in range(loop.start, loop.stop)}
        return len(covered) / self.length


def measure(steps: Sequence[Step]) -> Measures:
    """The measures of one text. Raises ValueError where there are no steps.

    Entropies are taken from each step's chain, which is computed for it and not kept: a chain of 50,000 tokens each
    would be a hundred times larger than what is measured.
    """
    chains = [entropies(step) for step in steps]
    return summarise([s.token for s in steps], [s.logprob for s in steps], [c[0] for c in chains],
                     [c[1] for c in chains])  # fmt: skip


def summarise(
    tokens: Sequence[int], logprobs: Sequence[float], before: Sequence[float], after: Sequence[float]
) -> Measures:
    """The same from plain numbers: ids, nats, and entropies in bits before and after the filters."""
    if not tokens:
        raise ValueError("a text of no tokens has no measures")
    total = sum(logprobs)
    mean = total / len(tokens)
    return Measures(
        length=len(tokens),
        logprob=total,
        mean_logprob=mean,
        perplexity=perplexity(mean),
        distinct_1=distinct([tokens], 1),
        distinct_2=distinct([tokens], 2),
        loops=loops(tokens),
        surprisals=tuple(map(bits, logprobs)),
        entropies=tuple(before),
        entropies_after=tuple(after),
    )


def entropies(step: Step) -> tuple[float, float]:
    """Bits: of the model's distribution, and of the one that the token was chosen from."""
    chain = step.__dict__.get("stages") or step.strategy.stages(step.logits, step.ids[:-1], chosen=step.token)
    model = entropy_bits(chain[0].probs)
    return model, model if len(chain) == 1 else entropy_bits(chain[-1].probs)


def distinct(texts: Sequence[Sequence[_Key]], n: int) -> float | None:
    """Distinct-n (Li et al. 2016, section 5.3): different n-grams / all n-grams, over all ``texts`` together.

    Divided by the number of n-grams, not of tokens as in the paper, so that text without repetition has exactly 1.
    None where no text has n tokens.

    >>> distinct([["to", "be", "or", "not", "to", "be"]], 1), distinct([["to", "be", "or", "not", "to", "be"]], 2)
    (0.6666666666666666, 0.8)
    """
    grams = [tuple(text[i : i + n]) for text in texts for i in range(len(text) - n + 1)]
    return len(set(grams)) / len(grams) if grams else None


def loops(tokens: Sequence[int]) -> tuple[Loop, ...]:
    """Passages that repeat without a gap, by start.

    A loop is a *run* in the sense of Kolpakov & Kucherov 1999: a stretch in which every token equals the one ``period``
    before it, which can be made longer on neither side, ``period`` being the smallest that fits. It counts where its
    block stands there at least 2 times whole, or 3 times where the block has only 1 or 2 tokens ("had had" is no loop).
    Loops inside a longer one are left out. Time is quadratic in the length (a comparison of arrays for each period),
    under 10 ms for 1,000 tokens.

    >>> loops([7, 1, 2, 3, 1, 2, 3, 1, 9])
    (Loop(start=1, period=3, times=2),)
    """
    ids = np.asarray(tokens, dtype=np.int64)
    found: list[tuple[int, int, int]] = []  # start, end (a started block included), period
    for period in range(1, len(ids) // 2 + 1):
        least = 3 if period < 3 else 2
        for start, stop in _stretches(ids[period:] == ids[:-period]):
            end = stop + period
            multiple = any(period % p == 0 and s <= start and end <= e for s, e, p in found)
            if end - start >= least * period and not multiple:
                found.append((start, end, period))
    outer = [(s, e, p) for s, e, p in found
             if not any((a <= s and e <= b) and (b - a > e - s) for a, b, _ in found)]  # fmt: skip
    return tuple(Loop(s, p, (e - s) // p) for s, e, p in sorted(outer))


def _stretches(true: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """First and one past the last of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], true, [False])).astype(np.int8)))
    return ((int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True))


@dataclass(eq=False)
class Metered(Strategy):
    """A strategy that runs as ``inner`` does, and counts. Its steps name ``inner`` as their strategy.

    ``passes`` is how many forward passes it would take alone, the prompt's included. Side by side, one batched pass
    serves all strategies, so those of a comparison are not added up. ``rows`` is how many rows those passes have in
    all; ``seconds`` the wall time from its start to its last token, the others' share included where it is not alone.
    """

    inner: Strategy
    passes: int = 0
    rows: int = 0
    seconds: float = field(default=0.0)
    name: ClassVar[str] = "metered"

    @property
    def filters(self) -> tuple[Filter, ...]:
        """Those of ``inner``."""
        return self.inner.filters

    def stages(
        self, logits: Array, previous_ids: Sequence[int] = (), *, chosen: int | None = None
    ) -> tuple[Stage, ...]:
        """Those of ``inner``."""
        return self.inner.stages(logits, previous_ids, chosen=chosen)

    def run(self, job: Job) -> Run:
        """The run of ``inner``, watched."""
        start = time.perf_counter()
        self.passes = self.rows = 1
        run = self.inner.run(job)
        event = next(run, None)
        while event is not None:
            self.seconds = time.perf_counter() - start
            if isinstance(event, Read):
                self.passes += 1
                self.rows += len(event.tokens)
                answer = yield event
                try:
                    event = run.send(answer)
                except StopIteration:
                    return
            else:
                yield event
                event = next(run, None)


def metered(strategies: Mapping[str, Strategy]) -> dict[str, Metered]:
    """The same strategies with a counter each: hand them to ``compare_steps``, then read ``passes`` and ``seconds``."""
    return {name: Metered(strategy) for name, strategy in strategies.items()}
