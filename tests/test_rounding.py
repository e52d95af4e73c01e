"""The same number reads the same everywhere: Python's formatters against the browser's, ties included."""

from __future__ import annotations

import ast
import json
import math
import re
import struct
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.i18n import languages, large, strings
from gptviz.paths import ROOT
from gptviz.rounding import (
    adding_up,
    both,
    bracketed,
    brief,
    fixed,
    number,
    operand,
    percent,
    power,
    scientific,
    setting,
    telling_apart,
)
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


def hostile() -> list[float]:
    """Ties and their neighbours, subnormals, the ends of doubles, −0, what is no 0 % and no 100 %, any bits at all."""
    rng = np.random.default_rng(21)
    ties = [k / 2**n for k in range(1, 2000, 37) for n in range(1, 12)]
    near = [math.nextafter(x, to) for x in [*SPECIAL, *ties[:200]] for to in (-9e9, 9e9)]
    edges = [0.995, 0.9995, 0.99949999999999994, 99.95, 999.95, 99.995, 9.9995, 0.99995, 1e-3, 9.95e-4, 9.999e-4,
             1e5, 99999.5, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e21, 1e22, 1.2345678901234568e20,
             2**53, 2**53 + 2.0, 1e-7, 0.1 + 0.2, 1 - 2**-53]  # fmt: skip
    raw = [struct.unpack("<d", rng.bytes(8))[0] for _ in range(600)]
    found = [*SPECIAL, *ties, *near, *edges, *(x for x in raw if math.isfinite(x))]
    return [*found, *(-x for x in found)]


@pytest.mark.slow
@needs_node
def test_python_writes_hostile_numbers_as_the_browser_does(tmp_path: Path) -> None:
    table = [(float(x), digits) for x in hostile() for digits in (0, 1, 2, 3, 4)]
    (tmp_path / "table.json").write_text(json.dumps(table), encoding="utf-8")
    script = f"""
    import {{ readFileSync }} from "node:fs";
    const {{ fixed, fmtNumber, fmtPercent }} = await import("{WEB.as_uri()}/kit/dom.js");
    const {{ fmtCut, fmtOperand, fmtScientific, fmtSetting }} = await import("{WEB.as_uri()}/kit/numbers.js");
    const table = JSON.parse(readFileSync("{tmp_path}/table.json", "utf8"));
    console.log(JSON.stringify(table.map(([x, digits]) => [
      fixed(x, digits), fmtNumber(x, digits), fmtPercent(x, digits),
      fmtCut(x), fmtOperand(x), fmtScientific(x, digits), fmtSetting(x)])));
    """
    ours = [[fixed(x, digits), number(x, digits), percent(x, digits), bracketed(x), operand(x),
             scientific(x, digits), setting(x)] for x, digits in table]  # fmt: skip
    for said, theirs, row in zip(ours, run_node(script, tmp_path), table, strict=True):
        assert said == theirs, row


@needs_node
def test_what_is_no_number_is_written_alike(tmp_path: Path) -> None:
    script = f"""
    const {{ fmtNumber, fmtPercent }} = await import("{WEB.as_uri()}/kit/dom.js");
    const {{ fmtOperand, fmtScientific }} = await import("{WEB.as_uri()}/kit/numbers.js");
    const odd = [NaN, Infinity, -Infinity];
    console.log(JSON.stringify([fmtNumber, fmtPercent, fmtOperand, fmtScientific].map((f) => odd.map((x) => f(x)))));
    """
    odd = [math.nan, math.inf, -math.inf]
    assert run_node(script, tmp_path) == [[f(x) for x in odd] for f in (number, percent, operand, scientific)]


@needs_node
def test_sums_come_out_alike(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    sums = [rng.standard_normal(n).tolist() for n in (1, 2, 3, 5) for _ in range(60)]
    cases = [(parts, float(sum(parts)), digits) for parts in sums for digits in (1, 2)]
    script = f"""
    const {{ addingUp }} = await import("{WEB.as_uri()}/kit/numbers.js");
    console.log(JSON.stringify({json.dumps(cases)}.map(([parts, total, digits]) => addingUp(parts, total, digits))));
    """
    found = [adding_up(*case) for case in cases]
    assert run_node(script, tmp_path) == found
    assert {1, 2, None} <= set(found)


@needs_node
def test_two_numbers_are_told_apart_alike(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    pairs = [(float(x), float(x * (1 + d))) for x in rng.random(60) for d in (0, 1e-9, 1e-4, 0.003, -0.02, 0.5)]
    script = f"""
    const {{ fmtBoth }} = await import("{WEB.as_uri()}/kit/numbers.js");
    const {{ fmtPercent, fmtNumber }} = await import("{WEB.as_uri()}/kit/dom.js");
    console.log(JSON.stringify({json.dumps(pairs)}.map(([x, y]) =>
      [fmtBoth(fmtPercent, x, y, 0), fmtBoth(fmtNumber, 10 * x, 10 * y, 2)])));
    """
    found = [[list(both(percent, x, y, 0)), list(both(number, 10 * x, 10 * y, 2))] for x, y in pairs]
    assert run_node(script, tmp_path) == found
    lengths = {len(one[0]) for one, _ in found}
    assert len(lengths) > 2, "no case needed more digits"


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=4), st.integers(1, 2))
def test_what_is_said_to_add_up_adds_up(parts: list[float], digits: int) -> None:
    total = math.fsum(parts)
    found = adding_up(parts, total, digits)
    if found is not None:
        assert sum(Decimal(fixed(part, found)) for part in parts) == Decimal(fixed(total, found))


@given(st.floats(-1e9, 1e9), st.integers(0, 3))
def test_what_was_shortened_for_a_message_is_rounded_as_the_whole(x: float, digits: int) -> None:
    assert fixed(brief(x), digits) == fixed(x, digits) or fixed(brief(x), digits).strip("-0.") == ""
    assert abs(brief(x) - x) <= 1.1e-4 + abs(x) * 1e-15


def test_ties_in_a_message_are_kept_apart_from_what_lies_beside_them() -> None:
    for x in (0.625, 8.25, 0.0625):
        assert brief(x) == x
    for tie in (0.25, 0.75, 8.25, 0.125):
        for x in (math.nextafter(tie, 0), math.nextafter(tie, 9)):
            for digits in (1, 2):
                assert fixed(brief(x), digits) == fixed(x, digits), x


def test_the_kinds_of_writing() -> None:
    assert [setting(x) for x in (0.8, 50.0, 1.25, 0.00004, -0.5, -0.0)] == ["0.8", "50", "1.25", "0", "−0.5", "0"]
    assert [operand(x) for x in (12.4, 1.6404, 0.0042, 0.000032, -1543.2, 123456.0, 0.0)] == [
        "12.40", "1.640", "0.0042", "3.2e−5", "−1,543", "1.235e5", "0"]  # fmt: skip
    assert [scientific(x) for x in (1.25, 1.25e-7, 9.96, -0.0, 5e-324)] == [
        "1.3e0",
        "1.2e−7",
        "1.0e1",
        "0.0e0",
        "4.9e−324",
    ]
    assert [power(x) for x in (0, math.log10(12_345), 20.03)] == ["1", "12,345", "10^20.0"]
    assert [telling_apart(*x) for x in ((0.1, 0.2, 0.3), (0.1, 0.29999, 0.3), (0.3, 0.3, 0.3))] == [3, 5, 9]
    assert [percent(x, 1) for x in (0.9995, 0.9994, 1 - 2**-53, 1.0, 5e-324, 0.0005, 0.0)] == [
        ">99.9%", "99.9%", ">99.9%", "100%", "<0.1%", "0.1%", "0%"]  # fmt: skip
    assert [percent(x) for x in (None, math.nan, math.inf, -0.25)] == ["–", "–", "∞%", "−25%"]


#: Rooms that show numbers to people, and what in them is a place in a drawing, a colour, a link or a bound instead.
SHOWN = ("figures", "readings.py", "report.py", "ui", "cli", "recipes")
NOT_SHOWN = {("report.py", "share"), ("report.py", "STRONGEST"), ("report.py", "_HEIGHT"), ("report.py", "FULL"),
             ("report.py", "_HEIGHT * (1 - min(bits, most) / most)"), ("ui/controls.py", "value"),
             ("ui/pages/compare/link.py", "value"), ("cli/decode.py", "USUAL[name]")}  # fmt: skip


def test_numbers_are_rounded_in_one_place() -> None:
    """No f-string of a room that speaks to people rounds by itself: Python's ties would go another way."""
    found = set()
    for path in sorted((ROOT / "gptviz").rglob("*.py")):
        name = path.relative_to(ROOT / "gptviz").as_posix()
        if name.split("/")[0] not in SHOWN:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
                spec = ast.unparse(node.format_spec)[2:-1]
                if spec[-1:] in "efg%":
                    found.add((name, ast.unparse(node.value)))
    assert found <= NOT_SHOWN, sorted(found - NOT_SHOWN)
    assert found  # the search finds what there is


#: Scripts that give CSS or SVG a number with as many digits as a drawing needs.
DRAWN = {"kit/bars.js", "kit/slider.js", "kit/plot.js", "kit/theme.js", "kit/cumulative.js", "kit/boxes.js",
         "pages/model/card.js", "pages/model/parts.js", "pages/model/curve.js", "pages/beam/controls.js",
         "pages/compare/entropy.js", "pages/compare/draws.js", "pages/steps/columns.js", "pages/surprise/chain.js",
         "pages/playground/nucleus.js", "kit/dom.js", "pages/attention/keys.js", "pages/attention/lines.js",
         "pages/embeddings/near.js", "pages/embeddings/positions.js", "pages/masks/claims.js", "pages/masks/columns.js",
         "pages/limits/part.js", "pages/uses/written.js",
         "pages/scaling/law.js", "pages/deploy/forms.js",
         "pages/stream/ledger.js", "pages/stream/neurons.js", "pages/tokens/costs.js"}  # fmt: skip


def test_scripts_write_numbers_by_the_kit() -> None:
    for script in sorted(WEB.rglob("*.js")):
        name, text = script.relative_to(WEB).as_posix(), script.read_text(encoding="utf-8")
        assert not re.search(r"toPrecision|toLocaleString", text), name
        if name != "kit/numbers.js":
            assert "toExponential" not in text, name
            assert name in DRAWN or "toFixed" not in text, name
