"""``python -m gptviz.jobs.prompting FOLDER``: how well a prompt labels texts, in a process of its own.

Our set of reviews is split once: examples are drawn from the one part, all is measured on the other. Its records:
``begun`` (how many texts, how many ways), ``way`` (one way of asking, or a head tuned on the same examples, with the
95 % interval of its accuracy; then what comes of more examples than a prompt holds, which are learnt from), ``report``.
Told to stop, it keeps the ways that are measured, after the one at hand.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast

from gptviz.errors import ConfigError
from gptviz.jobs import child_process
from gptviz.jobs.child_process import Stops, Write
from gptviz.jobs.folder import SUMMARY, Ask, Job
from gptviz.jobs.settings import settings
from gptviz.jobs.tuned import base
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tuning import sets
from gptviz.tuning.curve import learning_curve
from gptviz.tuning.examples import Example, split
from gptviz.tuning.methods import method
from gptviz.tuning.patterns import Pattern, drawn
from gptviz.tuning.prompt_study import Prompted, Study, orders
from gptviz.tuning.prompts import PromptClassifier
from gptviz.tuning.scores import Scores, wilson
from gptviz.tuning.tuner import TuneConfig

SHOTS, ORDERS = (0, 1, 2, 4), 4  # examples shown; orders of the most of them
COUNTS = (16, 64, 256)  # examples learnt from
LEARNT = ("tuned", "scratch", "words")  # by LoRA, by the same shape that has read nothing, by a bag of words
HELD_OUT = 0.2  # of our set, to be measured on
FEWEST, MOST = 20, 120  # texts that can be asked for


class Parts(NamedTuple):
    """What examples are drawn from, and what is measured on: no text is in both."""

    pool: list[Example]
    test: list[Example]


def main(path: Path) -> int:
    """Measure until the end, or until told to stop; 0 where the job is over, 3 where it waits to begin anew."""
    return child_process.run(path, study)


def study(job: Job, write: Write, stops: Stops) -> str:
    """Every way, one after another; how it came to its end: "", "told" or "gone". Raises GptvizError."""
    ask = job.ask
    lm = base(ask)
    pool, test = parts(ask.changes.get("lang", "en"), ask.changes.get("texts", MOST))
    asked = fitting(study_of(ask), lm, pool)
    began, used, how = time.perf_counter(), time.process_time(), ""
    write({"record": "begun", "texts": len(test), "ways": ways(asked, pool), "model": lm.name,
           "fingerprint": lm.fingerprint, "shots": list(asked.shots), "orders": n_orders(asked),
           "counts": list(COUNTS), "majority": majority(test)})  # fmt: skip
    found: list[dict[str, Any]] = []
    for way in _measured(asked, lm, pool, test):
        found.append(way)
        write({"record": "way", **way})
        how = stops() or ("told" if time.perf_counter() - began > 60.0 * settings().minutes else "")
        if how:
            break
    if how == "gone":
        return how
    spent = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - used}
    write({"record": "report", "ways": len(found), **spent})
    few = {"texts": len(test), "majority": majority(test), "ways": found, **spent}
    (job.path / SUMMARY).write_text(json.dumps(few, ensure_ascii=False), encoding="utf-8")
    return how


def _measured(asked: Study, lm: LocalModel, pool: list[Example], test: list[Example]) -> Iterator[dict[str, Any]]:
    """Every way, as it is written."""
    for record in asked.run(lm, pool, test):
        yield _way(record)
    config = TuneConfig(method=method("lora"), seed=asked.seed)
    for point in learning_curve(lm, pool, test, COUNTS, config):
        yield {"kind": point.way, "pattern": "", "shots": point.examples, "order": [], "plain": _brief(point.scores),
               "calibrated": None, "leaning": {}, "seconds": point.seconds}  # fmt: skip


def study_of(ask: Ask) -> Study:
    """What was asked for. Raises ConfigError."""
    changes = ask.changes
    return Study(tuple(Pattern(written) for written in changes.get("patterns", ())), dict(changes.get("words", {})),
                 SHOTS, ORDERS, changes.get("seed", 0))  # fmt: skip


def fitting(asked: Study, lm: LanguageModel, pool: Sequence[Example]) -> Study:
    """The same with as many examples as the model's context has room for, in every pattern. Raises GptvizError where
    it cannot be asked even without any."""
    for most in sorted(asked.shots, reverse=True):
        try:
            for pattern in asked.patterns:
                PromptClassifier(lm, pattern, asked.words, drawn(pool, most, seed=asked.seed))
        except ConfigError as error:
            if error.key != "tune.context" or most == min(asked.shots):
                raise
            continue
        return replace(asked, shots=tuple(count for count in asked.shots if count <= most))
    return asked


def n_orders(asked: Study) -> int:
    """How many orders of the most examples are tried: of one there is none."""
    most = max(asked.shots)
    return len(orders(most, asked.orders)) if most > 1 else 0


def parts(lang: str, texts: int) -> Parts:
    """Our set of reviews in a language, always split alike; so many of those held out, of each label as many."""
    path = sets.shipped(sets.SENTIMENT, lang)
    found = cast("list[Example]", sets.parsed(sets.SENTIMENT, path.read_text(encoding="utf-8"), path.name))
    pool, held = split(found, HELD_OUT)
    return Parts(pool, drawn(held, texts))


def ways(asked: Study, pool: Sequence[Example]) -> int:
    """How many records a study will make: each number of examples, each order, each pattern, heads where the examples
    have more than one label, and what is learnt from more."""
    chosen = drawn(pool, max(asked.shots), seed=asked.seed)
    heads = sum(len({example.label for example in chosen[:count]}) > 1 for count in asked.shots)
    patterns = len(asked.patterns)
    prompts = len(asked.shots) + n_orders(asked) + (patterns if patterns > 1 else 0)
    return prompts + heads + len(COUNTS) * len(LEARNT)


def majority(test: Sequence[Example]) -> list[float]:
    """Who always says the most frequent label: the share that is right, and its 95 % interval."""
    share = max(Counter(example.label for example in test).values()) / len(test)
    return [share, *wilson(share, len(test))]


def _way(record: Prompted) -> dict[str, Any]:
    return {**record._asdict(), "plain": _brief(record.plain),
            "calibrated": None if record.calibrated is None else _brief(record.calibrated)}  # fmt: skip


def _brief(found: Scores) -> list[float]:
    return [found.accuracy, found.low, found.high]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
