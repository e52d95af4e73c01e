"""What all of ``gptviz tune`` has in common: options, the run as it is told of, what is written."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from gptviz.cli import outputs
from gptviz.errors import ConfigError, PromptError, ServiceError
from gptviz.rounding import fixed, percent

if TYPE_CHECKING:
    from gptviz.language_model import LocalModel
    from gptviz.tuning.method import Method
    from gptviz.tuning.ppo import PPO
    from gptviz.tuning.tuner import TuneConfig, TuneRecord, Tuning

METHODS = ("full", "head", "lora", "adalora", "adapter", "prefix", "prompt", "bitfit")
#: Settings of a run that have an option of their name.
_SAME = ("epochs", "batch_size", "learning_rate", "weight_decay", "patience", "seconds", "seed", "valid_share",
         "pooling")  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """What every task takes that leaves something behind."""
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder that is written")
    parser.add_argument("--forgotten", nargs="?", const="", metavar="FOLDER", help="bits per byte of other text before "
                        "and after: of ours, or of a folder's <part>.valid.txt[.xz]")  # fmt: skip
    add_run_options(parser)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """How it is learnt."""
    parser.add_argument("--model", default="", help="the model that is tuned; by default the bundled one")
    parser.add_argument("--method", choices=METHODS, default="lora", help="which numbers are learnt")
    parser.add_argument("--rank", type=int, help="of lora, and of adalora on average at the end")
    parser.add_argument("--length", type=int, help="of prefix and prompt, in tokens")
    parser.add_argument("--width", type=int, help="of adapter")
    parser.add_argument("--last-layers", type=int, help="of full: only so many blocks, the last ones")
    parser.add_argument("--epochs", type=int, help="times that all texts are read")
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--learning-rate", type=float, help="at its peak; by default the method's own")
    parser.add_argument("--weight-decay", type=float)
    parser.add_argument("--patience", type=int, help="epochs without a lower held-out loss until it stops; 0: never")
    parser.add_argument("--seconds", type=float, help="stop after so long, with the best so far")
    parser.add_argument("--valid-share", type=float, help="part of the texts that is held out")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--encoding", help="of the files, where it is not UTF-8")
    parser.add_argument("--log", metavar="FILE", help="a line of JSON for each step; - is standard output")
    outputs.add_to(parser, json="what was measured as JSON")


def files_of(args: argparse.Namespace) -> dict[str, str]:
    """What is written beside OUT; what would fail after the run fails before it."""
    files = outputs.wanted(args)
    if args.log == outputs.STANDARD and not outputs.free(files):
        raise ConfigError("cli.two_outputs", options="--json and --log")
    if args.out.exists() and not args.out.is_dir():
        raise ConfigError("cli.write", file=str(args.out), reason="it is a file")
    if args.forgotten:
        from gptviz.evaluation.held_out import part_files

        part_files(Path(args.forgotten), "valid")
    args.out.mkdir(parents=True, exist_ok=True)
    return files


def base_model(args: argparse.Namespace) -> LocalModel:
    """The model that is tuned, in float32.

    Raises ServiceError for one that computes elsewhere, PromptError for one that fills blanks where it is to be told
    what that forgets of continuing texts.
    """
    import gptviz
    from gptviz.language_model import LocalModel

    name = args.model
    lm = gptviz.load(name, weights="float32") if name else gptviz.load(weights="float32")
    if not isinstance(lm, LocalModel):
        raise ServiceError("remote.weights")
    if getattr(args, "forgotten", None) is not None and not lm.config.causal:
        raise PromptError("prompt.fills_blanks")
    return lm


def method_of(args: argparse.Namespace) -> Method:
    """The method, with the options that are its settings. Raises ConfigError for one that is another's."""
    from gptviz import tuning

    own = {"rank": ("lora", "adalora"), "length": ("prefix", "prompt"), "width": ("adapter",),
           "last_layers": ("full",)}  # fmt: skip
    settings = {name: getattr(args, name) for name in own if getattr(args, name) is not None}
    for name in settings:
        if args.method not in own[name]:
            option = "--" + name.replace("_", "-")
            raise ConfigError("tune.option", option=option, method=args.method, methods=", ".join(own[name]))
    if args.method == "adalora" and "rank" in settings:
        settings["first_rank"] = 2 * settings["rank"]
    return tuning.method(args.method, **settings)


def config_of(args: argparse.Namespace) -> TuneConfig:
    """What the options say of the run."""
    from gptviz import tuning

    given = {name: getattr(args, name) for name in _SAME if getattr(args, name, None) is not None}
    return tuning.TuneConfig(method=method_of(args), **given)


def learn(task: Tuning, args: argparse.Namespace) -> float:
    """Go through the run, telling of it; Ctrl-C keeps the best so far. The seconds that it took."""
    began = time.perf_counter()
    with log_of(args) as log, suppress(KeyboardInterrupt):
        for record in task.run():
            if log:
                print(json.dumps(record._asdict()), file=log, flush=True)
            if record.valid_loss is not None:
                print(_said(record), file=sys.stderr)
    return time.perf_counter() - began


@contextmanager
def log_of(args: argparse.Namespace, *, goes_on: bool = False) -> Iterator[TextIO | None]:
    """Where each step is told of as a line of JSON; None: nowhere. A file is begun anew, unless it ``goes_on``."""
    if args.log in (None, outputs.STANDARD):
        yield sys.stdout if args.log else None
        return
    with Path(args.log).open("a" if goes_on else "w", encoding="utf-8") as file:
        yield file


def _said(record: TuneRecord) -> str:
    accuracy = percent(record.valid_accuracy, 1)
    return (f"epoch {fixed(record.epoch, 1)}, step {record.step} of {record.steps}: held out "
            f"{fixed(record.valid_loss or 0.0, 3)} nats, {accuracy} right, {fixed(record.seconds, 1)} s")  # fmt: skip


def finish(
    task: Tuning | PPO, lm: LocalModel, args: argparse.Namespace, files: dict[str, str], found: dict[str, Any]
) -> int:
    """Save, and say what was measured."""
    from gptviz import tuning

    if args.forgotten is not None:
        found = {"forgotten": _forgotten(task, lm, args.forgotten), **found}
    tuning.save(task, lm, args.out, scores=found)
    whole = {"method": task.config.method.name, "model": lm.name, **found}
    if "json" in files:
        outputs.write(files["json"], json.dumps(whole, ensure_ascii=False))
    if outputs.free(files) and args.log != outputs.STANDARD:
        for name, value in found.items():
            print(f"{name}: {value}")
    return 0


def _forgotten(task: Tuning | PPO, lm: LocalModel, folder: str) -> dict[str, dict[str, float]]:
    """Bits per byte of each part of the held-out text before and after, and how many more it costs now."""
    from gptviz.tuning.forgetting import Memory, held_out_text

    memory = Memory(lm, held_out_text(lm.tokenizer, Path(folder) if folder else None))
    found = memory.forgotten(task.trunk)
    for part in found:
        print(
            f"{part.part}: {fixed(part.before, 3)} bits per byte before, {fixed(part.after, 3)} after", file=sys.stderr
        )
    return {part.part: {"before": part.before, "after": part.after, "more": part.more} for part in found}
