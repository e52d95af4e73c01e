"""How a token is written where people read it.

The bytes of a token are its truth; a *label* is a view of them: short, visible and never empty, so that a space, a
newline or a character that reverses the direction of writing can be seen instead of doing its work.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

SPACE, NEWLINE, TAB, CIRCLE, NOTHING = "·", "↵", "→", "◌", "∅"
_VISIBLE = {" ": SPACE, "\n": NEWLINE, "\t": TAB, "\x7f": "␡"}
# Letters, marks and signs by category, yet drawn as nothing (Unicode's Default_Ignorable_Code_Point, empty Braille) or,
# like U+FFFD, standing for something else.
_BLANK = frozenset([0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xFFFC, 0xFFFD,
                    *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000)])  # fmt: skip


class HasBytes(Protocol):
    """Anything that knows its bytes, such as ``gptviz.tokens.tokenizer.Token``."""

    @property
    def bytes(self) -> bytes: ...


def label(token: bytes | HasBytes) -> str:
    """The token as shown on chips and axes: spaces as middle dots, what is invisible as an escape, bytes as hex.

    >>> label(b" the"), label(b"\\n"), label("\u202e".encode()), label(b"\\xe6\\x88"), label(b" \\xe6")
    ('·the', '↵', '⟨202E⟩', 'E6 88', '·⟨E6⟩')
    """
    return _label(token if isinstance(token, bytes) else token.bytes)


def spoken(text: str) -> str:
    """A label as a sentence quotes it: without the dot of one leading space, where anything is left.

    >>> spoken("·the"), spoken("·")
    ('the', '·')
    """
    return text[1:] if text.startswith(SPACE) and len(text) > 1 and text[1] != SPACE else text


def hex_bytes(data: bytes) -> str:
    """``b"The"`` → ``"54 68 65"``."""
    return data.hex(" ").upper()


def legible(data: bytes) -> str:
    """Bytes as the text that they are; those that make no whole character stand as bytes.

    >>> legible("naïve 你".encode()[:-1])
    'naïve ⟨E4 BD⟩'
    """
    return "".join(f"⟨{hex_bytes(run)}⟩" if isinstance(run, bytes) else run for run in _runs(data))


@lru_cache(maxsize=1 << 15)
def _label(data: bytes) -> str:
    runs = list(_runs(data))
    if len(runs) == 1 and isinstance(runs[0], bytes):
        return hex_bytes(runs[0])
    return "".join(f"⟨{hex_bytes(run)}⟩" if isinstance(run, bytes) else _written(run) for run in runs) or NOTHING


def _runs(data: bytes) -> Iterator[str | bytes]:
    """Text where the bytes are whole characters of UTF-8, bytes where they are not, in order."""
    pending = b""
    while data:
        try:
            good, bad, rest = data.decode(), b"", b""
        except UnicodeDecodeError as error:
            good, bad, rest = data[: error.start].decode(), data[error.start : error.end], data[error.end :]
        if good and pending:
            yield pending
            pending = b""
        if good:
            yield good
        pending, data = pending + bad, rest
    if pending:
        yield pending


def _written(text: str) -> str:
    out: list[str] = []
    base = False  # whether a combining mark has something to sit on
    for character in text:
        seen = _seen(character)
        if unicodedata.category(character)[0] == "M" and seen == character:
            out.append(character if base else CIRCLE + character)
            base = True
        else:
            out.append(seen)
            base = seen == character
    return "".join(out)


def _seen(character: str) -> str:
    code = ord(character)
    if character in _VISIBLE:
        return _VISIBLE[character]
    if code < 0x20:
        return chr(0x2400 + code)  # ␀ … ␟
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp")
    return f"⟨{code:04X}⟩" if hidden or code in _BLANK else character
