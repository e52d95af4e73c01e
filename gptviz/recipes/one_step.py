"""One optimiser step, record by record; and one text read both ways."""

from __future__ import annotations

from collections.abc import Sequence


def step(model: str, ids: Sequence[int], *, rate: float, step: int, target: int,
         weight: tuple[str, tuple[int, ...]]) -> str:  # fmt: skip
    """The step with all that the page shows of it."""
    return "\n".join([
        "import gptviz",
        "from gptviz.training import glass",
        f"lm = gptviz.load({model!r}, weights='float32')",
        f"ids = {[int(i) for i in ids]!r}",
        f"rule = glass.Rule(learning_rate={rate!r})",
        f"for record in glass.one_step(lm.model, ids, rule=rule, step={step}, position={target},",
        f"                             weight={weight!r}):",
        "    print(record)",
    ])  # fmt: skip


def race(model: str, ids: Sequence[int]) -> str:
    """One pass against one token at a time."""
    return "\n".join([
        "import gptviz",
        "from gptviz.training import glass",
        f"lm = gptviz.load({model!r}, weights='float32')",
        f"glass.race(lm.model, {[int(i) for i in ids]!r})",
    ])  # fmt: skip
