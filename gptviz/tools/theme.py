"""``python -m gptviz.tools.theme``: write the colours of ``assets/theme.toml`` into ``gptviz/web/kit/theme.js``.

The browser loads its modules as they lie there, so the table has to be in one of them.
"""

from __future__ import annotations

import re
from pathlib import Path

from gptviz.theme import FULL, LIFT, PALETTES, STRONGEST, Palette, hex_colour

SCRIPT = Path(__file__).resolve().parents[1] / "web" / "kit" / "theme.js"
_TABLE = re.compile(r"^const PALETTES = \{\n.*?^\};\n", re.MULTILINE | re.DOTALL)
_NUMBERS = {"BITS_AT_FULL_COLOUR": FULL, "STRONGEST_MIX": STRONGEST, "TABLE_LIFT": LIFT}
_PLAIN = ("ink", "bg", "panel", "mute", "line", "accent", "on_accent", "draw", "cut")


def written(script: str) -> str:
    """``script`` with the table and the numbers of the theme in it, laid out as the formatter lays it out."""
    body = "".join(f"  {name}: {{\n{_colours(palette)}  }},\n" for name, palette in PALETTES.items())
    script, found = _TABLE.subn(f"const PALETTES = {{\n{body}}};\n", script)
    if found != 1:
        raise ValueError("the script has no table of colours, or several")
    for name, value in _NUMBERS.items():
        script, found = re.subn(rf"(const {name} = )[\d.]+;", rf"\g<1>{value:g};", script)
        if found != 1:
            raise ValueError(f"the script has no {name}, or several")
    return script


def main() -> None:
    """Write the file anew."""
    SCRIPT.write_text(written(SCRIPT.read_text(encoding="utf-8")), encoding="utf-8")


def _colours(palette: Palette) -> str:
    values = {name: getattr(palette, name) for name in _PLAIN}
    values |= {"warm0": hex_colour(palette.warm[0]), "warm1": hex_colour(palette.warm[1]), "shadow": palette.shadow}
    lines = [f'    {_camel(name)}: "{value}",\n' for name, value in values.items()]
    for name in ("indigo", "grey"):
        stops = "".join(f"      [{', '.join(map(str, stop))}],\n" for stop in getattr(palette, name))
        lines.append(f"    {name}: [\n{stops}    ],\n")
    return "".join(lines)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


if __name__ == "__main__":
    main()
