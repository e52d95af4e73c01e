"""Text for a terminal: columns that stay in line with Chinese in them, and nothing that would steer the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def safe(text: str) -> str:
    """``text`` with control characters as pictures (ESC as ␛), save newlines and tabs.

    >>> safe("a\\x1b[2Jb")
    'a␛[2Jb'
    """
    return "".join(_seen(character) for character in text)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, the others to the right."""
    lines = [[safe(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            _pad(cell, size, left=place == 0) for place, (cell, size) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def width(text: str) -> int:
    """Cells that ``text`` takes: two for a Chinese character, none for a combining mark.

    >>> width("ab"), width("人工")
    (2, 4)
    """
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _pad(text: str, size: int, *, left: bool) -> str:
    space = " " * (size - width(text))
    return text + space if left else space + text


def _seen(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) != "Cc":
        return character
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else f"⟨{code:04X}⟩"
