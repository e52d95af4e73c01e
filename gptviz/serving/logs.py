"""What happened, as lines of JSON: kinds, times and counts, never a word of what was typed, nor who it was."""

from __future__ import annotations

import json
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any


class Log:
    """Writes one line at a time, to standard error unless told otherwise."""

    def __init__(self, file: IO[str] | None = None) -> None:
        self._file, self._lock = file, threading.Lock()

    def write(self, event: str, **values: Any) -> None:
        """One line: when, what, and the values."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "event": event, **values}, ensure_ascii=True)
        with self._lock:
            print(line, file=self._file or sys.stderr, flush=True)

    def failed(self, event: str, error: BaseException, **values: Any) -> None:
        """What went wrong that should not: the class and the lines of code, since a message may quote the text."""
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
        self.write(event, error=type(error).__name__, at=places, **values)
