"""Compares shapes, vocabularies and settings by what each reaches in the same time on the device at hand.

    python -m gptviz.tools.sweep CORPUS [--minutes 1] [--preset default] [--only base,vocab_8k]

Every candidate gets a whole schedule, as many steps as its own speed allows. What is compared is bits per byte of
held-out text, which does not depend on the vocabulary.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import NamedTuple

from gptviz.errors import ConfigError
from gptviz.evaluation.report import Report, evaluate
from gptviz.gpt.config import PRESETS, TrainConfig, padded
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.paths import MODELS
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tools.make import write_shares
from gptviz.training.data import read_text
from gptviz.training.device import usable
from gptviz.training.run import open_parts
from gptviz.training.trainer import Trainer
from gptviz.training.vocabulary import train_vocabulary

COLUMNS = ("candidate", "million parameters", "steps", "million tokens", "tokens/s", "bits per byte")
TIMED = 12  # steps from which a candidate's speed is taken
LEARNT_FROM = 4_000_000  # characters of each part, for a vocabulary that is not at hand


class Candidate(NamedTuple):
    """A configuration and its vocabulary's size."""

    config: TrainConfig
    tokens: int


def candidates(base: TrainConfig) -> dict[str, Candidate]:
    """One thing is changed at a time."""
    model = base.model
    shapes = {
        "base": model,
        "deeper": replace(model, n_layer=model.n_layer * 3 // 2),
        "shallower": replace(model, n_layer=max(1, model.n_layer * 3 // 4)),
        "wider": replace(model, n_embd=model.n_head * (model.head_dim * 4 // 3 // 8 * 8)),  # eights are fast
        "narrower": replace(model, n_embd=model.n_head * (model.head_dim * 2 // 3 // 8 * 8)),
        "dropout_0": replace(model, dropout=0.0),
        "rotary": replace(model, position="rotary"),
    }
    settings = {
        "rate_half": replace(base, learning_rate=base.learning_rate / 2),
        "rate_double": replace(base, learning_rate=base.learning_rate * 2),
        "batch_half": replace(base, batch_size=max(1, base.batch_size // 2)),
        "no_repeat": replace(base, repeat=0.0),
    }
    found = {name: Candidate(replace(base, model=shape), model.vocab_size) for name, shape in shapes.items()}
    found |= {name: Candidate(config, model.vocab_size) for name, config in settings.items()}
    return found | {f"vocab_{size // 1024}k": Candidate(base, size) for size in (8192, 24576)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row for each candidate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--minutes", type=float, default=1.0, help="for each candidate")
    parser.add_argument("--preset", default="default", choices=("tiny", "small", "cpu", "default"))
    parser.add_argument("--only", help="candidates, separated by commas")
    parser.add_argument("--limit-bytes", type=int, default=20_000, help="of each held-out part")
    parser.add_argument("--device")
    args = parser.parse_args(arguments)
    found = candidates(PRESETS[args.preset])
    chosen = args.only.split(",") if args.only else list(found)
    unknown = [name for name in chosen if name not in found]
    if unknown:
        parser.error(f"no such candidate: {', '.join(unknown)}; there are {', '.join(found)}")
    try:
        usable(args.device)
    except ConfigError as error:
        raise SystemExit(str(error)) from error
    print(row(COLUMNS), row(["---"] * len(COLUMNS)), sep="\n")
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            print(row([name, *tried(found[name], args, Path(folder))]), flush=True)
    return 0


def tried(candidate: Candidate, args: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Train one candidate and measure it: the cells of its row."""
    tokenizer = vocabulary(candidate.tokens, args.corpus, folder)
    shares = json.loads(write_shares(MODELS / "bilingual", folder)["share"].read_text(encoding="utf-8"))
    train = open_parts(args.corpus, "train", tokenizer, folder / f"tokens-{tokenizer.vocab_size}", shares)
    if train is None:
        raise SystemExit(f"There is no <part>.train.txt of ours in {args.corpus}.")
    shape = padded(candidate.config.model, tokenizer.vocab_size)
    config = replace(candidate.config, model=shape, warmup=0, steps=TIMED, log_every=1)
    seconds = [record.seconds for record in Trainer(config, train, device=args.device).run()]
    steps = max(1, round(60 * args.minutes / median(seconds[2:])))  # the first two set up kernels
    config = replace(config, steps=steps, warmup=min(candidate.config.warmup, steps // 10),
                     log_every=candidate.config.log_every)  # fmt: skip
    trainer = Trainer(config, train, device=args.device)
    began = time.monotonic()
    for _ in trainer.run():
        pass
    tokens = steps * config.tokens_per_step
    yield f"{config.model.n_parameters / 1e6:.1f}"
    yield f"{steps:,}"
    yield f"{tokens / 1e6:.2f}"
    yield f"{tokens / (time.monotonic() - began):,.0f}"
    yield f"{bits_per_byte(LocalModel(trainer.model.cpu(), tokenizer), args):.4f}"


def row(cells: Sequence[str]) -> str:
    """Of a Markdown table."""
    return "| " + " | ".join(cells) + " |"


def vocabulary(size: int, corpus: Path, folder: Path) -> Tokenizer:
    """The bundled vocabulary, or the first of its tokens; a larger one is learnt from the corpus, once."""
    bundled = Tokenizer.load(MODELS / "bilingual")
    if size == bundled.vocab_size:
        return bundled
    if size < bundled.vocab_size:
        return bundled.shortened(size)
    place = folder / f"vocabulary-{size}"
    if not place.is_dir():
        files = sorted(corpus.glob("*.train.txt*"))
        texts = (line for path in files for line in read_text(path)[:LEARNT_FROM].splitlines(keepends=True))
        Tokenizer.from_tokens(train_vocabulary(texts, size - 1)).save(place)
    return Tokenizer.load(place)


def bits_per_byte(lm: LanguageModel, args: argparse.Namespace) -> float:
    """Of the beginning of every held-out part, all together."""
    total = Report.of(evaluate(lm, args.corpus, limit_bytes=args.limit_bytes, samples=0)).total
    if total is None:
        raise SystemExit(f"There is no <part>.valid.txt in {args.corpus}.")
    return total.bits_per_byte


if __name__ == "__main__":
    sys.exit(main())
