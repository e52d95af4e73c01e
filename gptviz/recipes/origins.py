"""N-grams of a training text, and what counting makes of them."""

from __future__ import annotations

from collections.abc import Sequence


def counted(world: str, seed: int, ids: Sequence[int], token: int) -> str:
    """How often the n-grams stand in a world's text (else in a file), and the n-gram model's probability."""
    opened = f"characters.open_world(WORLDS[{world!r}], {seed})" if world else "characters.open_file(Path('text.txt'))"
    first = "from gptviz.training.worlds import WORLDS" if world else "from pathlib import Path"
    return "\n".join([
        first,
        "from gptviz.analysis import origins",
        "from gptviz.training import characters",
        f"tokenizer, train, _ = {opened}",
        f"found = origins.orders(train.parts[0].ids, {[int(i) for i in ids]!r}, tokenizer.vocab_size)",
        f"[(order.n, order.times, order.counts[{token}]) for order in found], origins.witten_bell(found)[{token}]",
    ])  # fmt: skip
