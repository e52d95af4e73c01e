"""What a server lets its visitors train: said by its operator in the environment, read anew each time."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = "GPTVIZ_JOBS"  # where jobs lie; without it in the system's folder for what is temporary
MINUTES = "GPTVIZ_JOB_MINUTES"  # that one job may compute
PARAMETERS = "GPTVIZ_JOB_PARAMETERS"  # that its model may have
EACH = "GPTVIZ_JOBS_EACH"  # jobs of one visitor that are kept at a time
ALL = "GPTVIZ_JOBS_WAITING"  # jobs of all visitors that wait for their turn
HOURS = "GPTVIZ_JOB_HOURS"  # after its end a job is kept for so long, then deleted
TEXT = "GPTVIZ_JOB_TEXT"  # millions of bytes that a visitor's own text may have
_MOST = 10**9


@dataclass(frozen=True)
class Settings:
    """The bounds of this server."""

    folder: Path
    minutes: int
    parameters: int
    each: int
    waiting: int
    hours: int
    text_bytes: int

    def most(self, kind: str) -> int:
        """Jobs of a kind that one visitor may keep: of tunings twice as many, to have all methods side by side."""
        return 2 * self.each if kind == "tuning" else self.each

    @property
    def tuned_parameters(self) -> int:
        """That a model may have which is tuned: ten times as many, as most of them are only read."""
        return 10 * self.parameters


def settings() -> Settings:
    """As the environment says; what is no whole number from 1 on is as if it were not said."""
    said = os.environ.get(FOLDER, "").strip()
    folder = Path(said).expanduser() if said else Path(tempfile.gettempdir()) / f"gptviz-jobs-{os.getuid()}"
    each, waiting, hours = _whole(EACH, 4), _whole(ALL, 100), _whole(HOURS, 24)
    minutes, parameters, text = _whole(MINUTES, 15), _whole(PARAMETERS, 5_000_000), _whole(TEXT, 20) * 10**6
    return Settings(folder, minutes, parameters, each, waiting, hours, text)


def _whole(name: str, usual: int) -> int:
    said = os.environ.get(name, "").strip()
    good = said.isascii() and said.isdigit() and 0 < int(said[:12]) <= _MOST
    return int(said) if good else usual
