"""Numbers as they are written, told once: rounded like the browser's ``toFixed``, so that screen, reading, figure and
saved report never differ by a digit.

Python's own ``f"{x:.2f}"`` sends a tie to the even digit (0.625 → 0.62), ``toFixed`` away from zero (0.63), as schools
teach it. Both look at the exact binary value: 0.615 lies just below its tie and is 0.61 (or 0.62) for both.
``number`` and ``percent`` are ``fmtNumber`` and ``fmtPercent`` of ``web/kit/dom.js``.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal

_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)  # the largest float has 309 digits before its point


def fixed(x: float, digits: int = 2) -> str:
    """``x.toFixed(digits)``: ties away from zero, no grouping, a plain minus sign; else as Python has it.

    >>> fixed(0.625), fixed(82.5, 0), fixed(2.5, 0), fixed(-0.125), fixed(1.005)
    ('0.63', '83', '3', '-0.13', '1.00')
    """
    x = float(x)
    if not math.isfinite(x):
        return str(x)
    return f"{Decimal(x).quantize(Decimal(1).scaleb(-digits), context=_EXACT):f}"


def number(x: float, digits: int = 2) -> str:
    """For reading: grouped, with a true minus sign and never "−0": −1.336 → "−1.34", 16374.5 → "16,374.50"."""
    if math.isnan(x):
        return "–"
    if math.isinf(x):
        return "−∞" if x < 0 else "∞"
    text = fixed(abs(x), digits)
    whole, point, part = text.partition(".")
    return ("−" if x < 0 and float(text) != 0 else "") + f"{int(whole):,}" + point + part


def percent(p: float, digits: int = 0) -> str:
    """0.308 → "31%"; never a 0% or 100% that is not one: "<1%", ">99%"."""
    step = 10.0**-digits
    if 0 < 100 * p < step / 2:
        return f"<{fixed(step, digits)}%"
    if 100 - step / 2 < 100 * p < 100:
        return f">{fixed(100 - step, digits)}%"
    return f"{fixed(100 * p, digits if 100 * p not in (0, 100) else 0)}%"
