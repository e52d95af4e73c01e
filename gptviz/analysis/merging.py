"""How a text becomes tokens, step by step; what one more letter changes; what a language costs.

Byte-level BPE (Sennrich et al. 2016, algorithm 1; on bytes: Radford et al. 2019, section 2.2): a pattern cuts the text
into pieces, each begins as its bytes, and of all neighbours in a piece the pair of the lowest rank is joined first.
Pieces do not touch each other, so that the merges of all of them can be told in one order, that of their ranks.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gptviz.errors import PromptError
from gptviz.tokens.bpe import joins
from gptviz.tokens.pieces import clean
from gptviz.tokens.tokenizer import Kind, Tokenizer

UNICODE = 0x110000 - 0x800  # code points that can stand in a text: all but the surrogates


class Piece(NamedTuple):
    """Bytes ``start:stop`` of the text, which no token crosses; an ``added`` token is a piece of its own."""

    start: int
    stop: int
    added: bool


class Join(NamedTuple):
    """One merge: the parts ``start:middle`` and ``middle:stop`` of the text's bytes become the token ``id``."""

    piece: int  # its index
    start: int
    middle: int
    stop: int
    rank: int  # the lower, the earlier it was learnt, and the earlier it is done
    id: int


class Film(NamedTuple):
    """A text on its way to its tokens. Without ``joins`` (see ``kind``) the tokens are there at once."""

    kind: Kind
    data: bytes  # the text as it is read, in UTF-8
    pieces: tuple[Piece, ...]
    joins: tuple[Join, ...]  # in the order of rank over the whole text
    first: tuple[tuple[int, int], ...]  # (start, stop) of the parts before any join
    ids: tuple[int, ...]

    def parts(self, step: int | None = None) -> tuple[tuple[int, int], ...]:
        """(start, stop) of each part after the first ``step`` joins; after all of them (by default) the tokens."""
        stops = dict(self.first)
        for join in self.joins[:step]:
            stops[join.start] = join.stop
            del stops[join.middle]
        return tuple(stops.items())


def merges(tokenizer: Tokenizer, text: str) -> Film:
    """How ``tokenizer`` makes the tokens of ``text``: its bytes, and each merge in the order of rank.

    Only byte-level BPE merges by rank; of other kinds the film has pieces and tokens, and no joins. Nothing stands
    before the text. Raises PromptError where the tokenizer cannot read it.

    >>> from gptviz.analysis import merges
    >>> from gptviz.tokens.tokenizer import Tokenizer
    >>> tokens = [bytes([byte]) for byte in range(256)] + [b"at", b"cat"]
    >>> film = merges(Tokenizer.from_tokens(tokens), "cat")
    >>> [[film.data[start:stop] for start, stop in film.parts(step)] for step in range(3)]
    [[b'c', b'a', b't'], [b'c', b'at'], [b'cat']]
    """
    ids = tuple(tokenizer.encode(text, start=False))
    tokens = [*map(tokenizer.token_bytes, ids)]
    data = b"".join(tokens)
    cut = [*tokenizer.cut(text)] if ids else []
    if b"".join(piece for piece, _ in cut) != data:  # the library's words are not the tokens' bytes
        cut = [(token, False) for token in tokens]
    ends = _ends([piece for piece, _ in cut])
    pieces = tuple(Piece(end - len(piece), end, added) for end, (piece, added) in zip(ends, cut, strict=True))
    if tokenizer.kind == "merges":
        found = Film("merges", data, pieces, _in_order(tokenizer, data, pieces), _bytes(pieces), ids)
        if [data[start:stop] for start, stop in found.parts()] == [token for token in tokens if token]:
            return found
    spans = tuple((end - len(token), end) for end, token in zip(_ends(tokens), tokens, strict=True) if token)
    kind: Kind = "pieces" if tokenizer.kind == "merges" else tokenizer.kind
    return Film(kind, data, pieces, (), spans, ids)


def _ends(parts: Sequence[bytes]) -> list[int]:
    found, end = [], 0
    for part in parts:
        end += len(part)
        found.append(end)
    return found


def _bytes(pieces: Sequence[Piece]) -> tuple[tuple[int, int], ...]:
    """Each byte; an added token as a whole."""
    found: list[tuple[int, int]] = []
    for start, stop, added in pieces:
        found += [(start, stop)] if added else [(at, at + 1) for at in range(start, stop)]
    return tuple(found)


def _in_order(tokenizer: Tokenizer, data: bytes, pieces: Sequence[Piece]) -> tuple[Join, ...]:
    """The joins of all pieces: always the one of the lowest rank that comes next in its piece, the leftmost first."""
    running = [_joins(tokenizer, data, number, piece) for number, piece in enumerate(pieces) if not piece.added]
    waiting = [(join.rank, join.start, join, rest) for rest in running if (join := next(rest, None)) is not None]
    heapq.heapify(waiting)
    found: list[Join] = []
    while waiting:
        *_, join, rest = waiting[0]
        found.append(join)
        following = next(rest, None)
        if following is None:
            heapq.heappop(waiting)
        else:
            heapq.heapreplace(waiting, (following.rank, following.start, following, rest))
    return tuple(found)


def _joins(tokenizer: Tokenizer, data: bytes, number: int, piece: Piece) -> Iterator[Join]:
    at = piece.start
    for start, middle, stop, rank in joins(data[at : piece.stop], tokenizer.ranks):
        yield Join(number, at + start, at + middle, at + stop, rank, tokenizer.id_of(rank))


class Keystroke(NamedTuple):
    """What one more character does to the tokens before it."""

    character: str
    kept: int  # tokens at the start that stay what they were
    lost: tuple[int, ...]  # ids that were there before it, and are no more
    made: tuple[int, ...]  # ids in their stead, the character with them


def keystrokes(tokenizer: Tokenizer, text: str, count: int = 12) -> tuple[Keystroke, ...]:
    """The last ``count`` characters of ``text``, typed one after the other. Raises PromptError as ``encode`` does.

    A token is *lost* where the character does not only add to the tokens before it but makes others of them.

    >>> from gptviz.tokens.tokenizer import Tokenizer
    >>> tokens = [bytes([byte]) for byte in range(256)] + [b"at", b"ate"]
    >>> keystrokes(Tokenizer.from_tokens(tokens), "ate", 1)
    (Keystroke(character='e', kept=0, lost=(256,), made=(257,)),)
    """
    text = clean(text)[0]
    first = max(0, len(text) - count)
    before = tokenizer.encode(text[:first], start=False) if first else []
    found: list[Keystroke] = []
    for end in range(first + 1, len(text) + 1):
        now = tokenizer.encode(text[:end], start=False)
        kept = 0
        while kept < min(len(before), len(now)) and before[kept] == now[kept]:
            kept += 1
        found.append(Keystroke(text[end - 1], kept, tuple(before[kept:]), tuple(now[kept:])))
        before = now
    return tuple(found)


class Cost(NamedTuple):
    """What a text takes in a vocabulary."""

    vocab_size: int
    tokens: int
    characters: int  # code points
    bytes: int  # of UTF-8

    @property
    def per_character(self) -> float:
        """Tokens for each character."""
        return self.tokens / max(1, self.characters)


def cost(tokenizer: Tokenizer, text: str) -> Cost | None:
    """How many tokens ``text`` takes; None where the tokenizer cannot read it."""
    text = clean(text)[0]
    try:
        tokens = len(tokenizer.encode(text, start=False))
    except PromptError:
        return None
    return Cost(tokenizer.vocab_size, tokens, len(text), len(text.encode()))


def cost_in_bytes(text: str) -> Cost:
    """The same where each byte of UTF-8 is a token."""
    text = clean(text)[0]
    return Cost(256, len(text.encode()), len(text), len(text.encode()))


def cost_in_characters(text: str) -> Cost:
    """The same where each character of Unicode is a token."""
    text = clean(text)[0]
    return Cost(UNICODE, len(text), len(text), len(text.encode()))
