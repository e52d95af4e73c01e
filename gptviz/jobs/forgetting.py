"""``python -m gptviz.jobs.forgetting FOLDER``: a task, then another on the same model, once with each remedy; in a
process of its own.

Its records: ``begun``, ``step`` (of which run), ``stage`` (``gptviz.tuning.sequence.Stage``: what is right, and what
the language costs, after A and after B with each remedy), ``looked`` (what each token of a few sentences costs the
model at the beginning and at each stage), ``report``. Told to stop, it keeps the stages that it has come to; what was
learning then is measured by nobody. No model is kept: there are as many as stages.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from gptviz.errors import ConfigError
from gptviz.jobs import child_process
from gptviz.jobs.child_process import Stops, Write
from gptviz.jobs.folder import OWN, SUMMARY, Ask, Job
from gptviz.jobs.settings import settings
from gptviz.jobs.tuned import base
from gptviz.language_model import LocalModel
from gptviz.tuning import sets
from gptviz.tuning.examples import Example, labels_of, measurable, read
from gptviz.tuning.forgetting import token_bits
from gptviz.tuning.methods import method
from gptviz.tuning.patterns import drawn
from gptviz.tuning.sequence import REMEDIES, Remedy, SequenceConfig, Stage, Step, learn_on
from gptviz.tuning.trunk import Trunk
from gptviz.tuning.tuner import TuneConfig

#: The sets that ship: which language, which column is the label, and labels of which there are too few.
SHIPPED = {"kinds_en": ("en", "kind", ("irony",)), "reviews_en": ("en", "label", ()),
           "kinds_zh": ("zh", "kind", ("irony",)), "reviews_zh": ("zh", "label", ())}  # fmt: skip
FIRSTS, THENS = tuple(SHIPPED), (*SHIPPED, OWN)
MOST_TESTS, FEWEST = 120, 8  # texts that are measured on; that there must be to learn from and to measure on
BATCH, MOST_CHARS = 8, 300  # texts of a step; characters of a sentence that is looked at
RATE = 1e-4  # at its peak, by all numbers; at twice as much so few texts taught next to nothing
SPENT = ("seconds", "cpu_seconds", "bytes")


class Task(NamedTuple):
    """Texts to learn from, others to measure on."""

    train: list[Example]
    test: list[Example]

    @property
    def chance(self) -> float:
        """How often is right who always says the label that is most frequent among those measured on."""
        return max(Counter(example.label for example in self.test).values()) / len(self.test)


def main(path: Path) -> int:
    """Learn on until the end, or until told to stop; 0 where the job is over, 3 where it waits to begin anew."""
    return child_process.run(path, forget)


def forget(job: Job, write: Write, stops: Stops) -> str:
    """Go through all runs; how it came to its end: "", "told" or "gone". Raises GptvizError."""
    ask = job.ask
    lm = base(ask)
    seed = ask.changes.get("seed", 0)
    first, then = (task(rows_of(job, name), ask.changes.get("texts", 200), seed) for name in (ask.source, ask.preset))
    config = config_of(ask)
    write(_begun(lm, config, first, then))
    began, used = time.perf_counter(), time.process_time()
    sentences = [str(text)[:MOST_CHARS] for text in ask.changes.get("sentences", [])]
    seen: list[Any] = []

    def look(trunk: Trunk) -> None:
        seen[:] = [token_bits(trunk, lm.tokenizer, text) for text in sentences]

    how, stages = "", list[dict[str, Any]]()
    found = learn_on(lm, first.train, then.train, config, tests=(first.test, then.test), look=look)
    with closing(found) as records:  # type: ignore[type-var]
        for record in records:
            if seen:
                write(_looked(seen, None if isinstance(record, Step) else record))
                seen.clear()
            if isinstance(record, Stage):
                stages.append(said_of(record))
                write({"record": "stage", **stages[-1]})
            else:
                write({"record": "step", "task": record.task, "remedy": record.remedy, **_step(record)})
            how = stops()
            if how:
                break
    if how == "gone":
        return how
    spent = dict(zip(SPENT, (time.perf_counter() - began, time.process_time() - used,
                             resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024), strict=True))  # fmt: skip
    write({"record": "report", **spent})
    (job.path / SUMMARY).write_text(json.dumps({"stages": stages, **spent}), encoding="utf-8")
    return how


def rows_of(job: Job, name: str) -> list[Example]:
    """The set of this name: one that ships, or the file that came with the job. Raises ConfigError."""
    if name != OWN:
        return shipped(name)
    ask = job.ask
    file = str(ask.changes.get("file") or ask.given)
    content = (job.path / ask.given).read_text(encoding="utf-8")
    found = sets.parsed(sets.SENTIMENT, content, file, ask.changes.get("columns") or ())
    rows = [row for row in found if isinstance(row, Example)]
    labels_of(rows, file)
    return rows


def shipped(name: str) -> list[Example]:
    """Our reviews, by what is asked of them."""
    lang, column, without = SHIPPED[name]
    rows = read(sets.FOLDER / lang / sets.KINDS[sets.SENTIMENT].file, label=column)
    return [row for row in rows if row.label not in without]


def task(rows: Sequence[Example], texts: int, seed: int) -> Task:
    """So many texts, where there are enough, of each label as many; a third of all, at most, to measure on.

    Raises ConfigError where there are too few, one label only, or next to no two texts with the same.
    """
    tests = min(MOST_TESTS, len(rows) // 3)
    some = drawn(rows, min(len(rows), texts + tests), seed=seed)
    train, test = some[tests:], some[:tests]
    if min(len(train), len(test)) < FEWEST:
        raise ConfigError("forgetting.few", count=len(rows), fewest=3 * FEWEST)
    return Task(train, measurable(train, test, FEWEST))


def config_of(ask: Ask) -> SequenceConfig:
    """What was chosen of the runs. Raises ConfigError."""
    changes = ask.changes
    wanted: tuple[Remedy, ...] = tuple(one for one in REMEDIES if one in changes.get("remedies", REMEDIES))
    run = TuneConfig(method=method("full"), epochs=changes.get("epochs", 3), batch_size=BATCH, valid_share=0.0,
                     patience=0, learning_rate=changes.get("learning_rate") or RATE, seed=changes.get("seed", 0),
                     seconds=60.0 * settings().minutes / (1 + len(wanted)))  # fmt: skip
    return SequenceConfig(first=run, then=run, remedies=wanted, rehearse=changes.get("rehearse", 0.25),
                          ewc=changes.get("ewc", 1e4), lora=method("lora", rank=changes.get("rank", 8)))  # fmt: skip


def _begun(lm: LocalModel, config: SequenceConfig, first: Task, then: Task) -> dict[str, Any]:
    steps = [config.first.epochs * -(-len(one.train) // BATCH) for one in (first, then)]
    return {"record": "begun", "first_steps": steps[0], "then_steps": steps[1], "remedies": list(config.remedies),
            "steps": steps[0] + len(config.remedies) * steps[1], "parameters": lm.config.n_parameters,
            "model": lm.name, "fingerprint": lm.fingerprint, "texts": [len(first.train), len(then.train)],
            "tests": [len(first.test), len(then.test)], "chance": [first.chance, then.chance],
            "labels": [len({x.label for x in one.train}) for one in (first, then)]}  # fmt: skip


def _looked(seen: Sequence[tuple[list[int], list[float | None]]], stage: Stage | None) -> dict[str, Any]:
    """What each token costs; ``at``: before, first (after A), or the remedy with which B was learnt."""
    at = "before" if stage is None else stage.remedy or "first"
    return {"record": "looked", "at": at, "ids": [ids for ids, _ in seen],
            "bits": [[None if x is None else round(x, 4) for x in bits] for _, bits in seen]}  # fmt: skip


def _step(record: Step) -> dict[str, Any]:
    return {name: getattr(record.record, name) for name in ("step", "loss", "seconds")}


def said_of(stage: Stage) -> dict[str, Any]:
    """A stage, as it is written."""
    language = [{"part": part.part, "before": part.before, "after": part.after} for part in stage.language]
    return stage._asdict() | {"language": language}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
