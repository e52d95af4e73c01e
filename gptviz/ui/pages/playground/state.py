"""What one visitor's playground stands at, and what its buttons do. Pure: no Streamlit here.

Two things may take longer than one run of the script and are carried on by the next: counting what top-p keeps after
each token of a long text, and rolling. ``advance`` does as much of both as fits into its time.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gptviz.analysis import rolls
from gptviz.decoding.parameters import SEED
from gptviz.gpt.trace import Trace
from gptviz.jobs import Slice, Task
from gptviz.language_model import LanguageModel
from gptviz.ui.controls import number, number_in, setting, whole
from gptviz.ui.page import Action, Context
from gptviz.ui.prompts import chat_control, start_control, system_control
from gptviz.ui.web.conversation import Conversation
from gptviz.views import softmax as views

AT_ONCE = 10  # so many rolls need no picture in between
SLICE = 0.1  # seconds of work in one run
ROLLS = "rolls"  # how many are wanted, in a link
_ROWS = 16  # rows of logits held at a time
_BEAT = 0.05  # seconds from one noted distance to the next, however long a run takes
_MOST_BEATS = 24


@dataclass(frozen=True)
class View:
    """The controls; ``temperature`` is one of ``views.softmax.TEMPERATURES``, ``top_p`` one of its ``SHARES``."""

    temperature: float = number(1.0, 0.0, 5.0, step=0.05, query="t", shared=True)
    top_p: float = number(0.9, 0.01, 1.0, step=0.01, shared=True)
    seed: int = setting(SEED, default=7, slider=True, shared=True)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


@dataclass
class Kept:
    """How many tokens top-p keeps after the first of ``ids``: one row of counts for each position done."""

    lm: LanguageModel
    temperature: float
    ids: tuple[int, ...]
    counts: list[npt.NDArray[np.int64]]

    def moved_to(self, lm: LanguageModel, temperature: float, ids: tuple[int, ...]) -> Kept:
        """The same for another text; what stands for the prefix that they share is taken over."""
        if lm is not self.lm or temperature != self.temperature:
            return Kept(lm, temperature, ids, [])
        same = next(
            (i for i, (a, b) in enumerate(zip(self.ids, ids, strict=False)) if a != b), min(len(self.ids), len(ids))
        )
        return Kept(lm, temperature, ids, self.counts[:same])

    def count(self, trace: Trace) -> Iterator[int]:
        """Go on counting, a few rows at a time; gives how many are done."""
        while len(self.counts) < len(self.ids):
            stop = min(len(self.ids), len(self.counts) + _ROWS)
            rows = trace.logits_between(len(self.counts), stop)
            self.counts.extend(views.kept_by_top_p(row, self.temperature) for row in rows)
            yield len(self.counts)


@dataclass
class Playground(Conversation):
    """One visitor's playground."""

    view: View = field(default_factory=View)
    die: rolls.Rolls | None = None
    goal: int = 0  # rolls wanted
    kept: Kept | None = None
    grid: tuple[Any, views.SoftmaxView] | None = None  # of (model, ids)
    _faces: Any = None  # what the die was made of
    _rolled_at: float = 0.0

    @property
    def rolled(self) -> int:
        """Rolls made."""
        return self.die.n if self.die else 0

    def roll(self, times: int) -> None:
        """Roll so many times more."""
        self.goal = min(rolls.MOST, max(self.goal, self.rolled) + times)
        self._rolled_at = time.perf_counter()

    def reset(self) -> None:
        """Take the die away."""
        self.die, self._faces, self.goal = None, None, 0

    def to_query(self, lm: LanguageModel) -> dict[str, str]:
        """How many rolls are wanted."""
        return {ROLLS: str(self.goal)} if self.goal else {}

    def take_query(self, query: Mapping[str, str], lm: LanguageModel) -> list[str]:
        """Have so many rolls made."""
        wanted = whole(number_in(query[ROLLS]), 0, rolls.MOST) if ROLLS in query else 0
        self.goal = wanted or 0
        return [ROLLS] if wanted is None else []

    @property
    def rolling(self) -> bool:
        """Whether more rolls are wanted than were made."""
        return self.goal > self.rolled

    def softmax(self, lm: LanguageModel, trace: Trace) -> views.SoftmaxView:
        """The distribution after the text at every temperature; the newest is kept."""
        key = (lm, trace.ids)
        if self.grid is None or self.grid[0] != key:
            self.grid = (key, views.sweep(trace.logits_at(-1), lm.tokenizer))
        return self.grid[1]

    def advance(self, lm: LanguageModel, trace: Trace, *, seconds: float = SLICE,
                pressed: Callable[[], bool] = lambda: False) -> bool:  # fmt: skip
        """Go on counting and rolling for about so long; returns whether something is left to do."""
        slice_ = Slice(seconds, pressed=pressed)
        self._set_die(lm, trace)
        if self.die is not None and self.rolling:
            self._roll(self.die)
        self.kept = (self.kept or Kept(lm, self.view.temperature, (), [])).moved_to(
            lm, self.view.temperature, trace.ids
        )
        for _ in Task(self.kept.count(trace)).go_on(slice_):
            pass
        return self.rolling or len(self.kept.counts) < len(trace.ids)

    def _set_die(self, lm: LanguageModel, trace: Trace) -> None:
        """Another text, model, temperature or seed is another die; rolls asked for by a link still hold for it."""
        faces = (lm, trace.ids, self.view.temperature, self.view.seed)
        if self._faces == faces:
            return
        if self._faces is not None:
            self.goal = 0
        shown = [row.id for row in self.softmax(lm, trace).rows]
        probs = views.at_temperature(trace.logits_at(-1), self.view.temperature)
        self.die, self._faces = rolls.Rolls(probs, self.view.seed, shown), faces

    def _roll(self, die: rolls.Rolls) -> None:
        """Few rolls at once; of many so many that one sees the distance fall, and that a slow server keeps the pace."""
        now = time.perf_counter()
        beats = min(_MOST_BEATS, max(1, round((now - self._rolled_at) / _BEAT)))
        self._rolled_at = now
        left = self.goal - die.n
        ahead = [check for check in rolls.CHECKS if check > die.n][:beats]
        die.roll(left if left <= AT_ONCE else min(left, (ahead[-1] if ahead else rolls.MOST) - die.n))


def _roll(action: Action, state: Playground, context: Context) -> None:
    times = whole(action.get("times"), 1, rolls.MOST)
    if times:
        state.roll(times)


def _stop(action: Action, state: Playground, context: Context) -> None:
    state.goal = state.rolled


def _reset(action: Action, state: Playground, context: Context) -> None:
    state.reset()


def _reroll(action: Action, state: Playground, context: Context) -> None:
    state.view = replace(state.view, seed=secrets.randbelow(10_000))


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Playground, Context], None]] = {
    "roll": _roll,
    "stop": _stop,
    "reset": _reset,
    "reroll": _reroll,
}
