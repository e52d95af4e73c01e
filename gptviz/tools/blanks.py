"""Makes the two models of the page of masks: one that fills blanks and its twin that continues, both of made sentences.

    python -m gptviz.tools.blanks RUNS                # from nothing to both models, with a page about them
    python -m gptviz.tools.blanks RUNS --minutes 9    # so long for each; the same command goes on

Text, states and logs are kept in RUNS. The models in ``assets/`` are replaced when both are done.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from gptviz.paths import MODELS
from gptviz.tools.make import done, install, read, run, started_as
from gptviz.training import blanks

HOME = MODELS / "blanks"
RECIPE = HOME / "recipe.toml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Follow the recipe as far as its time allows."""
    args = parse(arguments)
    recipe: dict[str, str] = tomllib.loads(read(RECIPE))
    text = args.runs / "text"
    if not (text / "vocabulary").is_dir():
        blanks.write(text, count=args.sentences)
    for name, options in recipe.items():
        folder = args.runs / name
        command = f"{options} {args.more}".strip()
        started_as(command, folder)
        if not done(folder):
            run("train", text, folder, "--vocabulary", text / "vocabulary", *shlex.split(command),
                "--minutes", args.minutes)  # fmt: skip
        if not done(folder):
            print(f"Time is up in {name}; the same command goes on.")
            return 0
    for name in recipe:
        install(args.runs / name / "model", args.home / name)
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, help="where text, states and logs are kept")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="of training, for each of the two")
    parser.add_argument("--sentences", type=int, default=blanks.COUNT)
    parser.add_argument("--more", default="", help="further options of `gptviz train`, for trying things out")
    parser.add_argument("--home", type=Path, default=HOME, help="where the finished models' folders lie")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
