"""Byte-pair encoding (Sennrich et al. 2016, algorithm 1; on bytes as in Radford et al. 2019, 2.2), slow and readable.

The fast twin is tiktoken, behind ``tokens.tokenizer``; this one is for showing how a piece becomes tokens, and for
checking that a foreign vocabulary means the same to both. Vocabulary: text is cut into *pieces* by a pattern; a piece
starts as single bytes, its *parts*; of all neighbouring parts the pair whose merge has the lowest *rank* is merged,
the leftmost first, until no pair has a rank.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

#: How text is cut before merging. GPT-2's idea (a word takes its leading space with it) with three changes: Han
#: characters are cut into runs of at most four, because Chinese writes no spaces and a whole sentence would otherwise
#: be one piece; numbers are cut into at most three digits; line ends are pieces of their own.
#: Every character is matched by some branch: tiktoken silently drops what no branch matches.
PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|\p{Han}{1,4}|[^\r\n\p{L}\p{N}]?(?:(?!\p{Han})\p{L})+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
)
#: GPT-2's own (Radford et al. 2019, released ``encoder.py``).
GPT2_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
END_OF_TEXT = "<|endoftext|>"

Parts = tuple[bytes, ...]
_MOST_WORK = 10_000_000  # pairs of parts looked at in checking merges


class Merge(NamedTuple):
    """One merge in one piece: ``before[at]`` and ``before[at + 1]`` become ``after[at]``."""

    piece: int  # index of the piece in the text
    before: Parts
    after: Parts
    at: int
    rank: int  # the lower, the earlier it was learnt and the earlier it is done
    id: int  # of the token made


class Join(NamedTuple):
    """Two neighbouring parts of a piece that become one: its bytes ``start:middle`` and ``middle:stop``."""

    start: int
    middle: int
    stop: int
    rank: int


def byte_alphabet() -> dict[int, str]:
    """GPT-2's printable stand-in for each byte (Radford et al. 2019, ``bytes_to_unicode``): 256 distinct characters.

    Bytes that print as themselves stand for themselves; the others are moved, in order, to code points from 256 on.
    """
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    moved = (b for b in range(256) if b not in printable)
    return {b: chr(b) for b in printable} | {b: chr(256 + n) for n, b in enumerate(moved)}


def single_bytes(piece: bytes) -> Parts:
    """The parts a piece starts as.

    >>> single_bytes("é".encode())
    (b'\\xc3', b'\\xa9')
    """
    return tuple(piece[i : i + 1] for i in range(len(piece)))


def merge_next(parts: list[bytes], ranks: Mapping[bytes, int], below: float = float("inf")) -> int | None:
    """Do the next merge whose rank is under ``below`` in ``parts`` itself and say where; None where there is none.

    >>> parts = [b"t", b"h", b"e"]
    >>> merge_next(parts, {b"th": 0, b"he": 1}), parts
    (0, [b'th', b'e'])
    """
    found = [ranks.get(left + right, below) for left, right in pairwise(parts)]
    lowest = min(found, default=below)
    if lowest >= below:
        return None
    at = found.index(lowest)
    parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return at


def merged(piece: bytes, ranks: Mapping[bytes, int]) -> Iterator[tuple[int, Parts]]:
    """All merges of a piece in order, each as (where, the parts after it); the last parts are its tokens."""
    parts = list(single_bytes(piece))
    while (at := merge_next(parts, ranks)) is not None:
        yield at, tuple(parts)


def joins(piece: bytes, ranks: Mapping[bytes, int]) -> Iterator[Join]:
    """The merges of ``merged``, as places in the piece: in n log n steps, where a piece of a thousand bytes takes n².

    Pairs wait in a heap by rank and place; one whose parts have changed meanwhile is passed over.

    >>> [(join.start, join.middle, join.stop) for join in joins(b"the", {b"th": 0, b"the": 1})]
    [(0, 1, 2), (0, 2, 3)]
    """
    stop_of, start_of = [*range(1, len(piece) + 1)], [*range(len(piece))]  # of the part that begins, that ends there
    waiting: list[tuple[int, int, int, int]] = []  # rank, start, middle, stop

    def look(start: int, middle: int) -> None:
        if start >= 0 and middle < len(piece):
            stop = stop_of[middle]
            rank = ranks.get(piece[start:stop])
            if rank is not None:
                heapq.heappush(waiting, (rank, start, middle, stop))

    for middle in range(1, len(piece)):
        look(middle - 1, middle)
    while waiting:
        rank, start, middle, stop = heapq.heappop(waiting)
        if stop_of[start] != middle or stop_of[middle] != stop:
            continue
        stop_of[start], start_of[stop - 1], stop_of[middle] = stop, start, -1
        yield Join(start, middle, stop, rank)
        look(start, stop)
        if start:
            look(start_of[start - 1], start)


def first_irreproducible(pairs: Iterable[tuple[bytes, bytes]], ranks: Mapping[bytes, int]) -> bytes | None:
    """The first token that ranks alone would not build from the pair it was learnt as; None where all are.

    A list of merges names pairs, a table of ranks only their results: "abc" may be made of a+bc or of ab+c. The two
    agree on every text exactly if each token, merged from its bytes by lower ranks only, comes to its listed pair:
    what lies inside a token's span in a longer text is merged as if alone as long as no merge crosses the span's ends.

    Raises ValueError where looking takes ten times as long as for any vocabulary in use: tokens made of thousands of
    others, one in the other.
    """
    made_of: dict[bytes, tuple[bytes, bytes]] = {}
    depths: tuple[dict[bytes, int], dict[bytes, int]] = ({}, {})  # how many parts lie at a token's start, at its end
    work = 0
    for left, right in pairs:
        token = left + right
        if token in made_of:
            continue  # the same token from a second pair: what builds it first is what counts
        if not all(len(part) == 1 or part in made_of for part in (left, right)):
            return token  # made of what is made only later, or never
        starts, ends = depths[0].get(left, 1), depths[1].get(right, 1)
        work += depths[1].get(left, 1) * depths[0].get(right, 1)
        if work > _MOST_WORK:
            raise ValueError(f"merges that lie too deep in one another, at {token[:20]!r}")
        depths[0][token], depths[1][token] = starts + 1, ends + 1
        if _seam_is_crossed(left, right, made_of, ranks):
            return token
        made_of[token] = (left, right)
    return None


def _seam_is_crossed(left: bytes, right: bytes, made_of: Mapping[bytes, tuple[bytes, bytes]],
                     ranks: Mapping[bytes, int]) -> bool:  # fmt: skip
    """Whether, before ``left`` and ``right`` are whole, a merge joins a part of one with a part of the other.

    A part x at the end of the left side lies there until its own side swallows it; so does y at the start of the
    right. x+y is made if its rank comes before both; at a tie the leftmost goes first, so before y's but not x's.
    """
    whole = ranks[left + right]
    starts = list(_at_seam(right, 0, whole, made_of, ranks))
    for x, x_until in _at_seam(left, 1, whole, made_of, ranks):
        for y, y_until in starts:
            rank = ranks.get(x + y, whole)
            if rank < x_until and rank <= y_until:
                return True
    return False


def _at_seam(token: bytes, side: int, until: int, made_of: Mapping[bytes, tuple[bytes, bytes]],
             ranks: Mapping[bytes, int]) -> Iterator[tuple[bytes, int]]:  # fmt: skip
    """The parts of ``token`` that lie at its start (side 0) or end (1), each with the rank that swallows it."""
    yield token, until
    while token in made_of:
        until, token = ranks[token], made_of[token][side]
        yield token, until
