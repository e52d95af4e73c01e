"""``gptviz tune robust``: adversarial training and augmentation beside tuning as it is, on easy and hard texts."""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gptviz.cli import outputs
from gptviz.cli.tune_shared import add_run_options, base_model, config_of, log_of
from gptviz.errors import ConfigError
from gptviz.rounding import fixed, percent

if TYPE_CHECKING:
    from gptviz.tuning.examples import Example
    from gptviz.tuning.robustness import Robustness, Share


def add_to(tasks: Any) -> None:
    """Add the task."""
    parser = tasks.add_parser("robust", help="what makes a classifier harder to mislead")
    parser.add_argument("data", type=Path, help="CSV or JSONL: a text and its label in each row")
    parser.add_argument("--text", default="text", metavar="COLUMN", help="the column of the texts")
    parser.add_argument("--label", default="label", metavar="COLUMN", help="the column of the labels")
    parser.add_argument("--kind", metavar="COLUMN", help="a column by which accuracy is told apart: easy, hard …")
    parser.add_argument("--test", type=Path, help="the same, to be measured on; else a fifth of the data is")
    parser.add_argument("--ways", default="plain,fgm,pgd,replace,delete,swap", help="separated by commas; paraphrase, "
                        "by the model's own sampling, takes long")  # fmt: skip
    parser.add_argument("--epsilon", type=float, help="how far fgm and pgd move, in lengths of a row")
    parser.add_argument("--copies", type=int, default=1, help="changed copies of each text")
    parser.add_argument("--attacked", type=int, default=20, help="on so many texts words are exchanged; 0: on none")
    parser.add_argument("--pooling", choices=("last", "mean"), help="what the head reads of a text")
    add_run_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Learn in each way, and compare."""
    from gptviz.tuning.adversarial import EPSILON
    from gptviz.tuning.robustness import Trial

    files = outputs.wanted(args)
    if args.log == outputs.STANDARD and not outputs.free(files):
        raise ConfigError("cli.two_outputs", options="--json and --log")
    ways = tuple(way.strip() for way in args.ways.split(","))
    far = EPSILON if args.epsilon is None else args.epsilon
    trial = Trial(ways, epsilon=far, copies=args.copies, attacked=max(0, args.attacked))
    config = config_of(args)
    train, test, kinds = _parts(args)
    lm = base_model(args)
    began, found = time.perf_counter(), list[Any]()
    with log_of(args) as log, suppress(KeyboardInterrupt):
        for record in trial.run(lm, train, test, config, kinds=kinds):
            found.append(record)
            if log:
                print(json.dumps(_row(record), ensure_ascii=False), file=log, flush=True)
            print(_said(record), file=sys.stderr)
    whole = {"model": lm.name, "method": args.method, "texts": len(test), "ways": [_row(record) for record in found],
             "seconds": round(time.perf_counter() - began, 2)}  # fmt: skip
    if "json" in files:
        outputs.write(files["json"], json.dumps(whole, ensure_ascii=False))
    if outputs.free(files) and args.log != outputs.STANDARD:
        print("\n".join(_said(record) for record in found))
    return 0


def _parts(args: argparse.Namespace) -> tuple[list[Example], list[Example], list[str]]:
    """What is learnt from, what is measured on, and the kind of each of the latter."""
    from gptviz import tuning
    from gptviz.tuning.examples import labels_of

    def read(file: Path, column: str) -> list[Example]:
        return tuning.read(file, text=args.text, label=column, encoding=args.encoding)

    examples = read(args.data, args.label)
    labels_of(examples, str(args.data))
    if args.test is not None:
        test = read(args.test, args.label)
        unknown = sorted({x.label for x in test} - {x.label for x in examples})
        if unknown:
            raise ConfigError("tune.unseen", file=str(args.test), labels=", ".join(unknown[:5])[:200])
        return examples, test, [x.label for x in read(args.test, args.kind)] if args.kind else []
    kinds = [x.label for x in read(args.data, args.kind)] if args.kind else []
    order = np.random.default_rng(args.seed or 0).permutation(len(examples)).tolist()
    cut = max(1, len(examples) // 5)
    return ([examples[i] for i in sorted(order[cut:])], [examples[i] for i in order[:cut]],
            [kinds[i] for i in order[:cut]] if kinds else [])  # fmt: skip


def _row(record: Robustness) -> dict[str, Any]:
    return {"way": record.way, "learnt": record.learnt, **_share(record.all), "moved": _share(record.moved),
            "kinds": {kind: _share(found) for kind, found in record.kinds.items()}, "flipped": record.flipped,
            "seconds": round(record.seconds, 2)}  # fmt: skip


def _share(found: Share) -> dict[str, Any]:
    return {"accuracy": found.accuracy, "interval": [found.low, found.high], "texts": found.texts}


def _said(record: Robustness) -> str:
    kinds = "".join(f", {kind} {percent(found.accuracy)}" for kind, found in record.kinds.items())
    flipped = "" if record.flipped is None else f", misled by words {percent(record.flipped)}"
    return (f"{record.way}: {percent(record.all.accuracy, 1)} right{kinds}, moved {percent(record.moved.accuracy)}"
            f"{flipped}; {fixed(record.seconds, 1)} s")  # fmt: skip
