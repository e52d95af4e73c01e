"""What a prompt as a classifier depends on: how many examples it shows, in which order, how the task is put.

Each is measured on the same texts; beside it a head that was tuned on the very same examples. (Lu et al. 2022 found how
much the order alone decides, Jiang et al. 2020 the words.)
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, permutations
from math import factorial
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from gptviz.errors import ConfigError
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tuning.examples import Example
from gptviz.tuning.method import require
from gptviz.tuning.methods.head import Head
from gptviz.tuning.patterns import Pattern, check_words, drawn
from gptviz.tuning.prompts import PromptClassifier
from gptviz.tuning.scores import Scores, scores
from gptviz.tuning.tasks import Classification
from gptviz.tuning.tuner import TuneConfig

Kind: TypeAlias = Literal["shots", "order", "pattern", "head"]
MOST_SHOTS, MOST_ORDERS = 64, 720
_HEAD = {"epochs": 40, "batch_size": 4, "valid_share": 0.0, "patience": 0}  # of a head for a handful of examples


class Prompted(NamedTuple):
    """One way of asking, measured. Of a tuned ``head`` nothing is calibrated."""

    kind: Kind
    pattern: str
    shots: int  # examples shown, or learnt from
    order: tuple[int, ...]  # which of the examples comes first, second …
    plain: Scores
    calibrated: Scores | None
    leaning: dict[str, float]  # what each label gets where a text says nothing
    seconds: float


@dataclass(frozen=True)
class Study:
    """Patterns (the first is the one whose examples and orders are varied), words, and what is varied."""

    patterns: tuple[Pattern, ...]
    words: Mapping[str, str]
    shots: tuple[int, ...] = (0, 1, 4)
    orders: int = 6  # of the most examples; fewer where there are not so many
    seed: int = 0

    def __post_init__(self) -> None:
        for count in self.shots:
            require("shots", count, 0, MOST_SHOTS)
        require("orders", self.orders, 0, MOST_ORDERS)
        require("patterns", len(self.patterns), 1, 100)
        require("shots", len(self.shots), 1, MOST_SHOTS)

    def run(self, lm: LanguageModel, train: Sequence[Example], test: Sequence[Example]) -> Iterator[Prompted]:
        """Every way, one record each. Raises ConfigError where a label of ``test`` has no word, or no text is given."""
        if not test:
            raise ConfigError("tune.nothing", file="")
        check_words(self.words, sorted({example.label for example in [*train, *test]}))
        most, first = max(self.shots), self.patterns[0]
        chosen = drawn(train, most, seed=self.seed)
        for count in self.shots:
            yield self._measured("shots", lm, first, chosen[:count], tuple(range(count)), test)
        for order in orders(len(chosen), self.orders, seed=self.seed) if len(chosen) > 1 else []:
            yield self._measured("order", lm, first, chosen, order, test)
        for pattern in self.patterns if len(self.patterns) > 1 else ():
            yield self._measured("pattern", lm, pattern, chosen, tuple(range(len(chosen))), test)
        if isinstance(lm, LocalModel):
            for count in self.shots:
                if len({example.label for example in chosen[:count]}) > 1:
                    yield self._head(lm, chosen[:count], test)

    def _measured(self, kind: Kind, lm: LanguageModel, pattern: Pattern, examples: Sequence[Example],
                  order: tuple[int, ...], test: Sequence[Example]) -> Prompted:  # fmt: skip
        began = time.perf_counter()
        asked = PromptClassifier(lm, pattern, self.words, [examples[i] for i in order])
        plain = asked.probs([example.text for example in test])
        weighed = plain / asked.leaning
        both = [self._scores([asked.labels[i] for i in found.argmax(1)], test) for found in (plain, weighed)]
        leaning = dict(zip(asked.labels, asked.leaning.tolist(), strict=True))
        return Prompted(kind, pattern.written, len(examples), order, both[0], both[1], leaning,
                        time.perf_counter() - began)  # fmt: skip

    def _head(self, lm: LocalModel, examples: Sequence[Example], test: Sequence[Example]) -> Prompted:
        began = time.perf_counter()
        task = Classification(lm, examples, TuneConfig(method=Head(), seed=self.seed, **_HEAD))  # type: ignore[arg-type]
        task.learn()
        found = self._scores(task.find([example.text for example in test]), test)
        return Prompted("head", "", len(examples), tuple(range(len(examples))), found, None, {},
                        time.perf_counter() - began)  # fmt: skip

    def _scores(self, found: Sequence[str], test: Sequence[Example]) -> Scores:
        return scores([example.label for example in test], found, list(self.words))


def orders(count: int, most: int, *, seed: int = 0) -> list[tuple[int, ...]]:
    """Different orders of so many things: all, where there are no more than ``most``, else so many by chance.

    >>> orders(3, 2)
    [(2, 0, 1), (2, 1, 0)]
    >>> len(orders(3, 100))
    6
    """
    if factorial(min(count, 8)) <= most:
        return list(islice(permutations(range(count)), most))
    rng, found = np.random.default_rng(seed), dict[tuple[int, ...], None]()
    while len(found) < most:
        found[tuple(rng.permutation(count).tolist())] = None
    return list(found)
