"""A text on its way to its tokens, and what one more letter changes, as they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from gptviz.analysis.merging import Film, Keystroke
from gptviz.tokens.labels import hex_bytes, label
from gptviz.tokens.tokenizer import Kind
from gptviz.views.sources import TokenizerLike


class FilmPiece(NamedTuple):
    """What the text was cut into before merging: bytes ``start:stop``."""

    start: int
    stop: int
    label: str
    added: bool


class FilmView(NamedTuple):
    """The film; with ``kind`` other than merges it has no joins, and begins with its tokens."""

    kind: Kind
    n_bytes: int
    pieces: tuple[FilmPiece, ...]
    first: npt.NDArray[np.float32]  # (n, 2): start and stop of each part before any join
    joins: npt.NDArray[np.float32]  # (m, 5): start, middle, stop, rank, id
    first_labels: tuple[str, ...]
    join_labels: tuple[str, ...]  # of what each join makes
    hex: str  # of all bytes
    tokens: tuple[int, ...]


def film(shown: Film) -> FilmView:
    """The film as it is drawn."""
    data = shown.data
    pieces = tuple(FilmPiece(p.start, p.stop, label(data[p.start : p.stop]), p.added) for p in shown.pieces)
    joins = [(one.start, one.middle, one.stop, one.rank, one.id) for one in shown.joins]
    return FilmView(
        kind=shown.kind,
        n_bytes=len(data),
        pieces=pieces,
        first=np.array(shown.first, dtype=np.float32).reshape(-1, 2),
        joins=np.array(joins, dtype=np.float32).reshape(-1, 5),
        first_labels=tuple(label(data[start:stop]) for start, stop in shown.first),
        join_labels=tuple(label(data[one.start : one.stop]) for one in shown.joins),
        hex=hex_bytes(data),
        tokens=shown.ids,
    )


#: What a character did: it is a token more, the last token grew by it, or tokens before it were cut anew.
Change: TypeAlias = Literal["added", "grew", "resplit"]


class KeystrokeRow(NamedTuple):
    """One character typed: tokens that went, and those in their stead."""

    character: str
    kept: int
    lost: tuple[str, ...]
    made: tuple[str, ...]
    change: Change


def keystroke_rows(found: Sequence[Keystroke], tokenizer: TokenizerLike) -> tuple[KeystrokeRow, ...]:
    """Each keystroke with its tokens as labels."""

    def labels(ids: Sequence[int]) -> tuple[str, ...]:
        return tuple(label(tokenizer.token_bytes(number)) for number in ids)

    return tuple(
        KeystrokeRow(label(one.character.encode()), one.kept, labels(one.lost), labels(one.made), change_of(one))
        for one in found
    )


def change_of(one: Keystroke) -> Change:
    """What a keystroke did to the tokens before it."""
    if not one.lost:
        return "added"
    return "grew" if len(one.lost) == len(one.made) == 1 else "resplit"
