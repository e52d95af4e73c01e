"""A scaling law fitted to finished runs, and what it says of runs that were not made."""

from __future__ import annotations

from collections.abc import Sequence

_IMPORTS = ("from gptviz.evaluation.scaling import bootstrap, runs", "from gptviz.paths import ASSETS")


def law(table: str | None, *, embeddings: bool, resamples: int, more: Sequence[str] = ()) -> str:
    """The fit with its intervals: of our runs, or of a ``table`` that somebody pasted."""
    said = "(ASSETS / 'scaling' / 'runs.csv').read_text()" if table is None else repr(table)
    return "\n".join([
        *_IMPORTS[: 1 + (table is None)],
        f"found = runs.counted(runs.read({said}, 'runs.csv'), embeddings={embeddings})",
        f"fitted = bootstrap.fitted(found, resamples={resamples})",
        "fitted.law, fitted.intervals",
        *more,
    ])  # fmt: skip


def asked(table: str | None, *, embeddings: bool, resamples: int, n: float, tokens: float, flops: float) -> str:
    """The loss of a run that was not made, and the best split of a budget."""
    more = [f"fitted.predicted({n!r}, {tokens!r}), fitted.law.best_split({flops!r})"]
    return law(table, embeddings=embeddings, resamples=resamples, more=more)


def curves(table: str | None, *, embeddings: bool, resamples: int) -> str:
    """The curves of the law through the runs, and how far each run is off."""
    more = ["from gptviz.views import scaling", "scaling.curves(fitted.law, found)",
            "scaling.residuals(fitted.law, found)"]  # fmt: skip
    return law(table, embeddings=embeddings, resamples=resamples, more=more)


def published(low: float, high: float) -> str:
    """The laws that others have published, for budgets from ``low`` to ``high`` operations."""
    return f"from gptviz.views import scaling\nscaling.published({low!r}, {high!r})"
