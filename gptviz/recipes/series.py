"""The published facts of the series, and the size of the model that is open."""

from __future__ import annotations

from gptviz.recipes.builder import python


def series(model: str) -> str:
    """All models with what is published, and one's own."""
    body = ["for model in series.series():", "    print(model.date, model.name, model.parameters)",
            "lm.config.n_parameters"]  # fmt: skip
    return python(model, body, imports=["from gptviz.analysis import series"])
