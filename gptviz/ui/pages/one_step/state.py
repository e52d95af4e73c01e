"""What one visitor's page of a step stands at, and what its buttons do. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gptviz.training.glass import MOST_STEPS, TOP, Raced, race
from gptviz.ui.controls import count, number, text
from gptviz.ui.learner import learner
from gptviz.ui.page import Action, Context, word
from gptviz.ui.pages.one_step.presets import PRESETS
from gptviz.ui.prompts import prompt_ids
from gptviz.ui.web.conversation import Conversation

MOST = 32  # tokens of the text, the first ones
TIMES = 3  # both ways are timed so often, and the fastest counts: what else the machine does only adds
_SELDOM = {"seldom": True}


@dataclass(frozen=True)
class View:
    """The controls. ``target`` None is the target that costs most; ``tensor`` "" the one of the largest gradient."""

    step: int = count(1, 1, MOST_STEPS)
    rate: float = number(1e-4, 1e-6, 1.0)
    target: int | None = count(None, 0, MOST - 2, nullable=True)
    row: int = count(0, 0, TOP, **_SELDOM)
    tensor: str = text("", 80, **_SELDOM)
    place: str = text("", 40, **_SELDOM)  # of the weight in its tensor, as "3,14"


@dataclass
class OneStep(Conversation):
    """One visitor's page; ``raced`` holds the times of one text, and of which."""

    view: View = field(default_factory=View)
    raced: tuple[str, tuple[int, ...], Raced] | None = None

    def follow(self) -> None:
        """Another text: its costliest target, its steepest weight, the first step."""
        self.view = View(rate=self.view.rate)

    def adopt(self, changes: dict[str, object]) -> None:
        if "tensor" in changes and "place" not in changes:
            changes = {**changes, "place": ""}  # another tensor has other places
        if "target" in changes and "row" not in changes:
            changes = {**changes, "row": 0}
        super().adopt(changes)


def begin(state: OneStep, lang: str) -> None:
    """A first visit sees the first preset."""
    _set(state, next(iter(PRESETS)), lang)


def read(state: OneStep, context: Context) -> tuple[tuple[int, ...], int]:
    """The tokens that the step is taken on, the first of the text, and how many are left out."""
    ids, before = prompt_ids(learner(context.lm), state.text)
    return ids[:MOST], before + max(0, len(ids) - MOST)


def _set(state: OneStep, name: str, lang: str) -> None:
    prompt, settings = PRESETS[name].of(lang)
    state.set_text(prompt)
    state.view = replace(View(), **settings)


def _preset(action: Action, state: OneStep, context: Context) -> None:
    name = word(action, "name")
    if name in PRESETS:
        _set(state, name, context.lang)


def _race(action: Action, state: OneStep, context: Context) -> None:
    """Read the text both ways, and keep the times."""
    ids, _ = read(state, context)
    if len(ids) < 2:
        return
    lm = learner(context.lm)
    runs = [race(lm.model, ids[:-1]) for _ in range(TIMES)]
    best = Raced(len(ids) - 1, min(run.at_once for run in runs), min(run.one_by_one for run in runs),
                 max(run.difference for run in runs))  # fmt: skip
    state.raced = lm.fingerprint, ids, best


ACTIONS: dict[str, Callable[[Action, OneStep, Context], None]] = {"preset": _preset, "race": _race}
