"""The next token: the most likely ones, what each filter cut, the whole tail as one bar, and where the draw fell.

``p_model`` is a token's probability under the model alone, ``p`` after all filters (0 where one cut it). The cumulative
bar lays the kept tokens side by side by falling ``p`` (ties: lower id first); the uniform number ``u`` falls on the one
drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gptviz.numbers import Doubles, Ids, entropy_bits, rank_of, top_ids
from gptviz.tokens.labels import hex_bytes, label
from gptviz.views.sources import Floats, StageLike, TokenizerLike


class Row(NamedTuple):
    """One bar."""

    id: int
    label: str
    bytes: str  # hex
    rank: int  # under the model; 1 = most likely
    p_model: float
    p: float
    cut: str | None  # the filter that cut it
    drawn: bool
    actual: bool  # the token that really follows


class Tail(NamedTuple):
    """All tokens without a bar of their own."""

    count: int  # type: ignore[assignment]  # hides the method of tuple, which nobody calls here
    p_model: float
    p: float
    kept: int


class StageCount(NamedTuple):
    """How many tokens are in play after a stage."""

    name: str
    kept: int


class Segment(NamedTuple):
    """One stretch of the cumulative bar."""

    id: int
    label: str
    p: float
    drawn: bool


class Drawn(NamedTuple):
    """The token that was drawn."""

    id: int
    label: str
    p: float


class Actual(NamedTuple):
    """The token that really follows in the text."""

    id: int
    label: str
    p_model: float
    rank: int


class DistributionView(NamedTuple):
    """What the model expects after position ``pos``; entropies in bits, ``effective`` = 2^entropy."""

    pos: int
    last: bool  # nothing follows yet
    vocab_size: int  # tokens, without what only pads the vocabulary
    entropy: float  # after all filters
    effective: float
    entropy_model: float
    effective_model: float
    kept: int  # tokens left by all filters
    rows: tuple[Row, ...]  # by falling p_model; the drawn and the actual token are always among them
    tail: Tail
    stages: tuple[StageCount, ...]
    segments: tuple[Segment, ...]
    rest: float  # probability of the kept tokens without a segment
    drawn_at: tuple[float, float] | None  # the drawn token's span on the cumulative bar
    u: float | None
    draw: Drawn | None
    actual: Actual | None


def distribution(logits: Floats, stages: Sequence[StageLike], tokenizer: TokenizerLike, *, pos: int,
                 u: float | None = None, draw: int | None = None, actual_id: int | None = None, top: int = 10,
                 segments: int = 24) -> DistributionView:  # fmt: skip
    """The distribution after ``pos``: ``logits`` (V,) and the ``stages`` of the filters, the first the model alone.

    ``draw`` is the id drawn with the uniform number ``u``; ``actual_id`` the token that follows in the text, if any.
    """
    model, final = (np.asarray(stage.probs, dtype=np.float64) for stage in (stages[0], stages[-1]))
    kept = [int(np.count_nonzero(stage.kept)) for stage in stages]
    entropy_model = entropy_bits(model)
    entropy = entropy_model if len(stages) == 1 else entropy_bits(final)
    ids = _shown(np.asarray(logits), top, [i for i in (draw, actual_id) if i is not None])
    rows = _rows(ids, np.asarray(logits), stages, tokenizer, draw, actual_id)
    tail = _tail(ids, kept[0], model, final, kept[-1] - sum(row.cut is None for row in rows))
    laid = top_ids(final, min(segments, int(np.count_nonzero(final))))
    chosen = None if draw is None else Drawn(draw, token_label(tokenizer, draw), float(final[draw]))
    follows = next((Actual(row.id, row.label, row.p_model, row.rank) for row in rows if row.actual), None)
    return DistributionView(
        pos=pos, last=actual_id is None, vocab_size=kept[0], entropy=entropy, effective=float(2.0**entropy),
        entropy_model=entropy_model, effective_model=float(2.0**entropy_model), kept=kept[-1], rows=rows, tail=tail,
        stages=tuple(StageCount(stage.name, count) for stage, count in zip(stages, kept, strict=True)),
        segments=tuple(Segment(i, token_label(tokenizer, i), float(final[i]), i == draw) for i in laid.tolist()),
        rest=_sum_without(final, laid), drawn_at=None if draw is None else span(final, draw), u=u, draw=chosen,
        actual=follows,
    )  # fmt: skip


def span(probs: Doubles, token: int) -> tuple[float, float]:
    """Where ``token`` lies on [0, 1) when tokens are laid out by falling probability, ties by id."""
    p = probs[token]
    start = float(probs[probs > p].sum()) + float(p) * int(np.count_nonzero(probs[:token] == p))
    total = float(probs.sum())  # float32 probabilities sum to 1 only nearly; the bar ends at 1
    return start / total, (start + float(p)) / total


def token_label(tokenizer: TokenizerLike, token: int) -> str:
    """The label of an id; ids without a token (a model's matrix may be padded) are shown as a number."""
    data = _bytes(tokenizer, token)
    return label(data) if data else f"[{token}]"


def _bytes(tokenizer: TokenizerLike, token: int) -> bytes:
    return tokenizer.token_bytes(token) if token < tokenizer.vocab_size else b""


def _shown(logits: Floats, top: int, always: list[int]) -> list[int]:
    """The ``top`` largest; a token that must be seen takes the place of the least of them."""
    best: list[int] = top_ids(logits, min(top, len(logits))).tolist()
    extra = [i for i in dict.fromkeys(always) if i not in best]
    extra.sort(key=lambda i: (-float(logits[i]), i))
    return best[: max(0, top - len(extra))] + extra


def _rows(ids: list[int], logits: Floats, stages: Sequence[StageLike], tokenizer: TokenizerLike, draw: int | None,
          actual_id: int | None) -> tuple[Row, ...]:  # fmt: skip
    model, final = stages[0].probs, stages[-1].probs
    rows = []
    for place, token in enumerate(ids):
        cut = next((stage.name for stage in stages if not stage.kept[token]), None)
        rank = rank_of(logits, token) if token in (draw, actual_id) else place + 1
        shown = (token, token_label(tokenizer, token), hex_bytes(_bytes(tokenizer, token)), rank)
        p = 0.0 if cut else float(final[token])
        rows.append(Row(*shown, float(model[token]), p, cut, token == draw, token == actual_id))
    return tuple(rows)


def _tail(ids: list[int], vocab_size: int, model: Doubles, final: Doubles, kept: int) -> Tail:
    shown = np.asarray(ids, dtype=np.int64)
    return Tail(vocab_size - len(ids), _sum_without(model, shown), _sum_without(final, shown), kept)


def _sum_without(values: Doubles, ids: Ids) -> float:
    """Σ of all but ``ids``, added up and not taken off from 1, where the smallest tails would be lost."""
    others = values.copy()
    others[ids] = 0.0
    return float(others.sum())
