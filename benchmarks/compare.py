"""Six strategies side by side against the slowest of them alone: they share each step's forward pass."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import gptviz
from benchmarks.table import Row, Target
from benchmarks.timing import Arm, in_turn, threads
from gptviz.decoding import Beam, Comparison, Greedy, Sample, Strategy
from gptviz.language_model import LanguageModel

PROMPT = "Once upon a time"
#: The six of the textbooks.
STRATEGIES: dict[str, Strategy] = {
    "greedy": Greedy(),
    "beam": Beam(width=5),
    "temperature": Sample(temperature=0.7),
    "top-k": Sample(top_k=50),
    "top-p": Sample(top_p=0.9),
    "min-p": Sample(min_p=0.1),
}


def rows(*, repeats: int, lm: LanguageModel | None = None, max_new_tokens: int = 40) -> Iterator[Row]:
    """One row: ours is the six together, theirs the slowest alone."""
    lm = lm or gptviz.load()

    def run(strategies: dict[str, Strategy]) -> Comparison:
        return gptviz.compare(lm, PROMPT, strategies, max_new_tokens=max_new_tokens, seed=7)

    alone = {name: Arm(partial(run, {name: one})) for name, one in STRATEGIES.items()}
    with threads():
        found = in_turn({**alone, "": Arm(partial(run, STRATEGIES))}, repeats=repeats, warm_up=1)
    together = found.pop("")
    slowest = max(found, key=found.__getitem__)
    target = Target(f"compare six strategies, {max_new_tokens} new tokens", f"{slowest} alone", 1.8, "ms")
    yield target.measured(1e3 * together, 1e3 * found[slowest])
