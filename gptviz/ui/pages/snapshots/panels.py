"""The panels of the page of snapshots: the slider, the curve, heads, attention, what comes next, a sample. Pure."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from gptviz.evaluation.induction import best
from gptviz.i18n import translate
from gptviz.numbers import BIT, entropy_bits, softmax, top_ids
from gptviz.recipes import snapshots as recipes
from gptviz.rounding import number, percent
from gptviz.tokens.labels import spoken
from gptviz.training.snapshots import Snapshots
from gptviz.ui.learner import SMALL
from gptviz.ui.message_types import Told
from gptviz.ui.pages.snapshots import opened
from gptviz.ui.pages.snapshots.scene import Moment
from gptviz.ui.pages.snapshots.state import PRESETS
from gptviz.ui.web.arrays import Blobs

_POINTS = 300  # of the curve
TOP = 8


class RunView(TypedDict):
    """A run that can be looked at."""

    name: str
    title: str


class MomentsPart(TypedDict):
    """Runs, moments of the one looked at, and which."""

    presets: list[str]
    owned: bool
    runs: list[RunView]
    run: str
    steps: list[int]
    at: int
    facts: list[tuple[str, str]]


def moments(scene: Moment) -> MomentsPart:
    """The slider."""
    lang, found = scene.context.lang, scene.kept
    here = found.moments[scene.at]
    loss = loss_at(found, scene.at)
    facts = {"step": f"{here.step:,}", "tokens": f"{here.tokens:,}", "loss": number(loss, 3)}
    if scene.ids:
        facts["bits_per_byte"] = number(_bits_per_byte(scene), 2)
    return {
        "presets": list(PRESETS),
        "owned": bool(scene.state.owner),
        "runs": [{"name": run.name, "title": _title(run, lang)} for run in scene.runs],
        "run": scene.run.name,
        "steps": [moment.step for moment in found.moments],
        "at": scene.at,
        "facts": [(translate(f"snapshots.fact.{name}", lang), value) for name, value in facts.items()],
    }


def _title(run: opened.Run, lang: str) -> str:
    if run.name == SMALL:
        return translate("snapshots.bundled", lang)
    return translate("toolbar.trained", lang, source=translate(f"training.source.{run.source}", lang))


def loss_at(found: Snapshots, at: int) -> float | None:
    """Nats per token at a moment: held out where that was measured, else of the step itself."""
    moment = found.moments[at]
    if moment.valid_loss is not None or not found.losses:
        return moment.valid_loss
    return found.losses[min(max(moment.step, 1), len(found.losses)) - 1]


def _bits_per_byte(scene: Moment) -> float | None:
    """Of the text as it is read, from its second token on."""
    said = sum(len(scene.lm.tokenizer.token_bytes(i)) for i in scene.ids[1:])
    return -float(np.nansum(scene.trace.logprobs[1:])) / BIT / said if said else None


class Curve(Told):
    """The loss of each step (a few hundred of them), and at each moment."""

    train: list[tuple[int, float]]
    moments: list[tuple[int, float]]
    at: int  # the step looked at


class CurvePart(TypedDict):
    """The loss."""

    curve: Curve


def curve(scene: Moment) -> CurvePart:
    """The whole run, and where on it one stands."""
    found, lang = scene.kept, scene.context.lang
    n = len(found.losses)
    steps: list[int] = np.unique(np.geomspace(1, n, _POINTS).astype(int)).tolist() if n else []
    told = [(moment.step, loss_at(found, i)) for i, moment in enumerate(found.moments)]
    here = found.moments[scene.at]
    reading = translate("snapshots.reading.curve", lang, step=f"{here.step:,}", loss=number(told[scene.at][1], 3),
                        first=number(told[0][1], 2), last=number(told[-1][1], 2))  # fmt: skip
    return {"curve": {
        "train": [(int(step), found.losses[step - 1]) for step in steps],
        "moments": [(step, loss) for step, loss in told if loss is not None],
        "at": here.step, "reading": reading, "python": _python(scene, ["kept.losses"]),
    }}  # fmt: skip


class Heads(Told):
    """Prefix matching of each head, and the one looked at."""

    scores: list[list[float]]
    layer: int
    head: int


class HeadsPart(TypedDict):
    """All heads."""

    heads: Heads


def heads(scene: Moment) -> HeadsPart:
    """Which of them look back to where the present token stood before."""
    layer, head = scene.head
    found = scene.heads
    reading = translate("snapshots.reading.no_heads", scene.context.lang)
    if found:
        top = best(np.asarray(found), 1)[0]
        reading = translate("snapshots.reading.heads", scene.context.lang, layer=top.layer, head=top.head,
                            score=number(top.score, 2))  # fmt: skip
    body = [
        "from gptviz.evaluation import induction",
        f"induction.induction_test(lm, length={opened.LENGTH}, count={opened.SEQUENCES}).prefix_matching",
    ]
    return {"heads": {"scores": [list(row) for row in found], "layer": layer, "head": head, "reading": reading,
                      "python": _python(scene, body)}}  # fmt: skip


class Attention(Told):
    """The pattern is the array ``pattern`` (T, T): row ``i`` is what position ``i`` looks at."""

    labels: list[str]


class AttentionPart(TypedDict):
    """One head on the text; None without a text."""

    attention: Attention | None


def attention(scene: Moment) -> AttentionPart:
    """The head looked at."""
    if not scene.ids:
        return {"attention": None}
    layer, head = scene.head
    labels = [scene.label(i) for i in scene.ids]
    row = np.asarray(scene.trace.pattern[layer, head, -1], dtype=np.float64)
    most = int(row.argmax())
    reading = translate("snapshots.reading.attention", scene.context.lang, layer=layer, head=head,
                        query=spoken(labels[-1]), looked=spoken(labels[most]), p=percent(float(row[most])))  # fmt: skip
    return {"attention": {"labels": labels, "reading": reading,
                          "python": _python(scene, [f"trace.pattern[{layer}, {head}]"])}}  # fmt: skip


def arrays(scene: Moment) -> Blobs:
    """(T, T)."""
    layer, head = scene.head
    return {"pattern": np.ascontiguousarray(scene.trace.pattern[layer, head], dtype=np.float32)} if scene.ids else {}


class Next(Told):
    """The likeliest next tokens, all others as one."""

    rows: list[tuple[str, float]]
    others: float
    bits: float


class NextPart(TypedDict):
    """The answer to the typed prompt."""

    answer: Next | None


def answer(scene: Moment) -> NextPart:
    """What the model as it was says next."""
    if not scene.ids:
        return {"answer": None}
    probs = softmax(scene.trace.logits_at(-1)[: scene.lm.n_tokens])
    ids = top_ids(probs, TOP).tolist()
    rows = [(scene.label(i), float(probs[i])) for i in ids]
    bits = entropy_bits(probs)
    label, p = rows[0]
    reading = translate("snapshots.reading.next", scene.context.lang, label=spoken(label), p=percent(p, 1),
                        bits=number(bits, 2))  # fmt: skip
    return {"answer": {"rows": rows, "others": max(0.0, 1.0 - sum(p for _, p in rows)), "bits": bits,
                       "reading": reading, "python": _python(scene, ["trace.logits_at(-1)"])}}  # fmt: skip


class Written(Told):
    """How it goes on; an empty ``text`` is still to come."""

    before: str
    text: str


class WrittenPart(TypedDict):
    """A sample."""

    written: Written | None


def written(scene: Moment) -> WrittenPart:
    """The same draws at every moment, so that only the model differs."""
    if not scene.ids:
        return {"written": None}
    text = opened.known_sample(scene.run.path, scene.at, scene.ids) or ""
    reading = translate("snapshots.reading.written", scene.context.lang, text=text)
    body = ["import gptviz", f"steps = lm.generate({list(scene.ids)!r}, gptviz.Sample(temperature=0.8),",
            f"                    max_new_tokens={opened.WRITTEN}, seed=7)",
            "lm.tokenizer.decode([step.token for step in steps])"]  # fmt: skip
    return {"written": {"before": scene.lm.tokenizer.decode(list(scene.ids)), "text": text, "reading": reading,
                        "python": recipes.moment(scene.at, body, bundled=scene.run.name == SMALL)}}  # fmt: skip


def _python(scene: Moment, body: list[str]) -> str:
    return recipes.moment(scene.at, body, bundled=scene.run.name == SMALL, ids=scene.ids)
