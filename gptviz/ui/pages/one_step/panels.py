"""The panels of the page of a step: targets, the gradient at the logits and on its way down, one weight, what came.

Pure: no Streamlit here.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, TypedDict

from gptviz.i18n import translate
from gptviz.numbers import probs_of
from gptviz.recipes import one_step as recipes
from gptviz.rounding import number, operand, percent, scientific
from gptviz.tokens.labels import spoken
from gptviz.training import glass
from gptviz.ui.message_types import JSON, Of, Told
from gptviz.ui.pages.one_step.presets import PRESETS
from gptviz.ui.pages.one_step.scene import Stepped, shapes
from gptviz.ui.web.message import as_json

_BLOCK = re.compile(r"(?:.*\.)?(?:h|layers)\.(\d+)\.(.+)")


class OffersPart(TypedDict):
    """The presets, by name."""

    presets: list[str]


def offers(scene: Stepped) -> OffersPart:
    """The presets."""
    return {"presets": list(PRESETS)}


class Targets(Told):
    """Each target with the token before it, its probability, and what it costs in nats; their mean is the loss."""

    inputs: list[str]
    targets: list[str]
    probs: list[float]
    losses: list[float]
    loss: float
    at: int


class TargetsPart(TypedDict):
    """The forward pass."""

    forward: Targets


def forward(scene: Stepped) -> TargetsPart:
    """What each target cost."""
    found, at, lang = scene.step.forward, scene.step.logits.position, scene.context.lang
    targets = [scene.label(i) for i in found.targets]
    probs = probs_of([-loss for loss in found.losses]).tolist()
    most = max(range(len(targets)), key=found.losses.__getitem__)
    reading = translate(
        "one_step.reading.forward", lang, count=len(targets), loss=number(found.loss, 3), label=spoken(targets[most]),
        p=percent(probs[most], 1), most=number(found.losses[most], 2),
    )  # fmt: skip
    return {"forward": {
        "inputs": [scene.label(i) for i in found.inputs], "targets": targets, "probs": probs, "losses": found.losses,
        "loss": found.loss, "at": at, "reading": reading, "python": _python(scene),
    }}  # fmt: skip


class LogitRow(TypedDict):
    """One token's logit."""

    id: int
    label: str
    p: float
    onehot: int
    gradient: float


class Logits(Told):
    """The gradient at one position: the target first; ``count``: targets, which the mean divides by."""

    rows: list[LogitRow]
    rest: float
    others: int
    count: int
    chosen: int


class LogitsPart(TypedDict):
    """Where the gradient begins."""

    logits: Logits


def logits(scene: Stepped) -> LogitsPart:
    """p - onehot at the target looked at."""
    found, lang = scene.step.logits, scene.context.lang
    rows: list[LogitRow] = [{"id": row.id, "label": scene.label(row.id), "p": row.p, "onehot": row.onehot,
                             "gradient": row.gradient} for row in found.rows]  # fmt: skip
    one, second = found.rows[0], found.rows[1]
    reading = translate(
        "one_step.reading.logits", lang, label=spoken(rows[0]["label"]), p=percent(one.p, 1),
        gradient=operand(one.gradient), other=spoken(rows[1]["label"]), pushed=operand(second.gradient),
    )  # fmt: skip
    return {"logits": {
        "rows": rows, "rest": found.rest, "others": scene.lm.n_tokens - len(rows),
        "count": len(scene.step.forward.targets), "chosen": min(scene.view.row, len(rows) - 1), "reading": reading,
        "python": _python(scene),
    }}  # fmt: skip


class Tensor(TypedDict):
    """One tensor: its block (None: before or after all), its part and kind there, the norms of gradient and itself."""

    name: str
    block: int | None
    part: str
    kind: str
    gradient: float
    weight: float
    size: int


class Down(Told):
    """All tensors, from the output down to the embeddings; ``chosen``: of the weight that is written out."""

    tensors: list[Tensor]
    norm: float
    chosen: str


class DownPart(TypedDict):
    """The gradient's way down."""

    down: Down


def down(scene: Stepped) -> DownPart:
    """Norms by tensor."""
    found, lang = scene.step.backward, scene.context.lang
    tensors = [_tensor(norm) for norm in found.tensors]
    most = max(found.tensors, key=lambda norm: norm.gradient)
    share = most.gradient**2 / found.norm**2 if found.norm else 0.0
    reading = translate("one_step.reading.down", lang, count=len(tensors), norm=number(found.norm, 3),
                        name=short(most.name), most=number(most.gradient, 3), share=percent(share, 0))  # fmt: skip
    return {"down": {"tensors": tensors, "norm": found.norm, "chosen": scene.step.update.name, "reading": reading,
                     "python": _python(scene)}}  # fmt: skip


def _tensor(norm: glass.TensorNorm) -> Tensor:
    inner = _BLOCK.fullmatch(norm.name)
    rest = inner[2] if inner else short(norm.name)
    part, _, kind = rest.rpartition(".")
    return {"name": norm.name, "block": int(inner[1]) if inner else None, "part": part, "kind": kind,
            "gradient": norm.gradient, "weight": norm.weight, "size": norm.size}  # fmt: skip


def short(name: str) -> str:
    """A tensor's name without what all of them begin with.

    >>> short("transformer.h.3.mlp.c_fc.weight")
    'h.3.mlp.c_fc.weight'
    """
    return name.removeprefix("transformer.").removeprefix("model.")


class Weight(Told):
    """How it is called, the shape of its tensor, and AdamW's numbers."""

    label: str
    shape: list[int]
    rate: float
    beta1: float
    beta2: float
    eps: float
    weight_decay: float


class UpdatePart(TypedDict):
    """One weight's step."""

    update: Annotated[JSON, Of(glass.Update, more=Weight)]


def update(scene: Stepped) -> UpdatePart:
    """AdamW, written out for one weight."""
    found, rule, lang = scene.step.update, scene.rule, scene.context.lang
    shape = shapes(scene.lm)[found.name]
    label = f"{short(found.name)}[{', '.join(str(i) for i in found.place)}]"
    reading = translate(
        "one_step.reading.update", lang, label=label, weight=number(found.weight, 5), after=number(found.after, 5),
        gradient=operand(found.gradient), step=found.step, move=operand(-found.move),
        rate=operand(rule.learning_rate),
    )  # fmt: skip
    more: Weight = {
        "label": label, "shape": list(shape), "rate": rule.learning_rate, "beta1": rule.betas[0],
        "beta2": rule.betas[1], "eps": rule.eps, "weight_decay": rule.weight_decay if len(shape) > 1 else 0.0,
        "reading": reading, "python": _python(scene),
    }  # fmt: skip
    return {"update": as_json(found) | more}


class After(Told):
    """The loss before each step and after the last, and what the straight line said of the last."""

    losses: list[float]
    linear: float
    promised: float  # by how much the line falls
    fallen: float  # by how much the loss did


class AfterPart(TypedDict):
    """What came of it."""

    after: After


def after(scene: Stepped) -> AfterPart:
    """The loss after the step, beside the linear estimate."""
    found, before, lang = scene.step.after, scene.step.forward.loss, scene.context.lang
    promised, fallen = before - found.linear, before - found.loss
    key = "rose" if fallen < 0 else "below" if found.linear < 0 else "short" if fallen < 0.8 * promised else "held"
    reading = translate(f"one_step.reading.after_{key}", lang, step=scene.view.step, before=number(before, 4),
                        after=number(found.loss, 4), linear=number(found.linear, 4))  # fmt: skip
    return {"after": {
        "losses": [*scene.step.forward.earlier, before, found.loss], "linear": found.linear, "promised": promised,
        "fallen": fallen, "reading": reading, "python": _python(scene),
    }}  # fmt: skip


class Race(Told):
    """Both ways to read the text, in seconds."""

    tokens: int
    at_once: float
    one_by_one: float
    difference: float


class RacePart(TypedDict):
    """At once against one by one; None until somebody asks, and of another text."""

    race: Race | None


def race(scene: Stepped) -> RacePart:
    """Timed."""
    held = scene.state.raced
    if held is None or held[:2] != (scene.lm.fingerprint, scene.ids):
        return {"race": None}
    found = held[2]
    times = found.one_by_one / found.at_once if found.at_once else math.inf
    reading = translate(
        "one_step.reading.race", scene.context.lang, count=found.tokens, at_once=number(1000 * found.at_once, 1),
        one_by_one=number(1000 * found.one_by_one, 1), times=number(times, 1), difference=scientific(found.difference),
    )  # fmt: skip
    python = recipes.race(scene.lm.name, scene.ids[:-1])
    return {"race": {"tokens": found.tokens, "at_once": found.at_once, "one_by_one": found.one_by_one,
                     "difference": found.difference, "reading": reading, "python": python}}  # fmt: skip


def _python(scene: Stepped) -> str:
    found = scene.step.update
    return recipes.step(scene.lm.name, scene.ids, rate=scene.view.rate, step=scene.view.step,
                        target=scene.step.logits.position, weight=(found.name, tuple(found.place)))  # fmt: skip
