"""One step of generation, stage by stage: logits → softmax → each filter in turn → the cumulative bar → the token.

The same tokens stand in every stage, so that one of them can be followed through. ``p`` is a probability after a
stage, 0 where the token has been cut; *mass* is what a filter left of the probability before it. The *bar* lays the
tokens that are left side by side from 0 to 1 by falling probability (ties: lower id first); that token is drawn whose
stretch ``low <= u < high`` holds the uniform number ``u`` (inverse transform sampling).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gptviz.decoding.chance import cumulative
from gptviz.numbers import Doubles, entropy_bits, log_sum_exp, rank_of, top_ids
from gptviz.tokens.labels import hex_bytes
from gptviz.views.distribution import token_label
from gptviz.views.sources import Floats, StageLike, TokenizerLike


class PipelineStage(NamedTuple):
    """The whole vocabulary after one stage; ``name`` is "model" (the plain softmax), then that of each filter."""

    name: str
    setting: float | None  # what the filter is set to, where it was said
    kept: int  # tokens still in play
    mass: float  # of the probability before it, what it kept (1 where nothing was cut)
    entropy: float  # bits


class PipelineRow(NamedTuple):
    """One token through all stages."""

    id: int
    label: str
    bytes: str  # hex
    rank: int  # under the model; 1 = most likely
    logit: float
    p: tuple[float, ...]  # after each stage
    cut_at: int | None  # the stage that cut it
    drawn: bool
    taken: bool  # the token that follows on the path, where it goes on


class PipelineTail(NamedTuple):
    """All tokens without a row, as one; ``logit`` is ln Σ e^logit: what one token as likely as they all would have."""

    count: int  # type: ignore[assignment]  # hides the method of tuple, which nobody calls here
    logit: float | None  # None where there are none
    p: tuple[float, ...]
    kept: tuple[int, ...]


class Stretch(NamedTuple):
    """One token on the bar; ``row`` is its place among the rows, None where it has none."""

    id: int
    label: str
    low: float
    high: float
    row: int | None


class Choice(NamedTuple):
    """Where ``u`` fell."""

    u: float
    id: int
    label: str
    low: float
    high: float
    place: int  # on the bar; 1 = most likely
    before: Stretch | None  # its neighbours on the bar
    after: Stretch | None


class PipelineView(NamedTuple):
    """The choice of the token that follows position ``pos``."""

    pos: int
    vocab_size: int
    rows: tuple[PipelineRow, ...]  # by falling logit; the drawn and the taken token are always among them
    tail: PipelineTail
    stages: tuple[PipelineStage, ...]
    bar: tuple[Stretch, ...]  # the first stretches; the rest of the bar is that of the others
    choice: Choice | None


def pipeline(logits: Floats, stages: Sequence[StageLike], tokenizer: TokenizerLike, *, pos: int,
             u: float | None = None, draw: int | None = None, taken: int | None = None,
             settings: Mapping[str, float] | None = None, top: int = 10, stretches: int = 32
             ) -> PipelineView:  # fmt: skip
    """The stages of one choice: ``logits`` (V,) and the ``stages`` of the filters, the first the model alone.

    ``draw`` is the id drawn with ``u``, ``taken`` the one that follows on the path; ``settings`` says what each filter
    is set to, by name. Raises DecodingError where no token is left to be drawn.
    """
    values = np.asarray(logits, dtype=np.float64)
    after = [np.asarray(stage.probs, dtype=np.float64) for stage in stages]
    ids = _shown(values, top, [i for i in (draw, taken) if i is not None])
    rows = tuple(_row(i, values, after, stages, tokenizer, draw, taken) for i in ids)
    bar, choice = _bar(np.asarray(stages[-1].probs), tokenizer, ids, stretches, u, draw)
    tail = _tail(ids, values, after, stages)
    vocab_size = int(np.count_nonzero(stages[0].kept))  # without what only pads the vocabulary
    return PipelineView(pos, vocab_size, rows, tail, _stages(stages, after, settings or {}), bar, choice)


def _shown(values: Doubles, top: int, always: list[int]) -> list[int]:
    """The ``top`` largest by falling logit; a token that must be seen takes the place of the least of them."""
    best: list[int] = top_ids(values, min(top, len(values))).tolist()
    extra = [i for i in dict.fromkeys(always) if i not in best]
    extra.sort(key=lambda i: (-float(values[i]), i))
    return best[: max(0, top - len(extra))] + extra


def _row(token: int, values: Doubles, after: list[Doubles], stages: Sequence[StageLike], tokenizer: TokenizerLike,
         draw: int | None, taken: int | None) -> PipelineRow:  # fmt: skip
    cut_at = next((n for n, stage in enumerate(stages) if not stage.kept[token]), None)
    data = tokenizer.token_bytes(token) if token < tokenizer.vocab_size else b""
    p = tuple(float(probs[token]) for probs in after)
    return PipelineRow(token, token_label(tokenizer, token), hex_bytes(data), rank_of(values, token),
                       float(values[token]), p, cut_at, token == draw, token == taken)  # fmt: skip


def _tail(ids: list[int], values: Doubles, after: list[Doubles], stages: Sequence[StageLike]) -> PipelineTail:
    others = stages[0].kept.copy()  # without what only pads the vocabulary
    others[ids] = False
    if not others.any():
        return PipelineTail(0, None, (0.0,) * len(stages), (0,) * len(stages))
    kept = tuple(int(np.count_nonzero(stage.kept & others)) for stage in stages)
    p = tuple(float(probs[others].sum()) for probs in after)
    return PipelineTail(int(others.sum()), log_sum_exp(values[others]), p, kept)


def _stages(stages: Sequence[StageLike], after: list[Doubles], settings: Mapping[str, float]
            ) -> tuple[PipelineStage, ...]:  # fmt: skip
    found = []
    for n, stage in enumerate(stages):
        kept = int(np.count_nonzero(stage.kept))
        before = after[max(0, n - 1)]
        cut = kept < int(np.count_nonzero(stages[max(0, n - 1)].kept))
        mass = float(before[stage.kept].sum() / before.sum()) if cut else 1.0
        found.append(PipelineStage(stage.name, settings.get(stage.name), kept, mass, entropy_bits(after[n])))
    return tuple(found)


def _bar(probs: Floats, tokenizer: TokenizerLike, ids: list[int], stretches: int, u: float | None, draw: int | None
         ) -> tuple[tuple[Stretch, ...], Choice | None]:  # fmt: skip
    order, edges = cumulative(probs)  # (n,), (n + 1,): the very bar that the draw was made on
    rows = {token: row for row, token in enumerate(ids)}

    def stretch(place: int) -> Stretch:
        token = int(order[place])
        low, high = float(edges[place]), float(edges[place + 1])
        return Stretch(token, token_label(tokenizer, token), low, high, rows.get(token))

    bar = tuple(stretch(place) for place in range(min(stretches, len(order))))
    if u is None or draw is None or draw not in order:
        return bar, None
    place = int(np.flatnonzero(order == draw)[0])
    own = stretch(place)
    before = stretch(place - 1) if place else None
    after = stretch(place + 1) if place + 1 < len(order) else None
    return bar, Choice(u, own.id, own.label, own.low, own.high, place + 1, before, after)
