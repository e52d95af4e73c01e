"""What phones send, read within bounds: a short JSON object of plain values."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from gptviz.errors import RoomError

MAX_BODY = 4_096  # bytes
_MOST_FIELDS, _MOST_ITEMS = 8, 64


async def body(pieces: AsyncIterator[bytes]) -> bytes:
    """All of a body. Raises RoomError as soon as it is longer than any of ours."""
    found = b""
    async for piece in pieces:
        found += piece
        if len(found) > MAX_BODY:
            raise RoomError("room.message")
    return found


def message(encoded: bytes) -> dict[str, Any]:
    """The object in it: no deeper than lists of plain values, no NaN. Raises RoomError for anything else."""
    try:
        found = json.loads(encoded, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise RoomError("room.message") from None
    if not isinstance(found, dict) or len(found) > _MOST_FIELDS or not all(map(_is_plain, found.values())):
        raise RoomError("room.message")
    return found


def word(told: dict[str, Any], name: str, most: int = 100) -> str:
    """A field that is a short text; empty where it is anything else."""
    value = told.get(name)
    return value if isinstance(value, str) and len(value) <= most else ""


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= _MOST_ITEMS and not any(isinstance(item, (list, dict)) for item in value)
    return not isinstance(value, dict)


def _refuse(name: str) -> None:
    raise ValueError(name)
