"""``gptviz eval``: a model and a folder of held-out text in, a table (and JSON) out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from gptviz.cli import outputs
from gptviz.paths import DEFAULT


def add_to(commands: Any) -> None:
    """Add the command to the parser's ``commands``."""
    parser = commands.add_parser("eval", help="measure a model: held-out text, cloze, induction heads, repetition")
    parser.add_argument("model", nargs="?", default=DEFAULT, help="a name, a folder, a GGUF file, or a Hugging Face id")
    parser.add_argument("--data", type=Path, help="folder with <part>.valid.txt[.xz]; without one, no held-out text")
    outputs.add_to(parser, json="everything as JSON, too")
    parser.add_argument("--parts", help="only these parts, separated by commas")
    parser.add_argument("--limit-bytes", type=int, metavar="N", help="at most so many bytes of each part")
    parser.add_argument("--baseline", action="store_true",
                        help="compare with a Kneser-Ney 5-gram model of <part>.train.txt[.xz]")  # fmt: skip
    parser.add_argument("--baseline-tokens", type=int, metavar="N",
                        help="train it on about so many tokens, not on all (implies --baseline)")  # fmt: skip
    parser.add_argument("--weights", type=Path, help='JSON {"part": share} of those tokens; other parts are not read')
    parser.add_argument("--samples", type=int, help="texts to write for each prompt; 0 for none")
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Evaluate, telling on stderr how far it is; the table goes to stdout."""
    from gptviz.cli import scores  # brings torch along

    return scores.run(args)
