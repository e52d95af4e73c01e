"""What is lost of one task and of the language where another is learnt on the same model, and what each remedy saves.

First English sentences of film reviews (a public set; our own reviews where it is not there), then our reviews in
Chinese, by all numbers of the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import Row, Target
from benchmarks.tune import CORPUS, OWN, SENTIMENT
from gptviz import tuning
from gptviz.language_model import LocalModel
from gptviz.tuning.patterns import drawn
from gptviz.tuning.sequence import Stage

THEN = OWN.parent.parent / "zh" / OWN.name


@dataclass(frozen=True)
class Onward:
    """How many texts are learnt from, and measured on."""

    first: int = 400
    first_test: int = 300
    then: int = 300
    then_test: int = 200
    epochs: int = 2
    seed: int = 0


def rows(lm: LocalModel, sizes: Onward = Onward()) -> Iterator[Row]:  # frozen
    """One for each remedy: how much of the first task is still right, beside learning on without any."""
    what = f"{sizes.first} English texts, then {sizes.then} Chinese ones: the first still right with "
    files = [Path(str(SENTIMENT).format(part)) for part in ("train", "test")]
    if not all(file.is_file() for file in files):
        yield Target(f"{what}a remedy", "none", 1.0, "% right", at_least=True).not_measured(
            f"no {files[0].name} in {CORPUS}"
        )
        return
    first = drawn(tuning.read(files[0]), sizes.first), drawn(tuning.read(files[1]), sizes.first_test)
    reviews = drawn(tuning.read(THEN), sizes.then + sizes.then_test)
    config = tuning.TuneConfig(method=tuning.method("full"), epochs=sizes.epochs, seed=sizes.seed)
    found = tuning.learn_on(lm, first[0], reviews[: sizes.then], tuning.SequenceConfig(first=config, then=config),
                            tests=(first[1], reviews[sizes.then :]))  # fmt: skip
    stages = {stage.remedy: stage for stage in found if isinstance(stage, Stage)}
    for remedy in ("rehearsal", "ewc", "lora"):
        target = Target(f"{what}{remedy}", "none", 1.0, "% right", at_least=True)
        note = f"seed {sizes.seed}; after the first {said(stages[None])}; then {said(stages[remedy])}; with none "
        yield target.measured(100 * stages[remedy].first, 100 * stages["none"].first, note=note + said(stages["none"]))


def said(stage: Stage) -> str:
    """What is right with its interval, and how many bits per byte each language costs more than at the beginning."""
    low, high = stage.first_interval
    second = "" if stage.then is None else f", the second {100 * stage.then:.1f}"
    language = ", ".join(f"{part.part} {part.more:+.3f}" for part in stage.language)
    return f"{100 * stage.first:.1f} ({100 * low:.1f} to {100 * high:.1f}){second}, bits per byte {language}"
