"""The ledger of a logit: what each part of the model gave to it, as a list that sums to it (direct logit attribution).

Every block only adds to the residual stream, and with the **final scale of the real run** held still the final norm and
the output matrix are linear; so a logit is the sum of what the embedding, the position, each head, each MLP and each
bias wrote, each read in that one direction, and of the final norm's own shift (Elhage et al. 2021; the formulas stand
in ``gptviz.gpt.parts``). The sum is exact but for rounding, and the ledger says its error. It counts direct effects
alone: what a head did for a later head stands on the later one's line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from gptviz.errors import PromptError
from gptviz.numbers import Doubles

if TYPE_CHECKING:
    from gptviz.gpt.parts import Direction, Parts
    from gptviz.gpt.trace import Trace

Kind = Literal["embedding", "position", "head", "attention", "attention_bias", "mlp", "mlp_bias", "biases", "norm",
               "edits"]  # fmt: skip
Level = Literal["heads", "blocks"]
_BIASES = ("attention_bias", "mlp_bias")


class Line(NamedTuple):
    """One line: who gave how much."""

    name: str
    amount: float  # of a logit
    kind: Kind
    layer: int | None = None
    head: int | None = None


class Ledger(NamedTuple):
    """A logit, line by line; or the difference of two."""

    lines: tuple[Line, ...]
    logit: float  # as the model computed it
    pos: int

    @property
    def total(self) -> float:
        """The sum of the lines."""
        return math.fsum(line.amount for line in self.lines)

    @property
    def error(self) -> float:
        """How far it is from the model's own, which was rounded to float32 at every step."""
        return abs(self.total - self.logit)

    def blocks(self) -> Ledger:
        """The same with a line for each layer's attention, in the place of its heads, and one for all biases."""
        return self._replace(lines=tuple(_coarse(self.lines)))

    def __sub__(self, other: Ledger) -> Ledger:
        """What made the one token's logit larger than the other's: the lines' differences, of one position."""
        if [line.name for line in self.lines] != [line.name for line in other.lines] or self.pos != other.pos:
            raise ValueError("only ledgers of one position of one trace, of equal level, have a difference")
        pairs = zip(self.lines, other.lines, strict=True)
        lines = tuple(mine._replace(amount=mine.amount - theirs.amount) for mine, theirs in pairs)
        return Ledger(lines, self.logit - other.logit, self.pos)


def ledger(t: Trace, token: int, pos: int = -1, *, level: Level = "heads") -> Ledger:
    """What each part of the model gave to the logit of ``token`` after position ``pos``, in the order of the pass.

    ``level``: a line for each head and each bias, or ("blocks") one for each layer's attention and one for all biases.
    In an edited run a line says what the edits themselves put into the stream. Raises PromptError where there is no
    such token, IndexError where there is no such position.

    >>> found = ledger(lm.trace("The cat sat"), 11)  # doctest: +SKIP
    >>> found.total, found.logit, found.error        # doctest: +SKIP
    (7.2136931, 7.2136927, 4.1e-07)
    """
    pos = range(len(t))[pos]
    logits = t.logits_at(pos)
    if not 0 <= token < len(logits) or logits[token] == -math.inf:
        raise PromptError("prompt.bad_id", id=token, vocab_size=int((logits > -math.inf).sum()))
    found = Ledger(tuple(_lines(t, t.parts(pos), t.direction(token))), float(logits[token]), pos)
    return found if level == "heads" else found.blocks()


def _lines(t: Trace, parts: Parts, direction: Direction) -> Iterator[Line]:
    """All lines, finest."""

    def read(vector: Doubles) -> float:
        return parts.scale * float(direction.read @ vector)

    yield Line("embedding", read(parts.token), "embedding")
    if parts.position is not None:
        yield Line("position", read(parts.position), "position")
    for layer, heads in enumerate(parts.heads):
        for head, vector in enumerate(heads):
            yield Line(f"layer {layer} head {head}", read(vector), "head", layer, head)
        if parts.attn_bias is not None:
            yield Line(f"layer {layer} attention bias", read(parts.attn_bias[layer]), "attention_bias", layer)
        yield Line(f"layer {layer} MLP", read(parts.mlps[layer]), "mlp", layer)
        if parts.mlp_bias is not None:
            yield Line(f"layer {layer} MLP bias", read(parts.mlp_bias[layer]), "mlp_bias", layer)
    if t.edits:
        yield Line("edits", read(parts.stream - parts.total), "edits")
    yield Line("norm", direction.shift, "norm")


def _coarse(lines: tuple[Line, ...]) -> Iterator[Line]:
    """Heads of a layer together, biases together before the norm; what is coarse already stays."""
    biases = [line.amount for line in lines if line.kind in _BIASES]
    for line in lines:
        if line.kind == "head" and line.head == 0:
            heads = [other.amount for other in lines if other.kind == "head" and other.layer == line.layer]
            yield Line(f"layer {line.layer} attention", math.fsum(heads), "attention", line.layer)
        elif line.kind in ("norm", "edits") and biases:
            yield Line("biases", math.fsum(biases), "biases")
            biases = []
            yield line
        elif line.kind != "head" and line.kind not in _BIASES:
            yield line
