"""What a tuning has said so far, read a piece at a time: a state holds these numbers, no model and no file. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gptviz.jobs.folder import Job


class Step(NamedTuple):
    """One record of the tuner."""

    step: int
    loss: float  # nats per text, word or token
    rate: float
    seconds: float  # since the run began


class Valid(NamedTuple):
    """After an epoch, what is held out: its loss, and the part that is right."""

    step: int
    loss: float
    accuracy: float


class Ranks(NamedTuple):
    """How many triplets each matrix has left after a step, where a budget moves between them (AdaLoRA)."""

    step: int
    left: tuple[int, ...]


class Light(NamedTuple):
    """One invariant: see ``gptviz.tuning.lights``."""

    name: str
    value: float
    wanted: float
    good: bool


@dataclass
class Heard:
    """The records of one job."""

    job: str = ""
    offset: int = 0
    behind: bool = False  # more lies there than is read at a time
    steps: list[Step] = field(default_factory=list)
    valid: list[Valid] = field(default_factory=list)
    lights: list[Light] = field(default_factory=list)
    ranks: list[Ranks] = field(default_factory=list)  # whenever they changed
    begun: dict[str, Any] = field(default_factory=dict)
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
        if kind == "step":
            if record["step"] > 0:
                self.steps.append(Step(record["step"], record["loss"], record["learning_rate"], record["seconds"]))
            if record["valid_loss"] is not None:
                self.valid.append(Valid(record["step"], record["valid_loss"], record["valid_accuracy"]))
        elif kind == "light":
            self.lights.append(Light(*(record[name] for name in Light._fields)))
        elif kind == "ranks":
            self.ranks.append(Ranks(record["step"], tuple(record["ranks"])))
        elif kind == "begun":
            self.begun = record
        elif kind == "report":
            self.report = record
