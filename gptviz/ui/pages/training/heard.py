"""What a job has said so far, read a piece at a time: a state holds these numbers, no model and no file. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gptviz.jobs.folder import Job
from gptviz.training.looking import Looked

PHASES = ("uniform", "frequencies", "words", "grammar")
SAMPLES = 40  # that are kept, the newest


class Step(NamedTuple):
    """One record of the trainer."""

    step: int
    loss: float  # nats per token
    rate: float
    grad_norm: float
    seconds: float  # a step took


class Sample(NamedTuple):
    """What the model wrote at a step; ``valid``: it is one of the world's texts, None where that cannot be told."""

    step: int
    text: str
    valid: bool | None


@dataclass
class Heard:
    """The records of one job."""

    job: str = ""
    offset: int = 0
    behind: bool = False  # more lies there than is read at a time
    steps: list[Step] = field(default_factory=list)
    valid: list[tuple[int, float]] = field(default_factory=list)  # (step, held-out loss)
    samples: list[Sample] = field(default_factory=list)
    heads: list[tuple[int, list[list[float]]]] = field(default_factory=list)
    looks: list[tuple[int, Looked]] = field(default_factory=list)  # steps that were looked at from inside
    attention: dict[str, Any] = field(default_factory=dict)  # the newest record of it, as it was written; so the next
    positions: dict[str, Any] = field(default_factory=dict)
    watched: tuple[float, float] = (0.0, 0.0)  # seconds that went into what is to be looked at, and all of them
    begun: dict[str, Any] = field(default_factory=dict)
    early: str = ""  # what has ended it before its last step
    merges: list[tuple[str, str]] = field(default_factory=list)  # of a vocabulary that was learnt, the first ones
    levels: dict[str, float] = field(default_factory=dict)  # uniform, unigram, bigram, floor: nats per token

    def follow(self, job: Job) -> None:
        """Read on; what a job that was killed has taken back is forgotten."""
        size = job.written
        if job.id != self.job or size < self.offset:
            self.__init__(job=job.id)  # type: ignore[misc]  # begin anew
        records, self.offset = job.records(self.offset)
        self.behind = bool(records) and self.offset < job.written
        for record in records:
            self._take(record)

    def _take(self, record: dict[str, Any]) -> None:
        kind = record.get("record")
        if kind == "step" and record["loss"] is not None:
            if self.steps and record["step"] <= self.steps[-1].step:
                self._forget_from(record["step"])
            self.steps.append(Step(record["step"], record["loss"], record["learning_rate"],
                                   record["grad_norm"] or 0.0, record["seconds"]))  # fmt: skip
            if record["valid_loss"] is not None:
                self.valid.append((record["step"], record["valid_loss"]))
        elif kind == "begun":
            self.begun = record
        elif kind == "saved":
            self.early = record.get("early", "")
        elif kind == "learnt":
            self.merges = [(left, right) for left, right in record["merges"]]
        elif kind == "known":
            self.levels |= {name: record[name] for name in ("uniform", "floor")}
            self.valid = self.valid or [(0, record["start"])]
        elif kind == "levels":
            self.levels |= {name: record[name] for name in ("uniform", "unigram", "bigram")}
        elif kind == "sample":
            self.samples = [*self.samples, Sample(record["step"], record["text"], record["valid"])][-SAMPLES:]
        elif kind == "heads":
            self.heads.append((record["step"], record["scores"]))
        elif kind == "attention":
            self.attention = record
        elif kind == "positions":
            self.positions = record
        elif kind == "watched":
            self.watched = record["seconds"], record["of"]
        elif kind == "look":
            told = {name: record[name] for name in Looked._fields}
            self.looks.append((record["step"], Looked(**told)))

    def _forget_from(self, step: int) -> None:
        self.steps = [one for one in self.steps if one.step < step]
        self.valid = [one for one in self.valid if one[0] < step]
        self.samples = [one for one in self.samples if one.step < step]
        self.heads = [one for one in self.heads if one[0] < step]
        self.looks = [one for one in self.looks if one[0] < step]
        if self.attention.get("step", 0) >= step:
            self.attention = {}
        if self.positions.get("step", 0) >= step:
            self.positions = {}

    def loss_at(self, step: int) -> float | None:
        """The held-out loss at the evaluation nearest before or at ``step``, else that of the step itself."""
        before = [loss for at, loss in self.valid if at <= step]
        return before[-1] if before else next((one.loss for one in self.steps if one.step >= step), None)

    def phase(self, loss: float | None, valid: bool | None) -> str:
        """How far it has come, by what a model of nothing, of single characters and of pairs would pay.

        More than halfway from ln V to the characters' entropy is ``frequencies``; below the pairs' is ``words``; a
        sample that the world's own grammar can have said is ``grammar``.
        """
        names = ("uniform", "unigram", "bigram")
        if loss is None or any(name not in self.levels for name in names):
            return ""
        uniform, unigram, bigram = (self.levels[name] for name in names)
        if valid and loss < bigram:
            return "grammar"
        if loss < bigram:
            return "words"
        return "frequencies" if loss < (uniform + unigram) / 2 else "uniform"

    @property
    def left(self) -> tuple[float, float]:
        """(share that is done, seconds left, about), by steps or by its limit of time, whichever is sooner."""
        config, wanted = self.begun.get("config", {}), self.begun.get("steps", 0)
        if self.early or not wanted or not self.steps:
            return (1.0 if self.early else 0.0), 0.0
        taken, last, limit = self.steps[-1].step, self.steps[-30:], config.get("seconds")
        share, left = taken / wanted, (wanted - taken) * sum(one.seconds for one in last) / len(last)
        if limit:
            spent = config.get("log_every", 1) * sum(one.seconds for one in self.steps)
            share, left = max(share, min(1.0, spent / limit)), min(left, max(0.0, limit - spent))
        return share, left

    @property
    def tokens_a_second(self) -> float:
        """Over the last thirty records."""
        last = self.steps[-30:]
        spent = sum(one.seconds for one in last)
        config = self.begun.get("config")
        if not config or not spent:
            return 0.0
        a_step = config["batch_size"] * config["accumulate"] * config["model"]["block_size"]
        return float(a_step * len(last) / spent)
