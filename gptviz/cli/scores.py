"""What ``gptviz eval`` does once it is asked: it measures, and writes a table and JSON."""

from __future__ import annotations

import argparse
import json
import sys

from gptviz.catalogue import load
from gptviz.cli import outputs
from gptviz.cli.table import table
from gptviz.errors import ConfigError
from gptviz.evaluation import cloze
from gptviz.evaluation.held_out import PartScore
from gptviz.evaluation.induction import Array, Induction, best
from gptviz.evaluation.report import Record, Report, evaluate
from gptviz.evaluation.samples import SAMPLES, TEMPERATURE, diversity
from gptviz.i18n import counted
from gptviz.rounding import fixed, percent
from gptviz.training.data import read_shares

_LANGUAGES = {"en": "English", "zh": "Chinese", "py": "Python"}


def run(args: argparse.Namespace) -> int:
    """Evaluate, telling on stderr how far it is; the table goes to stdout."""
    for name, least in (("limit_bytes", 1), ("baseline_tokens", 1), ("samples", 0), ("seed", 0)):
        value = getattr(args, name)
        if value is not None and value < least:
            raise ConfigError("decoding.at_least", name="--" + name.replace("_", "-"), low=least, value=value)
    if args.data is None and (args.baseline or args.baseline_tokens):
        raise ConfigError("eval.no_folder")
    files = outputs.wanted(args)
    lm = load(args.model)
    samples = SAMPLES if args.samples is None else args.samples
    report = Report()
    records = evaluate(
        lm,
        args.data,
        baseline=args.baseline or args.baseline_tokens is not None,
        baseline_tokens=args.baseline_tokens,
        weights=read_shares(args.weights),
        parts=args.parts.split(",") if args.parts else None,
        limit_bytes=args.limit_bytes,
        samples=samples,
        seed=args.seed,
    )
    for record in records:
        report.add(record)
        _tell(record)
    found = {"model": lm.name, "parameters": lm.config.n_parameters} | report.to_dict()
    if outputs.free(files):
        print(f"{lm!r}\n\n{as_text(report)}")
    for file in files.values():
        outputs.write(file, json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    return 0


def _tell(record: Record) -> None:
    """A line for what took long."""
    if isinstance(record, PartScore):
        print(f"{record.part}: {fixed(record.bits_per_byte, 3)} bits/byte", file=sys.stderr, flush=True)


def as_text(report: Report) -> str:
    """Every test that was run, one block each."""
    blocks = [_held_out(report), _cloze(report, "cloze", "fluency"), _cloze(report, "common knowledge", "knowledge"),
              _induction(report.induction), _diversity(report)]  # fmt: skip
    return "\n\n".join(block for block in blocks if block)


def _held_out(report: Report) -> str:
    total = report.total
    if total is None:
        return ""
    grams = report.baseline
    head = ["held-out part", "bytes", "tokens", "bits/byte", "top-1", "top-5"]
    rows = [_part_row(part, grams is not None) for part in [*report.parts, total]]
    if grams is None:
        return table(head, rows)
    note = f"baseline: Kneser-Ney {grams.model.order}-gram, trained on {grams.n_tokens:,} tokens"
    return table([*head, f"{grams.model.order}-gram", "model / baseline"], rows) + "\n" + note


def _part_row(part: PartScore, with_baseline: bool) -> list[str]:
    row = [part.part, f"{part.n_bytes:,}", f"{part.n_tokens:,}", fixed(part.bits_per_byte, 3), percent(part.top1, 1),
           percent(part.top5, 1)]  # fmt: skip
    grams, ratio = part.baseline_bits_per_byte, part.ratio
    if with_baseline and grams is not None and ratio is not None:
        row += [fixed(grams, 3), fixed(ratio, 3)]
    return row


def _cloze(report: Report, name: str, kind: cloze.Kind) -> str:
    rows = [[_LANGUAGES.get(s.language, s.language), str(s.n), percent(s.top1, 0), percent(s.top5, 0)]
            for s in cloze.scores(report.answers, kind)]  # fmt: skip
    return table([name, "prompts", "top-1", "top-5"], rows) if rows else ""


def _induction(found: Induction | None) -> str:
    if found is None:
        return ""
    first, second, ratio = (fixed(value, 2) for value in (found.first_bits, found.second_bits, found.ratio))
    return "\n".join([
        f"induction: {counted(found.sequences, 'random sequence')} of {found.length} tokens, said twice",
        f"  first time {first} bits per token, second time {second} ({ratio})",
        f"  prefix matching: {_heads(found.prefix_matching)}",
        f"  previous token:  {_heads(found.previous_token)}",
        f"  first token:     {_heads(found.first_token)}",
    ])  # fmt: skip


def _heads(scores: Array) -> str:
    """Layers and heads are counted from 0, as everywhere."""
    return ", ".join(f"layer {h.layer} head {h.head} {fixed(h.score, 2)}" for h in best(scores))


def _diversity(report: Report) -> str:
    rows = [
        [_LANGUAGES.get(d.language, d.language), str(d.n_texts), f"{d.n_tokens:,}", percent(d.repetition, 1),
         *("-" if value is None else fixed(value, 3) for value in (d.distinct_1, d.distinct_2, d.distinct_3))]
        for d in diversity(report.texts)
    ]  # fmt: skip
    head = [f"texts at T = {TEMPERATURE}", "texts", "tokens", "repeated", "distinct-1", "distinct-2",
            "distinct-3"]  # fmt: skip
    return table(head, rows) if rows else ""
