"""The tokens by which browsers are known; of each a digest is kept, with which nobody could speak as them."""

from __future__ import annotations

import hashlib
import secrets

from gptviz.room.records import State


def digest(token: str) -> bytes:
    """Of a token: looked up by it, nothing of the token can be told from how long that takes."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def begun(code: str, lang: str, born: float) -> tuple[State, str]:
    """A room at its beginning, and its teacher's token; ``born`` in seconds of whatever clock its keeper has."""
    token = secrets.token_urlsafe(24)
    return State(code, lang, born, secrets.token_urlsafe(9), digest(token)), token
