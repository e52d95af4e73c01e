"""What learning against attacks, and from more texts, buys on reviews that mislead: negation, irony, mixed ones.

Our own set says of each review what kind it is. Some of its fifths are measured on in turn, each by a model that has
learnt from the other four, and what they come to is put together: there are few of each kind.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.table import Row, Target
from benchmarks.tune import OWN, with_interval
from gptviz import tuning
from gptviz.language_model import LocalModel
from gptviz.tuning.robustness import PLAIN, Robustness

FIFTHS = 5
EASY = "plain"  # the kind of review that says what it means
EVERY = "moved"  # all reviews, their rows moved against the model


@dataclass(frozen=True)
class Hard:
    """What is tried: the first way is the one that the others stand beside."""

    ways: tuple[str, ...] = (PLAIN, "fgm", "pgd", "replace", "swap")
    fifths: tuple[int, ...] = (0, 1)
    texts: int = 620
    epochs: int = 3
    method: str = "lora"


def rows(lm: LocalModel, hard: Hard = Hard()) -> Iterator[Row]:  # frozen
    """One for each way but the first: all reviews that mislead, right, with the kinds apart in its note."""
    found = {way: dict[str, list[int]]() for way in hard.ways}
    spent = dict.fromkeys(hard.ways, 0.0)
    for fifth in hard.fifths:
        began = time.process_time()
        for record in tried(lm, hard, fifth):
            for kind, (right, count) in counts(record).items():
                sums = found[record.way].setdefault(kind, [0, 0])
                sums[0], sums[1] = sums[0] + right, sums[1] + count
            spent[record.way] += time.process_time() - began
            began = time.process_time()
    first, *others = hard.ways
    kinds = [kind for kind in found[first] if kind not in (EASY, EVERY)]
    for way in others:
        target = Target(
            f"our reviews that mislead, {hard.method} with {way}", hard.method, 1.0, "% right", at_least=True
        )
        ours, theirs = (share(found[name], kinds) for name in (way, first))
        said = "; ".join(
            f"{kind} {interval(found[way][kind])} for {interval(found[first][kind])}" for kind in found[way]
        )
        note = f"{len(hard.fifths)} fifths of {hard.texts}, seeds as their numbers; {said}; {spent[way]:.0f} s for "
        yield target.measured(100 * ours, 100 * theirs, note=f"{note}{spent[first]:.0f} s of processor")


def tried(lm: LocalModel, hard: Hard, fifth: int) -> Iterator[Robustness]:
    """Each way, measured on one fifth of the reviews."""
    examples, kinds = tuning.read(OWN)[: hard.texts], [x.label for x in tuning.read(OWN, label="kind")]
    order = np.random.default_rng(0).permutation(len(examples)).tolist()
    test = order[fifth::FIFTHS]
    train = [examples[i] for i in order if i not in set(test)]
    config = tuning.TuneConfig(method=tuning.method(hard.method), epochs=hard.epochs, seed=fifth)
    trial = tuning.Trial(ways=hard.ways, attacked=0)
    yield from trial.run(lm, train, [examples[i] for i in test], config, kinds=[kinds[i] for i in test])


def counts(record: Robustness) -> dict[str, tuple[int, int]]:
    """Of each kind, and of all with their rows moved, how many are right, of how many."""
    shares = {**record.kinds, EVERY: record.moved}
    return {kind: (round(found.accuracy * found.texts), found.texts) for kind, found in shares.items()}


def share(found: dict[str, list[int]], kinds: Sequence[str]) -> float:
    """Of these kinds together, the part that is right."""
    return sum(found[kind][0] for kind in kinds) / max(1, sum(found[kind][1] for kind in kinds))


def interval(sums: Sequence[int]) -> str:
    """Right of so many, as a share with its interval."""
    right, count = sums
    return f"{with_interval(right / count, count)} of {count}"
