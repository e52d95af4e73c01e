"""With few examples: asked by a prompt that shows them, tuned on them, or learnt from them by a blank model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import Row, Target
from benchmarks.tune import CORPUS, SENTIMENT
from gptviz import tuning
from gptviz.language_model import LocalModel
from gptviz.tuning.examples import Example
from gptviz.tuning.patterns import drawn
from gptviz.tuning.scores import Scores

PATTERN = tuning.Pattern("Review: {text}\nIt was {label}")
WORDS = {"positive": "good", "negative": "bad"}


@dataclass(frozen=True)
class Few:
    """How many examples are shown, how many are learnt from, how many texts are measured on."""

    shots: tuple[int, ...] = (0, 1, 4)
    counts: tuple[int, ...] = (16, 64, 256)
    test: int = 300
    seed: int = 0


def rows(lm: LocalModel, few: Few = Few()) -> Iterator[Row]:  # frozen
    """Prompts beside a head that was tuned on the same examples, then the curve over their number."""
    files = [Path(str(SENTIMENT).format(part)) for part in ("train", "test")]
    if not all(file.is_file() for file in files):
        target = Target("English sentiment from few examples", "bag of words", 1.0, "% right", at_least=True)
        yield target.not_measured(f"no {files[0].name} in {CORPUS}")
        return
    train, test = tuning.read(files[0]), drawn(tuning.read(files[1]), few.test)
    yield from prompt_rows(lm, few, train, test)
    yield from curve_rows(lm, few, train, test)


def prompt_rows(lm: LocalModel, few: Few, train: list[Example], test: list[Example]) -> Iterator[Row]:
    """A prompt with so many examples in it, calibrated, against a coin."""
    study = tuning.Study((PATTERN,), WORDS, shots=few.shots, orders=0, seed=few.seed)
    found = list(study.run(lm, train, test))
    heads = {record.shots: record.plain for record in found if record.kind == "head"}
    for record in found:
        if record.kind != "shots" or record.calibrated is None:
            continue
        target = Target(f"English sentiment asked by a prompt with {record.shots} examples, calibrated, accuracy on "
                        f"{len(test)} texts", "a coin", 1.0, "% right", at_least=True)  # fmt: skip
        head = heads.get(record.shots)
        tuned = "" if head is None else f"; a head tuned on the same {_said(head)}"
        note = f"seed {few.seed}; {_said(record.calibrated)}, as it comes {_said(record.plain)}{tuned}"
        yield target.measured(100 * record.calibrated.accuracy, 50.0, note=note)


def curve_rows(lm: LocalModel, few: Few, train: list[Example], test: list[Example]) -> Iterator[Row]:
    """So many examples: LoRA on what the model has read before, against the same shape that has read nothing."""
    points: dict[str, Scores] = {}
    config = tuning.TuneConfig(method=tuning.method("lora"), seed=few.seed)
    for point in tuning.learning_curve(lm, train, test, few.counts, config):
        points[point.way] = point.scores
        if point.way != "words":  # the last of the three
            continue
        target = Target(f"English sentiment from {point.examples} texts, lora, accuracy on {len(test)} others",
                        "from scratch", 1.0, "% right", at_least=True)  # fmt: skip
        said = ", ".join(f"{way} {_said(found)}" for way, found in points.items())
        yield target.measured(100 * points["tuned"].accuracy, 100 * points["scratch"].accuracy,
                              note=f"seed {few.seed}; {said}")  # fmt: skip


def _said(found: Scores) -> str:
    return f"{100 * found.accuracy:.1f} ({100 * found.low:.1f} to {100 * found.high:.1f})"
