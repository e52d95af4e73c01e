"""How a class finds its room: the link, and the same as a QR code. Pure: no Streamlit here."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

import segno

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]{1,200}(?:/[A-Za-z0-9._/-]{0,100})?", re.ASCII)
_HERE = re.compile(r"https?://(?:localhost|127\.[0-9.]+|\[::1\])(?=[:/]|$)")


class Door(NamedTuple):
    """``address`` is what is read aloud, ``link`` what the QR code holds (its squares as a path, ``size`` wide)."""

    address: str
    link: str
    path: str
    size: int
    alone: bool  # only this machine can open it


@lru_cache(maxsize=64)
def door(origin: str, code: str, lang: str, outer: str = "") -> Door:
    """The door of a room at the address that the teacher's browser has; ``outer`` is this machine's for others.

    The code stands behind the hash: no server, and no proxy on the way, writes it into its log.
    """
    base = origin.rstrip("/") if _ORIGIN.fullmatch(origin) else ""
    alone = bool(_HERE.match(base))
    if alone and outer:
        base, alone = outer.rstrip("/"), False
    link = f"{base}/room?lang={quote(lang)}#{quote(code.replace(' ', '-'))}"
    matrix = segno.make(link, error="m", micro=False).matrix
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    return Door(f"{base.removeprefix('http://').removeprefix('https://')}/room", link, path, len(matrix), alone)
