"""A law and its intervals worked out a little at a time, and kept for whoever asks next. Pure: no Streamlit here."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from functools import lru_cache

from gptviz.evaluation.scaling import runs as tables
from gptviz.evaluation.scaling.bootstrap import Fitted, resampled
from gptviz.evaluation.scaling.fit import check, search
from gptviz.evaluation.scaling.law import Law
from gptviz.evaluation.scaling.runs import Run
from gptviz.jobs import Slice, Task
from gptviz.paths import ASSETS

RESAMPLES = 100
MOST_TABLES = 24
FOLDER = ASSETS / "scaling"
LAWS = "laws.json"  # of our own runs


class Work:
    """The fit of one table: the law first, then its resamples. Visitors share it, so each step is taken once."""

    def __init__(self, runs: Sequence[Run], resamples: int = RESAMPLES, known: Fitted | None = None) -> None:
        self.runs, self.wanted = tuple(runs), resamples
        self.law: Law | None = None if known is None else known.law
        self._best: Law | None = None  # of the search so far
        self._resampled: list[Law] = [] if known is None else [*known.resampled][:resamples]
        self._search: Task[Law] = Task(search(self.runs))
        self._sample: Task[Law] | None = None
        self._lock = threading.Lock()

    @property
    def found(self) -> Fitted | None:
        """The law with as many resamples as there are; None until the search has ended."""
        return None if self.law is None else Fitted(self.law, tuple(self._resampled))

    @property
    def done(self) -> int:
        """Resamples fitted so far."""
        return len(self._resampled)

    @property
    def open(self) -> bool:
        """Whether something is left to do."""
        return self.law is None or self.done < self.wanted

    def advance(self, time: Slice) -> None:
        """Go on for so long."""
        with self._lock:
            if self.law is None:
                for law in self._search.go_on(time):
                    self._best = law
                if not self._search.finished:
                    return
                assert self._best is not None  # a search ends with a law
                self.law = self._best
                self._sample = Task(resampled(self.runs, self.law, resamples=self.wanted))
            if self._sample is not None and self.open and not time.over:
                self._resampled += self._sample.go_on(time)


def shipped(name: str) -> list[Run]:
    """The runs of one of our own tables: ``runs``, or ``larger``, which no law is fitted to."""
    file = FOLDER / f"{name}.csv"
    return tables.read(file.read_text(encoding="utf-8"), file.name)


def known(embeddings: bool) -> Fitted:
    """The law of our own runs and its resamples, as ``python -m gptviz.tools.laws`` has worked them out."""
    said = json.loads((FOLDER / LAWS).read_text(encoding="utf-8"))["with" if embeddings else "without"]
    return Fitted(Law(*said["law"]), tuple(Law(*law) for law in said["resampled"]))


@lru_cache(MOST_TABLES)
def work_on(table: str | None, embeddings: bool) -> Work:
    """The work on a table (None: ours); raises ConfigError where it is none, or says too little."""
    found = shipped("runs") if table is None else tables.read(table, "CSV")
    check(found)
    counted = tables.counted(found, embeddings=embeddings)
    return Work(counted, known=known(embeddings)) if table is None else Work(counted)
