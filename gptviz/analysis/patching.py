"""Activation patching: which state, at which position, carries what one prompt has and another has not?

Two prompts of equally many tokens, *clean* and *corrupt*, that differ in little. One state of one of them is put into
the run of the other, and the logit difference of two tokens is read at the last position (Vig et al. 2020; Meng et al.
2022; Zhang & Nanda 2024, 2309.16042: logit difference, symmetric replacement of tokens, both directions):

- *clean into corrupt* says what is sufficient: does this state alone bring the clean answer back?
- *corrupt into clean* says what is necessary: does it break without this state?

In both, 0 is the corrupt run as it is and 1 the clean one. A state reaches only its cone: the same position and later
ones, in the layers after it; all else stays as it was to the bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz import edits
from gptviz.errors import EditError
from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel

Array = npt.NDArray[np.float64]
LEAST_GAP = 0.5  # logits that the two runs must differ by: below, a share of the gap is noise
PLACES = ("resid", "attn_out", "mlp_out")


class Pair(NamedTuple):
    """Two runs that can be patched into each other, and the two tokens whose logits are compared."""

    clean: Trace
    corrupt: Trace
    answer: int
    rival: int
    clean_diff: float  # logit of the answer less that of the rival, at the end of the clean run
    corrupt_diff: float


class Cell(NamedTuple):
    """One state put in: what it recovers, see the module; ``diff`` is the logit difference then."""

    into: str  # corrupt | clean
    layer: int
    pos: int
    diff: float
    share: float


class Patching(NamedTuple):
    """All cells; both maps are (n_layer, T)."""

    pair: Pair
    place: str
    sufficient: Array  # clean into corrupt
    necessary: Array  # corrupt into clean


def pair_of(lm: LanguageModel, clean: str | Sequence[int] | Trace, corrupt: str | Sequence[int] | Trace, *,
            answer: int | None = None, rival: int | None = None) -> Pair:  # fmt: skip
    """The two runs. ``answer`` is by default the likeliest token of the clean one, ``rival`` that of the corrupt one.

    Raises EditError where they have not equally many tokens, are the same, their answers are the same token, or the
    logit differences are less than ``LEAST_GAP`` apart.
    """
    a, b = (run if isinstance(run, Trace) else lm.trace(run) for run in (clean, corrupt))
    if len(a) != len(b):
        raise EditError("patch.length", clean=len(a), corrupt=len(b))
    if a.ids == b.ids:
        raise EditError("patch.same")
    answer = int(a.logits_at(-1).argmax()) if answer is None else answer
    rival = int(b.logits_at(-1).argmax()) if rival is None else rival
    for token in (answer, rival):
        if not 0 <= token < lm.config.vocab_size or not np.isfinite(a.logits_at(-1)[token]):
            raise EditError("patch.token", token=token)
    if answer == rival:
        raise EditError("patch.one_answer")
    clean_diff, corrupt_diff = (_difference(run, answer, rival) for run in (a, b))
    if not abs(clean_diff - corrupt_diff) >= LEAST_GAP:
        raise EditError("patch.gap", gap=f"{abs(clean_diff - corrupt_diff):.2f}", least=LEAST_GAP)
    return Pair(a, b, answer, rival, clean_diff, corrupt_diff)


def cells(lm: LanguageModel, pair: Pair, *, place: str = "resid") -> Iterator[Cell]:
    """Each cell of both maps, a run each; the first layer's of a direction first. Raises EditError for no such place.

    Before the first position in which the prompts differ both runs are the same, and a cell there changes nothing.
    """
    if place not in PLACES:
        raise EditError("edit.place", name=place, known=", ".join(PLACES))
    gap = pair.clean_diff - pair.corrupt_diff
    first = next(i for i, (x, y) in enumerate(zip(pair.clean.ids, pair.corrupt.ids, strict=True)) if x != y)
    directions = (("corrupt", pair.clean, pair.corrupt, pair.corrupt_diff),
                  ("clean", pair.corrupt, pair.clean, pair.clean_diff))  # fmt: skip
    for into, source, base, unpatched in directions:
        for layer in range(lm.config.n_layer):
            for pos in range(len(base)):
                diff = unpatched
                if pos >= first:
                    run = lm.trace(base.ids, edits=[edits.put(place, layer, pos, source)])
                    diff = _difference(run, pair.answer, pair.rival)
                yield Cell(into, layer, pos, diff, (diff - pair.corrupt_diff) / gap)


def patch(lm: LanguageModel, clean: str | Sequence[int], corrupt: str | Sequence[int], *, answer: int | None = None,
          rival: int | None = None, place: str = "resid") -> Patching:  # fmt: skip
    """Both maps of two prompts, (n_layer, T): ``place`` is the residual stream before each block, or what one adds.

    Raises EditError where the prompts cannot be compared (see ``pair_of``).

    >>> gptviz.analysis.patch(lm, "The cats", "The cat").sufficient.shape  # doctest: +SKIP
    (8, 2)
    """
    pair = pair_of(lm, clean, corrupt, answer=answer, rival=rival)
    maps = {into: np.zeros((lm.config.n_layer, len(pair.clean))) for into in ("corrupt", "clean")}
    for cell in cells(lm, pair, place=place):
        maps[cell.into][cell.layer, cell.pos] = cell.share
    return Patching(pair, place, maps["corrupt"], maps["clean"])


def cone(layer: int, pos: int, n_layer: int, T: int) -> npt.NDArray[np.bool_]:
    """(n_layer + 1, T): the states before each block, and after the last, that one state can reach."""
    reached = np.zeros((n_layer + 1, T), dtype=bool)
    reached[layer + 1 :, pos:] = reached[layer, pos] = True
    return reached


def _difference(run: Trace, answer: int, rival: int) -> float:
    logits = run.logits_at(-1)
    return float(logits[answer]) - float(logits[rival])
