"""``gptviz train``: text files, or a generated world, in; a model folder out.

The folder of text holds ``<part>.train.txt`` (or ``.txt.xz``) and, for validation, ``<part>.valid.txt``. A single file
will do too: its last tenth is for validation.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from gptviz.cli.outputs import STANDARD
from gptviz.cli.train_options import add_options
from gptviz.gpt.config import PAIRS, TrainConfig
from gptviz.i18n import translate
from gptviz.rounding import fixed, gigabytes, number

if TYPE_CHECKING:
    from gptviz.training.cost import Cost
    from gptviz.training.run import Begun, Plan, Record

#: What the command line may set in place of the preset's.
CHANGEABLE = ("steps", "batch_size", "learning_rate", "min_learning_rate", "schedule", "seed", "optimizer", "repeat",
              "later_from", "later_repeat", "line_start", "document_start", "sinusoids", "precision", "eval_every",
              "log_every", "warmup", "grad_clip", "weight_decay", "accumulate", "recompute", "patience",
              "seconds", "passage")  # fmt: skip
#: … and of its model.
SHAPE = ("n_layer", "n_head", "n_embd", "block_size", "position", "dropout")

#: Options that a plan has under the same name.
SAME = ("out", "preset", "world", "weights", "later_weights", "vocabulary", "characters", "encoding", "tokens", "mask",
        "parts", "init", "keep", "snapshots", "snapshots_from", "cache", "device", "minutes", "save_every",
        "save_seconds")  # fmt: skip


def add_to(commands: Any) -> None:
    """Add the command to the parser's ``commands``."""
    parser = commands.add_parser("train", help="train a model on a folder of text")
    add_options(parser, worlds())
    parser.set_defaults(run=run)


def worlds() -> list[str]:
    """The names of the generated worlds, without what makes them: their files' (a test holds that)."""
    folder = Path(__file__).parents[1] / "training" / "worlds"
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


def run(args: argparse.Namespace) -> int:
    """Train, or continue a run, until it is done, the time is up, or Ctrl-C."""
    from gptviz.training.device import usable
    from gptviz.training.run import train  # brings torch along

    for one in _runs(args):
        if args.cost:
            wanted = plan(one)
            sys.stdout.write(said(_cost_of(wanted), usable(wanted.device)) + "\n")
            continue
        with _log(args.log) as log, closing(train(plan(one))) as records:
            begun = next(records)  # what is broken off before has left nothing that could go on
            with suppress(KeyboardInterrupt):  # stopping is a request, not an error: the state is saved on the way out
                _tell(chain((begun,), records), log)
    return 0


def _runs(args: argparse.Namespace) -> Iterator[argparse.Namespace]:
    """What is to be run: of a preset that is two, each in a folder of its own."""
    for preset in PAIRS.get(args.preset, (args.preset,)):
        out = args.out / preset if args.preset in PAIRS else args.out
        yield argparse.Namespace(**vars(args) | {"preset": preset, "out": out})


def _cost_of(wanted: Plan) -> Cost:
    """What a run costs: its text is read, to know how many tokens there are to choose from."""
    from gptviz.training.cost import cost

    return cost(wanted.configure(wanted.open_text()[0].vocab_size))


def said(found: Cost, device: str) -> str:
    """A cost in a line or two: the parameters by part, the memory, FLOPs by rule and counted, tokens and time.

    How fast it will be is known of a CPU only.
    """
    parts = ", ".join(f"{translate(f'training.part.{name}', 'en')} {n:,}" for name, n in found.parts.items())
    values = {
        "parameters": f"{found.n_parameters:,} ({parts})",
        "memory": gigabytes(found.n_bytes),
        "flops": f"{number(found.flops, 0)} (6N: {number(found.flops_rule, 0)})",
        "tokens": f"{found.n_tokens:,}",
        "speed": number(found.tokens_a_second, 0),
        "time": f"{max(1, round(found.seconds)):,} s",
    }
    known = values.keys() - (set() if device == "cpu" else {"speed", "time"})
    lines = {name: value for name, value in values.items() if name in known}
    return "\n".join(f"{translate(f'training.cost.{name}', 'en')}: {value}" for name, value in lines.items())


@contextmanager
def _log(file: str | None) -> Iterator[TextIO | None]:
    """Where records go as JSON: nowhere, to standard output, or after those that are in a file already."""
    if file is None or file == STANDARD:
        yield None if file is None else sys.stdout
        return
    with Path(file).open("a", encoding="utf-8") as opened:
        yield opened


def plan(args: argparse.Namespace) -> Plan:
    """What the command line asks for."""
    from gptviz.training.characters import BYTES_ALONE
    from gptviz.training.run import Plan

    wanted = {name: getattr(args, name) for name in CHANGEABLE}
    same = {name: getattr(args, name) for name in SAME}
    shape = {name: getattr(args, name) for name in SHAPE if getattr(args, name) is not None}
    learn = BYTES_ALONE if args.bytes else args.bpe
    keep = "best" if args.patience else args.keep  # what is stopped early was better before
    plain = args.standard_library and learn is None  # then by characters, as the worlds are
    changes = {name: value for name, value in wanted.items() if value is not None}
    return Plan(data=_data(args), learn=learn, changes=changes, shape=shape,
                compiled=False if args.no_compile else None,
                **same | {"characters": args.characters or plain, "keep": keep})  # fmt: skip


def _data(args: argparse.Namespace) -> Path | None:
    """The text that is named, or Python's standard library, written into the run's folder. Raises OSError there."""
    if not args.standard_library:
        named: Path | None = args.data
        return named
    from gptviz.training.standard_library import standard_library

    path = Path(args.out, "standard-library.txt")
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(standard_library(), encoding="utf-8")
    return path


def configure(args: argparse.Namespace, vocab_size: int) -> TrainConfig:
    """The preset with the command line's changes and the tokenizer's vocabulary."""
    return plan(args).configure(vocab_size)


def _tell(records: Iterator[Record], log: TextIO | None = None) -> None:
    """Say what happens; where tqdm is installed, with a bar."""
    from gptviz.training.cost import cost
    from gptviz.training.lines import as_line
    from gptviz.training.run import Begun, NotCompiled, Saved
    from gptviz.training.trainer import TrainRecord

    bar: Any = None
    a_step = 0
    valid: float | None = None
    with ExitStack() as to_end:  # a bar that stays open says itself again after whatever ends the run
        for record in records:
            if log is not None:
                log.write(as_line(record) + "\n")
                log.flush()
            if isinstance(record, Begun):
                a_step, bar = record.config.tokens_per_step, _bar(record)
                to_end.callback(bar.close if bar is not None else lambda: None)
                sys.stderr.write(said(cost(record.config), record.device) + "\n")
            elif isinstance(record, NotCompiled):
                sys.stderr.write(translate("error.train.not_compiled", "en", reason=record.reason) + "\n")
            elif isinstance(record, TrainRecord) and bar is not None:
                valid = record.valid_loss if record.valid_loss is not None else valid
                shown = "-" if valid is None else fixed(valid, 3)
                speed = number(a_step / max(record.seconds, 1e-9), 0)
                bar.set_postfix(loss=fixed(record.loss, 3), valid=shown, tokens_a_second=speed, refresh=False)
                bar.update(record.step - bar.n)
            elif isinstance(record, Saved) and record.early:
                sys.stderr.write(translate(f"training.early.{record.early}", "en", step=f"{record.step:,}") + "\n")


def _bar(begun: Begun) -> Any:
    """A tqdm bar; without tqdm (a bare GPU machine), none."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(total=begun.steps, initial=begun.step, unit="step")
