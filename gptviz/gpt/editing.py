"""A run with something changed: at a named place, something else goes on than what came.

An *edit* says where and what: a tap of ``gptviz.gpt.taps``, in all layers or one, and a function from the array that
came to the one that goes on. Or it changes what the run is *given* beside its tokens (``gptviz.gpt.given``): the mask,
the scale of its scores, its positions. Nothing is written into the model, and an edited run has a store of its own, so
that its numbers never reach another trace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gptviz.errors import EditError
from gptviz.gpt import given
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.given import GIVEN
from gptviz.gpt.store import Recorder, Store
from gptviz.gpt.taps import TAPS

Array: TypeAlias = npt.NDArray[np.float32]
LARGEST = 1e15  # of a replacement: squares and products of such numbers, and their sums, are still float32
_OF_GIVEN = ("scores", "pattern")  # follow from queries and keys by what is given


class Edit(NamedTuple):
    """One change; a plain pair of the two will do.

    ``change`` gets its own copy of the array of one layer: the shape of the tap's row in the table without the layer,
    such as (n_head, T, head_dim) for ``z``. It returns an array of that shape; what it writes into its copy does not
    count unless it returns it.
    """

    where: str | tuple[str, int]  # a tap, in every layer | a tap, and in which layer (of ``resid``: before which)
    change: Callable[[Any], npt.ArrayLike]


#: Taps whose rows are positions, each of which follows from what comes in at that position alone.
_ROWS = ("q", "k", "v", "z", "attn_out", "resid_mid", "mlp_hidden", "mlp_out", "resid")


def row_by_row(edits: Sequence[Edit]) -> bool:
    """Whether each position's numbers are changed by themselves, so that a longer text changes nothing in a shorter
    one: ``change.rowwise`` says so."""
    names = (where if isinstance(where, str) else where[0] for where, _ in edits)
    return all(getattr(change, "rowwise", False) for _, change in edits) and all(name in _ROWS for name in names)


class Edits(tuple[Edit, ...]):
    """Changes that belong together, such as those that switch a whole layer off; taken wherever one edit is."""

    __slots__ = ()


#: What is taken for one.
EditLike: TypeAlias = Edit | Edits | tuple[str | tuple[str, int], Callable[[Any], npt.ArrayLike]]


def checked(edits: Sequence[EditLike], config: GPTConfig) -> tuple[Edit, ...]:
    """The edits, each at a place that there is. Raises EditError."""
    found = tuple(Edit(*one) for edit in edits for one in (edit if isinstance(edit, Edits) else (edit,)))
    known = [name for name, tap in TAPS.items() if tap.editable] + list(GIVEN)
    for where, _ in found:
        name, layer = where if isinstance(where, tuple) else (where, None)
        if name not in known:
            raise EditError("edit.place", name=name, known=", ".join(known))
        layers = layers_of(name, config)
        whole = isinstance(layer, int) and not isinstance(layer, bool)
        if layer is not None and not (whole and 0 <= layer < layers):
            if not layers:
                raise EditError("edit.no_layers", name=name)
            raise EditError("edit.layer", name=name, layer=layer, last=layers - 1)
    return found


def layers_of(name: str, config: GPTConfig) -> int:
    """In how many layers there is a place of that name; 0 where it is one for all."""
    if name in GIVEN:
        return config.n_layer if GIVEN[name] else 0
    return TAPS[name].size(config, 1)[0] if TAPS[name].layered else 0


class Editor(Recorder):
    """A recorder that carries out edits on the way, and keeps what went on from each edited place.

    From position ``start`` on, where the edits are ``row_by_row``; ``earlier`` is what went on before it.
    """

    def __init__(self, store: Store, T: int, edits: Sequence[Edit], config: GPTConfig, *, start: int = 0,
                 earlier: Store | None = None) -> None:  # fmt: skip
        super().__init__(store, start, T)
        self.earlier = earlier
        self.edits, self.config = edits, config
        self._kept_from = {where for where, _ in edits if (where if isinstance(where, str) else where[0]) in GIVEN}

    def places(self, start: int, T: int) -> Tensor | None:
        return given.places(self._changes("positions", 0), T, self.config)

    def masked(self, layer: int, mask: Tensor | None) -> Tensor | None:
        return given.masked(self._changes("mask", layer), mask, self.T)

    def scaled(self, layer: int, scale: float) -> float:
        return given.scaled(self._changes("scale", layer), scale)

    def _changes(self, name: str, layer: int) -> list[Callable[[Any], npt.ArrayLike]]:
        return [change for where, change in self.edits if where in (name, (name, layer))]

    def extend(self, layer: int, kv: Tensor) -> Tensor:
        edited = [self._edited(name, layer, value) for name, value in zip("kv", kv, strict=True)]
        return super().extend(layer, torch.stack(edited))

    def tap(self, name: str, layer: int, value: Tensor) -> Tensor:
        edited = self._edited(name, layer, value)
        if name == "pattern" and not bool(edited.isfinite().all()):
            raise EditError("edit.blind")  # a query that was left nothing to look at
        if not TAPS[name].kept and (edited is not value or (name in _OF_GIVEN and self._otherwise(layer))):
            self.store.replaced[name, layer] = self._whole(name, layer, edited)
        return super().tap(name, layer, edited)

    def _whole(self, name: str, layer: int, edited: Tensor) -> Tensor:
        """What went on before these positions, and there."""
        if self.earlier is None:
            return edited
        before = self.earlier.replaced[name, layer].narrow(-2, 0, self.start)
        return torch.cat((before, edited), dim=-2)

    def shade(self, layer: int, pattern: Tensor) -> None:
        super().shade(layer, pattern.clamp(0.0, 1.0))  # a replacement may be anything

    def _edited(self, name: str, layer: int, value: Tensor) -> Tensor:
        """What goes on: the edits of this place, one after another."""
        for change in self._changes(name, layer):
            value = _replacement(name, change, value, causal=self.config.causal)
        return value

    def _otherwise(self, layer: int) -> bool:
        """Whether scores or pattern of a layer follow from queries and keys otherwise than the model has it."""
        return not self._kept_from.isdisjoint(("mask", ("mask", layer), "scale", ("scale", layer)))


def _replacement(name: str, change: Callable[[Array], npt.ArrayLike], value: Tensor, *, causal: bool = True) -> Tensor:
    """What ``change`` makes of (n_head, T, …) or (T, …), looked at before the model goes on with it."""
    made = np.asarray(change(value.numpy().copy()))
    if made.shape != tuple(value.shape) or made.dtype.kind not in "fiub":
        raise EditError("edit.shape", name=name, found=made.shape, wanted=tuple(value.shape))
    with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite
        found = np.array(made, dtype=np.float32)  # a copy: the function may keep what it returned
    usable = np.abs(found) <= LARGEST  # false of NaN
    if name == "scores":  # one of -inf strikes an edge out, but each query must be left with one
        seen = np.tri(found.shape[-1], dtype=bool) | (not causal)
        usable = (usable | np.isneginf(found)) & (np.isfinite(found) & seen).any(-1, keepdims=True)
    if not usable.all():
        raise EditError("edit.numbers", name=name, largest=f"{LARGEST:g}")
    return torch.from_numpy(found)
