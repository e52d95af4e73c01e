"""``gptviz train``: text files in, a model folder out.

The folder of text holds ``<part>.train.txt`` (or ``.txt.xz``) and, for validation, ``<part>.valid.txt``. A single file
will do too: its last tenth is for validation.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from gptviz.errors import ConfigError
from gptviz.gpt.config import OPTIMIZERS, PRECISIONS, PRESETS, SCHEDULES, TrainConfig
from gptviz.gpt.weights import load_model, save_model
from gptviz.gpt.weights import read_config as read_model_config
from gptviz.i18n import translate
from gptviz.paths import MODELS
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training import characters, checkpoint
from gptviz.training.best import Best
from gptviz.training.data import Mixture, mixture, prepare_all, read_shares
from gptviz.training.snapshots import Writer
from gptviz.training.trainer import Trainer, TrainRecord

#: What the command line may set in place of the preset's.
CHANGEABLE = ("steps", "batch_size", "learning_rate", "min_learning_rate", "schedule", "seed", "optimizer", "repeat",
              "later_from", "later_repeat", "line_start", "document_start", "sinusoids", "precision", "eval_every",
              "log_every")  # fmt: skip

#: Seconds between saved states at least: a GPU takes hundreds of steps while one is written.
SAVE_SECONDS = 30.0


def add_to(commands: Any) -> None:
    """Add the command to the parser's ``commands``."""
    parser = commands.add_parser("train", help="train a model on a folder of text")
    parser.add_argument("data", type=Path, help="a text file, or a folder of <part>.{train,valid}.txt[.xz]")
    parser.add_argument("out", type=Path, help="where the model folder is written; a run found there is continued")
    parser.add_argument("--preset", default="tiny", help=f"one of {', '.join(PRESETS)}")
    parser.add_argument("--weights", type=Path, help='JSON {"part": share}; parts left out are not read')
    parser.add_argument("--later-weights", type=Path, help="the same for the last part of the run, see --later-from")
    parser.add_argument("--vocabulary", type=Path, default=MODELS / "bilingual", help="folder with the tokenizer")
    parser.add_argument("--steps", type=int, help="instead of the preset's")
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--learning-rate", type=float, help="at its peak")
    parser.add_argument("--min-learning-rate", type=float, help="at the end; the same as the peak keeps it constant")
    parser.add_argument("--schedule", choices=SCHEDULES, help="after the warm-up: half a cosine, or straight down")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--optimizer", choices=OPTIMIZERS)
    parser.add_argument("--precision", choices=PRECISIONS, help="auto takes bfloat16 where the device is fast in it")
    parser.add_argument("--repeat", type=float, help="share of the sequences that repeat a passage, from 0 to 1")
    parser.add_argument("--later-from", type=float, help="part of the run, 0 to 1, after which later shares count")
    parser.add_argument("--later-repeat", type=float, help="--repeat from then on")
    parser.add_argument("--line-start", type=float, help="share of the sequences that begin where a line begins")
    parser.add_argument("--document-start", type=float, help="… where a document begins")
    parser.add_argument("--sinusoids", type=float, help="start learnt positions as sine waves of this amplitude")
    parser.add_argument("--init", type=Path, help="a model folder to start from; its shape replaces the preset's")
    parser.add_argument("--characters", action="store_true", help="one token for each character of the text file")
    parser.add_argument("--tokens", type=int, help="use only so many tokens of the vocabulary, the first ones")
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
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train, or continue a run, until it is done, the time is up, or Ctrl-C."""
    if args.preset not in PRESETS:
        raise ConfigError("config.preset", name=args.preset, choices=", ".join(PRESETS))
    tokenizer, train, valid = open_text(args)
    config = configure(args, tokenizer.vocab_size)
    trainer = Trainer(config, train, valid, device=args.device, compiled=False if args.no_compile else None)
    state, model = args.out / "state", args.out / "model"
    best = best_of(args, trainer, state)
    if (state / "run.json").is_file():
        checkpoint.restore(trainer, state)
    elif args.init is not None:
        trainer.model.load_state_dict(load_model(args.init).state_dict())
        if config.sinusoids:  # asked for on the command line
            trainer.model.start_positions(config.sinusoids)
    keep = Writer(trainer, model, args.snapshots, args.snapshots_from) if args.snapshots else None
    try:
        _follow(trainer, args, keep, best)
    except KeyboardInterrupt:
        pass  # stopping is a request, not an error: the state is saved below
    finally:
        _save(trainer, state, keep)
        tokenizer.save(model)
        if best is None or best.step is None:
            save_model(trainer.model, model, dtype=torch.float16)
    return 0


def best_of(args: argparse.Namespace, trainer: Trainer, state: Path) -> Best | None:
    """What keeps the best weights, where that is asked for; ConfigError where it cannot be done."""
    if args.keep != "best":
        return None
    if trainer.valid is None:
        raise ConfigError("train.best_of_nothing", folder=str(args.data))
    if args.snapshots:  # the last snapshot is the finished model, and lies nowhere else
        raise ConfigError("train.best_and_snapshots")
    return Best(trainer, args.out / "model", state)


def configure(args: argparse.Namespace, vocab_size: int) -> TrainConfig:
    """The preset with the command line's changes and the tokenizer's vocabulary."""
    preset = PRESETS[args.preset]
    wanted = {name: getattr(args, name) for name in CHANGEABLE}
    changes = {name: value for name, value in wanted.items() if value is not None}
    if "learning_rate" in changes and "min_learning_rate" not in changes:
        changes["min_learning_rate"] = min(preset.min_learning_rate, changes["learning_rate"])
    if "steps" in changes:
        changes["warmup"] = min(preset.warmup, max(0, changes["steps"] // 10))
    if args.snapshots:  # whose index holds the loss of each step
        changes["log_every"] = 1
    if args.init is not None:  # positions that were learnt already are not started anew, unless that is asked for
        changes = {"sinusoids": 0.0} | changes
        return replace(preset, model=replace(read_model_config(args.init), dropout=preset.model.dropout), **changes)
    rows = -(-vocab_size // 64) * 64  # matrices with a multiple of 64 rows are faster
    n_tokens = None if rows == vocab_size else vocab_size
    return replace(preset, model=replace(preset.model, vocab_size=rows, n_tokens=n_tokens), **changes)


def open_text(args: argparse.Namespace) -> tuple[Tokenizer, Mixture, Mixture | None]:
    """The tokenizer and the text to train and to check on; ConfigError where there is none."""
    if args.characters:
        return characters.open_file(args.data)
    tokenizer = Tokenizer.load(args.vocabulary)
    if args.tokens is not None:
        tokenizer = tokenizer.shortened(args.tokens)
    if args.data.is_file():
        return characters.open_file(args.data, tokenizer)
    cache = (args.cache or args.out / "tokens") / tokenizer.fingerprint
    weights, later = (read_shares(path) for path in (args.weights, args.later_weights))
    train = open_parts(args.data, "train", tokenizer, cache, weights, later)
    valid = open_parts(args.data, "valid", tokenizer, cache, weights)  # the same all through the run, to be compared
    if train is None:
        raise ConfigError("train.no_text", folder=str(args.data))
    return tokenizer, train, valid


def open_parts(folder: Path, split: str, tokenizer: Tokenizer, cache: Path, weights: dict[str, float] | None,
               later: dict[str, float] | None = None) -> Mixture | None:  # fmt: skip
    """All parts of one split, tokenised where they are not yet; None where there are none."""
    files = sorted([*folder.glob(f"*.{split}.txt"), *folder.glob(f"*.{split}.txt.xz")])
    names = {path.name.split(f".{split}.")[0]: path for path in files}
    read = {name for shares in (weights, later) for name, share in (shares or {}).items() if share > 0}
    chosen = {name: path for name, path in names.items() if weights is None or name in read}
    parts = prepare_all(chosen.values(), tokenizer, cache)
    return mixture(dict(zip(chosen, parts, strict=True)), weights, later) if parts else None


def _follow(trainer: Trainer, args: argparse.Namespace, keep: Writer | None, best: Best | None) -> None:
    """Run the trainer with a progress bar, a log, a saved state now and then, and what is to be kept of the weights."""
    saved, saved_step = time.monotonic(), trainer.step
    deadline = saved + 60 * args.minutes if args.minutes else float("inf")
    args.out.mkdir(parents=True, exist_ok=True)
    with (args.out / "log.jsonl").open("a", encoding="utf-8") as file:
        for n, record in enumerate(_bar(trainer.run(), trainer)):
            if n == 0 and trainer.not_compiled:
                sys.stderr.write(translate("error.train.not_compiled", "en", reason=trainer.not_compiled) + "\n")
            file.write(json.dumps(asdict(record)) + "\n")
            file.flush()
            for listener in (keep, best):
                if listener:
                    listener.heard(record)
            if record.step - saved_step >= args.save_every and time.monotonic() - saved >= SAVE_SECONDS:
                _save(trainer, args.out / "state", keep)
                saved, saved_step = time.monotonic(), record.step
            if time.monotonic() > deadline:
                break


def _save(trainer: Trainer, state: Path, keep: Writer | None) -> None:
    """The run's state, and the losses that belong to it."""
    if keep:
        keep.note()
    checkpoint.save(trainer, state)


def _bar(records: Iterable[TrainRecord], trainer: Trainer) -> Iterable[TrainRecord]:
    """The records behind a tqdm bar; without tqdm (a bare GPU machine), as they are."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return records
    bar: Any = tqdm(records, total=trainer.config.steps, initial=trainer.step, unit="step")
    return _told(bar, bar.set_postfix)


def _told(records: Iterable[TrainRecord], tell: Callable[..., None]) -> Iterable[TrainRecord]:
    valid: float | None = None
    for record in records:
        valid = record.valid_loss if record.valid_loss is not None else valid
        tell(loss=f"{record.loss:.3f}", valid="-" if valid is None else f"{valid:.3f}", refresh=False)
        yield record
