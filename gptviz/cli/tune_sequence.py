"""``gptviz tune sequence``: one task, then another on the same model; what that forgets, and what helps."""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gptviz.cli import outputs
from gptviz.cli.tune_shared import add_run_options, base_model, config_of, log_of
from gptviz.errors import ConfigError
from gptviz.rounding import fixed, number, percent

if TYPE_CHECKING:
    from gptviz.tuning.examples import Example
    from gptviz.tuning.sequence import SequenceConfig, Stage


def add_to(tasks: Any) -> None:
    """Add the task."""
    parser = tasks.add_parser("sequence", help="one task, then another: what is forgotten, and what helps")
    parser.add_argument("first", type=Path, help="CSV or JSONL: a text and its label in each row")
    parser.add_argument("then", type=Path, help="the same, of the task that comes after it")
    parser.add_argument("--text", default="text", metavar="COLUMN", help="the column of the texts")
    parser.add_argument("--label", default="label", metavar="COLUMN", help="the column of the labels")
    parser.add_argument("--test", type=Path, help="what the first is measured on; else what was held out of it")
    parser.add_argument("--then-test", type=Path, help="and the second")
    parser.add_argument("--remedies", default="none,rehearsal,ewc,lora", help="separated by commas; by default all")
    parser.add_argument("--rehearse", type=float, help="of rehearsal: so many of the first's examples for each new one")
    parser.add_argument("--ewc", type=float, metavar="LAMBDA", help="how firmly ewc holds the numbers; 0: not at all")
    parser.add_argument("--pooling", choices=("last", "mean"), help="what the heads read of a text")
    add_run_options(parser)
    parser.set_defaults(run=run, method="full")


def run(args: argparse.Namespace) -> int:
    """Learn both, with each remedy."""
    from gptviz.tuning.sequence import Stage, learn_on

    files = outputs.wanted(args)
    if args.log == outputs.STANDARD and not outputs.free(files):
        raise ConfigError("cli.two_outputs", options="--json and --log")
    config = _config(args)
    first, then = (_read(args, file) for file in (args.first, args.then))
    tests = _tests(args, first, then)
    lm = base_model(args)
    began, stages = time.perf_counter(), list[Stage]()
    with log_of(args) as log, suppress(KeyboardInterrupt):
        for found in learn_on(lm, first, then, config, tests=tests):
            if isinstance(found, Stage):
                stages.append(found)
                print(_said(found), file=sys.stderr)
            elif log:
                said = {"task": found.task, "remedy": found.remedy, **found.record._asdict()}
                print(json.dumps(said), file=log, flush=True)
    whole = {"model": lm.name, "method": args.method, "stages": [_row(stage) for stage in stages],
             "seconds": round(time.perf_counter() - began, 2)}  # fmt: skip
    if "json" in files:
        outputs.write(files["json"], json.dumps(whole, ensure_ascii=False))
    if outputs.free(files) and args.log != outputs.STANDARD:
        print("\n".join(_said(stage) for stage in stages))
    return 0


def _config(args: argparse.Namespace) -> SequenceConfig:
    from gptviz.tuning.sequence import SequenceConfig

    run = config_of(args)
    given = {name: getattr(args, name) for name in ("rehearse", "ewc") if getattr(args, name) is not None}
    remedies = tuple(said.strip() for said in args.remedies.split(","))
    return SequenceConfig(first=run, then=run, remedies=remedies, **given)


def _read(args: argparse.Namespace, file: Path) -> list[Example]:
    from gptviz import tuning
    from gptviz.tuning.examples import labels_of

    examples = tuning.read(file, text=args.text, label=args.label, encoding=args.encoding)
    labels_of(examples, str(file))
    return examples


def _tests(args: argparse.Namespace, first: list[Example], then: list[Example]
           ) -> tuple[list[Example], list[Example]] | None:  # fmt: skip
    """What both are measured on; None: what was held out. Raises ConfigError for labels that are not learnt."""
    if args.test is None and args.then_test is None:
        return None
    if args.test is None or args.then_test is None:
        raise ConfigError("tune.both_tests")
    found = _read(args, args.test), _read(args, args.then_test)
    for file, test, train in ((args.test, found[0], first), (args.then_test, found[1], then)):
        unknown = sorted({example.label for example in test} - {example.label for example in train})
        if unknown:
            raise ConfigError("tune.unseen", file=str(file), labels=", ".join(unknown[:5])[:200])
    return found


def _row(stage: Stage) -> dict[str, Any]:
    language = {part.part: {"before": part.before, "after": part.after, "more": part.more} for part in stage.language}
    return stage._asdict() | {"language": language, "seconds": round(stage.seconds, 2)}


def _said(stage: Stage) -> str:
    name = "after the first" if stage.remedy is None else f"then with {stage.remedy}"
    then = "" if stage.then is None else f", the second {percent(stage.then, 1)}"
    language = ", ".join(f"{part.part} {number(part.more, 3)}" for part in stage.language)
    return (f"{name}: the first {percent(stage.first, 1)} right{then}; bits per byte more than at the beginning: "
            f"{language}; {fixed(stage.seconds, 1)} s")  # fmt: skip
