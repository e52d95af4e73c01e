"""All rows about tuning, on the bundled model and one thread."""

from __future__ import annotations

from collections.abc import Iterator

import gptviz
from benchmarks import tune, tune_few, tune_hard, tune_onward
from benchmarks.table import Row
from benchmarks.timing import threads
from gptviz.language_model import LocalModel

HARD = tune_hard.Hard(ways=("plain", "fgm", "swap"), fifths=(0,), texts=60, epochs=1)
ONWARD = tune_onward.Onward(first=24, first_test=12, then=24, then_test=12, epochs=1)
FEW = tune_few.Few(shots=(0, 2), counts=(4,), test=12)


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Labels and entities, reviews that mislead, what is lost, few examples; ``quick``: of a handful of texts each."""
    lm = gptviz.load(weights="float32")
    assert isinstance(lm, LocalModel)
    with threads(1):  # two that wait for each other on a busy machine count their waiting
        yield from tune.rows(lm, tune.QUICK if quick else tune.Sizes())
        yield from tune_hard.rows(lm, HARD if quick else tune_hard.Hard())
        yield from tune_onward.rows(lm, ONWARD if quick else tune_onward.Onward())
        yield from tune_few.rows(lm, FEW if quick else tune_few.Few())
