"""What an alignment has said so far: a state holds these numbers, no model and no file. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gptviz.jobs.folder import Job
from gptviz.ui.pages.tuning.heard import Light, Valid


@dataclass
class Heard:
    """The records of one job."""

    job: str = ""
    offset: int = 0
    behind: bool = False  # more lies there than is read at a time
    last: int = 0  # the newest step
    seconds: float = 0.0  # since it began
    judge: list[Valid] = field(default_factory=list)  # the reward model, on pairs held out
    valid: list[Valid] = field(default_factory=list)  # DPO, on pairs held out
    preferred: list[dict[str, Any]] = field(default_factory=list)  # DPO: ln p of chosen and rejected answers, means
    ppo: list[dict[str, Any]] = field(default_factory=list)
    lights: list[Light] = field(default_factory=list)
    begun: dict[str, Any] = field(default_factory=dict)
    answers: list[list[str]] = field(default_factory=list)  # question, before, after
    report: dict[str, Any] = field(default_factory=dict)

    def follow(self, job: Job) -> None:
        """Read on; a job that begins anew is heard anew."""
        if job.id != self.job or job.written < self.offset:
            self.__init__(job=job.id)  # type: ignore[misc]  # begin anew
        records, self.offset = job.records(self.offset)
        self.behind = bool(records) and self.offset < job.written
        for record in records:
            self._take(record)

    def _take(self, record: dict[str, Any]) -> None:
        kind = record.get("record")
        if kind in ("judge", "step"):
            self.seconds = record["seconds"]
            if kind == "step":
                self.last = record["step"]
            if record["valid_loss"] is not None:
                rows = self.judge if kind == "judge" else self.valid
                rows.append(Valid(record["step"], record["valid_loss"], record["valid_accuracy"]))
        elif kind == "ppo":
            self.ppo.append(record)
            self.last, self.seconds = record["step"], record["seconds"]
        elif kind == "light":
            self.lights.append(Light(*(record[name] for name in Light._fields)))
        elif kind == "preferred":
            self.preferred.append(record)
        elif kind == "answers":
            self.answers = record["rows"]
        elif kind in ("begun", "report"):
            setattr(self, kind, record)
