"""Looking through a whole vocabulary: tokens by their text, by their bytes, by their id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gptviz.tokens.labels import SPACE
from gptviz.tokens.tokenizer import Tokenizer


class Found(NamedTuple):
    """Some of the tokens that match, and how many there are."""

    ids: tuple[int, ...]
    total: int


def all_bytes(tokenizer: Tokenizer) -> tuple[bytes, ...]:
    """The bytes of each id, in order."""
    return tuple(map(tokenizer.token_bytes, range(tokenizer.vocab_size)))


def find_tokens(vocabulary: Sequence[bytes], query: str, *, most: int = 60) -> Found:
    """The tokens of a vocabulary (see ``all_bytes``) that contain ``query``.

    First the token itself, with a space before it too, then those that begin with it, then the others, each by rising
    id. A middle dot is a space as well, ``0xE4BD`` are bytes, and a number is also the id itself, which
    then comes first of all.

    >>> find_tokens([b"a", b"cat", b" cat", b"scat", b"dog"], "cat")
    Found(ids=(1, 2, 3), total=3)
    """
    needles = _needles(query)
    if not needles:
        return Found((), 0)
    ranked: list[tuple[int, int]] = []
    for number, data in enumerate(vocabulary):
        places = [data.find(needle) for needle in needles]
        if max(places) < 0:
            continue
        whole = any(data in (needle, b" " + needle) for needle in needles)
        begins = any(data.removeprefix(b" ").startswith(needle) or data.startswith(needle) for needle in needles)
        ranked.append((0 if whole else 1 if begins else 2, number))
    ids = [number for _, number in sorted(ranked)]
    asked = int(query) if query.isascii() and query.isdigit() and len(query) < 10 else -1
    if 0 <= asked < len(vocabulary):
        ids = [asked, *(number for number in ids if number != asked)]
    return Found(tuple(ids[:most]), len(ids))


def _needles(query: str) -> list[bytes]:
    """What is looked for, in bytes: as it is written, and with a space for each middle dot."""
    if query.lower().startswith("0x"):
        try:
            data = bytes.fromhex(query[2:])
        except ValueError:
            data = b""
        if data:
            return [data, query.encode("utf-8", "replace")]
    return [*dict.fromkeys(text.encode("utf-8", "replace") for text in (query, query.replace(SPACE, " ")) if text)]
