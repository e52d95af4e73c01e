"""Our reviews cut for a trial of robustness: four fifths are learnt from, one is measured on, and each has its kind."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from gptviz.tuning import sets
from gptviz.tuning.examples import Example, read

FIFTHS = 5
KINDS = ("plain", "negation", "irony", "mixed")  # what the set's column says, the easy one first


class Parts(NamedTuple):
    """What is learnt from, what is measured on, and the kind of each of the latter."""

    train: list[Example]
    test: list[Example]
    kinds: list[str]

    @property
    def counts(self) -> dict[str, int]:
        """Texts to measure on, of each kind."""
        found = Counter(self.kinds)
        return {kind: found[kind] for kind in KINDS if found[kind]}


@lru_cache(maxsize=16)
def parts(lang: str, seed: int) -> Parts:
    """The set of a language; ``seed`` says which fifth is held out.

    >>> train, test, kinds = parts("en", 7)
    >>> len(train), len(test), test == parts("en", 2).test
    (496, 124, True)
    """
    path = sets.shipped(sets.SENTIMENT, lang)
    examples, kinds = read(path), [x.label for x in read(path, label="kind")]
    order = np.random.default_rng(0).permutation(len(examples)).tolist()
    held = order[seed % FIFTHS :: FIFTHS]
    train = [examples[i] for i in order if i not in set(held)]
    return Parts(train, [examples[i] for i in held], [kinds[i] for i in held])
