"""What a trial has said so far: a state holds these numbers, no model and no file. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gptviz.jobs.folder import Job


@dataclass
class Heard:
    """The records of one job."""

    job: str = ""
    offset: int = 0
    behind: bool = False  # more lies there than is read at a time
    begun: dict[str, Any] = field(default_factory=dict)
    moment: dict[str, Any] = field(default_factory=dict)  # the newest
    rows: list[dict[str, Any]] = field(default_factory=list)  # the ways that are measured
    report: dict[str, Any] = field(default_factory=dict)

    def follow(self, job: Job) -> None:
        """Read on; a job that begins anew is heard anew."""
        if job.id != self.job or job.written < self.offset:
            self.__init__(job=job.id)  # type: ignore[misc]  # begin anew
        records, self.offset = job.records(self.offset)
        self.behind = bool(records) and self.offset < job.written
        for record in records:
            kind = record.get("record")
            if kind == "way":
                self.rows.append(record)
            elif kind in ("begun", "moment", "report"):
                setattr(self, kind, record)
