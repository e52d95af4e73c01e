"""Any number of a head's steps as the sum that it is, term by term, with the operands: for checking by hand.

What is written out is the last operation only: of q the products with the normalised stream, of that the division by
the spread. One can go back from operand to operand to the embedding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from gptviz.analysis.head import HeadSteps, attend

if TYPE_CHECKING:
    from gptviz.gpt.inner import Inner, Norm
    from gptviz.gpt.trace import Trace

Doubles = npt.NDArray[np.float64]

#: The steps in order; ``index`` counts within each, ``key`` says at which position where a step has one for each.
STEPS = ("x", "norm", "q_plain", "q_unit", "q", "k_plain", "k_unit", "k", "v", "raw", "scores", "masked", "pattern",
         "weighted", "z", "concat", "own", "out", "mid")  # fmt: skip
#: Those with one for each key; of raw, scores, masked and pattern there is one number for each key, ``index`` is 0.
BY_KEY = ("k_plain", "k_unit", "k", "v", "raw", "scores", "masked", "pattern", "weighted")
#: How a number comes about: see ``Sum``.
Rule: TypeAlias = Literal["products", "parts", "norm", "turn", "divide", "mask", "softmax", "copy"]
#: From this size of the largest score on, e^score is written after taking that off; the quotient is the same.
SHIFT_ABOVE = 30.0


class Sum(NamedTuple):
    """``total`` = Σ ``amounts`` + ``bias``, or what ``rule`` says.

    ========  ==================================================================================================
    products  Σ a · b, each a · b an amount
    parts     Σ of the amounts, which have names: the embedding, what heads or blocks add
    norm      (x − ``mean``) / ``spread`` · weight + bias; without a mean where the norm is an RMSNorm
    turn      a cos − b sin, or a sin + b cos, at ``angle`` radians
    divide    ``raw`` / ``root``
    mask      −∞ where the query may not look, else the score
    softmax   ``exp`` / Σ of the amounts, each e^(score − ``shift``)
    copy      what stands in z of head ``head``
    ========  ==================================================================================================
    """

    step: str
    index: int  # type: ignore[assignment]  # hides the method of tuple, which nobody calls here
    key: int | None
    rule: Rule
    names: tuple[str, ...]  # of the terms; none where they are only counted
    a: tuple[float, ...]  # the operands; none where a term is one number
    b: tuple[float, ...]
    amounts: tuple[float, ...]
    bias: float | None
    total: float
    facts: dict[str, float]


def written_out(trace: Trace, layer: int, head: int, query: int, step: str, index: int = 0, key: int | None = None, *,
                steps: HeadSteps | None = None) -> Sum:  # fmt: skip
    """The sum behind number ``index`` of ``step`` (one of ``STEPS``), in float64 from float32 operands.

    ``key`` is a position, for steps that have one number or vector for each. ``steps`` are the head's, where they are
    at hand. Raises ValueError for a step that there is not (in this model), IndexError for such a place.
    """
    found = attend(trace, layer, head, query) if steps is None else steps
    if step not in STEPS or getattr(found, step) is None:
        raise ValueError(f"no step {step!r} here; there are {', '.join(there(found))}")
    at = query if key is None else key
    if not 0 <= at < len(trace):
        raise IndexError(f"key must be from 0 to {len(trace) - 1}, not {at}")
    size = width(found, step)
    if not 0 <= index < size:
        raise IndexError(f"index must be from 0 to {size - 1}, not {index}")
    return _RULES[step](_Place(trace, found, step, index, at if step in BY_KEY else None))


def there(steps: HeadSteps) -> tuple[str, ...]:
    """Those of ``STEPS`` that this model has."""
    return tuple(step for step in STEPS if getattr(steps, step) is not None)


def width(steps: HeadSteps, step: str) -> int:
    """How many numbers a step has, of one key where it has some for each; 0 where the model has no such step."""
    array = getattr(steps, step)
    if array is None:
        return 0
    per_key = step in BY_KEY
    return int(np.prod(array.shape[1:])) if per_key else len(array)


class _Place(NamedTuple):
    trace: Trace
    steps: HeadSteps
    step: str
    index: int  # type: ignore[assignment]  # hides the method of tuple, which nobody calls here
    key: int | None

    @property
    def pos(self) -> int:
        """Where the vector is that the number belongs to: at the query, or at a key."""
        return self.steps.query if self.key is None else self.key

    @property
    def inner(self) -> Inner:
        """The weights of the layer."""
        return self.trace.inner(self.steps.layer)


def _sum(place: _Place, rule: Rule, amounts: Doubles, *, a: npt.ArrayLike = (), b: npt.ArrayLike = (),
         names: tuple[str, ...] = (), bias: float | None = None, total: float | None = None,
         **facts: float) -> Sum:  # fmt: skip
    whole = math.fsum(amounts) + (bias or 0.0) if total is None else total
    first, second = (tuple(np.asarray(x, dtype=np.float64).tolist()) for x in (a, b))
    return Sum(place.step, place.index, place.key, rule, names, first, second, tuple(amounts.tolist()), bias, whole,
               facts)  # fmt: skip


def _products(place: _Place, a: npt.ArrayLike, b: npt.ArrayLike, *, names: tuple[str, ...] = (),
              bias: float | None = None) -> Sum:  # fmt: skip
    one, other = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    return _sum(place, "products", one * other, a=one, b=other, names=names, bias=bias)


def _parts(place: _Place, named: dict[str, float], bias: float | None = None) -> Sum:
    return _sum(place, "parts", np.array(list(named.values())), names=tuple(named), bias=bias)


def _stream(place: _Place) -> Sum:
    trace, layer, pos, i = place.trace, place.steps.layer, place.pos, place.index
    if layer == 0:
        token, position = trace.embedding(pos)
        added = {} if position is None else {"position": float(position[i])}
        return _parts(place, {"token": float(token[i])} | added)
    before = layer - 1
    return _parts(place, {
        "before": float(trace.resid[before, pos, i]),
        "attention": float(trace.layer("attn_out", before)[pos, i]),
        "mlp": float(trace.layer("mlp_out", before)[pos, i]),
    })  # fmt: skip


def _norm(place: _Place) -> Sum:
    x = place.trace.resid[place.steps.layer, place.pos].astype(np.float64)
    return _normalised(place, x, place.inner.norm("x"))


def _unit(place: _Place) -> Sum:
    part = place.step[0]
    plain = place.steps.k_plain[place.pos] if part == "k" else place.steps.q_plain
    return _normalised(place, plain.astype(np.float64), place.inner.norm(part))


def _normalised(place: _Place, x: Doubles, norm: Norm) -> Sum:
    i, weight = place.index, float(norm.weight[place.index])
    if norm.bias is None:
        spread = math.sqrt(float(np.mean(x * x)) + norm.eps)
        scaled = float(x[i]) / spread
        return _sum(place, "norm", np.array([scaled * weight]), a=[scaled], b=[weight], x=float(x[i]), spread=spread)
    mean = float(x.mean())
    spread = math.sqrt(float(x.var()) + norm.eps)
    scaled = (float(x[i]) - mean) / spread
    return _sum(place, "norm", np.array([scaled * weight]), a=[scaled], b=[weight], bias=float(norm.bias[i]),
                x=float(x[i]), mean=mean, spread=spread)  # fmt: skip


def _projected(place: _Place) -> Sum:
    """A number of q, k or v as the matrix gives it: its column."""
    steps, part = place.steps, place.step[0]
    column, bias = place.inner.column(part, steps.head if part == "q" else steps.kv_head, place.index)
    normed = steps.norm
    if place.pos != steps.query:
        normed = place.inner.normed(place.trace.resid[steps.layer, place.pos : place.pos + 1])[0]
    return _products(place, normed, column, bias=bias)


def _turned(place: _Place) -> Sum:
    """A number of q or k as they meet: turned where it is one of those, else as it was before."""
    steps, c, i = place.steps, place.trace.config, place.index
    name = place.step
    before = name + ("_plain" if getattr(steps, name + "_unit") is None else "_unit")
    turned = c.rotary_width
    if i >= turned:
        return _RULES[before](place._replace(step=before))._replace(step=name)
    vector = getattr(steps, before)
    plain = (vector if place.key is None else vector[place.key]).astype(np.float64)
    half = turned // 2
    plane, first = (i % half, i < half) if c.rotary.halves else (i // 2, i % 2 == 0)
    one, other = (plane, plane + half) if c.rotary.halves else (2 * plane, 2 * plane + 1)
    cos, sin = (float(x[plane]) for x in place.inner.turn(place.pos))
    factors = [cos, -sin] if first else [sin, cos]
    made = _products(place, plain[[one, other]], factors, names=(str(one), str(other)))
    return made._replace(rule="turn", facts={"angle": math.atan2(sin, cos) % (2 * math.pi), "pos": float(place.pos)})


def _dot(place: _Place) -> Sum:
    return _products(place, place.steps.q, place.steps.k[place.pos])


def _scaled(place: _Place) -> Sum:
    raw, root = math.fsum(_dot(place).amounts), math.sqrt(len(place.steps.q))
    return _sum(place, "divide", np.array([raw / root]), raw=raw, root=root)


def _masked(place: _Place) -> Sum:
    score = _scaled(place).total
    open_ = place.steps.first <= place.pos <= place.steps.query
    return _sum(place, "mask", np.empty(0), total=score if open_ else -math.inf, score=score, open=float(open_))


def _softmax(place: _Place) -> Sum:
    steps = place.steps
    seen = range(steps.first, steps.query + 1)
    rows = np.array([_scaled(place._replace(key=key)).total for key in seen])
    largest = float(rows.max())
    shift = largest if abs(largest) > SHIFT_ABOVE else 0.0
    amounts = np.exp(rows - shift)
    own = float(amounts[place.pos - steps.first]) if place.pos in seen else 0.0
    return _sum(place, "softmax", amounts, a=rows, names=tuple(map(str, seen)), total=own / math.fsum(amounts), exp=own,
                sum=math.fsum(amounts), shift=shift, open=float(place.pos in seen))  # fmt: skip


def _share(place: _Place) -> Sum:
    return _products(place, [place.steps.pattern[place.pos]], [place.steps.v[place.pos, place.index]],
                     names=(str(place.pos),))  # fmt: skip


def _mixed(place: _Place) -> Sum:
    steps = place.steps
    seen = slice(steps.first, steps.query + 1)
    names = tuple(str(key) for key in range(steps.first, steps.query + 1))
    return _products(place, steps.pattern[seen], steps.v[seen, place.index], names=names)


def _side_by_side(place: _Place) -> Sum:
    d = place.trace.config.head_dim
    value = float(place.steps.concat[place.index])
    return _sum(place, "copy", np.array([value]), head=float(place.index // d), index=float(place.index % d))


def _own(place: _Place) -> Sum:
    return _products(place, place.steps.z, place.inner.output()[place.steps.head, :, place.index])


def _all_heads(place: _Place) -> Sum:
    steps, c = place.steps, place.trace.config
    column = place.inner.output()[:, :, place.index].astype(np.float64)  # (n_head, d)
    added = (steps.concat.astype(np.float64).reshape(c.n_head, c.head_dim) * column).sum(-1)
    return _parts(place, {str(head): float(x) for head, x in enumerate(added)},
                  place.inner.output_bias(place.index))  # fmt: skip


def _added(place: _Place) -> Sum:
    return _parts(
        place, {"before": float(place.steps.x[place.index]), "attention": float(place.steps.out[place.index])}
    )


_RULES: dict[str, Callable[[_Place], Sum]] = {
    "x": _stream, "norm": _norm, "q_plain": _projected, "q_unit": _unit, "q": _turned, "k_plain": _projected,
    "k_unit": _unit, "k": _turned, "v": _projected, "raw": _dot, "scores": _scaled, "masked": _masked,
    "pattern": _softmax, "weighted": _share, "z": _mixed, "concat": _side_by_side, "own": _own, "out": _all_heads,
    "mid": _added,
}  # fmt: skip
