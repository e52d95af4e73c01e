"""What one visitor's comparison stands at, and how a message from the browser changes it. Pure: no Streamlit here.

Vocabulary: a *slot* is a place for one strategy, with the column that it wrote; what was *ran* is the text, model, seed
and limit that the columns were written with, which may no longer be those asked for: then they are *stale*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gptviz.decoding import Strategy
from gptviz.decoding.draws import Draw
from gptviz.decoding.parameters import MAX_NEW_TOKENS, SEED
from gptviz.decoding.presets import PRESETS, short
from gptviz.decoding.records import Column, Model, Run, begins
from gptviz.errors import GptvizError
from gptviz.i18n import FALLBACK
from gptviz.language_model import LanguageModel
from gptviz.recipes import Prompt
from gptviz.ui.controls import count, setting
from gptviz.ui.pages.compare import link
from gptviz.ui.prompts import (
    AS_TEXT,
    How,
    asked_for,
    chat_control,
    how,
    quoted,
    settled,
    start_control,
    system_control,
)
from gptviz.ui.web.conversation import Conversation

LEAST_COLUMNS, MOST_COLUMNS = 1, 8
FIRST_PRESET = "six"
AUTO = -1  # a step that the page chooses: where the columns first part


@dataclass(frozen=True)
class View:
    """The controls: the step looked at (``AUTO``, or from 0), the seed, and how many tokens to write at most."""

    step: int = count(AUTO, AUTO, 100_000, seldom=True)
    seed: int = setting(SEED, default=7, shared=True)
    n: int = setting(MAX_NEW_TOKENS, default=40, slider=True)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


@dataclass
class Slot:
    """One strategy and what it wrote."""

    number: int  # never used for another slot
    strategy: Strategy
    given: str | None = None  # the name that an opened file gave it
    column: Column | None = None
    draft: str = ""  # the best text so far of a search that is still under way

    @property
    def complete(self) -> bool:
        """Whether its text has come to its end."""
        return self.column is not None and self.column.steps[-1].finish is not None

    def name(self, lang: str = FALLBACK) -> str:
        """What it is called in ``lang``."""
        return self.given or short(self.strategy, lang)


@dataclass(frozen=True)
class Ran:
    """What the columns were written with."""

    text: str
    lm: LanguageModel
    seed: int
    n: int
    ids: tuple[int, ...]
    pieces: tuple[bytes, ...]
    left_out: int = 0  # tokens of the text before ``ids`` that did not fit
    how: How = AS_TEXT  # the text is read

    @property
    def quoted(self) -> Prompt:
        """What a recipe reads: the text, or the ids where not all of it is read."""
        return self.ids if self.left_out else quoted(self.lm, self.text, self.how)


@dataclass
class Draws:
    """Many texts by one slot's strategy."""

    slot: int
    strategy: Strategy
    wanted: int
    found: list[Draw] = field(default_factory=list)


@dataclass
class Download:
    """A file on its way to the browser, until the browser says that it has it."""

    number: int
    name: str
    type: str
    text: str


@dataclass
class Compare(Conversation):
    """One visitor's comparison."""

    view: View = field(default_factory=View)
    slots: list[Slot] = field(default_factory=list)
    ran: Ran | None = None
    run_wanted: bool = True  # an empty page teaches nothing: the first visit runs at once
    draws: Draws | None = None
    download: Download | None = None
    upload: list[str] = field(default_factory=list)  # a file that is opened, as far as it has come
    opening: Any = None  # the jobs under way, see ``files`` and ``writing``
    saving: Any = None
    writing: Any = None
    drawing: Any = None
    error: GptvizError | None = None  # why the last wish could not be carried out
    made: int = 0  # slots and downloads so far

    def adopt(self, changes: dict[str, Any]) -> None:
        """Another seed, limit, start or chat is a deliberate wish and runs at once; another step is only looked at.

        The system line is typed, as the text is: what was being written stops.
        """
        super().adopt(changes)
        if changes.keys() & {"seed", "n", "start", "chat"}:
            self.ask()
        elif "system" in changes and self.view.chat and self.ran is not None:
            self.stop()

    def set_text(self, text: str) -> None:
        """A text that comes from elsewhere (another page, a file) runs at once."""
        super().set_text(text)
        self.ask()

    def follow(self) -> None:
        """The text is another one: what was being written belongs to the old one, and stops."""
        self.stop()
        self.error = None
        super().adopt({"step": AUTO})

    def to_query(self, lm: LanguageModel) -> dict[str, str]:
        """The columns."""
        return link.written(slot.strategy for slot in self.slots)

    def take_query(self, query: Mapping[str, str], lm: LanguageModel) -> list[str]:
        """The columns that a link lists, or the first preset's."""
        strategies, bad = link.strategies(query)
        self.choose(strategies[:MOST_COLUMNS] or PRESETS[FIRST_PRESET].values())
        return bad

    def ask(self) -> None:
        """Have what is missing written."""
        self.run_wanted, self.error = True, None

    def stop(self) -> None:
        """Let go of what is under way; what is there stays, and a file that is asked for is of what was there."""
        self.run_wanted, self.upload = False, []
        self.opening = self.writing = self.drawing = None

    def give_up(self) -> None:
        """Let go of everything that is under way."""
        self.stop()
        self.saving = None

    @property
    def running(self) -> bool:
        """Whether something is under way."""
        return any(job is not None for job in (self.opening, self.saving, self.writing, self.drawing))

    def stale(self, lm: LanguageModel) -> bool:
        """Whether the columns were written for something else than what is asked for now."""
        ran, wanted = self.ran, (self.text, lm, self.view.seed, self.view.n, settled(lm, how(self.view)))
        return ran is None or (ran.text, ran.lm, ran.seed, ran.n, settled(lm, ran.how)) != wanted

    def number(self) -> int:
        """A number not used before."""
        self.made += 1
        return self.made

    def slot(self, number: Any) -> Slot | None:
        """The slot of that number, if there is one; ``number`` may be anything, and True is not 1."""
        return next((slot for slot in self.slots if type(number) is int and slot.number == number), None)

    def choose(self, strategies: Iterable[Strategy]) -> None:
        """Compare these; what an equal strategy has written stays."""
        old = list(self.slots)
        self.slots = []
        for strategy in strategies:
            same = next((slot for slot in old if slot.strategy == strategy), None)
            if same:
                old.remove(same)
            self.slots.append(same or Slot(self.number(), strategy))

    def preset(self) -> str:
        """The preset that is shown; empty where it is none."""
        shown = [slot.strategy for slot in self.slots]
        return next((key for key, strategies in PRESETS.items() if list(strategies.values()) == shown), "")

    def names(self, lang: str = FALLBACK) -> dict[int, str]:
        """Slot number → a name that no other slot has."""
        found: dict[int, str] = {}
        for slot in self.slots:
            name, times = slot.name(lang), 1
            while name in found.values():
                times += 1
                name = f"{slot.name(lang)} ({times})"
            found[slot.number] = name
        return found

    def run(self, lang: str = FALLBACK) -> Run | None:
        """What has been written, as one record with names in ``lang``; None where there is nothing yet."""
        names = self.names(lang)
        columns = {names[slot.number]: slot.column for slot in self.slots if slot.column is not None}
        if self.ran is None or not columns:
            return None
        about = Model(self.ran.lm.name, self.ran.lm.fingerprint)
        ran = self.ran
        return Run(about, ran.ids, ran.pieces, ran.seed, ran.n, columns, start=begins(ran.lm, ran.ids))

    def load(self, run: Run, lm: LanguageModel) -> None:
        """Show a run from a file, as if it had been written here."""
        self.stop()
        columns = list(run.columns.items())[:MOST_COLUMNS]
        self.slots = [
            Slot(self.number(), column.strategy, None if name == short(column.strategy) else name, column)
            for name, column in columns
        ]
        text, read = _read_as(run, lm)
        super().set_text(text)
        self.view = View(seed=run.seed, n=run.max_new_tokens, **read._asdict())
        self.ran = Ran(self.text, lm, run.seed, run.max_new_tokens, run.ids, run.pieces, how=read)
        self.draws = self.error = None
        dropped = len(run.columns) - len(columns)
        self.notes = [("compare.note.dropped", {"count": dropped, "most": MOST_COLUMNS})] if dropped else []


def _read_as(run: Run, lm: LanguageModel) -> tuple[str, How]:
    """The text of a run from a file, and how it was read: as a message, where its ids are those of one."""
    asked = asked_for(lm, run.ids)
    if asked is not None:
        return asked[0], How(chat=True, system=asked[1])
    return run.prompt, How("usual" if run.start == lm.tokenizer.starts else "on" if run.start else "off")
