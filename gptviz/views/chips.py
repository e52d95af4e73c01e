"""The prompt as coloured chips: each token's label, id, bytes, and how surprised the model was by it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from gptviz.numbers import bits
from gptviz.tokens.labels import hex_bytes, label
from gptviz.tokens.pieces import Token, groups
from gptviz.views.sources import TraceLike


class Piece(NamedTuple):
    """Where a token stands among those that together make one character (or a few)."""

    of: str  # the character, as a label
    index: int  # type: ignore[assignment]  # hides the method of tuple, which nobody calls here
    count: int  # type: ignore[assignment]


class Chip(NamedTuple):
    """One token. ``surprisal``, ``prob`` and ``rank`` are None for the first, which nothing precedes."""

    id: int
    label: str
    bytes: str  # hex, "54 68 65"
    surprisal: float | None  # bits: −log2 of its probability given those before
    prob: float | None
    rank: int | None  # 1 = the model's first choice; None where the trace has no ranks
    path: bool  # generated, not typed
    piece: Piece | None
    special: bool = False  # a mark such as <|endoftext|>, no piece of a text; False where the trace does not say


class ChipsView(NamedTuple):
    """All tokens read; the first ``n_prompt`` were typed."""

    n_prompt: int
    chips: tuple[Chip, ...]


def chips(trace: TraceLike, n_prompt: int | None = None) -> ChipsView:
    """The chips of a trace; tokens from ``n_prompt`` on belong to the generated path."""
    tokens, typed = trace.tokens, len(trace.tokens) if n_prompt is None else n_prompt
    ranks: Sequence[int] | None = getattr(trace, "ranks", None)
    special: Sequence[bool] = getattr(trace, "special", [False] * len(tokens))
    made = []
    for pos, (token, nats, piece) in enumerate(zip(tokens, trace.logprobs.tolist(), pieces(tokens), strict=True)):
        known = not math.isnan(nats)
        rank = int(ranks[pos]) if known and ranks is not None else None
        made.append(_chip(int(token.id), token.bytes, nats if known else None, rank, pos >= typed, piece, special[pos]))
    return ChipsView(typed, tuple(made))


@lru_cache(maxsize=1 << 13)
def _chip(token: int, data: bytes, nats: float | None, rank: int | None, path: bool, piece: Piece | None,
          special: bool) -> Chip:  # fmt: skip
    """One chip. A key changes few of them, so that a class types over chips that were made already."""
    surprisal, prob = (None, None) if nats is None else (bits(nats), math.exp(nats))
    return Chip(token, label(data), hex_bytes(data), surprisal, prob, rank, path, piece, special)


def labels(trace: TraceLike) -> tuple[str, ...]:
    """The label of each position."""
    return tuple(label(token) for token in trace.tokens)


def pieces(tokens: Sequence[Token]) -> list[Piece | None]:
    """For each token its place in a split character; None for whole ones, and for bytes that never become one."""
    found: list[Piece | None] = [None] * len(tokens)
    first = next((at for at, token in enumerate(tokens) if token.text is None), len(tokens))  # most texts have none
    for group in groups(tokens[first:]):
        size = group.stop - group.first
        if size > 1 and group.text is not None:
            of, at = label(group.text.encode()), first + group.first
            found[at : at + size] = [Piece(of, i, size) for i in range(size)]
    return found
