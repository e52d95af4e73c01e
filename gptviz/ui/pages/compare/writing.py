"""The work behind the page: columns written together, many draws of one; both in pieces of a given time.

Pure: no Streamlit here. Nothing blocks: a job is a generator, and each run of the page takes from it for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any

from gptviz.decoding import BeamStep, Step, compare_events
from gptviz.decoding.draws import Draw, draw_events
from gptviz.decoding.measures import metered
from gptviz.decoding.records import Recorder
from gptviz.errors import DecodingError, GptvizError, PromptError
from gptviz.jobs import Slice, Task
from gptviz.language_model import LanguageModel
from gptviz.ui.limits import most_drawn
from gptviz.ui.pages.compare.state import Compare, Draws, Ran, Slot
from gptviz.ui.prompts import AS_TEXT, How, encoded, how, window
from gptviz.ui.trace_cache import give_back

SECONDS = 0.12  # taken at a time


class Writing:
    """Some slots' columns under way, all in one batch."""

    def __init__(self, ran: Ran, slots: Sequence[Slot]) -> None:
        self.slots = {str(slot.number): slot for slot in slots}
        self.done = 0  # tokens that each has, or that its search looks ahead, of the whole
        self.worked = 0.0  # seconds so far, without the pauses in which the page was drawn
        self.seconds: dict[str, float] = {}  # the same until a slot's newest token
        self.whole = min(ran.n, ran.lm.config.block_size - len(ran.ids))
        watched = metered({name: slot.strategy for name, slot in self.slots.items()})
        self.recorder = Recorder(ran.lm, ran.ids, watched, max_new_tokens=ran.n, seed=ran.seed)
        self.task = Task(compare_events(ran.lm, ran.ids, watched, max_new_tokens=ran.n, seed=ran.seed))

    def advance(self, time: Slice) -> bool:
        """Go on for so long and give whether more is to come."""
        begun = monotonic() - self.worked
        for name, event in self.task.go_on(time):
            self.seconds[name] = monotonic() - begun
            self._take(name, event)
        self.worked = monotonic() - begun
        for name, column in self.recorder.run().columns.items():
            self.slots[name].column = replace(column, seconds=self.seconds[name])
            self.slots[name].draft = ""
        return not self.task.finished

    def _take(self, name: str, event: Step | BeamStep) -> None:
        self.done = max(self.done, event.index + 1)
        if isinstance(event, Step):
            self.recorder.add(name, event)
        else:
            self.slots[name].draft = event.text


class Drawing:
    """Many draws under way."""

    def __init__(self, draws: Draws, ran: Ran) -> None:
        self.draws = draws
        self.done, self.whole = 0, draws.wanted * min(ran.n, ran.lm.config.block_size - len(ran.ids))  # tokens
        self.task: Task[Draw | None] = Task(
            draw_events(ran.lm, ran.ids, draws.strategy, draws.wanted, max_new_tokens=ran.n, seed=ran.seed)
        )

    def advance(self, time: Slice) -> bool:
        """As that of ``Writing``."""
        for draw in self.task.go_on(time):
            self.done += 1
            if draw is not None:
                self.draws.found.append(draw)
        return not self.task.finished


def read(lm: LanguageModel, text: str, n: int, how: How = AS_TEXT) -> tuple[list[int], int]:
    """(the ids that are read, how many tokens before them are not), so that ``n`` more, or half a window, have room.

    Raises PromptError where there is nothing to read.
    """
    ids = encoded(lm, text, how)
    if not ids:
        raise PromptError("prompt.empty")
    most = window(lm) - min(n, window(lm) // 2)
    return ids[-most:], max(0, len(ids) - most)


def advance(state: Compare, lm: LanguageModel, seconds: float = SECONDS,
            pressed: Callable[[], bool] = lambda: False) -> None:  # fmt: skip
    """Begin what is wanted, go on with what is under way, for about ``seconds``; less where others wait."""
    time = Slice(seconds, pressed=pressed)
    if state.ran is not None and state.ran.lm is not lm:
        _forget(state)
    if state.run_wanted:
        try:
            _begin(state, lm)
        except GptvizError as error:  # a text that this model cannot read; an empty one says so by itself
            state.error = None if not state.text else error
        state.run_wanted = False
    for job in ("opening", "saving", "writing", "drawing"):
        going: Any = getattr(state, job)
        if going is not None and not going.advance(time):
            setattr(state, job, None)
            if job == "opening":
                give_back()  # a file in the form of lists takes many times its length


def draw_many(state: Compare, slot: Slot, wanted: int) -> None:
    """Begin many draws of one slot's strategy, with the text, seed and limit of its column.

    Raises DecodingError where they are more tokens together than one visitor gets.
    """
    if state.ran is None:
        return
    length = min(state.ran.n, state.ran.lm.config.block_size - len(state.ran.ids))
    most = most_drawn()
    if wanted * length > most:
        values = {"draws": wanted, "length": length, "total": wanted * length, "most": most}
        said = {name: f"{value:,}" for name, value in values.items()}
        raise DecodingError("app.draws", fitting=max(1, most // length), **said)
    state.draws = Draws(slot.number, slot.strategy, wanted)
    state.drawing = Drawing(state.draws, state.ran)


def _begin(state: Compare, lm: LanguageModel) -> None:
    """Write the columns that are missing: all of them for another text, seed or limit."""
    state.stop()
    if state.stale(lm):
        ids, left_out = read(lm, state.text, state.view.n, how(state.view))
        pieces = tuple(lm.tokenizer.token_bytes(token) for token in ids)
        view = state.view
        state.ran = Ran(state.text, lm, view.seed, view.n, tuple(ids), pieces, left_out, how(view))
        state.draws, state.notes = None, []
        missing = state.slots
    else:
        missing = [slot for slot in state.slots if not slot.complete]
    assert state.ran is not None
    if missing:
        for slot in missing:
            slot.column, slot.draft = None, ""
        state.writing = Writing(state.ran, missing)


def _forget(state: Compare) -> None:
    """The columns are another model's: its tokens mean nothing here."""
    state.stop()
    state.ran = state.draws = None
    for slot in state.slots:
        slot.column, slot.draft = None, ""
    state.ask()
