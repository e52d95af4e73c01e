"""What a run of forgetting has said so far: a state holds these numbers, no model and no file. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gptviz.jobs.folder import Job

FIRST = "first"  # where a run stands after A; else the remedy with which B was learnt


@dataclass
class Heard:
    """The records of one job. ``losses``: of A's run and of B's with each remedy, nats, step by step."""

    job: str = ""
    offset: int = 0
    behind: bool = False  # more lies there than is read at a time
    taken: int = 0  # steps of all runs so far
    seconds: float = 0.0  # of runs that are over, and of the one that learns
    begun: dict[str, Any] = field(default_factory=dict)
    losses: dict[str, list[float]] = field(default_factory=dict)
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    looked: dict[str, dict[str, Any]] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)

    def follow(self, job: Job) -> None:
        """Read on; a job that begins anew is heard anew."""
        if job.id != self.job or job.written < self.offset:
            self.__init__(job=job.id)  # type: ignore[misc]  # begin anew
        records, self.offset = job.records(self.offset)
        self.behind = bool(records) and self.offset < job.written
        for record in records:
            self._take(record)

    @property
    def learning(self) -> str:
        """The run that was heard of last and is not measured yet; empty: none."""
        last = next(reversed(self.losses), "")
        return last if last and last not in self.stages else ""

    def _take(self, record: dict[str, Any]) -> None:
        kind = record.get("record")
        if kind == "step":
            self.losses.setdefault(record["remedy"] or FIRST, []).append(record["loss"])
            self.taken += 1
            self.seconds = sum(stage["seconds"] for stage in self.stages.values()) + record["seconds"]
        elif kind == "stage":
            self.stages[record["remedy"] or FIRST] = record
            self.seconds = sum(stage["seconds"] for stage in self.stages.values())
        elif kind == "looked":
            self.looked[record["at"]] = record
        elif kind in ("begun", "report"):
            setattr(self, kind, record)
