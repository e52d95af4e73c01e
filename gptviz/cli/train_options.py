"""The options of ``gptviz train``, by what they are about: as ``--help`` groups them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from gptviz.gpt.config import OPTIMIZERS, PAIRS, PARTS, POSITIONS, PRECISIONS, PRESETS, SCHEDULES
from gptviz.paths import MODELS


def add_options(parser: Any, worlds: list[str]) -> None:
    """All of them; ``worlds`` are the names of the generated texts."""
    parser.usage = "%(prog)s [options] [data] out"  # all their names would be twenty lines
    data = parser.add_argument("data", type=Path, help="a text file, or a folder of <part>.{train,valid}.txt[.xz]; "
                               "left out with --world and --standard-library")  # fmt: skip
    parser.instead = (("--world", data), ("--standard-library", data))
    parser.add_argument("out", type=Path, help="where the model folder is written; a run found there is continued")
    parser.add_argument("--preset", default="tiny", help=f"one of {', '.join(PRESETS)}; or two runs to compare: "
                        f"{', '.join(PAIRS)}")  # fmt: skip
    parser.add_argument("--cost", action="store_true", help="say what the run would cost, and do not begin it")
    parser.add_argument("--log", metavar="FILE", help="write each record as a line of JSON; - is standard output")
    _of_the_text(parser.add_argument_group("the text"), worlds)
    _of_the_vocabulary(parser.add_argument_group("its vocabulary"))
    _of_the_sequences(parser.add_argument_group("the sequences read from it"))
    _of_the_model(parser.add_argument_group("the model, where it is not the preset's"))
    _of_a_step(parser.add_argument_group("a step, where it is not the preset's"))
    _of_the_end(parser.add_argument_group("how long, and what is kept"))
    _of_the_machine(parser.add_argument_group("the machine"))


def _of_the_text(group: argparse._ArgumentGroup, worlds: list[str]) -> None:
    group.add_argument("--world", help="learn from a generated world whose entropy is known, by characters: "
                       f"{', '.join(worlds)}")  # fmt: skip
    group.add_argument("--standard-library", action="store_true", help="learn from Python's own, as it lies here")
    group.add_argument("--weights", type=Path, help='JSON {"part": share}; parts left out are not read')
    group.add_argument("--later-weights", type=Path, help="the same for the last part of the run, see --later-from")
    group.add_argument("--encoding", help="of the text file, where that is not UTF-8")
    group.add_argument("--cache", type=Path, help="folder for tokenised text, which runs on one corpus may share")


def _of_the_vocabulary(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--vocabulary", type=Path, default=MODELS / "bilingual", help="folder with the tokenizer")
    group.add_argument("--characters", action="store_true", help="one token for each character of the text file")
    learnt = group.add_mutually_exclusive_group()
    learnt.add_argument("--bpe", type=int, metavar="TOKENS", help="learn a vocabulary of so many from the text file")
    learnt.add_argument("--bytes", action="store_true", help="one token for each byte of the text file")
    group.add_argument("--tokens", type=int, help="use only so many tokens of the vocabulary, the first ones")
    group.add_argument("--mask", help="see both ways and guess hidden tokens; the text of the token that hides them")


def _of_the_sequences(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--repeat", type=float, help="share of the sequences that repeat a passage, from 0 to 1")
    group.add_argument("--passage", type=int, help="tokens of the shortest of these passages")
    group.add_argument("--later-from", type=float, help="part of the run, 0 to 1, after which later shares count")
    group.add_argument("--later-repeat", type=float, help="--repeat from then on")
    group.add_argument("--line-start", type=float, help="share of the sequences that begin where a line begins")
    group.add_argument("--document-start", type=float, help="… where a document begins")


def _of_the_model(group: argparse._ArgumentGroup) -> None:
    for name, what in (("layer", "blocks"), ("head", "heads of a block"), ("embd", "width of the residual stream")):
        group.add_argument(f"--n-{name}", type=int, help=what)
    group.add_argument("--block-size", type=int, help="context, in tokens")
    group.add_argument("--position", choices=POSITIONS, help="how positions come in")
    group.add_argument("--sinusoids", type=float, help="start learnt positions as sine waves of this amplitude")
    group.add_argument("--parts", choices=PARTS, default="", help="GPT-2's, or RMSNorm, a gated MLP and no biases")
    group.add_argument("--dropout", type=float)
    group.add_argument("--init", type=Path, help="a model folder to start from; its shape replaces the preset's")


def _of_a_step(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--batch-size", type=int)
    group.add_argument("--accumulate", type=int, help="batches that one step learns from")
    group.add_argument("--optimizer", choices=OPTIMIZERS)
    group.add_argument("--learning-rate", type=float, help="at its peak")
    group.add_argument("--min-learning-rate", type=float, help="at the end; the same as the peak keeps it constant")
    group.add_argument("--schedule", choices=SCHEDULES,
                       help="after the warm-up: half a cosine, straight down, or no change")  # fmt: skip
    group.add_argument("--warmup", type=int, help="steps until the rate is at its peak")
    group.add_argument("--grad-clip", type=float, help="the largest norm of the gradient")
    group.add_argument("--weight-decay", type=float, help="of matrices")
    group.add_argument("--seed", type=int)


def _of_the_end(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--steps", type=int, help="instead of the preset's")
    group.add_argument("--seconds", type=float, help="end after so long, the rate down by then")
    group.add_argument("--minutes", type=float, help="stop cleanly after so long; the same command goes on later")
    group.add_argument("--patience", type=int, help="end after so many held-out losses that are not the lowest yet, "
                       "with the weights of the lowest")  # fmt: skip
    group.add_argument("--keep", choices=("last", "best"), default="last",
                       help="the weights to write: the last, or those of the lowest held-out loss")  # fmt: skip
    group.add_argument("--snapshots", type=int, default=0, help="keep the weights at about so many steps, 0 included")
    group.add_argument("--snapshots-from", type=int, default=1, help="the first step after 0 at which they are kept")
    group.add_argument("--eval-every", type=int, help="steps between held-out losses")
    group.add_argument("--log-every", type=int, help="steps in one record of the log; a GPU is waited for at each")
    group.add_argument("--save-every", type=int, default=200,
                       help="steps between saved states, half a minute at least")  # fmt: skip
    group.add_argument("--save-seconds", type=float, help="… or so long, in place of half a minute")


def _of_the_machine(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--device", help="cpu, cuda, …; by default a GPU where there is one")
    group.add_argument("--precision", choices=PRECISIONS, help="auto takes bfloat16 where the device is fast in it")
    group.add_argument("--recompute", action="store_true", default=None,
                       help="gradient checkpointing: less memory for a third more work")  # fmt: skip
    group.add_argument("--no-compile", action="store_true", help="on a GPU: take steps without compiling them first")
