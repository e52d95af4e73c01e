"""One file of colours: the browser's table is written from it, Streamlit's settings and the report agree with it."""

from __future__ import annotations

import re
import tomllib

import pytest

from gptviz import theme
from gptviz.decoding import Sample
from gptviz.decoding.records import record
from gptviz.figures import theme as plotly
from gptviz.language_model import LanguageModel
from gptviz.paths import ASSETS, ROOT
from gptviz.theme import PALETTES, Colour, Palette, channels, mix, surprisal_colour
from gptviz.tools import theme as tool

RAW = tomllib.loads(theme.FILE.read_text(encoding="utf-8"))
each = pytest.mark.parametrize("name", PALETTES)


def luminance(colour: Colour) -> float:
    """Relative luminance (WCAG 2.2)."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (c / 255 for c in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2), from 1 to 21."""
    low, high = sorted(luminance(channels(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_the_browsers_table_is_written_from_the_file() -> None:
    """Run ``python -m gptviz.tools.theme`` where this fails."""
    script = tool.SCRIPT.read_text(encoding="utf-8")
    assert tool.written(script) == script
    for name in PALETTES:
        block = script.split(f"\n  {name}: {{\n")[1].split("\n  },\n")[0]
        assert set(re.findall(r"#[0-9a-f]{6}", block)) <= set(re.findall(r"#[0-9a-f]{6}", str(RAW[name])))


def test_another_colour_gets_into_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    script = tool.SCRIPT.read_text(encoding="utf-8")
    monkeypatch.setitem(
        PALETTES, "dark", theme._palette(RAW["dark"] | {"accent": "#123456", "indigo": ["#000001"] * 4})
    )
    changed = tool.written(script)
    assert changed.count('accent: "#123456"') == 1
    assert changed.count("[0, 0, 1]") == 4
    assert changed.splitlines()[:14] == script.splitlines()[:14]
    with pytest.raises(ValueError, match="no table"):
        tool.written("const COLOURS = {};\n")


@each
def test_every_colour_of_the_file_is_read(name: str) -> None:
    assert set(Palette.__dataclass_fields__) == RAW[name].keys()
    palette = PALETTES[name]
    for field, value in RAW[name].items():
        read = getattr(palette, field)
        assert read == (value if field in ("shadow", *_PLAIN) else _channels(value))
    assert [*RAW["surprisal"].values(), *RAW["weights"].values()] == [theme.FULL, theme.STRONGEST, theme.LIFT]


_PLAIN = ("ink", "bg", "panel", "mute", "line", "accent", "on_accent", "draw", "cut")


def _channels(value: str | list[str]) -> object:
    return channels(value) if isinstance(value, str) else tuple(map(channels, value))


@each
def test_streamlits_own_parts_wear_the_same(name: str) -> None:
    shown = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"][name]
    palette = PALETTES[name]
    assert shown == {"primaryColor": palette.accent, "backgroundColor": palette.bg, "textColor": palette.ink,
                     "secondaryBackgroundColor": palette.panel, "borderColor": palette.line}  # fmt: skip


def test_the_report_has_no_colour_of_its_own(tiny_lm: LanguageModel) -> None:
    from gptviz import report

    style = (ASSETS / "report" / "report.css").read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b", style)
    page = report.html(record(tiny_lm, "the cat", {"a": Sample()}, max_new_tokens=3))
    given = dict(re.findall(r"--([\w-]+): ([^;]+);", page.split("@media")[0]))
    assert set(re.findall(r"var\(--([\w-]+)\)", style)) - {"s"} <= given.keys()
    assert given["strongest"] == f"{theme.STRONGEST:.0%}"
    assert given["warm1"] == RAW["light"]["warm"][1]
    assert f"{theme.FULL:g}+" in page


def test_no_other_python_file_has_colours() -> None:
    found = [
        path.name
        for path in (ROOT / "gptviz").rglob("*.py")
        if re.search(r'"#[0-9a-fA-F]{6}"', path.read_text("utf-8"))
    ]
    assert sorted(found) == ["theme.py"]  # in examples


@each
def test_text_can_be_read_and_bars_can_be_seen(name: str) -> None:
    """4.5 for text (WCAG 2.2, 1.4.3), 3 for what is drawn (1.4.11)."""
    palette = PALETTES[name]
    for bits in (0, 3, 6, 12, 40):
        assert contrast(palette.ink, surprisal_colour(palette, bits)) > 4.5
    for ground in (palette.panel, palette.bg):
        assert contrast(palette.ink, ground) > 7
        assert contrast(palette.mute, ground) > 4.5
        assert contrast(theme.hex_colour(palette.warm[1]), ground) > 3
        assert contrast(palette.accent, ground) > 3
        assert contrast(palette.draw, ground) > 3


@each
def test_the_figures_scales_end_in_the_themes_colours(name: str) -> None:
    palette = PALETTES[name]
    scale = plotly.signed_scale(palette)
    ends = [theme.hex_colour(colour) for colour in (palette.grey[-1], palette.figure_zero, palette.indigo[-1])]
    assert [colour for at, colour in scale if at in (0, 0.5, 1)] == ends
    assert plotly.indigo_scale(palette)[-1] == [1.0, ends[2]]
    assert plotly.warm_scale(palette)[-1] == [1.0, surprisal_colour(palette, theme.FULL)]
    assert surprisal_colour(palette, 0) == mix(*palette.warm, 0.0) == theme.hex_colour(palette.warm[0])
