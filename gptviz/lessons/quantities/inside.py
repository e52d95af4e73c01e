"""What happens between the text and the numbers: embeddings, attention, heads, the stream, masks."""

from __future__ import annotations

import numpy as np

from gptviz import edits
from gptviz.analysis.attribution import Ledger, ledger
from gptviz.analysis.embeddings import cosines, neighbours
from gptviz.analysis.heads import SCORES, HeadScores
from gptviz.analysis.lens import logit_lens
from gptviz.analysis.masks import UnderMask, under_mask
from gptviz.errors import LessonError
from gptviz.lessons.moment import Moment
from gptviz.lessons.quantities.predicting import p_first
from gptviz.lessons.quantities.registry import NotYetError, ids_of, logits, quantity, token_of
from gptviz.numbers import Doubles, rank_of, softmax


@quantity
def cosine(moment: Moment, a: str, b: str) -> float:
    """Cosine of two tokens' embeddings."""
    return float(cosines(moment.lm, token_of(moment, a))[token_of(moment, b)])


@quantity
def nearness(moment: Moment, a: str, b: str) -> float:
    """The place of token b among the nearest neighbours of a; 1 is the nearest."""
    values, own = cosines(moment.lm, token_of(moment, a)).copy(), token_of(moment, a)
    values[own] = -np.inf
    return rank_of(values, token_of(moment, b))


@quantity
def nearest_cosine(moment: Moment, a: str) -> float:
    """Cosine of a token with its nearest neighbour."""
    return neighbours(moment.lm, token_of(moment, a), count=1)[0].cosine


@quantity
def chosen_nearness(moment: Moment, a: str) -> float:
    """The place of the token chosen on the page among the nearest neighbours of a; 0 where none is chosen."""
    chosen, own = moment.whole("token"), token_of(moment, a)
    if not 0 < chosen < moment.lm.n_tokens or chosen == own:
        return 0.0
    values = cosines(moment.lm, own).copy()
    values[own] = -np.inf
    return rank_of(values, chosen)


@quantity
def attention(moment: Moment, query: int, key: int) -> float:
    """Weight of the page's head from one position to another, counted from 0; negative from the end."""
    return float(_pattern(moment)[query, key])


@quantity
def score(moment: Moment, query: int, key: int) -> float:
    """q·k/√d of the page's head, before mask and softmax; positions as in ``attention``."""
    trace = moment.trace(ids_of(moment))
    return float(trace.layer("scores", moment.whole("layer"))[moment.whole("head"), query, key])


@quantity
def looked_at(moment: Moment, query: int = -1) -> float:
    """The position that the page's head looks at most from there, counted from 0."""
    return int(_pattern(moment)[query].argmax())


@quantity
def weights_sum(moment: Moment, query: int = -1) -> float:
    """The sum of all weights of the page's head from one position."""
    return float(_pattern(moment)[query].sum())


@quantity
def visible(moment: Moment, query: int) -> float:
    """How many positions one may look at: its own and those before it. Counted from 0."""
    row = _pattern(moment)[query]
    return float(range(len(row))[query] + 1)


@quantity
def cells_masked(moment: Moment) -> float:
    """How many cells of the square of positions the causal mask takes away."""
    T = len(ids_of(moment))
    return T * (T - 1) / 2


def _pattern(moment: Moment) -> Doubles:
    found = moment.trace(ids_of(moment)).layer("pattern", moment.whole("layer"))[moment.whole("head")]
    pattern: Doubles = found.astype(np.float64)
    return pattern


@quantity
def head_score(moment: Moment, score: str) -> float:
    """That score of the head chosen on the page, from 0 to 1."""
    layer, head = moment.whole("layer"), moment.whole("head")
    return next((_score(one, score) for one in _heads(moment) if (one.layer, one.head) == (layer, head)), 0.0)


@quantity
def best_head_score(moment: Moment, score: str) -> float:
    """The largest such score of any head."""
    return max(_score(one, score) for one in _heads(moment))


@quantity
def heads_with(moment: Moment, score: str, least: float) -> float:
    """How many heads have at least that much of a score."""
    return sum(_score(one, score) >= least for one in _heads(moment))


@quantity
def first_layer_with(moment: Moment, score: str, least: float) -> float:
    """The first layer in which a head has at least that much of a score."""
    return min(one.layer for one in _heads(moment) if _score(one, score) >= least)


@quantity
def p_without_head(moment: Moment) -> float:
    """What is left of the likeliest next token's probability with the page's head switched off (set to zero)."""
    ids = ids_of(moment)
    first = int(logits(moment).argmax())
    change = edits.ablate(layer=moment.whole("layer"), head=moment.whole("head"), mode="zero")
    return float(softmax(moment.lm.trace(ids, edits=[change]).logits_at(-1).astype(np.float64))[first])


@quantity
def lost_without_head(moment: Moment) -> float:
    """How much of the likeliest next token's probability goes with the page's head."""
    return p_first(moment) - p_without_head(moment)


def _heads(moment: Moment) -> tuple[HeadScores, ...]:
    found = moment.heads(moment.lm)
    if not found:
        raise NotYetError
    return found


def _score(one: HeadScores, name: str) -> float:
    if name not in SCORES:
        raise LessonError("lesson.no_score", name=name, known=", ".join(SCORES))
    value: float | None = getattr(one, name)
    return value or 0.0


@quantity
def ledger_lines(moment: Moment) -> float:
    """How many lines the likeliest next token's logit is the sum of."""
    return len(_ledger(moment).lines)


@quantity
def ledger_logit(moment: Moment) -> float:
    """The likeliest next token's logit."""
    return _ledger(moment).logit


@quantity
def ledger_error(moment: Moment) -> float:
    """How far the sum of the lines is from the logit."""
    return _ledger(moment).error


@quantity
def ledger_part(moment: Moment, kind: str) -> float:
    """What all lines of a kind (embedding, position, head, mlp) wrote into the likeliest next token's logit."""
    return sum(line.amount for line in _ledger(moment).lines if line.kind == kind)


@quantity
def ledger_best_layer(moment: Moment) -> float:
    """The layer whose attention and MLP together gave the likeliest next token most, counted from 0."""
    sums: dict[int, float] = {}
    for line in _ledger(moment).lines:
        if line.layer is not None and line.kind in ("head", "mlp"):
            sums[line.layer] = sums.get(line.layer, 0.0) + line.amount
    return max(sums, key=lambda layer: sums[layer])


@quantity
def lens_first(moment: Moment) -> float:
    """After how many blocks the final likeliest token is in first place, and stays there."""
    tops = logit_lens(moment.trace(ids_of(moment)), len(ids_of(moment)) - 1).argmax(-1)
    others = [i for i, token in enumerate(tops.tolist()) if token != tops[-1]]
    return float(others[-1] + 1 if others else 0)


def _ledger(moment: Moment) -> Ledger:
    trace = moment.trace(ids_of(moment))
    return ledger(trace, int(trace.logits_at(-1).argmax()))


@quantity
def bits_under(moment: Moment, kind: str) -> float:
    """Bits by token of the text under a mask: causal, bidirectional, prefix (of the page's length)."""
    return float(_under(moment, kind).mean or 0.0)


@quantity
def leaks_under(moment: Moment, kind: str) -> float:
    """At how many positions a change of the last token shows under a mask, beside the last."""
    return float(np.count_nonzero(np.nan_to_num(_under(moment, kind).leak) > 1e-6))


def _under(moment: Moment, kind: str) -> UnderMask:
    ids = ids_of(moment)
    return under_mask(moment.lm, ids, kind, prefix=max(1, moment.whole("prefix")), causal=moment.trace(ids))
