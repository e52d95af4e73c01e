"""Rows of the embedding, nearest tokens, the map of the vocabulary, positions compared."""

from __future__ import annotations

from collections.abc import Sequence

from gptviz.recipes.builder import Prompt, python

_FIGURE = ["from gptviz import analysis, figures, views"]
_LIT = "lit = dict(zip(trace.ids, views.labels(trace)))"


def rows(prompt: Prompt, model: str) -> str:
    """What goes into the first block: for each token its row, and what its position adds."""
    body = ["tokens = lm.rows('tokens', trace.ids)  # (T, C)", "trace.resid[0] - tokens * lm.config.embedding_scale"]
    return python(model, body, trace=prompt)


def near(token: int, model: str, *, count: int, matrix: str) -> str:
    """The nearest tokens, as text and cosine."""
    body = [f"near = neighbours(lm, {int(token)}, count={int(count)}, matrix={matrix!r})",
            "[(lm.tokenizer.decode([one.id]), one.cosine) for one in near]"]  # fmt: skip
    return python(model, body, imports=["from gptviz.analysis import neighbours"])


def vocabulary(prompt: Prompt, model: str, *, matrix: str, axes: Sequence[int]) -> str:
    """The map along two components, with the tokens of a text, as a figure."""
    across, up = (int(axis) for axis in axes)
    body = [f"found = analysis.vocabulary_map(lm, matrix={matrix!r})", _LIT,
            f"figures.embeddings.vocabulary(found, lit, axes=({across}, {up}))"]  # fmt: skip
    return python(model, body, imports=_FIGURE, trace=prompt)


def near_map(prompt: Prompt, model: str, *, matrix: str) -> str:
    """The map of near tokens, with those of a text, as a figure."""
    body = [f"found = analysis.neighbour_map(lm, matrix={matrix!r})  # once for each model: it takes a while", _LIT,
            "figures.embeddings.near(found, lit)"]  # fmt: skip
    return python(model, body, imports=_FIGURE, trace=prompt)


def positions(model: str, *, scheme: str) -> str:
    """Positions compared two by two, as a figure."""
    return python(model, [f"figures.embeddings.positions(analysis.position_similarity(lm, {scheme!r}))"],
                  imports=["from gptviz import analysis, figures"])  # fmt: skip
