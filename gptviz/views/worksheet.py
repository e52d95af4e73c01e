"""One head at one query as an exercise for paper: few numbers, rounded, and every result as a pupil would reach it.

A head has 64 numbers or so. Written out are the first few products of one dot product and the sum of the rest; all
else follows from numbers on the sheet. The results are worked out from what is written, each rounded as it is written
down, so that nobody who calculates rightly is told to be wrong; beside the last ones stands what the model has, which
rounds nothing.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.analysis.head import HeadSteps
from gptviz.views.sources import Floats

MOST_KEYS = 8  # that fit on the sheet
PRODUCTS = 4  # written out
VALUES = 2  # numbers of each value that are mixed
BRIEF = 5.0  # from a score of that size on, the largest is taken off before e^, or the numbers would be unwieldy
_PLACES, _FINE = Decimal("0.01"), Decimal("0.001")


class Product(NamedTuple):
    """One term of the dot product."""

    q: float
    k: float
    amount: float


class SheetRow(NamedTuple):
    """One key; of one that is masked the last four are None."""

    label: str
    dot: float
    score: float | None
    exp: float | None
    share: float | None
    share_exact: float  # of the model
    values: tuple[float, ...]


class WorksheetView(NamedTuple):
    """The sheet; ``key`` is the place of the row whose dot product is written out."""

    labels: tuple[str, ...]
    query: int
    key: int
    head_dim: int
    products: tuple[Product, ...]
    rest: float  # the sum of the other products
    root: float  # √d, to two places
    shift: float | None  # what is taken off each score before e^
    rows: tuple[SheetRow, ...]
    total: float  # of the exps
    mixed: tuple[float, ...]  # the first numbers of z
    mixed_exact: tuple[float, ...]


def worksheet(steps: HeadSteps, labels: tuple[str, ...], key: int) -> WorksheetView | None:
    """The exercise for a head's ``steps``, its ``key``'s dot product written out; None for too long a text."""
    if len(labels) > MOST_KEYS:
        return None
    d, seen = len(steps.q), range(steps.first, steps.query + 1)
    key = key if key in seen else steps.query
    root = _written(math.sqrt(d))
    products, rest = _dot(steps.q.astype(np.float64), steps.k[key].astype(np.float64))
    dots = [_written(float(raw)) for raw in steps.raw]
    dots[key] = sum((product[2] for product in products), rest)
    scores = {at: _to(dots[at] / root) for at in seen}
    largest = max(scores.values())
    shift = largest if max(map(abs, scores.values())) > BRIEF else None
    fine = _PLACES if shift is None else _FINE
    exps = {at: _to(Decimal(math.exp(score - (shift or 0))), fine) for at, score in scores.items()}
    total = sum(exps.values(), Decimal(0))
    shares = {at: _to(exp / total) for at, exp in exps.items()}
    values = [tuple(_written(float(x)) for x in v[:VALUES]) for v in steps.v]
    mixed = [_to(sum((shares[at] * values[at][i] for at in seen), Decimal(0))) for i in range(min(VALUES, d))]
    rows = tuple(
        SheetRow(label, float(dots[at]), _maybe(scores.get(at)), _maybe(exps.get(at)), _maybe(shares.get(at)),
                 float(steps.pattern[at]), tuple(map(float, values[at])))
        for at, label in enumerate(labels)
    )  # fmt: skip
    return WorksheetView(labels, steps.query, key, d, tuple(Product(*map(float, found)) for found in products),
                         float(rest), float(root), _maybe(shift), rows, float(total), tuple(map(float, mixed)),
                         tuple(float(x) for x in steps.z[:VALUES]))  # fmt: skip


def _dot(q: Floats, k: Floats) -> tuple[list[tuple[Decimal, Decimal, Decimal]], Decimal]:
    """The first products of numbers as they are written, and the sum of the others as it is written."""
    written = [(_written(float(a)), _written(float(b))) for a, b in zip(q[:PRODUCTS], k[:PRODUCTS], strict=True)]
    others: npt.NDArray[np.float64] = q[PRODUCTS:].astype(np.float64) * k[PRODUCTS:].astype(np.float64)
    return [(a, b, _to(a * b)) for a, b in written], _written(math.fsum(others))


def _written(x: float) -> Decimal:
    return _to(Decimal(x))


def _to(x: Decimal, places: Decimal = _PLACES) -> Decimal:
    return x.quantize(places, rounding=ROUND_HALF_UP)


def _maybe(x: Decimal | None) -> float | None:
    return None if x is None else float(x)
