"""Rows of the table: what was measured, on our side and on the other, against which bar.

Vocabulary: a *target* is a promise with its bar; a *row* is a target with the figures of this run. Units: ms, s, MB
(10**6 bytes), tokens/s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

HEADER = "| what | ours | theirs | ratio | bar | met? |\n|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Target:
    """One promise. ``bar`` bounds the ratio ours / theirs where the other side is measured too, else ours itself."""

    what: str
    against: str  # what the other side is; "" where there is none, and the bar is for our figure itself
    bar: float
    unit: str
    at_least: bool = False  # the bar is the least that is wanted, not the most

    def measured(self, ours: float, theirs: float | None = None, *, note: str = "") -> Row:
        """The row with its figures; raises ValueError where the other side is missing, or there and not wanted."""
        if (theirs is None) is bool(self.against):
            raise ValueError(f"{self.what}: a ratio has two sides, a figure has one")
        return Row(self, ours, theirs, note)

    def not_measured(self, why: str) -> Row:
        """The row that says why there is no figure on this machine."""
        return Row(self, math.nan, None, f"not measured: {why}")


@dataclass(frozen=True)
class Row:
    """A target and what this run found; ``ours`` is nan where nothing was measured, and ``note`` then says why."""

    target: Target
    ours: float
    theirs: float | None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours / theirs, None where there is no other side."""
        return self.ours / self.theirs if self.theirs is not None else None

    @property
    def met(self) -> bool | None:
        """Whether the bar is kept; None where nothing was measured."""
        judged = self.ratio if self.target.against else self.ours
        if judged is None or math.isnan(judged):
            return None
        return judged >= self.target.bar if self.target.at_least else judged <= self.target.bar

    def markdown(self) -> str:
        """The row as a line of a Markdown table."""
        target = self.target
        unit = "x" if target.against else f" {target.unit}"
        bar = f"{'≥' if target.at_least else '≤'} {target.bar:g}{unit}"
        if self.met is None:
            return _line(target.what, self.note, "", "", bar, "")
        what = f"{target.what} ({self.note})" if self.note else target.what
        theirs = "" if self.theirs is None else f"{_figure(self.theirs, target.unit)} ({target.against})"
        ratio = "" if self.ratio is None else f"{three(self.ratio)}x"
        return _line(what, _figure(self.ours, target.unit), theirs, ratio, bar, "yes" if self.met else "**no**")


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _figure(value: float, unit: str) -> str:
    return f"{three(value)} {unit}"


def three(value: float) -> str:
    """Three significant digits, without an exponent."""
    digits = 2 - math.floor(math.log10(float(f"{abs(value):.2e}"))) if value else 2  # rounded first: 0.9996 is 1.00
    return f"{value:,.{max(0, digits)}f}"
