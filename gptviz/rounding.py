"""Numbers as they are written, told once: rounded like the browser's ``toFixed``, so that screen, reading, figure,
shell and saved report never differ by a digit.

Python's own ``f"{x:.2f}"`` sends a tie to the even digit (0.625 → 0.62), ``toFixed`` away from zero (0.63), as schools
teach it. Both look at the exact binary value: 0.615 lies just below its tie and is 0.61 (or 0.62) for both.
``number``, ``percent``, ``setting``, ``operand``, ``scientific``, ``adding_up`` and ``both`` are ``fmtNumber``,
``fmtPercent``, ``fmtSetting``, ``fmtOperand``, ``fmtScientific``, ``addingUp`` and ``fmtBoth`` of ``web/kit/dom.js``
and ``web/kit/numbers.js``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from decimal import ROUND_05UP, ROUND_HALF_UP, Context, Decimal

_EXACT = Context(prec=1200, rounding=ROUND_HALF_UP)  # a float has 309 digits before its point, 1,074 behind it
_STICKY = Context(prec=1200, rounding=ROUND_05UP)
_FEW = 4  # digits after the point of a setting
_WHOLE = 2.0**53  # from here on a float has no digits behind its point
_POWER = 6  # from 10^6 on a number is written as a power


def fixed(x: float, digits: int = 2) -> str:
    """``x.toFixed(digits)``: ties away from zero, no grouping, a plain minus sign; else as Python has it.

    >>> fixed(0.625), fixed(82.5, 0), fixed(2.5, 0), fixed(-0.125), fixed(1.005)
    ('0.63', '83', '3', '-0.13', '1.00')
    """
    x = float(x)
    if not math.isfinite(x):
        return str(x)
    x = x or 0.0  # toFixed has no −0
    return f"{_rounded(x, digits):f}" if _tied(x, digits) else f"{x:.{digits}f}"


def number(x: float | None, digits: int = 2) -> str:
    """For reading: grouped, with a true minus sign and never "−0": −1.336 → "−1.34", 16374.5 → "16,374.50"."""
    if x is None or math.isnan(x):
        return "–"
    if math.isinf(x):
        return "−∞" if x < 0 else "∞"
    text = fixed(abs(x), digits)
    whole, point, part = text.partition(".")
    return ("−" if x < 0 and float(text) != 0 else "") + f"{int(whole):,}" + point + part


def percent(p: float | None, digits: int = 0) -> str:
    """0.308 → "31%"; never a 0% or 100% that is not one: "<1%", ">99%"."""
    if p is None or not math.isfinite(p):
        return number(p) if p is None or math.isnan(p) else f"{number(p)}%"
    if p < 0:
        return f"−{percent(-p, digits)}"
    if p in (0, 1):
        return f"{number(100 * p, 0)}%"
    text = fixed(100 * p, digits)
    if p < 1 and float(text) in (0, 100):
        step = float(f"1e-{digits}")
        return f"<{fixed(step, digits)}%" if float(text) == 0 else f">{fixed(100 - step, digits)}%"
    return f"{number(100 * p, digits)}%"


def bracketed(p: float) -> str:
    """What a token had before a filter cut it: in brackets, no part of the 100% that are drawn from (``fmtCut``)."""
    return f"({percent(p, 1)})"


def setting(x: float) -> str:
    """What somebody set: as many digits as it has, four behind the point at most. 0.80 → "0.8", 50.0 → "50"."""
    text = fixed(x, _FEW)
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if short == "-0" else short.replace("-", "−")


def operand(x: float | None) -> str:
    """Four figures or so, so that who checks a line by hand comes to its result: 12.4 → "12.40", 3.2e-5 → "3.2e−5"."""
    if x is None or not math.isfinite(x):
        return number(x)
    size = abs(x)
    if size == 0:
        return "0"
    if size >= 1e5 or size < 1e-3:
        return scientific(x, 1 if size < 1e-3 else 3)
    return number(x, next(digits for digits, least in enumerate((999.95, 99.995, 9.9995, 0.99995, 0)) if size >= least))


def scientific(x: float, digits: int = 1) -> str:
    """``x.toExponential(digits)`` with a true minus sign and no plus: 1.25e-7 → "1.3e−7"."""
    if not math.isfinite(x):
        return number(x)
    if x == 0:
        return f"{fixed(0.0, digits)}e0"
    exact = abs(Decimal(x))
    place = exact.adjusted()
    text = f"{_rounded_exact(exact.scaleb(-place, _EXACT), digits):f}"
    if float(text) >= 10:  # 9.96 → 10.0 is 1.0 of the next power
        text, place = f"{_rounded_exact(exact.scaleb(-place - 1, _EXACT), digits):f}", place + 1
    return ("−" if x < 0 else "") + f"{text}e{place}".replace("-", "−")


def power(log10: float) -> str:
    """10^log10 where it may be too large to be written: grouped digits, or "10^20.0" from a million on."""
    return number(10**log10, 0) if log10 < _POWER else f"10^{number(log10, 1)}"


def brief(x: float, digits: int = 4) -> float:
    """``x`` shortened for a message, so that rounding it again, to fewer digits, gives what rounding ``x`` would.

    A second rounding can go wrong only where the first has made a tie, or a number, of what was none: here the digit
    that is dropped last leaves its trace (``ROUND_05UP`` of Cowlishaw's General Decimal Arithmetic).

    >>> brief(8.249996), round(8.249996, 4), fixed(8.249996, 1), fixed(round(8.249996, 4), 1), fixed(brief(8.249996), 1)
    (8.2499, 8.25, '8.2', '8.3', '8.2')
    """
    return x if not math.isfinite(x) else float(Decimal(x).quantize(Decimal(1).scaleb(-digits), context=_STICKY))


def telling_apart(low: float, u: float, high: float, digits: int = 3, most: int = 9) -> int:
    """As many digits as tell ``u`` from the edge above it, and the edges from each other; ``digits`` at least."""
    for tried in range(digits, most):
        if fixed(high, tried) not in (fixed(low, tried), fixed(u, tried)):
            return tried
    return most


def both(write: Callable[[float, int], str], before: float, after: float, digits: int, more: int = 2
         ) -> tuple[str, str]:  # fmt: skip
    """Two numbers as written, with up to ``more`` further digits where else they would look alike and are not.

    >>> both(percent, 0.0925, 0.0902, 0), both(percent, 0.4, 0.1, 0), both(percent, 0.4, 0.4, 0)
    (('9.3%', '9.0%'), ('40%', '10%'), ('40%', '40%'))
    """
    if before != after:
        for tried in range(digits, digits + more + 1):
            written = write(before, tried), write(after, tried)
            if written[0] != written[1]:
                return written
    return write(before, digits), write(after, digits)


def adding_up(parts: Iterable[float], total: float, digits: int, most: int = 3) -> int | None:
    """The fewest digits, from ``digits`` to ``most``, with which ``parts`` as written come to ``total`` as written.

    None where they do with none of them: then what is shown should say that it is rounded.

    >>> adding_up([0.25, 0.25], 0.5, 1), adding_up([1 / 3, 1 / 3, 1 / 3], 1, 1)
    (2, None)
    """
    given = [float(part) for part in parts]
    for tried in range(digits, most + 1):
        if sum(_rounded(part, tried) for part in given) == _rounded(total, tried):
            return tried
    return None


def _tied(x: float, digits: int) -> bool:
    """Whether ``x`` lies just between two numbers of so many digits: Python's own formatting is right elsewhere, and
    takes a tenth of the time.

    Such a number is an odd multiple of ½·10^−digits; a float, of which only powers of 2 divide the denominator, is one
    only where 2^(digits + 1) of it are a whole odd number.
    """
    halves = math.ldexp(x, digits + 1) if abs(x) < _WHOLE else 0.0
    return halves % 2 == 1.0


def _rounded(x: float, digits: int) -> Decimal:
    return _rounded_exact(Decimal(x), digits)


def _rounded_exact(x: Decimal, digits: int) -> Decimal:
    return x.quantize(Decimal(1).scaleb(-digits), context=_EXACT)


def gigabytes(n_bytes: int) -> str:
    """A size as it is said.

    >>> gigabytes(2_310_000_000), gigabytes(34_512_000_000), gigabytes(540_400_000)
    ('2.31 GB', '34.5 GB', '540 MB')
    """
    if n_bytes >= 1e9:
        return f"{number(n_bytes / 1e9, 2 if n_bytes < 1e10 else 1)} GB"
    return f"{number(n_bytes / 1e6, 0)} MB"
