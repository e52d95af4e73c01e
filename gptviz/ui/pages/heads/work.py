"""The measurement of a model's heads, a little at a time, and kept for whoever asks next. Pure: no Streamlit here."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from gptviz.analysis.heads import HeadScores, Measured, scored
from gptviz.errors import GptvizError
from gptviz.jobs import Slice, Task
from gptviz.language_model import LanguageModel

SLICE = 0.12  # seconds of work in one run of the page
MOST_MODELS = 8


class Shelf:
    """The scores of models, the least recently looked at out first; shared by all visitors."""

    def __init__(self) -> None:
        self._scores: OrderedDict[str, tuple[HeadScores, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, fingerprint: str) -> tuple[HeadScores, ...]:
        """Those of a model; none where it has not been measured."""
        with self._lock:
            found = self._scores.get(fingerprint, ())
            if found:
                self._scores.move_to_end(fingerprint)
            return found

    def put(self, fingerprint: str, heads: tuple[HeadScores, ...]) -> None:
        with self._lock:
            self._scores[fingerprint] = heads
            self._scores.move_to_end(fingerprint)
            while len(self._scores) > MOST_MODELS:
                self._scores.popitem(last=False)


#: That of this server.
SHELF = Shelf()


@dataclass
class Work:
    """The measurement of one model."""

    lm: LanguageModel
    shelf: Shelf = field(default_factory=lambda: SHELF)
    done: int = 0
    wanted: int = 0
    error: GptvizError | None = None
    _running: Task[Measured] | None = None

    @property
    def heads(self) -> tuple[HeadScores, ...]:
        """The scores; none as long as they are being measured."""
        return self.shelf.get(self.lm.fingerprint)

    @property
    def open(self) -> bool:
        """Whether there is something left to do."""
        return self.error is None and not self.heads

    def advance(self, pressed: Callable[[], bool] = lambda: False) -> None:
        """Measure for about so long as a slice is."""
        if not self.open:
            return
        if self._running is None:
            self._running = Task(scored(self.lm))
        try:
            for one in self._running.go_on(Slice(SLICE, pressed=pressed)):
                self.done, self.wanted = one.done, one.wanted
                if one.heads:
                    self.shelf.put(self.lm.fingerprint, one.heads)
        except GptvizError as error:
            self.error = error
