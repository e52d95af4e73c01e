"""The residual stream as numbers for pictures: its size, its neurons, its lens, and a logit as a ledger.

S = n_layer + 1 stages: before the first block, then after each; L = n_layer, T = positions, F = width of the MLP. Sizes
are Euclidean norms ‖x‖. What a line or a neuron gives to a logit is in units of a logit, with the final norm's scale
held at that of the run (``gptviz.analysis.attribution``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.analysis.lens import Followed, followed, logit_lens, tops
from gptviz.numbers import Doubles, log_sum_exp, probs_of, top_ids
from gptviz.views.chips import labels
from gptviz.views.distribution import token_label

if TYPE_CHECKING:
    from gptviz.gpt.trace import Trace
    from gptviz.views.sources import TokenizerLike

Array = npt.NDArray[np.float32]
NEURONS, PROMOTED = 8, 4


class NormsView(NamedTuple):
    """How large the stream is, and how large what each block adds."""

    resid: Doubles  # (S, T)
    attn: Doubles  # (L, T) what attention adds
    mlp: Doubles  # (L, T) what the MLP adds


class Choice(NamedTuple):
    """A token with its logit."""

    id: int
    label: str
    logit: float
    p: float


class LensCell(NamedTuple):
    """One cell of the lens: what the state after a block would say, and the arithmetic of its first choice."""

    stage: int  # 0: the embedding, before any block
    pos: int
    rows: tuple[Choice, ...]  # the likeliest tokens, by falling probability
    mean: float  # of the state's numbers; 0 where the final norm takes none off
    scale: float  # what the final norm multiplies this very state with
    total: float  # ln Σ e^logit


class LensView(NamedTuple):
    """The lens over all positions: what each state would say first."""

    labels: tuple[str, ...]  # (T,) the tokens read
    words: tuple[tuple[str, ...], ...]  # (S, T)
    probs: Doubles  # (S, T)


class Promoted(NamedTuple):
    """A token whose logit a neuron moves."""

    id: int
    label: str
    amount: float  # of a logit, here


class Neuron(NamedTuple):
    """One neuron of an MLP, at one position."""

    number: int
    activation: float
    size: float  # ‖what it writes here‖
    promoted: tuple[Promoted, ...]  # most first
    suppressed: tuple[Promoted, ...]  # most first


class NeuronsView(NamedTuple):
    """The most active neurons of a layer at a position."""

    layer: int
    pos: int
    width: int  # how many there are
    active: int  # of them above 0 there
    neurons: tuple[Neuron, ...]
    fires: Array  # (neurons, T): the activation of each at every position


def norms(t: Trace, *, start: int = 0) -> NormsView:
    """Of positions ``start`` … T. What the MLP adds is what the stream is after it less what it was before."""
    T, L = len(t), t.resid.shape[0] - 1
    resid = t.resid[:, start:]
    attn, mlp = np.zeros((L, T - start)), np.zeros((L, T - start))
    for layer in range(L):
        out = t.rows("attn_out", layer, start, T)
        attn[layer] = _size(out)
        mlp[layer] = _size(resid[layer + 1] - resid[layer] - out)
    return NormsView(_size(resid), attn, mlp)


def lens(t: Trace, tokenizer: TokenizerLike) -> LensView:
    """Of every position, one at a time: the logits of all at once are much of a large vocabulary."""
    found = [tops(logit_lens(t, pos)) for pos in range(len(t))]
    S = t.resid.shape[0]
    words = tuple(tuple(token_label(tokenizer, int(each.ids[stage])) for each in found) for stage in range(S))
    return LensView(labels(t), words, np.stack([each.probs for each in found], axis=1))


def lens_cell(t: Trace, logits: Array, stage: int, pos: int, tokenizer: TokenizerLike, *, top: int = 8) -> LensCell:
    """The cell of ``stage`` and ``pos``; ``logits`` (S, V) are those of the lens at that position."""
    row = logits[stage]
    total = log_sum_exp(row)
    rows = tuple(
        Choice(i, token_label(tokenizer, i), float(row[i]), float(probs_of(float(row[i]) - total)))
        for i in top_ids(row, top).tolist()
    )
    mean, scale = t.final_scale(t.resid[stage, pos])
    return LensCell(stage, pos, rows, mean, scale, total)


def through(logits: Array, tokens: tuple[int, ...], totals: Doubles | None = None) -> tuple[Followed, ...]:
    """Tokens through the stages of (S, V) logits; ``totals`` (S,) are ln Σ e^logit of each, where they are known."""
    return tuple(followed(logits, token, totals) for token in tokens)


def neurons(t: Trace, layer: int, pos: int, tokenizer: TokenizerLike, *, count: int = NEURONS,
            also: int | None = None) -> NeuronsView:  # fmt: skip
    """The ``count`` neurons of ``layer`` that are farthest from 0 at ``pos``; ``also`` one more, where it is none.

    A neuron writes its row of the last matrix times its activation; read like any part of the stream, that moves the
    logits of all tokens (Geva et al. 2021; 2022, section 3, "sub-updates"). A negative one promotes what its row
    suppresses. Raises IndexError where there is no such neuron.
    """
    hidden = t.layer("mlp_hidden", layer)  # (T, F)
    here = hidden[pos]
    chosen: list[int] = top_ids(np.abs(here), min(count, len(here))).tolist()
    if also is not None and also not in chosen:
        chosen = [*chosen[: count - 1], range(len(here))[also]]
    rows = t.neuron_rows(layer, chosen) * here[chosen, None]  # (n, C) what each writes here
    moved = t.read_out(rows) * np.float32(t.parts(pos).scale)  # (n, V)
    found = tuple(
        Neuron(index, float(here[index]), float(np.linalg.norm(row)), _moved(amounts, tokenizer, 1),
               _moved(amounts, tokenizer, -1))
        for index, row, amounts in zip(chosen, rows, moved, strict=True)
    )  # fmt: skip
    active = int(np.count_nonzero(here > 0))
    return NeuronsView(layer, pos, len(here), active, found, np.ascontiguousarray(hidden[:, chosen].T))


def _moved(amounts: Array, tokenizer: TokenizerLike, sign: int) -> tuple[Promoted, ...]:
    """The tokens whose logits (V,) amounts move most in one direction."""
    values = np.where(np.isfinite(amounts), amounts * sign, -np.inf).astype(np.float32)
    ids = top_ids(values, PROMOTED).tolist()
    return tuple(Promoted(i, token_label(tokenizer, i), float(amounts[i])) for i in ids)


def _size(x: Array) -> Doubles:
    found: Doubles = np.sqrt(np.square(x, dtype=np.float64).sum(-1))
    return found
