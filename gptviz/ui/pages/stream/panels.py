"""The stream page's panels: sizes, the lens and one of its cells, two tokens through the layers, the ledger, neurons.

Pure: no Streamlit here. Of the lens only first choices travel, with their probabilities: its logits are many times what
all else is.
"""

from __future__ import annotations

from typing import Annotated, TypedDict

import numpy as np

from gptviz.i18n import translate
from gptviz.numbers import bits, probs_of
from gptviz.recipes import stream as recipes
from gptviz.rounding import number, percent, scientific
from gptviz.tokens.labels import spoken
from gptviz.ui.message_types import JSON, Of, Told
from gptviz.ui.pages.stream.presets import PRESETS
from gptviz.ui.pages.stream.scene import Streamed
from gptviz.ui.pages.stream.words import named
from gptviz.ui.web.arrays import Blobs
from gptviz.ui.web.message import as_json
from gptviz.views import labels
from gptviz.views import stream as views
from gptviz.views.distribution import token_label

_NAMED = 3  # lines of a ledger that its reading names


class OffersPart(TypedDict):
    """The presets, by name."""

    presets: list[str]


def offers(scene: Streamed) -> OffersPart:
    """The presets."""
    return {"presets": list(PRESETS)}


class Sizes(Told):
    """The norms are the arrays ``resid`` (S, T), ``attn`` and ``mlp`` (L, T)."""

    labels: list[str]
    n_layer: int


class SizesPart(TypedDict):
    """How large the stream is, and what each block adds."""

    sizes: Sizes
    pos: int


def sizes(scene: Streamed) -> SizesPart:
    """The stream in sizes."""
    found, lang, pos = scene.kept.norms(scene.trace), scene.context.lang, scene.pos
    added = np.concatenate([found.attn[:, pos], found.mlp[:, pos]])
    most, n_layer = int(added.argmax()), len(found.attn)
    reading = translate(
        "stream.reading.sizes", lang, label=spoken(_label(scene, scene.ids[pos])), first=number(found.resid[0, pos], 1),
        last=number(found.resid[-1, pos], 1), layer=most % n_layer, size=number(float(added[most]), 1),
        part=translate(f"stream.part.{'mlp' if most >= n_layer else 'attn'}", lang),
    )  # fmt: skip
    python = recipes.norms(scene.prompt, scene.context.lm.name)
    return {"sizes": {"labels": list(labels(scene.trace)), "n_layer": n_layer, "reading": reading, "python": python},
            "pos": pos}  # fmt: skip


def size_arrays(scene: Streamed) -> Blobs:
    """(S, T), (L, T), (L, T)."""
    found = scene.kept.norms(scene.trace)
    return {name: part.astype(np.float32) for name, part in zip(("resid", "attn", "mlp"), found, strict=True)}


class Lens(Told):
    """First choices are the arrays ``lens_ids``, ``lens_probs`` and, where ranks are shown, ``lens_ranks``: (S, W).

    NaN where a column is still to come. ``first`` is the position of the leftmost one.
    """

    first: int
    columns: int
    names: dict[int, str]
    ranked: str  # the token whose ranks are shown
    actual: list[str | None]  # what follows each position of the text


class LensPart(TypedDict):
    """What the model would say after each block."""

    lens: Lens


def lens(scene: Streamed) -> LensPart:
    """The grid."""
    shown = [scene.kept.columns[pos] for pos in scene.columns if pos in scene.kept.columns]
    ids = {int(i) for column in shown for i in column.tops.ids}
    here, lang = scene.kept.columns[scene.pos].tops, scene.context.lang
    last = int(here.ids[-1])
    since = len(here.ids) - 1
    while since > 0 and here.ids[since - 1] == last:
        since -= 1
    reading = translate(
        "stream.reading.lens", lang, label=spoken(_label(scene, scene.ids[scene.pos])),
        first=spoken(_label(scene, int(here.ids[0]))), last=spoken(_label(scene, last)),
        p=percent(float(here.probs[-1])), stage=_stage(since, lang),
    )  # fmt: skip
    following = [*scene.ids[1:], None]
    return {"lens": {
        "first": scene.columns.start, "columns": len(scene.columns),
        "names": {i: _label(scene, i) for i in sorted(ids)},
        "ranked": _label(scene, scene.tokens[0]), "reading": reading,
        "actual": [None if i is None else _label(scene, i) for i in (following[pos] for pos in scene.columns)],
        "python": recipes.lens(scene.prompt, scene.context.lm.name),
    }}  # fmt: skip


def lens_arrays(scene: Streamed) -> Blobs:
    """(S, W) each; float32, in which ids up to 2^24 are exact."""
    shape = (scene.trace.resid.shape[0], len(scene.columns))
    ranks = scene.look.grid == "rank"
    names = ("lens_ids", "lens_probs", *(("lens_ranks",) if ranks else ()))
    found: Blobs = {name: np.full(shape, np.nan, dtype=np.float32) for name in names}
    for at, pos in enumerate(scene.columns):
        column = scene.kept.columns.get(pos)
        if column is None:
            continue
        found["lens_ids"][:, at], found["lens_probs"][:, at], _ = column.tops
        if ranks and scene.kept.has(pos, scene.tokens[0]) and column.ranked is not None:
            found["lens_ranks"][:, at] = column.ranked[1]
    return found


class Cell(Told):
    """``picks``: how each of its tokens is named in the controls."""

    picks: list[str]


class CellPart(TypedDict):
    """One cell of the lens, and its arithmetic."""

    cell: Annotated[JSON, Of(views.LensCell, more=Cell)]


def cell(scene: Streamed) -> CellPart:
    """What the chosen state would say."""
    tokenizer, lang = scene.context.lm.tokenizer, scene.context.lang
    view = views.lens_cell(scene.trace, scene.logits, scene.stage, scene.pos, tokenizer)
    best = view.rows[0]
    reading = translate(
        "stream.reading.cell", lang, stage=_stage(view.stage, lang), label=spoken(_label(scene, scene.ids[view.pos])),
        best=spoken(best.label), logit=number(best.logit, 2), total=number(view.total, 2), p=percent(best.p, 1),
        scale=number(view.scale, 4), mean=number(view.mean, 3),
    )  # fmt: skip
    picks = [named(tokenizer, row.id, scene.n_tokens) for row in view.rows]
    python = recipes.followed(scene.prompt, scene.context.lm.name, pos=view.pos, tokens=[row.id for row in view.rows])
    return {"cell": as_json(view) | {"picks": picks, "reading": reading, "python": python}}


class Followed(TypedDict):
    """One token through the layers, from the embedding to the last block."""

    id: int
    label: str
    said: str  # how the controls name it
    auto: bool  # the page chose it
    probs: list[float]
    ranks: list[int]


class Through(Told):
    """The token followed, and its rival where there is one; ``unknown``: a control names what is no token."""

    tokens: list[Followed]
    unknown: list[str]


class ThroughPart(TypedDict):
    """Two tokens through the layers."""

    through: Through


def through(scene: Streamed) -> ThroughPart:
    """Their probabilities and ranks after each block."""
    lang, wishes = scene.context.lang, (scene.look.token, scene.look.rival)
    tokenizer = scene.context.lm.tokenizer
    found: list[Followed] = [
        {"id": x.token, "label": _label(scene, x.token), "said": named(tokenizer, x.token, scene.n_tokens),
         "auto": scene.named(wish) != x.token, "probs": probs_of(x.logprobs).tolist(), "ranks": x.ranks.tolist()}
        for x, wish in zip(scene.followed, wishes, strict=False)
    ]  # fmt: skip
    one = scene.followed[0]
    first = next((stage for stage, rank in enumerate(one.ranks) if rank == 1), None)
    key = "never" if first is None else "first"
    reading = translate(
        f"stream.reading.through_{key}", lang, label=spoken(found[0]["label"]), rank=f"{one.ranks[-1]:,}",
        p=percent(found[0]["probs"][-1], 1), bits=number(bits(float(one.logprobs[-1])), 1),
        begin=f"{one.ranks[0]:,}", stage="" if first is None else _stage(first, lang),
    )  # fmt: skip
    unknown = [wish for wish in wishes if wish and scene.named(wish) is None]
    python = recipes.followed(scene.prompt, scene.context.lm.name, pos=scene.pos, tokens=scene.tokens)
    return {"through": {"tokens": found, "unknown": unknown, "reading": reading, "python": python}}


class Entry(TypedDict):
    """A line of the ledger."""

    kind: str
    layer: int | None
    head: int | None
    amount: float


class Account(Told):
    """One logit as a sum, or the difference of two."""

    lines: list[Entry]
    total: float
    logit: float
    error: str
    label: str
    against: str | None


class LedgerPart(TypedDict):
    """The ledger."""

    ledger: Account


def ledger(scene: Streamed) -> LedgerPart:
    """What each part gave to the logit of the token, or to its lead over the rival."""
    lang, (fine, *rest) = scene.context.lang, scene.ledgers
    whole = fine - rest[0] if scene.against else fine
    shown = whole if scene.look.detail == "heads" else whole.blocks()
    names = [_label(scene, token) for token in scene.tokens]
    largest = sorted(shown.lines, key=lambda line: -abs(line.amount))[:_NAMED]
    listed = translate("reading.comma", lang).join(
        translate("reading.item", lang, label=_line(line.kind, line.layer, line.head, lang),
                  value=number(line.amount, 2)) for line in largest
    )  # fmt: skip
    reading = translate(
        f"stream.reading.ledger_{'against' if scene.against else 'one'}", lang, label=spoken(names[0]),
        other=spoken(names[-1]), logit=number(whole.logit, 3), count=len(shown.lines), items=listed,
        error=scientific(whole.error),
    )  # fmt: skip
    python = recipes.ledger(
        scene.prompt, scene.context.lm.name, pos=scene.pos, token=scene.tokens[0],
        less=scene.tokens[1] if scene.against else None, level=scene.look.detail,
    )  # fmt: skip
    lines: list[Entry] = [
        {"kind": line.kind, "layer": line.layer, "head": line.head, "amount": line.amount} for line in shown.lines
    ]
    return {"ledger": {
        "lines": lines, "total": whole.total, "logit": whole.logit, "error": scientific(whole.error),
        "label": names[0], "against": names[1] if scene.against else None, "reading": reading, "python": python,
    }}  # fmt: skip


class NeuronsPart(TypedDict):
    """The most active neurons; the array ``fires`` (neurons, T)."""

    neurons: Annotated[JSON, Of(views.NeuronsView, without=("fires",), more=Told)]


def neurons(scene: Streamed) -> NeuronsPart:
    """The neurons of the layer looked at."""
    view, lang = scene.found_neurons, scene.context.lang
    best = view.neurons[0]
    listed = translate("reading.comma", lang).join(
        translate("reading.item", lang, label=spoken(token.label), value=number(token.amount, 2))
        for token in best.promoted[:_NAMED]
    )
    reading = translate(
        "stream.reading.neurons", lang, active=f"{view.active:,}", width=f"{view.width:,}", layer=view.layer,
        label=spoken(_label(scene, scene.ids[view.pos])), index=best.number, activation=number(best.activation, 2),
        items=listed,
    )  # fmt: skip
    python = recipes.neurons(scene.prompt, scene.context.lm.name, layer=view.layer, pos=view.pos)
    return {"neurons": as_json(view, "fires") | {"reading": reading, "python": python}}


def neuron_arrays(scene: Streamed) -> Blobs:
    """(neurons, T)."""
    return {"fires": scene.found_neurons.fires}


def _label(scene: Streamed, token: int) -> str:
    return token_label(scene.context.lm.tokenizer, token)


def _stage(stage: int, lang: str) -> str:
    return translate("stream.stage_embed", lang) if stage == 0 else translate("stream.stage", lang, layer=stage - 1)


def _line(kind: str, layer: int | None, head: int | None, lang: str) -> str:
    return translate(f"stream.line.{kind}", lang, layer=layer, head=head)
