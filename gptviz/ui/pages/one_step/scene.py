"""What the page of a step is made of: one step, taken on a copy, and where one looks. Pure: no Streamlit here."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from gptviz.errors import ConfigError
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.training import glass
from gptviz.ui.kept import remembered
from gptviz.ui.learner import learner, stands_in
from gptviz.ui.page import Context, Note, Scene
from gptviz.ui.pages.one_step.state import MOST, OneStep, View, read
from gptviz.views.distribution import token_label

_PLACE = re.compile(r"\d{1,6}(,\d{1,6}){0,3}", re.ASCII)
Weight = tuple[str, tuple[int, ...]]


class Step(NamedTuple):
    """All records of one step."""

    forward: glass.Forward
    logits: glass.AtLogits
    backward: glass.Backward
    update: glass.Update
    after: glass.After


@remembered(maxsize=64)
def taken(lm: LanguageModel, ids: tuple[int, ...], rate: float, step: int, target: int | None,
          weight: Weight | None) -> Step:  # fmt: skip
    """One step on ``ids``; never changed by whoever gets it. Raises ConfigError as ``glass.one_step`` does."""
    assert isinstance(lm, LocalModel)
    forward, logits, backward, update, after = glass.one_step(
        lm.model, ids, rule=glass.Rule(learning_rate=rate), step=step, position=target, weight=weight
    )
    assert isinstance(forward, glass.Forward)  # one of each, in this order
    assert isinstance(logits, glass.AtLogits)
    assert isinstance(backward, glass.Backward)
    assert isinstance(update, glass.Update)
    assert isinstance(after, glass.After)
    return Step(forward, logits, backward, update, after)


@remembered(maxsize=64)
def shapes(lm: LanguageModel) -> dict[str, tuple[int, ...]]:
    """Name → shape of each tensor that learns."""
    assert isinstance(lm, LocalModel)
    return {name: tuple(p.shape) for name, p in lm.model.named_parameters()}


@dataclass(kw_only=True)
class Stepped(Scene):
    """The page at one moment; ``made`` only where it is ready."""

    state: OneStep
    context: Context
    lm: LocalModel
    view: View
    made: Step | None = None

    @property
    def step(self) -> Step:
        """The step, which is there."""
        assert self.made is not None
        return self.made

    @property
    def rule(self) -> glass.Rule:
        """AdamW's numbers."""
        return glass.Rule(learning_rate=self.view.rate)

    def label(self, token: int) -> str:
        """A token as it is shown."""
        return token_label(self.lm.tokenizer, token)


def asked(lm: LanguageModel, view: View) -> Weight | None:
    """The weight that the controls name: where they name no place, the steepest of its tensor, else of all (None)."""
    shape = shapes(lm).get(view.tensor)
    if shape is None:
        return None
    place = tuple(int(part) for part in view.place.split(",")) if _PLACE.fullmatch(view.place) else ()
    inside = len(place) == len(shape) and all(i < n for i, n in zip(place, shape, strict=True))
    return view.tensor, place if inside else ()


def scene(state: OneStep, context: Context) -> Stepped:
    """Take the step."""
    lm = learner(context.lm)
    ids, left_out = read(state, context)
    notes: list[Note] = [("info", "one_step.left_out", {"most": MOST, "left_out": left_out})] if left_out else []
    if stands_in(context.lm):
        notes.append(("info", "one_step.stand_in", {"most": f"{glass.MOST_PARAMETERS:,}"}))
    found = Stepped(state=state, context=context, lm=lm, view=state.view, ids=ids, ready=len(ids) > 1, read=bool(ids),
                    notes=notes)  # fmt: skip
    if not found.ready:
        return found
    target = state.view.target if (state.view.target or 0) < len(ids) - 1 else None
    view = found.view = replace(state.view, target=target)
    try:
        found.made = taken(lm, ids, view.rate, view.step, target, asked(lm, view))
    except ConfigError as error:  # a context of one token, for example
        found.ready, found.said = False, [{"level": "error", "text": error.say(context.lang)}]
    return found
