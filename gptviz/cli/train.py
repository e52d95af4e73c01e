"""``gptviz train``: text files, or a generated world, in; a model folder out.

The folder of text holds ``<part>.train.txt`` (or ``.txt.xz``) and, for validation, ``<part>.valid.txt``. A single file
will do too: its last tenth is for validation.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from gptviz.cli.outputs import STANDARD
from gptviz.gpt.config import OPTIMIZERS, PAIRS, PARTS, POSITIONS, PRECISIONS, PRESETS, SCHEDULES, TrainConfig
from gptviz.i18n import translate
from gptviz.paths import MODELS
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
    data = parser.add_argument("data", type=Path, help="a text file, or a folder of <part>.{train,valid}.txt[.xz]; "
                               "left out with --world and --standard-library")  # fmt: skip
    parser.instead = (("--world", data), ("--standard-library", data))
    parser.add_argument("out", type=Path, help="where the model folder is written; a run found there is continued")
    parser.add_argument("--preset", default="tiny", help=f"one of {', '.join(PRESETS)}; or two runs to compare: "
                        f"{', '.join(PAIRS)}")  # fmt: skip
    parser.add_argument("--world", help="learn from a generated world whose entropy is known, by characters: "
                        f"{', '.join(worlds())}")  # fmt: skip
    parser.add_argument("--standard-library", action="store_true", help="learn from Python's own, as it lies here")
    parser.add_argument("--cost", action="store_true", help="say what the run would cost, and do not begin it")
    parser.add_argument("--log", metavar="FILE", help="write each record as a line of JSON; - is standard output")
    parser.add_argument("--weights", type=Path, help='JSON {"part": share}; parts left out are not read')
    parser.add_argument("--later-weights", type=Path, help="the same for the last part of the run, see --later-from")
    parser.add_argument("--vocabulary", type=Path, default=MODELS / "bilingual", help="folder with the tokenizer")
    parser.add_argument("--steps", type=int, help="instead of the preset's")
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--learning-rate", type=float, help="at its peak")
    parser.add_argument("--min-learning-rate", type=float, help="at the end; the same as the peak keeps it constant")
    parser.add_argument(
        "--schedule", choices=SCHEDULES, help="after the warm-up: half a cosine, straight down, or no change"
    )
    parser.add_argument("--warmup", type=int, help="steps until the rate is at its peak")
    parser.add_argument("--grad-clip", type=float, help="the largest norm of the gradient")
    parser.add_argument("--weight-decay", type=float, help="of matrices")
    for name, what in (("layer", "blocks"), ("head", "heads of a block"), ("embd", "width of the residual stream")):
        parser.add_argument(f"--n-{name}", type=int, help=f"{what}, instead of the preset's")
    parser.add_argument("--block-size", type=int, help="context, in tokens")
    parser.add_argument("--position", choices=POSITIONS, help="how positions come in")
    parser.add_argument("--parts", choices=PARTS, default="", help="GPT-2's, or RMSNorm, a gated MLP and no biases")
    parser.add_argument("--dropout", type=float)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--optimizer", choices=OPTIMIZERS)
    parser.add_argument("--precision", choices=PRECISIONS, help="auto takes bfloat16 where the device is fast in it")
    parser.add_argument("--accumulate", type=int, help="batches that one step learns from")
    parser.add_argument("--recompute", action="store_true", default=None,
                        help="gradient checkpointing: less memory for a third more work")  # fmt: skip
    parser.add_argument("--patience", type=int, help="end after so many held-out losses that are not the lowest yet, "
                        "with the weights of the lowest")  # fmt: skip
    parser.add_argument("--seconds", type=float, help="end after so long, the rate down by then")
    parser.add_argument("--repeat", type=float, help="share of the sequences that repeat a passage, from 0 to 1")
    parser.add_argument("--passage", type=int, help="tokens of the shortest of these passages")
    parser.add_argument("--later-from", type=float, help="part of the run, 0 to 1, after which later shares count")
    parser.add_argument("--later-repeat", type=float, help="--repeat from then on")
    parser.add_argument("--line-start", type=float, help="share of the sequences that begin where a line begins")
    parser.add_argument("--document-start", type=float, help="… where a document begins")
    parser.add_argument("--sinusoids", type=float, help="start learnt positions as sine waves of this amplitude")
    parser.add_argument("--init", type=Path, help="a model folder to start from; its shape replaces the preset's")
    parser.add_argument("--characters", action="store_true", help="one token for each character of the text file")
    learnt = parser.add_mutually_exclusive_group()
    learnt.add_argument("--bpe", type=int, metavar="TOKENS", help="learn a vocabulary of so many from the text file")
    learnt.add_argument("--bytes", action="store_true", help="one token for each byte of the text file")
    parser.add_argument("--encoding", help="of the text file, where that is not UTF-8")
    parser.add_argument("--tokens", type=int, help="use only so many tokens of the vocabulary, the first ones")
    parser.add_argument("--mask", help="see both ways and guess hidden tokens; the text of the token that hides them")
    parser.add_argument("--keep", choices=("last", "best"), default="last",
                        help="the weights to write: the last, or those of the lowest held-out loss")  # fmt: skip
    parser.add_argument("--snapshots", type=int, default=0, help="keep the weights at about so many steps, 0 included")
    parser.add_argument("--snapshots-from", type=int, default=1, help="the first step after 0 at which they are kept")
    parser.add_argument("--cache", type=Path, help="folder for tokenised text, which runs on one corpus may share")
    parser.add_argument("--device", help="cpu, cuda, …; by default a GPU where there is one")
    parser.add_argument("--no-compile", action="store_true", help="on a GPU: take steps without compiling them first")
    parser.add_argument("--eval-every", type=int, help="steps between held-out losses")
    parser.add_argument("--log-every", type=int, help="steps in one record of the log; a GPU is waited for at each")
    parser.add_argument("--minutes", type=float, help="stop cleanly after so long; the same command goes on later")
    parser.add_argument(
        "--save-every", type=int, default=200, help="steps between saved states, half a minute at least"
    )
    parser.add_argument("--save-seconds", type=float, help="… or so long, in place of half a minute")
    parser.set_defaults(run=run)


def worlds() -> list[str]:
    """The names of the generated worlds, without what makes them: their files' (a test holds that)."""
    folder = Path(__file__).parents[1] / "training" / "worlds"
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


def run(args: argparse.Namespace) -> int:
    """Train, or continue a run, until it is done, the time is up, or Ctrl-C."""
    from gptviz.training.run import train  # brings torch along

    for one in _runs(args):
        if args.cost:
            sys.stdout.write(said(_cost_of(plan(one))) + "\n")
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


def said(found: Cost) -> str:
    """A cost in a line or two: the parameters by part, the memory, FLOPs by rule and counted, tokens and time."""
    parts = ", ".join(f"{translate(f'training.part.{name}', 'en')} {n:,}" for name, n in found.parts.items())
    values = {
        "parameters": f"{found.n_parameters:,} ({parts})",
        "memory": gigabytes(found.n_bytes),
        "flops": f"{number(found.flops, 0)} (6N: {number(found.flops_rule, 0)})",
        "tokens": f"{found.n_tokens:,}",
        "speed": number(found.tokens_a_second, 0),
        "time": f"{max(1, round(found.seconds)):,} s",
    }
    return "\n".join(f"{translate(f'training.cost.{name}', 'en')}: {value}" for name, value in values.items())


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
    for record in records:
        if log is not None:
            log.write(as_line(record) + "\n")
            log.flush()
        if isinstance(record, Begun):
            a_step, bar = record.config.tokens_per_step, _bar(record)
            sys.stderr.write(said(cost(record.config)) + "\n")
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
    if bar is not None:
        bar.close()


def _bar(begun: Begun) -> Any:
    """A tqdm bar; without tqdm (a bare GPU machine), none."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(total=begun.steps, initial=begun.step, unit="step")
