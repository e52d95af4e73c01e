"""Where the tensors of a family are: for each of ours, the stored ones that it is put together from.

Most decoders store a matrix as (out, in), and queries, keys and values, or gate and neurons, apart; ours are (in, out)
and side by side. A family says so in one table, and what is missing, misshapen or left over is found by its own name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

from gptviz.errors import WeightsError
from gptviz.gpt.config import GPTConfig

WTE, HEAD = "transformer.wte.weight", "lm_head.weight"
_UPRIGHT = (WTE, "transformer.wpe.weight", HEAD)  # a row for each id, with us too
#: What old files carry and nobody needs: masks, and the frequencies of rotary positions, which are computed.
NO_WEIGHT = re.compile(r".*\.(attn|attention)\.(masked_)?bias|.*rotary_emb\.inv_freq")


@dataclass(frozen=True)
class Part:
    """One stored tensor: its name, its shape there, and what is done to it before it takes its place."""

    name: str
    shape: tuple[int, ...]
    change: Callable[[Tensor], Tensor] | None = None


Layout: TypeAlias = Mapping[str, Sequence[Part]]  # by our names


class AbsentError(KeyError):
    """A tensor that is not there, by its stored name."""


def put_together(stored: dict[str, Tensor], layout: Layout, *, tied: bool) -> dict[str, Tensor]:
    """The stored tensors under our names, in our layout; what has no place keeps its own name.

    ``stored`` is emptied on the way, so that what is read in pieces is not held twice. Raises AbsentError for what is
    missing, and WeightsError for a shape that does not fit.
    """
    ours: dict[str, Tensor] = {}
    for name, parts in layout.items():
        if name == HEAD and tied and parts[0].name not in stored:
            ours[HEAD] = ours[WTE]
            continue
        taken = [_taken(stored, part, ours=name) for part in parts]
        ours[name] = taken[0] if len(taken) == 1 else _side_by_side(taken)
    return ours | {name: tensor for name, tensor in stored.items() if not NO_WEIGHT.fullmatch(name)}


def taken_apart(ours: Mapping[str, Tensor], layout: Layout, *, tied: bool) -> dict[str, Tensor]:
    """The way back: our tensors as they are stored, for a layout that changes no number. A tied head is left out."""
    stored: dict[str, Tensor] = {}
    for name, parts in layout.items():
        if name == HEAD and tied:
            continue
        upright = ours[name].t() if is_matrix(name, ours[name]) else ours[name]
        pieces = torch.split(upright, [part.shape[0] for part in parts])
        stored |= {part.name: piece for part, piece in zip(parts, pieces, strict=True)}
    return stored


def is_matrix(name: str, tensor: Tensor) -> bool:
    """Whether one of our tensors is laid out (in, out): all with two axes, but those with a row for each id."""
    return tensor.ndim == 2 and name not in _UPRIGHT


def _taken(stored: dict[str, Tensor], part: Part, *, ours: str) -> Tensor:
    if part.name not in stored:
        raise AbsentError(part.name)
    tensor = stored.pop(part.name)
    if tensor.shape != part.shape:
        raise WeightsError("weights.shape", name=part.name, found=tuple(tensor.shape), wanted=part.shape)
    if part.change and not tensor.is_meta:  # which changes no shape
        tensor = part.change(tensor)
    return tensor.t() if is_matrix(ours, tensor) else tensor


def _side_by_side(parts: Sequence[Tensor]) -> Tensor:
    """One tensor, the last axes one after another; of shapes alone torch can say it too, after a second of imports."""
    if not parts[0].is_meta:
        if parts[0].ndim == 2:  # stored as (out, in): so it stays in memory
            return torch.cat([part.t() for part in parts]).t()
        return torch.cat(list(parts), dim=-1)
    return torch.empty((*parts[0].shape[:-1], sum(part.shape[-1] for part in parts)), device="meta")


class Table:
    """The table of one family while it is written down: each line for weight and, where there is one, bias."""

    def __init__(self, config: GPTConfig) -> None:
        self.parts: dict[str, Sequence[Part]] = {}
        self.config = config

    def embedding(self, ours: str, theirs: str, rows: int) -> None:
        """A learnt vector for each of ``rows``."""
        self.parts[ours] = [Part(theirs, (rows, self.config.n_embd))]

    def norm(self, ours: str, theirs: str, *, width: int = 0, change: Callable[[Tensor], Tensor] | None = None) -> None:
        """A norm, with a bias where it is LayerNorm."""
        shape = (width or self.config.n_embd,)
        self.parts[f"{ours}.weight"] = [Part(f"{theirs}.weight", shape, change)]
        if self.config.norm == "layernorm" and not width:
            self.parts[f"{ours}.bias"] = [Part(f"{theirs}.bias", shape)]

    def matrix(self, ours: str, n_in: int, *theirs: tuple[str, int], bias: bool,
               changes: Sequence[Callable[[Tensor], Tensor] | None] = (None, None, None)) -> None:  # fmt: skip
        """Stored matrices (out, in), each with its name and its ``out``, side by side as one of ours."""
        for kind, tail in (("weight", (n_in,)), ("bias", ())) if bias else (("weight", (n_in,)),):
            self.parts[f"{ours}.{kind}"] = [
                Part(f"{name}.{kind}", (n_out, *tail), change)
                for (name, n_out), change in zip(theirs, changes, strict=False)
            ]
