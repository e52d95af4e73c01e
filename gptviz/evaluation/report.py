"""The whole evaluation as a generator of small records, and the records as one report."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from gptviz.errors import ConfigError
from gptviz.evaluation import cloze
from gptviz.evaluation.baseline import Baseline, train_baseline
from gptviz.evaluation.cloze import ClozeAnswer
from gptviz.evaluation.held_out import PartScore, part_files, read_part, score_part
from gptviz.evaluation.induction import Induction, best, induction_test
from gptviz.evaluation.samples import SAMPLES, Text, diversity, write_samples
from gptviz.language_model import LanguageModel

#: What ``evaluate`` yields, in this order of kinds.
Record: TypeAlias = "ClozeAnswer | Induction | Text | Baseline | PartScore"


def evaluate(
    lm: LanguageModel,
    folder: Path | None = None,
    *,
    baseline: bool = False,
    baseline_tokens: int | None = None,
    weights: Mapping[str, float] | None = None,
    parts: Collection[str] | None = None,
    limit_bytes: int | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
) -> Iterator[Record]:
    """Every test, one record at a time: cloze answers, the induction test, texts written, then the held-out parts.

    ``folder`` holds ``<part>.valid.txt[.xz]``, of which ``parts`` are read (all, if not given), at most ``limit_bytes``
    of each; for ``baseline`` also ``<part>.train.txt[.xz]`` (``baseline_tokens`` and ``weights`` as in
    ``train_baseline``). Without a folder there are no parts. Raises ConfigError where a text that is needed is missing.

    >>> report = Report.of(evaluate(gptviz.load(), Path("corpus"), limit_bytes=10_000))  # doctest: +SKIP
    """
    files = {} if folder is None else part_files(folder, "valid")  # a missing folder is said at once
    if folder is not None and baseline:
        part_files(folder, "train")
    for name in parts or ():
        if name not in files:
            raise ConfigError("eval.unknown_part", name=name, folder=str(folder), names=", ".join(files))
    yield from cloze.answers(lm)
    yield induction_test(lm, seed=seed)
    if samples:
        yield from write_samples(lm, samples=samples, seed=seed)
    grams: Baseline | None = None
    if folder is not None and baseline:
        grams = train_baseline(folder, lm.tokenizer, tokens=baseline_tokens, weights=weights, seed=seed)
        yield grams
    for name, path in files.items():
        if parts is None or name in parts:
            yield _score(lm, name, path, limit_bytes, grams)


def _score(lm: LanguageModel, name: str, path: Path, limit_bytes: int | None, grams: Baseline | None) -> PartScore:
    part = read_part(name, path, lm.tokenizer, limit_bytes=limit_bytes)
    score = score_part(lm, part)
    skip_first = lm.tokenizer.begin_of_text is None
    return score if grams is None else score._replace(baseline_bits=grams.bits(part, skip_first=skip_first))


@dataclass
class Report:
    """The records of one evaluation, sorted by kind."""

    answers: list[ClozeAnswer] = field(default_factory=list)
    induction: Induction | None = None
    texts: list[Text] = field(default_factory=list)
    baseline: Baseline | None = None
    parts: list[PartScore] = field(default_factory=list)

    @classmethod
    def of(cls, records: Iterable[Record]) -> Report:
        """Collect all records."""
        report = cls()
        for record in records:
            report.add(record)
        return report

    def add(self, record: Record) -> None:
        """Put one record where it belongs."""
        match record:
            case ClozeAnswer():
                self.answers.append(record)
            case Induction():
                self.induction = record
            case Text():
                self.texts.append(record)
            case Baseline():
                self.baseline = record
            case PartScore():
                self.parts.append(record)

    @property
    def total(self) -> PartScore | None:
        """All parts together, as one long text."""
        if not self.parts:
            return None
        tokens = sum(part.n_tokens for part in self.parts)
        grams = [part.baseline_bits for part in self.parts if part.baseline_bits is not None]
        return PartScore(
            "all",
            sum(part.n_bytes for part in self.parts),
            tokens,
            sum(part.bits for part in self.parts),
            sum(part.top1 * part.n_tokens for part in self.parts) / tokens,
            sum(part.top5 * part.n_tokens for part in self.parts) / tokens,
            sum(grams) if len(grams) == len(self.parts) else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain JSON values."""
        return {
            "held_out": [_part_dict(part) for part in [*self.parts, *([self.total] if self.total else [])]],
            "baseline": self.baseline and {
                "order": self.baseline.model.order,
                "tokens": self.baseline.n_tokens,
                "bytes": self.baseline.n_bytes,
                "ngrams": [len(level.grams) for level in self.baseline.model.levels],
                "discounts": [level.discounts[1:].tolist() for level in self.baseline.model.levels],
            },
            "cloze": {score.language: score._asdict() for score in cloze.scores(self.answers, "fluency")},
            "knowledge": {score.language: score._asdict() for score in cloze.scores(self.answers, "knowledge")},
            "cloze_answers": [_answer_dict(answer) for answer in self.answers],
            "induction": self.induction and _induction_dict(self.induction),
            "diversity": {one.language: one._asdict() for one in diversity(self.texts)},
            "samples": [{"language": t.language, "prompt": t.prompt, "text": t.text} for t in self.texts],
        }  # fmt: skip


def _part_dict(part: PartScore) -> dict[str, Any]:
    derived = ("bits_per_byte", "baseline_bits_per_byte", "ratio")
    return part._asdict() | {name: getattr(part, name) for name in derived}


def _answer_dict(answer: ClozeAnswer) -> dict[str, Any]:
    tokens = [token.decode("utf-8", "backslashreplace") for token in answer.tokens]
    return {
        "kind": answer.cloze.kind,
        "language": answer.cloze.language,
        "prompt": answer.cloze.prompt,
        "answers": list(answer.cloze.answers),
        "next": [{"text": text, "prob": prob} for text, prob in zip(tokens, answer.probs, strict=True)],
        "written": [written.decode("utf-8", "backslashreplace") for written in answer.written],
        "top1": answer.top1,
        "top5": answer.top5,
    }


def _induction_dict(found: Induction) -> dict[str, Any]:
    heads = ("prefix_matching", "previous_token", "first_token")
    plain = {name: value for name, value in found._asdict().items() if name not in heads}
    return plain | {"ratio": found.ratio} | {
        name: {"heads": getattr(found, name).tolist(), "best": [h._asdict() for h in best(getattr(found, name))]}
        for name in heads
    }  # fmt: skip
