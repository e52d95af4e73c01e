"""Changes to one run of the model: what breaks when a part of it is switched off?

>>> import gptviz
>>> lm = gptviz.load()
>>> lm.trace("The cat sat on the", edits=[gptviz.edits.ablate(layer=2, head=3)]).z[2, 3].max()
np.float32(0.0)

An edit is a pair: where, and a function from the array that came there to the one that goes on. Where is a tap
(``gptviz.gpt.taps``), in every layer, or a tap and a layer: ``("resid_mid", double)``, ``(("mlp_out", 3), double)``; or
what a run is given beside its tokens (``gptviz.gpt.given``): ``mask``, ``scale``, ``positions``.

Edits of one place follow each other in the order in which they are named. All functions here compare by what they do,
and the model is left as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gptviz.errors import EditError
from gptviz.gpt.editing import Array, Edit, EditLike, Edits
from gptviz.gpt.positions import NOWHERE
from gptviz.gpt.trace import Trace

MODES = ("zero", "mean", "resample")
MASKS = ("causal", "bidirectional", "prefix")  # see ``gptviz.analysis.masks``

__all__ = ["MASKS", "MODES", "Ablation", "Edit", "EditLike", "Edits", "Rows", "ablate", "allowed", "mask", "no_mask",
           "no_positions", "no_scale", "put", "shift_positions", "shuffle_positions", "strike", "uniform"]  # fmt: skip


class Rows:
    """Numbers (T, …) of another run, which compare by what they are."""

    def __init__(self, array: npt.ArrayLike) -> None:
        self.array: Array = np.array(array, dtype=np.float32)
        self.array.flags.writeable = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and np.array_equal(self.array, other.array)

    def __hash__(self) -> int:
        return hash((self.array.shape, self.array.tobytes()))


@dataclass(frozen=True)
class Ablation:
    """Takes from a part what it has to say: from a head its ``z`` (n_head, T, head_dim), else all rows (T, C)."""

    head: int | None
    mode: str = "zero"
    over: Rows | None = None  # what this part said of another text, (T', head_dim) or (T', C)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise EditError("edit.mode", value=self.mode, choices=", ".join(MODES))

    @property
    def rowwise(self) -> bool:
        """Whether what a position says no longer depends on the others (``gptviz.gpt.editing.row_by_row``)."""
        return self.mode == "zero"

    def __call__(self, x: Array) -> Array:
        if self.head is None:
            return self.instead(x)
        if not 0 <= self.head < len(x):
            raise EditError("edit.head", head=self.head, last=len(x) - 1)
        x[self.head] = self.instead(x[self.head])
        return x

    def instead(self, rows: Array) -> Array:
        """What goes on from the part's own rows (T, …)."""
        T = len(rows)
        if self.mode == "zero":
            return np.zeros_like(rows)
        source = rows if self.over is None else self.over.array
        if source.shape[1:] != rows.shape[1:]:
            raise EditError("edit.over", found=source.shape[1], wanted=rows.shape[1])
        seen = np.arange(1, T + 1) if self.over is None else np.full(T, len(source))  # rows that may speak for each
        if self.mode == "mean":
            summed = source.cumsum(0, dtype=np.float64)
            return np.asarray(summed[seen - 1] / seen[:, None], dtype=np.float32)
        drawn = (np.random.default_rng(self.seed).random(T) * seen).astype(int)
        found: Array = source[drawn]
        return found


def ablate(*, layer: int, head: int | None = None, mlp: bool = False, mode: str = "zero", over: Trace | None = None,
           seed: int = 0) -> Edit | Edits:  # fmt: skip
    """Switch a part of a layer off: one ``head``, the ``mlp``, both, or (where neither is named) the whole layer.

    Of a head its ``z`` is replaced, so that it writes nothing of its own (but for the bias that all heads share); of
    an MLP and of a whole layer what is added to the residual stream, biases and all. Replaced by what:

    - ``zero``: by 0;
    - ``mean``: at each position by the mean over the text up to there, that position included (mean ablation as in
      Wang et al. 2022, section 2, there over other texts): what the part says on average goes on, what it says of this
      place does not. With ``over``, a trace of another text, by the mean over that;
    - ``resample``: by what it said at a position drawn from those up to there (``seed``); with ``over``, at one of that
      text (resample ablation as in Chan et al. 2022, Causal scrubbing).

    Up to there, so that no position hears of a later one, and a longer text changes nothing in a shorter one. Later
    layers make up for a part of what is missing (McGrath et al. 2023, the Hydra effect): a loss that grows little does
    not show that a head does little.

    Raises EditError where there is no such mode, or ``over`` no such layer or head; ``trace`` does where there is none
    in the model.
    """
    if head is None and not mlp:
        parts: list[tuple[str, int | None]] = [("attn_out", None), ("mlp_out", None)]
    else:
        parts = [("z", head)] * (head is not None) + [("mlp_out", None)] * mlp
    made = [
        Edit((name, layer), Ablation(one, mode, None if over is None else _said(over, name, layer, one), seed))
        for name, one in parts
    ]
    return made[0] if len(made) == 1 else Edits(made)


def _said(over: Trace, name: str, layer: int, head: int | None) -> Rows:
    """What a part said in another run. Raises EditError where there is no such part."""
    layers = len(over.resid) - 1
    if not 0 <= layer < layers:
        raise EditError("edit.layer", name=name, layer=layer, last=layers - 1)
    found = over.layer(name, layer)
    if head is None:
        return Rows(found)
    if not 0 <= head < len(found):
        raise EditError("edit.head", head=head, last=len(found) - 1)
    return Rows(found[head])


@dataclass(frozen=True)
class Row:
    """One position's numbers put in the place of those that came: (T, C), or (n_head, T, …) of all heads."""

    pos: int
    row: Rows

    def __call__(self, x: Array) -> Array:
        if not 0 <= self.pos < x.shape[-2]:
            raise EditError("edit.position", pos=self.pos, last=x.shape[-2] - 1)
        if self.row.array.shape != x[..., self.pos, :].shape:
            raise EditError("edit.over", found=self.row.array.shape[-1], wanted=x.shape[-1])
        x[..., self.pos, :] = self.row.array
        return x


def put(name: str, layer: int, pos: int, source: Trace) -> Edit:
    """What ``source`` had at a place, layer and position put into this run: one cell of an activation patching.

    Raises EditError where the source has no such layer or position; ``trace`` does where this run has none.
    """
    layers = len(source.resid) - (name != "resid")
    if not 0 <= layer < layers:
        raise EditError("edit.layer", name=name, layer=layer, last=layers - 1)
    if not 0 <= pos < len(source):
        raise EditError("edit.position", pos=pos, last=len(source) - 1)
    return Edit((name, layer), Row(pos, Rows(source.layer(name, layer)[..., pos, :])))


@dataclass(frozen=True)
class Uniform:
    """Equal scores for one head (n_head, T, T); edges that were struck stay so."""

    head: int

    def __call__(self, scores: Array) -> Array:
        if not 0 <= self.head < len(scores):
            raise EditError("edit.head", head=self.head, last=len(scores) - 1)
        scores[self.head] = np.where(np.isneginf(scores[self.head]), -np.inf, 0.0)
        return scores


def uniform(*, layer: int, head: int) -> Edit:
    """Make a head look at all that it may see alike: its scores are all 0, so that softmax makes them equal weights."""
    return Edit(("scores", layer), Uniform(head))


@dataclass(frozen=True)
class Strike:
    """One score of one head (n_head, T, T) set to -inf."""

    head: int
    query_pos: int
    key_pos: int

    def __call__(self, scores: Array) -> Array:
        n_head, T, _ = scores.shape
        if not 0 <= self.head < n_head:
            raise EditError("edit.head", head=self.head, last=n_head - 1)
        for pos in (self.query_pos, self.key_pos):
            if not 0 <= pos < T:
                raise EditError("edit.position", pos=pos, last=T - 1)
        scores[self.head, self.query_pos, self.key_pos] = -np.inf
        if np.isneginf(scores[self.head, self.query_pos, : self.query_pos + 1]).all():
            raise EditError("edit.blind")
        return scores


def strike(*, layer: int, head: int, query_pos: int, key_pos: int) -> Edit:
    """Take one edge out of a head: ``query_pos`` no longer sees ``key_pos``, and the others share its weight."""
    return Edit(("scores", layer), Strike(head, query_pos, key_pos))


@dataclass(frozen=True)
class NoMask:
    """Nothing is masked, the future included."""

    def __call__(self, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        return np.zeros_like(mask)


def no_mask(*, layer: int | None = None) -> Edit:
    """Let queries see the future (and beyond a window), in one layer or in all.

    The model was trained never to: what it says of a token that it can see is no prediction, and a low loss no merit.
    """
    return Edit("mask" if layer is None else ("mask", layer), NoMask())


@dataclass(frozen=True)
class NoScale:
    """q·k as it is."""

    def __call__(self, scale: float) -> float:
        return 1.0


def no_scale(*, layer: int | None = None) -> Edit:
    """Leave the 1/√d out, in one layer or in all: scores are √d times as far apart, and softmax picks one."""
    return Edit("scale" if layer is None else ("scale", layer), NoScale())


@dataclass(frozen=True)
class NoPositions:
    """No token is told where it stands."""

    def __call__(self, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return np.full_like(positions, NOWHERE)


def no_positions() -> Edit:
    """Tell the model no positions: learned or sinusoidal ones are not added, rotary ones turn nothing."""
    return Edit("positions", NoPositions())


@dataclass(frozen=True)
class Shift:
    """Every position moved on; one that is none stays so."""

    by: int

    def __call__(self, positions: npt.NDArray[np.int64]) -> Any:
        moved = positions + self.by
        if ((moved < 0) & (positions != NOWHERE)).any():  # -1 would be none
            raise EditError("edit.before", by=self.by)
        return np.where(positions == NOWHERE, NOWHERE, moved)


def shift_positions(by: int) -> Edit:
    """Tell every token that it stands ``by`` positions later. Rotary attention only sees distances, and so no change.

    ``trace`` raises EditError where that leaves the positions that a model has learned, or goes below 0.
    """
    return Edit("positions", Shift(by))


@dataclass(frozen=True)
class Shuffle:
    """The positions of the text dealt out anew."""

    seed: int

    def __call__(self, positions: npt.NDArray[np.int64]) -> Any:
        return np.random.default_rng(self.seed).permutation(positions)


def shuffle_positions(seed: int = 0) -> Edit:
    """Deal the positions of the text out among its tokens at random: the words are told a false order."""
    return Edit("positions", Shuffle(seed))


@dataclass(frozen=True)
class Mask:
    """Another mask than the model was trained under."""

    kind: str
    prefix: int = 1

    def __post_init__(self) -> None:
        if self.kind not in MASKS:
            raise EditError("edit.mask", value=self.kind, choices=", ".join(MASKS))
        if self.prefix < 0:
            raise EditError("edit.prefix", value=self.prefix)

    def __call__(self, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        if self.kind == "bidirectional":
            return np.zeros_like(mask)
        mask = mask | ~np.tri(len(mask), dtype=np.bool_)  # which a causal model has already
        if self.kind == "prefix":
            mask[:, : self.prefix] = False
        return mask


def mask(kind: str, *, prefix: int = 1, layer: int | None = None) -> Edit:
    """Run under another mask, in one layer or in all: ``causal``, ``bidirectional``, ``prefix``.

    With ``prefix`` all queries see the first ``prefix`` positions. Raises EditError for another kind.
    """
    return Edit("mask" if layer is None else ("mask", layer), Mask(kind, prefix))


def allowed(kind: str, T: int, prefix: int = 1) -> npt.NDArray[np.bool_]:
    """(T, T): where a query (row) may look under a mask, in a layer without a window."""
    return ~Mask(kind, prefix)(~np.tri(T, dtype=np.bool_))
