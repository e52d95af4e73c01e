"""Where what a tokenizer reads is not what was typed: what it changes, drops or does not know, and where.

Byte-level BPE keeps every byte. Others write a text in small letters, bring it into a normal form, put a space before
it, leave control characters out, or have one token for all that they do not know. ``changes`` compares, token by token,
what was typed with the bytes that stand for it, so that a page can say it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator, Sequence
from itertools import takewhile
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["unknown", "dropped", "space", "altered"]
#: In the order in which they are told.
KINDS: tuple[Kind, ...] = ("unknown", "dropped", "altered", "space")


class Change(NamedTuple):
    """A stretch of the text that is read as something else."""

    kind: Kind  # no token for it; left out; other characters; only its white space
    typed: str  # text[start:end]
    read: str  # what the tokens in its place say, U+FFFD for what is no UTF-8
    start: int  # characters of the text as it was typed
    end: int


class Placed(NamedTuple):
    """A token, and the characters of the typed text that it was made of."""

    id: int
    bytes: bytes
    start: int
    end: int


def changes(text: str, placed: Sequence[Placed], unknown: Container[int]) -> tuple[Change, ...]:
    """What differs between ``text`` and the tokens that it became, in order; nothing where they say the same.

    >>> changes("Hi", [Placed(5, b"hi", 0, 2)], ())
    (Change(kind='altered', typed='Hi', read='hi', start=0, end=2),)
    """
    found: list[Change] = []
    done = 0
    runs = list(_runs(placed))
    for place, run in enumerate(runs):
        start, end = min(t.start for t in run), max(t.end for t in run)
        data = b"".join(t.bytes for t in run)
        read = data.decode("utf-8", "replace")
        until = min(t.start for t in runs[place + 1]) if place + 1 < len(runs) else len(text)
        end = max(done, _with_marks(text, start, end, until, read))
        if any(t.id in unknown for t in run):
            left = text[done:start].rstrip()  # a space goes with the word that is not known
            found += _told(left, "", done) if left else ()
            found.append(Change("unknown", text[start:end], read, start, end))
        elif text[done:start].strip() and text[start:end].encode() == data:
            found += _told(text[done:start], "", done)
        elif text[done:end].encode() != data:  # not the texts: of a typed U+FFFD some bytes may be gone
            found += _told(text[done:end], read, done)
        done = end
    found += _told(text[done:], "", done)
    return tuple(sorted([*found, *_silent(text, placed, found)], key=lambda change: (change.start, change.end)))


def _silent(text: str, placed: Sequence[Placed], told: Sequence[Change]) -> Iterator[Change]:
    """Characters that no token is said to be made of and no change tells: the library may place a token too early."""
    spans = [(one.start, one.end) for one in placed] + [(one.start, one.end) for one in told]
    covered = {place for start, end in spans for place in range(start, end)}
    for place, character in enumerate(text):
        if place not in covered and character.strip():
            yield Change("dropped", character, "", place, place + 1)


def _with_marks(text: str, start: int, end: int, until: int, read: str) -> int:
    """Where what ``read`` was made of ends: marks that were set on a letter, or parts of one, may lie behind it."""
    for stop in range(until, end, -1) if until - end < 10 else ():
        marks = all(unicodedata.category(character)[0] == "M" for character in text[end:stop])
        if marks or unicodedata.normalize("NFKC", text[start:stop]) == unicodedata.normalize("NFKC", read.strip()):
            return stop
    return end


def _runs(placed: Sequence[Placed]) -> Iterator[list[Placed]]:
    """Tokens that were made of the same characters, together: the bytes of one, a mark and its letter."""
    run: list[Placed] = []
    for token in placed:
        if run and token.start >= max(t.end for t in run) and token.end > token.start:
            yield run
            run = []
        run.append(token)
    if run:
        yield run


def _told(typed: str, read: str, at: int) -> Iterator[Change]:
    """What is to be said of one stretch that differs; of an empty one nothing."""
    if not typed and not read:
        return
    first = _alike(typed, read)
    last = _alike(typed[first:][::-1], read[first:][::-1])
    left, came = typed[first : len(typed) - last], read[first : len(read) - last]
    if not left.strip() and not came.strip():
        yield Change("space", typed, read, at, at + len(typed))
    elif not came:
        yield Change("dropped", left, "", at + first, at + first + len(left))
    else:
        yield Change("altered", typed, read, at, at + len(typed))


def _alike(one: str, other: str) -> int:
    """With how many of the same characters two texts begin; U+FFFD is not one: what stands behind it is not known."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1] != "\ufffd", zip(one, other, strict=False)))
