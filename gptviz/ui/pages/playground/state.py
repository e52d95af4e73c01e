"""What one visitor's playground stands at, and what its buttons do. Pure: no Streamlit here.

Two things may take longer than one run of the script and are carried on by the next: counting what top-p keeps after
each token of a long text, and rolling. ``advance`` does as much of both as fits into its time.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gptviz.analysis import rolls
from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel
from gptviz.ui.web.conversation import MAX_CHARS, Conversation, real, whole
from gptviz.ui.web.frame import number_in, query_string
from gptviz.views import softmax as views

AT_ONCE = 10  # so many rolls need no picture in between
SLICE = 0.1  # seconds of work in one run
_ROWS = 16  # rows of logits held at a time
_BEAT = 0.05  # seconds from one noted distance to the next, however long a run takes
_MOST_BEATS = 24
_STEP = 0.05


@dataclass(frozen=True)
class View:
    """The controls; ``temperature`` is one of ``views.softmax.TEMPERATURES``, ``top_p`` one of its ``SHARES``."""

    temperature: float = 1.0
    top_p: float = 0.9
    seed: int = 7


#: Query parameter of each field.
NAMES = {"temperature": "t", "top_p": "top_p", "seed": "seed"}


def _temperature(value: Any) -> float | None:
    number = real(value, 0.0, 5.0)
    return None if number is None else round(round(number / _STEP) * _STEP, 2)


def _share(value: Any) -> float | None:
    number = real(value, 0.01, 1.0)
    return None if number is None else round(number, 2)


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


#: How each control is read from outside; None means unusable.
READ: dict[str, Callable[[Any], Any]] = {
    "temperature": _temperature,
    "top_p": _share,
    "seed": lambda v: whole(v, 0, 2**31 - 1),
}


@dataclass
class Playground(Conversation):
    """One visitor's playground."""

    view: View = field(default_factory=View)
    die: rolls.Rolls | None = None
    goal: int = 0  # rolls wanted
    kept: Kept | None = None
    grid: tuple[Any, views.SoftmaxView] | None = None  # of (model, ids)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _faces: Any = None  # what the die was made of
    _rolled_at: float = 0.0

    READ = READ

    def adopt(self, changes: dict[str, Any]) -> None:
        """Take over the controls; a die of another temperature or seed is another die (see ``advance``)."""
        self.view = replace(self.view, **changes)

    def carry_out(self, action: Mapping[str, Any]) -> None:
        """Do one action; one that makes no sense changes nothing. ``more`` only asks for another run."""
        self.done(action)
        kind = action.get("kind")
        rolled = self.die.n if self.die else 0
        if kind == "roll":
            times = whole(action.get("times"), 1, rolls.MOST)
            self.goal = min(rolls.MOST, max(self.goal, rolled) + times) if times else self.goal
            self._rolled_at = time.perf_counter()
        elif kind == "stop":
            self.goal = rolled
        elif kind == "reset":
            self.die, self._faces, self.goal = None, None, 0
        elif kind == "reroll":
            self.view = replace(self.view, seed=secrets.randbelow(10_000))

    @property
    def rolling(self) -> bool:
        """Whether more rolls are wanted than were made."""
        return self.goal > (self.die.n if self.die else 0)

    def softmax(self, lm: LanguageModel, trace: Trace) -> views.SoftmaxView:
        """The distribution after the text at every temperature; the newest is kept."""
        key = (lm, trace.ids)
        if self.grid is None or self.grid[0] != key:
            self.grid = (key, views.sweep(trace.logits_at(-1), lm.tokenizer))
        return self.grid[1]

    def advance(self, lm: LanguageModel, trace: Trace, *, seconds: float = SLICE) -> bool:
        """Go on counting and rolling for about so long; returns whether something is left to do."""
        end = time.perf_counter() + seconds
        self._set_die(lm, trace)
        if self.die is not None and self.rolling:
            self._roll(self.die)
        self.kept = (self.kept or Kept(lm, self.view.temperature, (), [])).moved_to(
            lm, self.view.temperature, trace.ids
        )
        counts = self.kept.counts
        while len(counts) < len(trace.ids):
            stop = min(len(trace.ids), len(counts) + _ROWS)
            rows = trace.logits_between(len(counts), stop)
            counts.extend(views.kept_by_top_p(row, self.view.temperature) for row in rows)
            if time.perf_counter() > end:
                break
        return self.rolling or len(counts) < len(trace.ids)

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

    def link(self, *, lang: str, model: str) -> str:
        """The query string that restores this page."""
        fields = {"lang": lang, "model": model, "p": self.text}
        fields |= {parameter: getattr(self.view, name) for name, parameter in NAMES.items()}
        return query_string(fields | ({"rolls": self.goal} if self.goal else {}))


def from_link(query: Mapping[str, str], *, default_text: str) -> Playground:
    """The playground that a query describes; the names of parts that cannot be read go into its notes."""
    state = Playground(text=query.get("p", default_text)[:MAX_CHARS])
    bad: list[str] = []
    changes: dict[str, Any] = {}
    for name, parameter in NAMES.items():
        if parameter in query:
            value = READ[name](number_in(query[parameter]))
            if value is None:
                bad.append(parameter)
            else:
                changes[name] = value
    if "rolls" in query:
        wanted = whole(number_in(query["rolls"]), 0, rolls.MOST)
        state.goal = wanted or 0
        bad += ["rolls"] if wanted is None else []
    state.view = replace(View(), **changes)
    if bad:
        state.notes.append(("note.link_bad", {"names": ", ".join(bad)}))
    return state
