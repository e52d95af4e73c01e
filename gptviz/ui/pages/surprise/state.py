"""What one visitor's surprise page stands at, and what its buttons do. Pure: no Streamlit here.

Two texts, A (the prompt that all pages share) and B (here only, may be empty). Scoring a long one, and reading one
token by token to check it, take longer than one run of the script: ``advance`` does as much as fits into its time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

from gptviz.analysis import surprisal
from gptviz.errors import GptvizError
from gptviz.i18n import translate
from gptviz.jobs import Slice, Task
from gptviz.language_model import LanguageModel
from gptviz.ui import controls
from gptviz.ui.controls import choice, count
from gptviz.ui.limits import MAX_CHARS
from gptviz.ui.page import Action, Context, Tracer, index
from gptviz.ui.prompts import (
    How,
    chat_control,
    chats,
    encoded,
    how,
    prompt_ids,
    start_control,
    starts,
    system_control,
    window,
)
from gptviz.ui.web.conversation import Conversation
from gptviz.views.surprise import SurpriseView, start_label, surprise

SLICE = 0.1  # seconds of work in one run
COLOURS = ("surprisal", "rank")
AUTO = -1  # the token looked at is the most surprising one


@dataclass(frozen=True)
class View:
    """The controls: the other text, what colour means, and the token looked at (``side`` 0 is A, 1 is B)."""

    other: str = controls.text("", MAX_CHARS, query="b", seldom=True)
    colour: str = choice("surprisal", COLOURS)
    side: int = count(0, 0, 1)
    token: int = count(AUTO, AUTO, 100_000, seldom=True)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


@dataclass
class Reading:
    """One text on its way through the model."""

    lm: LanguageModel
    ids: tuple[int, ...]  # without the start mark
    start: bool = True  # whether it is read after that
    scores: list[surprisal.Score] = field(default_factory=list)
    running: Task[surprisal.Score] | None = None
    shown: SurpriseView | None = None

    @property
    def wanted(self) -> int:
        """How many of the tokens can have a score."""
        return len(self.ids) - surprisal.inputs(self.lm, self.ids, start=self.start)[1]

    def moved_to(self, lm: LanguageModel, ids: tuple[int, ...], start: bool) -> Reading:
        """The same for another text; the scores of the beginning that they share still hold."""
        if lm is not self.lm or start != self.start:
            return Reading(lm, ids, start)
        if ids == self.ids:
            return self
        same = 0
        while same < min(len(ids), len(self.ids)) and ids[same] == self.ids[same]:
            same += 1
        skipped = surprisal.inputs(lm, ids, start=start)[1]
        return Reading(lm, ids, start, self.scores[: max(0, same - skipped)])

    def view(self) -> SurpriseView:
        """What is known so far."""
        if self.shown is None or self.shown.n_scored < len(self.scores):
            tokens = self.lm.tokenizer.tokens(self.ids)
            start = start_label(self.lm) if self.start else None
            self.shown = surprise(tokens, self.scores, start=start, window=window(self.lm))
        return self.shown

    def advance(self, time: Slice, tracer: Tracer) -> bool:
        """Score for so long; returns whether something is left."""
        if self.running is None:
            size = window(self.lm)
            self.running = Task(surprisal.scores(self.lm, self.ids, window=size, done=len(self.scores), trace=tracer,
                                                 start=self.start))  # fmt: skip
        if len(self.scores) < self.wanted:
            self.scores.extend(self.running.go_on(time))
        return len(self.scores) < self.wanted


@dataclass
class Check:
    """One text read at once and read one token at a time: the same numbers, at another price."""

    lm: LanguageModel
    ids: tuple[int, ...]
    start: bool = True
    at_once: list[float] = field(default_factory=list)  # nats
    one_by_one: list[float] = field(default_factory=list)
    seconds_at_once: float = 0.0
    seconds_one_by_one: float = 0.0
    running: Task[float] | None = None

    @property
    def wanted(self) -> int:
        """How many tokens are compared."""
        return len(self.ids) - surprisal.inputs(self.lm, self.ids, start=self.start)[1]

    @property
    def difference(self) -> float:
        """Largest difference so far, in nats."""
        return max((abs(a - b) for a, b in zip(self.at_once, self.one_by_one, strict=False)), default=0.0)

    def advance(self, time: Slice) -> bool:
        """Read on for so long; returns whether something is left."""
        if self.running is None:
            start = perf_counter()
            read, skipped = surprisal.inputs(self.lm, self.ids, start=self.start)
            row = (*read[:1], *self.ids[skipped:])
            logprobs, _ = self.lm.score([row])
            self.at_once, self.seconds_at_once = logprobs[0].tolist(), perf_counter() - start
            self.running = Task(surprisal.one_by_one(self.lm, self.ids, start=self.start))
        start = perf_counter()
        if len(self.one_by_one) < self.wanted:
            self.one_by_one.extend(self.running.go_on(time))
        self.seconds_one_by_one += perf_counter() - start
        return len(self.one_by_one) < self.wanted


@dataclass
class Surprise(Conversation):
    """One visitor's page."""

    view: View = field(default_factory=View)
    readings: list[Reading | None] = field(default_factory=lambda: [None, None])
    check: Check | None = None

    def adopt(self, changes: dict[str, Any]) -> None:
        """Take over the controls; in another text B the token looked at is chosen anew."""
        if "other" in changes and "token" not in changes:
            changes = {"token": AUTO, "side": 0} | changes
        super().adopt(changes)

    def hand_over(self, lm: LanguageModel) -> dict[str, Any]:
        """The token looked at in A is the position that other pages look at."""
        found = super().hand_over(lm)
        pos = self.view.token + _before(self, lm) if self.view.side == 0 and self.view.token != AUTO else -1
        return found | ({"pos": pos} if pos >= 0 else {})

    def take_over(self, values: Mapping[str, Any], lm: LanguageModel) -> None:
        """The position that other pages look at is a token of A; where they look at the end, this page chooses."""
        super().take_over(values, lm)
        pos = values.get("pos", -1)
        if pos == -1 or pos == self.hand_over(lm).get("pos"):
            return
        token = AUTO if pos is None else max(AUTO, pos - _before(self, lm))
        if token != AUTO or self.view.side == 0:
            self.adopt({"token": token, "side": 0})

    def follow(self) -> None:
        """Another text: its most surprising token is looked at."""
        self.view = replace(self.view, token=AUTO, side=0)

    def set_text(self, text: str) -> None:
        """A prompt that comes from elsewhere has nothing to do with the text B of the one before."""
        self.view = replace(self.view, other="")
        super().set_text(text)

    def advance(self, lm: LanguageModel, tracer: Tracer, *, seconds: float = SLICE,
                pressed: Callable[[], bool] = lambda: False) -> bool:  # fmt: skip
        """Go on reading for about so long; returns whether something is left to do."""
        time = Slice(seconds, pressed=pressed)
        read = how(self.view)
        # in a chat the template's own first token stands first: like the first one of a text it has no probability
        left, start = False, starts(lm, read.start) and not chats(lm, read)
        for side, text in enumerate((self.text, self.view.other)):
            ids = ids_of(lm, text, read)
            before = self.readings[side] or Reading(lm, ids, start)
            reading = self.readings[side] = before.moved_to(lm, ids, start) if ids else None
            if reading is not None:
                # the tracer keeps what it reads for the next keystroke; the other text would push that out
                left |= reading.advance(time, tracer if side == 0 else lm.trace)
        if self.check is not None:
            held = [reading.ids[: window(lm)] for reading in self.readings if reading is not None]
            if (self.check.lm, self.check.start) != (lm, start) or self.check.ids not in held:
                self.check = None
            elif not left:
                left |= self.check.advance(time)
        return left


def ids_of(lm: LanguageModel, text: str, read: How) -> tuple[int, ...]:
    """All tokens of a text without the start mark, of a message with its template; none where it cannot be read."""
    try:
        return tuple(encoded(lm, text, read if chats(lm, read) else How("off")))
    except GptvizError:
        return ()


def _before(state: Surprise, lm: LanguageModel) -> int:
    """The position of A's first token elsewhere: after the start mark; below 0 where a beginning is left out there."""
    read = how(state.view)
    return len(prompt_ids(lm, state.text, read)[0]) - len(ids_of(lm, state.text, read))


def pairs(lang: str) -> list[tuple[str, str, str]]:
    """The pairs offered: (name, text A, text B)."""
    lines = translate("surprise.pairs", lang).strip("\n").split("\n")
    found = [tuple(part.strip() for part in line.split("‖")) for line in lines]
    return [(line[0], line[1], line[2]) for line in found if len(line) == 3]


def begin(state: Surprise, lang: str) -> None:
    """A first visit reads the first pair."""
    _, state.text, other = pairs(lang)[0]
    state.view = replace(state.view, other=other)


def _pair(action: Action, state: Surprise, context: Context) -> None:
    offered = pairs(context.lang)
    place = index(action, "index", len(offered))
    if place is not None:
        _, one, other = offered[place]
        state.set_text(one)
        state.view = replace(state.view, other=other)


def _swap(action: Action, state: Surprise, context: Context) -> None:
    one, other = state.text, state.view.other
    state.set_text(other)
    state.view = replace(state.view, other=one)


def _check(action: Action, state: Surprise, context: Context) -> None:
    reading = state.readings[state.view.side]
    if reading is not None and reading.wanted > 0:
        state.check = Check(reading.lm, reading.ids[: window(reading.lm)], reading.start)


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Surprise, Context], None]] = {"pair": _pair, "swap": _swap, "check": _check}
