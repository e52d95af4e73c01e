"""Tokens as what they are, bytes, with the view of them as text: a token may be half a Chinese character.

Vocabulary: a token is *whole* where its bytes are whole characters, and then it has ``text``; otherwise it is a piece,
and ``groups`` puts it together with its neighbours until the group is whole.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE = re.compile("[\ud800-\udfff]")


class Token(NamedTuple):
    """One token of a text."""

    id: int
    bytes: bytes
    text: str | None  # None where the bytes are not whole characters
    start: int  # characters of the decoded whole: text[start:end]; pieces of one character all have its span
    end: int


class Group(NamedTuple):
    """Neighbouring tokens ``tokens[first:stop]`` that together are whole characters."""

    first: int
    stop: int
    text: str | None  # None where even together they are no UTF-8, such as a character cut off at the end
    start: int  # characters of the decoded whole, as in Token
    end: int


def locate(ids: Sequence[int], parts: Sequence[bytes]) -> list[Token]:
    """Tokens with their place in the text that their ``parts`` (one bytes object for each id) make together.

    >>> [(t.text, t.start, t.end) for t in locate([0, 1, 2], [b"a", b"\\xc3", b"\\xa9"])]
    [('a', 0, 1), (None, 1, 2), (None, 1, 2)]
    """
    data = b"".join(parts)
    starts, broken = _characters(data)
    character = (np.cumsum(starts) - 1).tolist()  # which character of the text each byte belongs to
    character.append(int(starts.sum()))  # and the end of the text, where the next one would start
    first, faults = [*starts.tolist(), True], [0, *np.cumsum(broken).tolist()]
    tokens, at = [], 0
    for token_id, part in zip(ids, parts, strict=True):
        stop = at + len(part)
        whole = first[at] and first[stop] and faults[at] == faults[stop]
        end = character[stop - 1] + 1 if part else character[at] + (not first[at])  # nothing, maybe inside a character
        tokens.append(Token(token_id, part, part.decode("utf-8") if whole else None, character[at], end))
        at = stop
    return tokens


def go_on(before: Sequence[Token], ids: Sequence[int], parts: Sequence[bytes]) -> list[Token]:
    """``locate`` of all of ``ids``, of which the first were located as ``before``.

    Up to the last whole token of those nothing depends on what follows; after it a character may go on.

    >>> parts = [b"a", b"\\xc3", b"\\xa9"]
    >>> go_on(locate([0, 1], parts[:2]), [0, 1, 2], parts) == locate([0, 1, 2], parts)
    True
    """
    known = len(before)
    while known and (before[known - 1].text is None or not before[known - 1].bytes):
        known -= 1
    if not known:
        return locate(ids, parts)
    at = before[known - 1].end
    new = locate(ids[known:], parts[known:])
    return [*before[:known], *(token._replace(start=token.start + at, end=token.end + at) for token in new)]


def groups(tokens: Sequence[Token]) -> Iterator[Group]:
    """All of ``tokens``, put together where they are pieces of the same characters: most groups are one token.

    >>> [g.text for g in groups(locate([0, 1, 2], [b"a", b"\\xc3", b"\\xa9"]))]
    ['a', 'é']
    """
    first = 0
    for stop in range(1, len(tokens) + 1):
        if stop < len(tokens) and tokens[stop].start < tokens[stop - 1].end:
            continue  # the next token goes on with the same character
        run = tokens[first:stop]
        yield Group(first, stop, _whole(b"".join(token.bytes for token in run)), run[0].start, run[-1].end)
        first = stop


def clean(text: str) -> tuple[str, int]:
    """``text`` as UTF-8 can hold it, and how many characters had to be replaced by U+FFFD.

    A browser counts in UTF-16 and may send 🙂 as two surrogates, which are joined, or half of it, which is replaced.

    >>> clean("a\\ud83d\\ude42"), clean("a\\ud83d")
    (('a🙂', 0), ('a\ufffd', 1))
    """
    if text.isascii() or not _LONE.search(text):
        return text, 0
    joined = _PAIR.sub(lambda pair: pair.group().encode("utf-16", "surrogatepass").decode("utf-16"), text)
    return _LONE.subn("\ufffd", joined)


def _characters(data: bytes) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Of each byte (n_bytes,): whether a character starts there, and whether it is not UTF-8.

    What is not UTF-8 counts as ``bytes.decode(errors="replace")`` does: one character for each stretch it replaces.
    """
    first = (np.frombuffer(data, dtype=np.uint8) & 0xC0) != 0x80  # continuation bytes are 10xxxxxx
    broken = np.zeros(len(data), dtype=np.bool_)
    at, view = 0, memoryview(data)
    while at < len(data):
        try:
            codecs.utf_8_decode(view[at:], "strict", True)
            break
        except UnicodeDecodeError as error:
            start, stop = at + error.start, at + error.end
            first[start:stop], broken[start:stop] = False, True
            first[start] = True
            at = stop
    return first, broken


def _whole(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None
