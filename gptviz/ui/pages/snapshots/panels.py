"""The panels of the page of snapshots: the slider, the curve, heads, attention, what comes next, a sample. Pure.

Each is of one run; where another stands beside it, ``beside`` has the same of that.
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from gptviz.evaluation.induction import best
from gptviz.i18n import translate
from gptviz.numbers import BIT, entropy_bits, softmax, top_ids
from gptviz.recipes import snapshots as recipes
from gptviz.rounding import number, percent
from gptviz.tokens.labels import spoken
from gptviz.training.differing import differing
from gptviz.training.snapshots import Snapshots
from gptviz.ui.differing import short
from gptviz.ui.learner import SMALL
from gptviz.ui.message_types import Told
from gptviz.ui.pages.snapshots import opened
from gptviz.ui.pages.snapshots.scene import Moment
from gptviz.ui.pages.snapshots.side import Side
from gptviz.ui.pages.snapshots.state import PRESETS
from gptviz.ui.pages.snapshots.told import told
from gptviz.ui.web.arrays import Blobs

_POINTS = 300  # of the curve
TOP = 8


class RunView(TypedDict):
    """A run that can be looked at."""

    name: str
    title: str


class MomentsPart(TypedDict):
    """Runs, moments of the one looked at (or of two), and which."""

    presets: list[str]
    owned: bool
    runs: list[RunView]
    run: str
    steps: list[int]
    at: int
    facts: list[tuple[str, str]]


def moments(scene: Moment) -> MomentsPart:
    """The slider."""
    lang = scene.context.lang
    return {
        "presets": list(PRESETS),
        "owned": bool(scene.state.owner),
        "runs": _titles(scene.runs, lang),
        "run": scene.one.run.name,
        "steps": scene.steps,
        "at": scene.at,
        "facts": facts(scene.one, lang),
    }


def facts(side: Side, lang: str) -> list[tuple[str, str]]:
    """Where a run stands, in numbers."""
    here, loss = side.moment, loss_at(side.kept, side.at)
    said = {"step": f"{here.step:,}", "tokens": f"{here.tokens:,}", "loss": number(loss, 3)}
    if side.ids:
        said["bits_per_byte"] = number(_bits_per_byte(side), 2)
    return [(translate(f"snapshots.fact.{name}", lang), value) for name, value in said.items()]


def _titles(runs: list[opened.Run], lang: str) -> list[RunView]:
    """What they are called: of a pair by what tells them apart, of others that are called alike which it is in time."""
    named = [_title(run, lang) for run in runs]
    found: list[RunView] = []
    for i, (run, title) in enumerate(zip(runs, named, strict=True)):
        what = _of_pair(run, runs, lang)
        if what:
            title = translate("snapshots.paired", lang, what=what, title=title)
        elif named.count(title) > 1:  # the newest comes first
            title = translate("snapshots.numbered", lang, number=named[i:].count(title), title=title)
        found.append({"name": run.name, "title": title})
    return found


def _of_pair(run: opened.Run, runs: list[opened.Run], lang: str) -> str:
    """What it has that the other of its pair has not, or has otherwise; empty where it is of none."""
    mate = next((one for one in runs if one != run and one.pair == run.pair), None) if run.pair else None
    return short(differing(told(run).chosen, told(mate).chosen), lang, other=False, most=1) if mate else ""


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


def _bits_per_byte(side: Side) -> float | None:
    """Of the text as it is read, from its second token on."""
    said = sum(len(side.lm.tokenizer.token_bytes(i)) for i in side.ids[1:])
    return -float(np.nansum(side.trace.logprobs[1:])) / BIT / said if said else None


class Curve(Told):
    """The loss of each step (a few hundred of them), held out, and at each moment."""

    train: list[tuple[int, float]]
    valid: list[tuple[int, float]]
    moments: list[tuple[int, float]]
    at: int  # the step looked at


class CurvePart(TypedDict):
    """The loss."""

    curve: Curve


def curve(scene: Moment) -> CurvePart:
    """The whole run, and where on it one stands."""
    return {"curve": curve_of(scene.one, scene.context.lang)}


def curve_of(side: Side, lang: str) -> Curve:
    """Of one run."""
    found, train = side.kept, side.told.train
    n = len(train)
    shown: list[int] = (np.unique(np.geomspace(1, n, _POINTS).astype(int)) - 1).tolist() if n else []
    at_moments = [(moment.step, loss_at(found, i)) for i, moment in enumerate(found.moments)]
    reading = translate("snapshots.reading.curve", lang, step=f"{side.moment.step:,}",
                        loss=number(at_moments[side.at][1], 3), first=number(at_moments[0][1], 2),
                        last=number(at_moments[-1][1], 2))  # fmt: skip
    return {
        "train": [train[i] for i in shown],
        "valid": list(side.told.valid),
        "moments": [(step, loss) for step, loss in at_moments if loss is not None],
        "at": side.moment.step, "reading": reading, "python": _python(side, ["kept.losses"]),
    }  # fmt: skip


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
    return {"heads": heads_of(scene.one, scene.context.lang)}


def heads_of(side: Side, lang: str) -> Heads:
    """Of one run."""
    layer, head = side.head
    found = side.heads
    reading = translate("snapshots.reading.no_heads", lang)
    if found:
        top = best(np.asarray(found), 1)[0]
        reading = translate("snapshots.reading.heads", lang, layer=top.layer, head=top.head,
                            score=number(top.score, 2))  # fmt: skip
    body = [
        "from gptviz.evaluation import induction",
        f"induction.induction_test(lm, length={opened.LENGTH}, count={opened.SEQUENCES}).prefix_matching",
    ]
    return {"scores": [list(row) for row in found], "layer": layer, "head": head, "reading": reading,
            "python": _python(side, body)}  # fmt: skip


class Attention(Told):
    """The pattern is the array ``pattern`` (T, T): row ``i`` is what position ``i`` looks at."""

    labels: list[str]


class AttentionPart(TypedDict):
    """One head on the text; None without a text."""

    attention: Attention | None


def attention(scene: Moment) -> AttentionPart:
    """The head looked at."""
    return {"attention": attention_of(scene.one, scene.context.lang)}


def attention_of(side: Side, lang: str) -> Attention | None:
    """Of one run."""
    if not side.ids:
        return None
    layer, head = side.head
    labels = [side.label(i) for i in side.ids]
    row = np.asarray(side.trace.pattern[layer, head, -1], dtype=np.float64)
    most = int(row.argmax())
    reading = translate("snapshots.reading.attention", lang, layer=layer, head=head,
                        query=spoken(labels[-1]), looked=spoken(labels[most]), p=percent(float(row[most])))  # fmt: skip
    return {"labels": labels, "reading": reading, "python": _python(side, [f"trace.pattern[{layer}, {head}]"])}


def arrays(scene: Moment) -> Blobs:
    """(T, T) of each run."""
    names = ("pattern", "other_pattern")
    return {name: _pattern(side) for name, side in zip(names, scene.sides, strict=False) if side.ids}


def _pattern(side: Side) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    layer, head = side.head
    return np.ascontiguousarray(side.trace.pattern[layer, head], dtype=np.float32)


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
    return {"answer": answer_of(scene.one, scene.context.lang)}


def answer_of(side: Side, lang: str) -> Next | None:
    """Of one run."""
    if not side.ids:
        return None
    probs = softmax(side.trace.logits_at(-1)[: side.lm.n_tokens])
    ids = top_ids(probs, TOP).tolist()
    rows = [(side.label(i), float(probs[i])) for i in ids]
    bits = entropy_bits(probs)
    label, p = rows[0]
    reading = translate("snapshots.reading.next", lang, label=spoken(label), p=percent(p, 1), bits=number(bits, 2))
    return {"rows": rows, "others": max(0.0, 1.0 - sum(p for _, p in rows)), "bits": bits, "reading": reading,
            "python": _python(side, ["trace.logits_at(-1)"])}  # fmt: skip


class Written(Told):
    """How it goes on; an empty ``text`` is still to come."""

    before: str
    text: str


class WrittenPart(TypedDict):
    """A sample."""

    written: Written | None


def written(scene: Moment) -> WrittenPart:
    """The same draws at every moment, so that only the model differs."""
    return {"written": written_of(scene.one, scene.context.lang)}


def written_of(side: Side, lang: str) -> Written | None:
    """Of one run."""
    if not side.ids:
        return None
    text = opened.known_sample(side.run.path, side.at, side.ids) or ""
    reading = translate("snapshots.reading.written", lang, text=text)
    body = ["import gptviz", f"steps = lm.generate({list(side.ids)!r}, gptviz.Sample(temperature=0.8),",
            f"                    max_new_tokens={opened.WRITTEN}, seed=7)",
            "lm.tokenizer.decode([step.token for step in steps])"]  # fmt: skip
    return {"before": side.lm.tokenizer.decode(list(side.ids)), "text": text, "reading": reading,
            "python": recipes.moment(side.at, body, bundled=side.run.name == SMALL)}  # fmt: skip


def _python(side: Side, body: list[str]) -> str:
    return recipes.moment(side.at, body, bundled=side.run.name == SMALL, ids=side.ids)
