"""Long work of the page, a little at a time: one run put into another, heads taken away. Pure: no Streamlit here."""

from __future__ import annotations

from dataclasses import dataclass, field

from gptviz.analysis import breaking, patching
from gptviz.analysis.breaking import Alone, Gone
from gptviz.analysis.patching import Cell, Pair
from gptviz.errors import GptvizError
from gptviz.jobs import Slice, Task
from gptviz.language_model import LanguageModel

SLICE = 0.12  # seconds of work in one run of the page
LONGEST = 40  # tokens of a prompt that is patched: every one is a run in every layer, twice


@dataclass
class Patch:
    """Both maps of two prompts, cell by cell."""

    lm: LanguageModel
    clean: tuple[int, ...]
    corrupt: tuple[int, ...]
    cells: list[Cell] = field(default_factory=list)
    pair: Pair | None = None
    error: GptvizError | None = None
    _running: Task[Cell] | None = None

    @property
    def wanted(self) -> int:
        """How many cells there are."""
        return 2 * self.lm.config.n_layer * len(self.clean)

    @property
    def open(self) -> bool:
        """Whether something is left to do."""
        return self.error is None and len(self.cells) < self.wanted

    def advance(self, time: Slice) -> None:
        """Go on for so long."""
        try:
            if self.pair is None:
                self.pair = patching.pair_of(self.lm, self.clean, self.corrupt)
            if self._running is None:
                self._running = Task(patching.cells(self.lm, self.pair))
            if self.open:
                self.cells.extend(self._running.go_on(time))
        except GptvizError as error:
            self.error = error


@dataclass
class Curve:
    """The loss of a text with ever more heads gone."""

    lm: LanguageModel
    ids: tuple[int, ...]
    mode: str
    alone: list[Alone] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    _running: Task[Alone | Gone] | None = None

    @property
    def wanted(self) -> int:
        """How many runs there are."""
        heads = self.lm.config.n_layer * self.lm.config.n_head
        return heads + len(breaking.counts(heads)) * (1 + breaking.ORDERS)

    @property
    def done(self) -> int:
        """How many are done."""
        return len(self.alone) + len(self.gone)

    @property
    def open(self) -> bool:
        """Whether something is left to do."""
        return self.done < self.wanted

    def advance(self, time: Slice) -> None:
        """Go on for so long."""
        if self._running is None:
            self._running = Task(breaking.curve(self.lm, self.ids, mode=self.mode))
        if not self.open:
            return
        for one in self._running.go_on(time):
            if isinstance(one, Alone):
                self.alone.append(one)
            else:
                self.gone.append(one)
