"""What every job of tuning does around its work: quiet, in its folder, told to stop, its trouble a sentence."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from gptviz import catalogue
from gptviz.errors import GptvizError
from gptviz.jobs import folder
from gptviz.jobs.folder import RECORDS, Job
from gptviz.training.watched import use_threads

_NICE = 10  # whoever types goes first
WAITS = 3  # what is said where the server has ended: the job waits to begin anew

Write: TypeAlias = Callable[[dict[str, Any]], None]
#: Whether it is to stop: "" no, "told" by its owner, "gone" as its server is.
Stops: TypeAlias = Callable[[], str]
Work: TypeAlias = Callable[[Job, Write, Stops], str]


def run(path: Path, work: Work) -> int:
    """Work until the end, or until told to stop; 0 where the job is over, 3 where it waits to begin anew."""
    os.nice(_NICE)
    use_threads(max(1, (os.cpu_count() or 2) // 2))
    catalogue.also_at(folder.place)
    job, parent = Job(path), os.getppid()
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))

    def stops() -> str:
        return "gone" if os.getppid() != parent else "told" if told else ""

    try:
        with (job.path / RECORDS).open("w", encoding="utf-8") as file:
            how = work(job, _writer(file), stops)
    except GptvizError as error:
        for name in ("model", "adapter"):  # nothing that came of it is to be believed
            shutil.rmtree(job.path / name, ignore_errors=True)
        job.finish("failed", error.key, error.values)
        return 0
    if how == "gone":
        return WAITS
    job.finish("stopped" if how == "told" else "done")
    return 0


def _writer(file: TextIO) -> Write:
    def write(said: dict[str, Any]) -> None:
        file.write(json.dumps(said, ensure_ascii=False) + "\n")
        file.flush()

    return write
