"""A view in words, for readers who do not see the picture: ``reading(view, lang)``.

Every sentence stands in ``assets/i18n`` under ``[reading]``; the numbers in it are the view's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import singledispatch
from itertools import pairwise
from typing import Any

import numpy as np

from gptviz.i18n import translate
from gptviz.numbers import top_ids
from gptviz.rounding import fixed, number, operand, percent, setting, telling_apart
from gptviz.tokens.labels import spoken
from gptviz.views import (
    AttentionView,
    Branch,
    CellView,
    ChipsView,
    DistributionView,
    MaskView,
    MosaicView,
    PairRow,
    PairView,
    PipelineView,
    TreeView,
)
from gptviz.views.decoding import ColumnView, ComparisonView, SpreadView

_MOST = 3  # items named
_HABIT = 0.5  # mean weight from which a head is said to have a habit


@singledispatch
def reading(view: Any, lang: str = "en", *, query_pos: int | None = None) -> str:
    """What the picture of ``view`` shows, in a sentence or three.

    ``query_pos`` chooses the row of an attention matrix (by default the last). Raises TypeError for what is no view.
    """
    raise TypeError(f"no reading for {type(view).__name__}")


def _say(key: str, lang: str, **values: Any) -> str:
    return translate(f"reading.{key}", lang, **values)


def _listed(items: Iterable[tuple[str, str]], lang: str, key: str = "item") -> str:
    """(label, value) pairs as one list."""
    return _say("comma", lang).join(_say(key, lang, label=spoken(label), value=value) for label, value in items)


def _joined(sentences: Iterable[str]) -> str:
    """One text; after an ideographic full stop no space is written."""
    return " ".join(sentences).replace("。 ", "。")


@reading.register
def _chips(view: ChipsView, lang: str = "en", *, query_pos: int | None = None) -> str:
    said = [_say("chips.count", lang, count=len(view.chips))]
    if view.chips and view.chips[0].special:
        said.append(_say("chips.start", lang, mark=view.chips[0].label))
    bits = [(chip.surprisal, chip.label) for chip in view.chips if chip.surprisal is not None]
    if bits:
        most = sorted(bits, key=lambda pair: -pair[0])[:_MOST]
        mean = sum(pair[0] for pair in bits) / len(bits)
        named = _listed(((label, _say("bits", lang, bits=number(value, 1))) for value, label in most), lang)
        said.append(_say("chips.surprising", lang, items=named, mean=number(mean, 1)))
    return _joined(said)


@reading.register
def _attention(view: AttentionView, lang: str = "en", *, query_pos: int | None = None) -> str:
    if not view.labels:
        return _say("empty", lang)
    pos = len(view.labels) - 1 if query_pos is None else query_pos
    row = view.values[pos]
    seen = np.flatnonzero(~np.isnan(row))
    best = seen[top_ids(row[seen], _MOST)].tolist()
    weights = view.stage == "pattern"
    items = [(view.labels[key], percent(float(row[key])) if weights else number(float(row[key]))) for key in best]
    shown = _listed(items, lang, "looks" if weights else "item")
    names = {"query": spoken(view.labels[pos]), "layer": view.layer, "head": view.head}
    return _say(f"attention.{view.stage}", lang, **names, items=shown)


@reading.register
def _mask(view: MaskView, lang: str = "en", *, query_pos: int | None = None) -> str:
    return _say("mask", lang, open=f"{int(view.allowed.sum()):,}", pairs=f"{view.allowed.size:,}")


@reading.register
def _cell(view: CellView, lang: str = "en", *, query_pos: int | None = None) -> str:
    names = {"query": spoken(view.query_label), "seen": spoken(view.key_label)}
    if view.weight is None or view.exp is None or view.sum_exp is None:
        return _say("cell.masked", lang, **names)
    score = operand(view.score)  # the figures that the line on the screen has, which come to its result by hand
    exponent = score if not view.shift else f"({score} − {operand(view.shift)})"
    names |= {"exponent": exponent, "exp": operand(view.exp), "sum": operand(view.sum_exp)}
    return _say("cell.open", lang, **names, dot=operand(view.dot), d=view.head_dim, score=score,
                weight=percent(view.weight, 1))  # fmt: skip


@reading.register
def _mosaic(view: MosaicView, lang: str = "en", *, query_pos: int | None = None) -> str:
    said = [_say("mosaic.shape", lang, n_layer=view.n_layer, n_head=view.n_head, heads=view.n_layer * view.n_head)]
    found = habits(view) if view.block == 1 and view.tile > 2 else {}  # pooled cells are no means
    if any(found.values()):
        said.append(_say("mosaic.habits", lang, **found))
    return _joined(said)


def habits(view: MosaicView) -> dict[str, int]:
    """How many heads give, on average over the queries from the third on, over half their weight to one place.

    ``previous``: the token before; ``first``: the first token; ``self``: the token itself.
    """
    query = np.arange(2, view.tile)  # for the second token, the one before is the first
    places = {"previous": query - 1, "first": np.zeros_like(query), "self": query}
    weights = {name: view.tiles[:, :, query, key].astype(np.float64) / 255 for name, key in places.items()}
    return {name: int((found.mean(-1) > _HABIT).sum()) for name, found in weights.items()}  # (n_layer, n_head, T - 2)


@reading.register
def _distribution(view: DistributionView, lang: str = "en", *, query_pos: int | None = None) -> str:
    likely = sorted((row for row in view.rows if row.cut is None), key=lambda row: -row.p)[:_MOST]
    items = _listed(((row.label, percent(row.p, 1)) for row in likely), lang)
    others = max(0.0, sum(row.p for row in view.rows) + view.tail.p - sum(row.p for row in likely))
    said = [_say("distribution.likely", lang, items=items)]
    if view.kept > len(likely):
        said = [_say("distribution.others", lang, items=items, count=f"{view.kept - len(likely):,}",
                     percent=percent(others, 1))]  # fmt: skip
    said.append(
        _say("distribution.entropy", lang, entropy=number(view.entropy, 1), effective=number(view.effective, 0))
    )
    if view.kept < view.vocab_size:
        said.append(_say("distribution.kept", lang, kept=f"{view.kept:,}", vocab_size=f"{view.vocab_size:,}"))
    if view.draw is not None and view.u is not None:
        said.append(_say("distribution.drawn", lang, label=spoken(view.draw.label), u=number(view.u, 3)))
    if view.actual is not None:
        p, rank = percent(view.actual.p_model, 1), f"{view.actual.rank:,}"
        said.append(_say("distribution.actual", lang, label=spoken(view.actual.label), percent=p, rank=rank))
    return _joined(said)


@reading.register
def _column(view: ColumnView, lang: str = "en", *, query_pos: int | None = None) -> str:
    m = view.measures
    hardest = max(view.words, key=lambda word: word.surprisal)
    mean = number(sum(m.surprisals) / m.length, 1)
    said = [_say("column.text", lang, tokens=m.length, bits=mean, label=hardest.text.strip() or spoken(hardest.text),
                 most=number(hardest.surprisal, 1))]  # fmt: skip
    if view.leaves is not None:
        said.append(_say("column.leaves", lang, step=view.leaves + 1))
    if m.loops:
        loops = (_say("column.loop", lang, times=x.times, period=x.period, start=x.start + 1) for x in m.loops)
        said.append(_say("column.loops", lang, loops=_say("comma", lang).join(loops)))
    return _joined(said)


@reading.register
def _comparison(view: ComparisonView, lang: str = "en", *, query_pos: int | None = None) -> str:
    if not view.columns:
        return _say("empty", lang)
    ordered = sorted(view.columns, key=lambda column: -column.measures.mean_logprob)
    best, worst = ordered[0], ordered[-1]
    said = [
        _say("comparison.likely", lang, count=len(ordered), best=best.name, worst=worst.name,
             best_nats=number(best.measures.mean_logprob), worst_nats=number(worst.measures.mean_logprob))
    ]  # fmt: skip
    left = [(c.name, _say("comparison.step", lang, step=c.leaves + 1)) for c in view.columns if c.leaves is not None]
    if left:
        said.append(_say("comparison.leaves", lang, items=_listed(left, lang)))
    looped = [(c.name, percent(c.measures.looped)) for c in view.columns if c.measures.loops]
    if looped:
        said.append(_say("comparison.loops", lang, items=_listed(looped, lang)))
    return _joined(said)


@reading.register
def _spread(view: SpreadView, lang: str = "en", *, query_pos: int | None = None) -> str:
    said = [
        _say("spread.texts", lang, n=f"{view.n:,}", texts=f"{view.distinct_texts:,}", nats=number(view.mean_logprob),
             length=number(view.mean_length, 1))
    ]  # fmt: skip
    if view.texts[0][1] > 1:
        said.append(_say("spread.most", lang, count=f"{view.texts[0][1]:,}"))
    return _joined(said)


@reading.register
def _pipeline(view: PipelineView, lang: str = "en", *, query_pos: int | None = None) -> str:
    said = [_say("pipeline.start", lang, count=f"{view.vocab_size:,}", entropy=number(view.stages[0].entropy, 1))]
    for before, stage in pairwise(view.stages):
        name = translate(f"panel.distribution.filter.{stage.name}", lang)
        if stage.setting is not None:
            name = _say("pipeline.setting", lang, filter=name, setting=setting(stage.setting))
        values = {"filter": name, "entropy": number(stage.entropy, 1), "mass": percent(stage.mass, 1)}
        kind = "cut" if stage.kept < before.kept else "reshape"
        said.append(_say(f"pipeline.{kind}", lang, **values, kept=f"{stage.kept:,}"))
    if view.choice is not None:
        choice = view.choice
        digits = telling_apart(choice.low, choice.u, choice.high)
        low, high, u = (fixed(x, digits) for x in (choice.low, choice.high, choice.u))
        label, place = spoken(view.choice.label), f"{view.choice.place:,}"
        said.append(_say("pipeline.draw", lang, u=u, low=low, high=high, label=label, place=place))
    said += [_say("pipeline.taken", lang, label=spoken(row.label)) for row in view.rows if row.taken]
    return _joined(said)


@reading.register
def _tree(view: TreeView, lang: str = "en", *, query_pos: int | None = None) -> str:
    parents = {node.node: node for node in view.nodes}
    items = []
    for leaf in (node for node in view.nodes if node.leaf and node.depth):
        text, node = "", leaf
        while node.depth:
            text, node = node.label + text, parents[node.parent]
        known = "item" if leaf.total is not None else "item_unknown"
        items.append(_say(f"tree.{known}", lang, text=spoken(text), logprob=number(leaf.total or 0.0, 1)))
    if not items:
        return _say("tree.none", lang)
    listed = _say("comma", lang).join(items)
    return _say("tree.one" if len(items) == 1 else "tree.many", lang, branches=len(items), tokens=view.depth,
                items=listed)  # fmt: skip


@reading.register
def _pair(view: PairView, lang: str = "en", *, query_pos: int | None = None) -> str:
    def likeliest(p: Callable[[PairRow], float]) -> str:
        best = sorted(view.rows, key=lambda row: -p(row))[:_MOST]
        return _listed(((row.label, percent(p(row), 1)) for row in best), lang)

    def looks(branch: Branch) -> str:
        best = top_ids(np.asarray(branch.weights), _MOST).tolist()
        return _listed(((branch.labels[key], percent(branch.weights[key])) for key in best), lang, "looks")

    a, b = view.a, view.b
    return _joined([
        _say("pair.texts", lang, shared=view.shared, length_a=len(a.tokens), a=number(a.logprob, 1),
             length_b=len(b.tokens), b=number(b.logprob, 1)),
        _say("pair.step", lang, step=view.step + 1, items_a=likeliest(lambda row: row.p_a),
             items_b=likeliest(lambda row: row.p_b), bits=number(view.divergence)),
        _say("pair.attention", lang, layer=view.layer, head=view.head, looks_a=looks(a), looks_b=looks(b)),
    ])  # fmt: skip
