"""``gptviz tune prompts``: labels without training, by a pattern and a word for each label."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gptviz.cli import outputs
from gptviz.cli.tune_shared import log_of
from gptviz.errors import ConfigError
from gptviz.rounding import fixed, percent

if TYPE_CHECKING:
    from gptviz.tuning.examples import Example
    from gptviz.tuning.prompt_study import Prompted, Study
    from gptviz.tuning.scores import Scores


def add_to(tasks: Any) -> None:
    """Add the task."""
    parser = tasks.add_parser("prompts", help="a label for each text, without training")
    parser.add_argument("data", type=Path, help="CSV or JSONL: what examples are drawn from")
    parser.add_argument("--pattern", action="append", required=True, metavar="TEXT", help="how it is put, with {text} "
                        "and {label}; \\n is a new line. Several, to see what depends on it")  # fmt: skip
    parser.add_argument("--words", nargs="+", required=True, metavar="LABEL=WORD", help="what stands for each label")
    parser.add_argument("--text", default="text", metavar="COLUMN", help="the column of the texts")
    parser.add_argument("--label", default="label", metavar="COLUMN", help="the column of the labels")
    parser.add_argument("--test", type=Path, help="the same, to be measured on; else a tenth of the data is")
    parser.add_argument("--limit", type=int, metavar="N", help="measure on so many texts, drawn by chance")
    parser.add_argument("--shots", default="0,1,4", help="how many examples are shown, separated by commas")
    parser.add_argument("--orders", type=int, default=6, help="how many orders of the most examples; 0: none")
    parser.add_argument("--model", default="", help="the model that is asked; by default the bundled one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--encoding", help="of the files, where it is not UTF-8")
    parser.add_argument("--log", metavar="FILE", help="a line of JSON for each way; - is standard output")
    outputs.add_to(parser, json="what was measured as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask in every way, and compare."""
    import gptviz
    from gptviz import tuning

    files = outputs.wanted(args)
    if args.log == outputs.STANDARD and not outputs.free(files):
        raise ConfigError("cli.two_outputs", options="--json and --log")
    study = _study(args)
    examples = tuning.read(args.data, text=args.text, label=args.label, encoding=args.encoding)
    train, test = _parts(args, examples)
    lm = gptviz.load(args.model) if args.model else gptviz.load()
    began, found = time.perf_counter(), list[Any]()
    with log_of(args) as log, suppress(KeyboardInterrupt):
        for record in study.run(lm, train, test):
            found.append(record)
            if log:
                print(json.dumps(_row(record), ensure_ascii=False), file=log, flush=True)
            print(_said(record), file=sys.stderr)
    counted = tuning.scores([x.label for x in test], tuning.bag_of_words(train, test), list(study.words))
    whole = {"model": lm.name, "texts": len(test), "labels": list(study.words), **summary(found),
             "baseline_accuracy": counted.accuracy, "seconds": round(time.perf_counter() - began, 2)}  # fmt: skip
    if "json" in files:
        outputs.write(files["json"], json.dumps(whole, ensure_ascii=False))
    if outputs.free(files) and args.log != outputs.STANDARD:
        for name, value in whole.items():
            print(f"{name}: {value}")
    return 0


def summary(found: Sequence[Prompted]) -> dict[str, Any]:
    """Rows, and what the orders and the patterns make of the accuracy. ``accuracy`` is that of the most examples."""
    spread = {f"{kind}s": _spread([x for x in found if x.kind == kind]) for kind in ("order", "pattern")}
    shown = [x for x in found if x.kind == "shots"]
    last = max(shown, key=lambda x: x.shots) if shown else None
    best = last and (last.calibrated or last.plain)
    heads = [x.plain.accuracy for x in found if x.kind == "head"]
    return {"rows": [_row(x) for x in found], **spread, "head_accuracy": heads[-1] if heads else None,
            "uncalibrated_accuracy": last and last.plain.accuracy, "accuracy": best and best.accuracy,
            "macro_f1": best and best.macro_f1}  # fmt: skip


def _spread(found: Sequence[Prompted]) -> dict[str, float] | None:
    """The lowest, the mean and the highest calibrated accuracy."""
    said = [(x.calibrated or x.plain).accuracy for x in found]
    return {"low": min(said), "mean": sum(said) / len(said), "high": max(said)} if said else None


def _row(record: Prompted) -> dict[str, Any]:
    return record._asdict() | {"plain": _brief(record.plain), "seconds": round(record.seconds, 2),
                               "calibrated": record.calibrated and _brief(record.calibrated)}  # fmt: skip


def _brief(found: Scores) -> dict[str, Any]:
    return {"accuracy": found.accuracy, "interval": [found.low, found.high], "macro_f1": found.macro_f1}


def _said(record: Prompted) -> str:
    said = f"{record.kind}, {record.shots} shown: {percent(record.plain.accuracy, 1)} right"
    if record.calibrated:
        said += f", calibrated {percent(record.calibrated.accuracy, 1)}"
    return f"{said}, {fixed(record.seconds, 1)} s"


def _study(args: argparse.Namespace) -> Study:
    from gptviz.tuning.patterns import Pattern, check_words
    from gptviz.tuning.prompt_study import Study

    pairs = [said.rpartition("=")[::2] for said in args.words]
    words = dict(pairs)
    if len(words) < len(pairs):
        raise ConfigError("tune.words", labels=", ".join(args.words)[:200])
    check_words(words, list(words))
    try:
        shots = tuple(int(said) for said in args.shots.split(","))
    except ValueError as error:
        raise ConfigError("config.range", name="shots", value=args.shots[:50], low=0, high=64) from error
    patterns = tuple(Pattern(said.replace("\\n", "\n")) for said in args.pattern)
    return Study(patterns, words, shots, args.orders, args.seed)


def _parts(args: argparse.Namespace, examples: list[Example]) -> tuple[list[Example], list[Example]]:
    """What examples are drawn from, and what is measured on."""
    from gptviz import tuning
    from gptviz.tuning.examples import split
    from gptviz.tuning.patterns import drawn

    if args.test is None:
        train, test = split(examples, seed=args.seed)
    else:
        train, test = examples, tuning.read(args.test, text=args.text, label=args.label, encoding=args.encoding)
    if args.limit is not None:
        if args.limit < 1:
            raise ConfigError("config.range", name="limit", value=args.limit, low=1, high=200_000)
        test = drawn(test, args.limit, seed=args.seed)
    return train, test
