"""The same number reads the same everywhere: Python's formatters against the browser's, ties included."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.i18n import languages, large, strings
from gptviz.rounding import fixed, number, percent
from gptviz.ui.web.component import WEB
from tests.ui.node import needs_node, run_node

#: Ties, their neighbours, and what is no 0 and no 100.
SPECIAL = [0.0, -0.0, 0.5, 1.5, 2.5, -2.5, 0.125, 0.375, 0.625, -0.625, 0.825, 0.615, 1.005, 0.045, 0.0005, 0.9995,
           0.99951, 0.004999, 0.995, 1.0, 12.5, 1234.5, 999.995, 99999.5, -0.0004, 1e-9, 1 - 1e-12]  # fmt: skip


def values() -> list[float]:
    """Doubles of all sizes, numbers of float32, and quarters, eighths …, among which ties are common."""
    rng = np.random.default_rng(12)
    binary = rng.integers(-4096, 4096, 400) / 2.0 ** rng.integers(0, 8, 400)
    single = rng.random(200, dtype=np.float32).astype(float)
    return [
        *SPECIAL,
        *binary.tolist(),
        *single.tolist(),
        *(rng.standard_normal(200) * 10.0 ** rng.integers(-4, 6, 200)),
    ]


@pytest.mark.parametrize(
    ("x", "digits", "said"),
    [(0.625, 2, "0.63"), (82.5, 0, "83"), (2.5, 0, "3"), (-2.5, 0, "-3"), (0.615, 2, "0.61"), (1.005, 2, "1.00")],
)
def test_ties_go_away_from_zero_and_what_is_none_to_the_nearer(x: float, digits: int, said: str) -> None:
    assert fixed(x, digits) == said


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 6))
def test_nothing_is_further_than_half_a_digit(x: float, digits: int) -> None:
    assert abs(Decimal(fixed(x, digits)) - Decimal(x)) <= Decimal(1).scaleb(-digits) / 2


def test_words_for_what_is_no_number() -> None:
    assert (number(math.inf), number(-math.inf), number(math.nan)) == ("∞", "−∞", "–")


@needs_node
def test_python_writes_numbers_as_the_browser_does(tmp_path: Path) -> None:
    table = [(float(x), digits) for x in values() for digits in range(5)]
    (tmp_path / "table.json").write_text(json.dumps(table), encoding="utf-8")
    script = f"""
    import {{ readFileSync }} from "node:fs";
    const {{ fmtNumber, fmtPercent }} = await import("{WEB.as_uri()}/kit/dom.js");
    const table = JSON.parse(readFileSync("{tmp_path}/table.json", "utf8"));
    console.log(JSON.stringify(table.map(([x, digits]) =>
      [fmtNumber(x, digits), fmtPercent(Math.abs(x), digits), x.toFixed(digits)])));
    """
    ours = [[number(x, digits), percent(abs(x), digits), fixed(x, digits)] for x, digits in table]
    for said, (x, _) in zip(ours, table, strict=True):
        said[2] = said[2].lstrip("-") if x == 0 else said[2]
    assert run_node(script, tmp_path) == ours


@pytest.mark.parametrize(
    ("count", "en", "zh"),
    [
        (20_600_000, "20.6 M", "2060 万"),
        (50_200_000, "50.2 M", "5020 万"),
        (1_000_000, "1 M", "100 万"),
        (861_696, "861,696", "86 万"),
        (124_439_808, "124.4 M", "1.24 亿"),
        (512, "512", "512"),
        (0, "0", "0"),
    ],
)
def test_large_numbers_as_each_language_says_them(count: int, en: str, zh: str) -> None:
    assert (large(count, "en"), large(count, "zh")) == (en, zh)


@needs_node
def test_the_browser_says_large_numbers_as_python_does(tmp_path: Path) -> None:
    counts = [0, 7, 512, 9_999, 10_000, 25_000, 861_696, 999_999, 1_000_000, 1_250_000, 20_650_000, 123_456_789, 10**9]
    units = {lang: strings(lang)["number.units"] for lang in languages()}
    script = f"""
    const {{ fmtLarge }} = await import("{WEB.as_uri()}/kit/dom.js");
    const [counts, units] = {json.dumps([counts, list(units.values())])};
    console.log(JSON.stringify(units.map((all) => counts.map((count) => fmtLarge(count, all)))));
    """
    assert run_node(script, tmp_path) == [[large(count, lang) for count in counts] for lang in units]
