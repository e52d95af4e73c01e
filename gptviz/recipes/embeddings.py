"""Rows of the embedding, nearest tokens, the map of the vocabulary, positions compared."""

from __future__ import annotations

from collections.abc import Sequence

from gptviz.recipes.builder import Prompt, python


def rows(prompt: Prompt, model: str) -> str:
    """What goes into the first block: for each token its row, and what its position adds."""
    body = ["tokens = lm.rows('tokens', trace.ids)  # (T, C)", "trace.resid[0] - tokens * lm.config.embedding_scale"]
    return python(model, body, trace=prompt)


def near(token: int, model: str, *, count: int, matrix: str) -> str:
    """The nearest tokens, as text and cosine."""
    body = [f"near = neighbours(lm, {int(token)}, count={int(count)}, matrix={matrix!r})",
            "[(lm.tokenizer.decode([one.id]), one.cosine) for one in near]"]  # fmt: skip
    return python(model, body, imports=["from gptviz.analysis import neighbours"])


def vocabulary(model: str, *, matrix: str, axes: Sequence[int]) -> str:
    """The map: each token's place along two components."""
    body = [
        f"found = vocabulary_map(lm, matrix={matrix!r})",
        "found.shares",
        f"found.places[:, {[int(a) for a in axes]}]",
    ]
    return python(model, body, imports=["from gptviz.analysis import vocabulary_map"])


def positions(model: str, *, scheme: str) -> str:
    """Positions compared two by two."""
    return python(model, [f"position_similarity(lm, {scheme!r}).values"],
                  imports=["from gptviz.analysis import position_similarity"])  # fmt: skip
