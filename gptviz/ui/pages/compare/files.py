"""Files of a comparison, made and read in pieces of a given time, so that whoever types need not wait. Pure.

A file comes from the browser in pieces too, each in a message of its own: a message stays short whatever is in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gptviz.decoding.exchange import csv_events, json_events, load_events, too_large
from gptviz.decoding.records import Run
from gptviz.errors import DecodingError
from gptviz.jobs import Slice, Task
from gptviz.language_model import LanguageModel
from gptviz.ui.limits import MAX_FILE
from gptviz.ui.pages.compare.state import Compare, Download

TYPES = {"json": "application/json", "csv": "text/csv", "html": "text/html"}
_MARK = "\ufeff"  # tells spreadsheets that a file is UTF-8


class Opening:
    """A file that is being read."""

    def __init__(self, state: Compare, text: str, lm: LanguageModel) -> None:
        self._state, self._lm = state, lm
        self._task = Task(load_events(text, lm, limit=MAX_FILE))

    def advance(self, time: Slice) -> bool:
        """Read on for so long and give whether more is to come; where it is no run, the page says why."""
        run = None
        try:
            for found in self._task.go_on(time):
                run = found or run
        except DecodingError as error:
            self._state.error = error
            return False
        if run is None:
            return not self._task.finished
        self._state.load(run, self._lm)  # which lets go of this
        return False


class Saving:
    """A file that is being made."""

    def __init__(self, state: Compare, run: Run, form: str, lang: str) -> None:
        self._state, self._form, self._seed = state, form, run.seed
        self._parts: list[str] = []
        self._task = Task(_parts(run, form, lang))

    def advance(self, time: Slice) -> bool:
        """Write on for so long and give whether more is to come."""
        self._parts.extend(self._task.go_on(time))
        if self._task.finished:
            name = f"gptviz-{self._seed}.{self._form}"
            self._state.download = Download(self._state.number(), name, TYPES[self._form], "".join(self._parts))
        return not self._task.finished


def receive(state: Compare, piece: str, at: int | None, last: bool, lm: LanguageModel) -> None:
    """Take a piece of a file that begins after ``at`` characters; with the last one, begin to read it.

    Raises DecodingError where the file is too large, or a piece of it is missing; what has come is then let go of.
    """
    before, state.upload = (state.upload, []) if at else ([], [])
    size = sum(map(len, before))
    if at != size or not (piece or last):
        raise DecodingError("record.torn")
    if size + len(piece) > MAX_FILE:
        raise too_large(size + len(piece), MAX_FILE)
    if last:
        state.opening = Opening(state, "".join([*before, piece]), lm)
    else:
        state.upload = [*before, piece]


def _parts(run: Run, form: str, lang: str) -> Iterator[str]:
    if form == "json":
        return json_events(run)
    if form == "csv":
        return _marked(csv_events(run))
    from gptviz.report import html_events  # brings the report's pictures along: only for those who ask

    return html_events(run, lang=lang)


def _marked(parts: Iterator[str]) -> Iterator[str]:
    yield _MARK
    yield from parts
