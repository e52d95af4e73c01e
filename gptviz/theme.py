"""The colours of ``assets/theme.toml``, as data: for figures, the report, and what is written for the browser."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from gptviz.paths import ASSETS

Colour = tuple[int, int, int]
FILE = ASSETS / "theme.toml"


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, as they are written in CSS; scales as channels from 0 to 255."""

    ink: str
    bg: str
    panel: str
    mute: str
    line: str
    accent: str
    on_accent: str
    draw: str
    cut: str
    shadow: str
    warm: tuple[Colour, Colour]  # surprisal 0, and as high as can be
    indigo: tuple[Colour, Colour, Colour, Colour]  # 0 … 1
    grey: tuple[Colour, Colour, Colour, Colour]  # 0 … most negative
    figure_zero: Colour  # what both begin with in a figure


def channels(colour: str) -> Colour:
    """``"#ff0010"`` → ``(255, 0, 16)``."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def hex_colour(colour: Sequence[float]) -> str:
    """``(255, 0, 16)`` → ``"#ff0010"``."""
    return "#" + "".join(f"{round(channel):02x}" for channel in colour)


def mix(one: Colour, other: Colour, share: float) -> str:
    """``one`` at 0, ``other`` at 1."""
    return hex_colour([a + (b - a) * share for a, b in zip(one, other, strict=True)])


def _palette(raw: dict[str, Any]) -> Palette:
    read: dict[str, Any] = {
        field.name: tuple(map(channels, value)) if isinstance(value := raw[field.name], list) else value
        for field in fields(Palette)
    }
    return Palette(**read | {"figure_zero": channels(raw["figure_zero"])})


with FILE.open("rb") as _file:
    _RAW = tomllib.load(_file)

PALETTES = {name: _palette(_RAW[name]) for name in ("light", "dark")}
PAPER: str = _RAW["paper"]
#: Bits at which surprisal's colour is full, and how much of its second colour is mixed in then.
FULL: float = _RAW["surprisal"]["full"]
STRONGEST: float = _RAW["surprisal"]["strongest"]
#: The exponent of weights and probabilities on their scale.
LIFT: float = _RAW["weights"]["lift"]


def surprisal_colour(colours: Palette, bits: float) -> str:
    """The colour of a surprisal: from pale to orange, full at ``FULL``."""
    return mix(*colours.warm, min(1.0, bits / FULL) * STRONGEST)
