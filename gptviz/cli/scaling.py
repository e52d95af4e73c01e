"""``gptviz scaling``: train a bench of models of many sizes, and fit the law by which their loss falls."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gptviz import texts
from gptviz.cli import outputs
from gptviz.errors import ConfigError
from gptviz.rounding import fixed, number, operand

if TYPE_CHECKING:
    from gptviz.evaluation.scaling.bootstrap import Fitted
    from gptviz.evaluation.scaling.runs import Run
    from gptviz.training.bench import Plan

_EXAMPLES = """\
examples:
  gptviz scaling run runs.csv                             # 24 runs, ten minutes on a core; the same command goes on
  gptviz scaling run larger.csv --widths 96 --tokens 1600000
  gptviz scaling fit runs.csv --json                       # A B E alpha beta and their intervals
  gptviz scaling fit runs.csv --predict larger.csv         # … and how far off it is on runs that it has not seen"""
_HEAD = "N,D,loss,N_total,width,seconds"
_MOST = 1_000_000_000  # of a width or a number of tokens
_RESAMPLES, _MOST_RESAMPLES = 200, 100_000


def add_to(commands: Any) -> None:
    """Add the command to the parser's ``commands``."""
    parser = commands.add_parser("scaling", help="how loss falls with parameters and tokens: runs, and the law fitted",
                                 epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    kinds = parser.add_subparsers(required=True, metavar="run | fit")
    runs = kinds.add_parser("run", help="train models of many sizes on one generated world whose entropy is known")
    runs.add_argument("out", type=Path, help="CSV file; runs that it has already are not made again")
    runs.add_argument("--widths", help="n_embd of each size, separated by commas; by default six from 12 to 64")
    runs.add_argument("--tokens", help="tokens of each run, separated by commas; by default four from 200000 on")
    runs.add_argument("--seed", type=int, help="of the models")
    runs.set_defaults(run=run_bench)
    fit = kinds.add_parser("fit", help="fit L(N, D) = E + A/N^alpha + B/D^beta to finished runs")
    fit.add_argument("runs", help="CSV file with columns N D loss; - is standard input")
    fit.add_argument("--json", nargs="?", const=outputs.STANDARD, metavar="FILE",
                     help="law and intervals as JSON, there; without a file, or as -, to standard output")  # fmt: skip
    fit.add_argument("--predict", metavar="FILE", help="CSV file of runs that are predicted and not fitted to")
    fit.add_argument("--embeddings", action="store_true", help="count N with embeddings, where the file has N_total")
    fit.add_argument("--resamples", type=int, default=_RESAMPLES, metavar="N",
                     help="fits to runs drawn anew, of which the intervals are made")  # fmt: skip
    fit.add_argument("--seed", type=int, default=0, help="of these draws")
    fit.set_defaults(run=run_fit)


def plan(args: argparse.Namespace) -> Plan:
    """The bench that the command line asks for; ConfigError where a list is none."""
    from gptviz.training.bench import Plan

    asked = {name: _numbers(name, getattr(args, name)) for name in ("widths", "tokens") if getattr(args, name)}
    return Plan(**asked, **({} if args.seed is None else {"seed": args.seed}))  # type: ignore[arg-type]


def run_bench(args: argparse.Namespace) -> int:
    """Make the runs that the file does not have yet, a line for each as soon as it has finished."""
    from gptviz.evaluation.scaling import runs as tables
    from gptviz.training.bench import bench

    asked, found = plan(args), []
    if args.out.exists() and args.out.stat().st_size:
        found = tables.read(args.out.read_text(encoding="utf-8"), str(args.out))
    done = {(run.n_total or 0.0, run.tokens) for run in found}
    left = len(asked.left(done))
    with args.out.open("a", encoding="utf-8") as file:
        if not found:
            file.write(f"# floor: {fixed(asked.floor, 6)} nats per token\n{_HEAD}\n")
        for nth, run in enumerate(bench(asked, done=done), 1):
            file.write(f"{run.n},{run.tokens},{fixed(run.loss, 6)},{run.n_total},{run.width},{fixed(run.seconds, 1)}\n")
            file.flush()
            said = f"{nth}/{left}: N {run.n:,}, D {run.tokens:,}: {fixed(run.loss, 4)} nats, {fixed(run.seconds, 0)} s"
            print(said, file=sys.stderr)
    return 0


def run_fit(args: argparse.Namespace) -> int:
    """Print the law with its intervals, or all as JSON."""
    from gptviz.evaluation.scaling.bootstrap import fitted
    from gptviz.evaluation.scaling.runs import counted

    files = outputs.wanted(args)
    if args.resamples < 1 or args.resamples > _MOST_RESAMPLES:
        raise ConfigError("config.range", name="--resamples", value=args.resamples, low=1, high=_MOST_RESAMPLES)
    if args.seed < 0:
        raise ConfigError("config.range", name="--seed", value=args.seed, low=0, high="2^63")
    runs = counted(_read(args.runs), embeddings=args.embeddings)
    unseen = counted(_read(args.predict), embeddings=args.embeddings) if args.predict else []
    found = fitted(runs, resamples=args.resamples, seed=args.seed)
    for file in files.values():
        outputs.write(file, json.dumps(as_json(found, runs, unseen), indent=2) + "\n")
    if outputs.free(files):
        print("\n".join(as_text(found, runs, unseen)))
    return 0


def as_json(found: Fitted, runs: Sequence[Run], unseen: Sequence[Run]) -> dict[str, Any]:
    """The constants by name, their intervals, and what the law says of runs that it has not seen."""
    from gptviz.evaluation.scaling.bootstrap import LEVEL

    law = found.law
    said: dict[str, Any] = law._asdict()
    said["intervals"] = {name: list(ends) for name, ends in found.intervals.items()}
    said |= {"level": LEVEL, "runs": len(runs), "resamples": len(found.resampled)}
    said["N_opt_exponent"], said["D_opt_exponent"] = law.exponents if law.splits else (None, None)
    predicted = [(run, *found.predicted(run.n, run.tokens)) for run in unseen]
    said["predicted"] = [{"N": run.n, "D": run.tokens, "loss": run.loss, "predicted": loss, "interval": [low, high],
                          "error": loss - run.loss} for run, loss, low, high in predicted]  # fmt: skip
    return said


def as_text(found: Fitted, runs: Sequence[Run], unseen: Sequence[Run]) -> list[str]:
    """The same as lines for a terminal."""
    lines = [f"L(N, D) = E + A/N^alpha + B/D^beta, fitted to {len(runs)} runs"]
    for name, (low, high) in found.intervals.items():
        lines.append(f"{name:>6} {operand(getattr(found.law, name)):>10}   {operand(low)} .. {operand(high)}")
    if found.law.splits:
        lines.append("N_opt grows as C^{}, D_opt as C^{}".format(*(fixed(x, 3) for x in found.law.exponents)))
    for run in unseen:
        loss, low, high = found.predicted(run.n, run.tokens)
        said = f"predicted {fixed(loss, 4)} ({fixed(low, 4)} .. {fixed(high, 4)}), measured {fixed(run.loss, 4)}"
        lines.append(f"N {number(run.n, 0)}, D {number(run.tokens, 0)}: {said}, off by {fixed(loss - run.loss, 4)}")
    return lines


def _read(file: str) -> list[Run]:
    from gptviz.evaluation.scaling.runs import read

    if file == outputs.STANDARD:
        return read(texts.decode(sys.stdin.buffer.read(), "standard input"), "standard input")
    return read(texts.read(Path(file)), file)


def _numbers(name: str, said: str) -> tuple[int, ...]:
    try:
        found = tuple(int(part) for part in said.split(","))
    except ValueError:
        found = ()
    if not found or not all(1 <= x <= _MOST for x in found):
        raise ConfigError("scaling.list", option=f"--{name}", value=said[:60])
    return found
