"""Makes a bundled model as ``recipes.toml`` says: its runs one after another, then its figures and its card.

    python -m gptviz.tools.make gpu CORPUS RUNS                # from nothing to a model with its card
    python -m gptviz.tools.make gpu CORPUS RUNS --minutes 9    # as far as that goes; the same command goes on

Runs are kept in RUNS, which belongs to one corpus. The minutes are those of training: reading the corpus for the first
time and measuring the model, some minutes each on a CPU, come on top. The model in ``assets/`` is replaced when its
last run is done.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gptviz.cli import main as command_line
from gptviz.evaluation import card
from gptviz.paths import MODELS
from gptviz.tools import readme
from gptviz.training import checkpoint

SHARES = ("share", "later_share")
WEIGHTS = ("--weights", "--later-weights")
DATA = "data.toml"  # in the default model's folder: the text that is trained on, and its shares


class Recipe(NamedTuple):
    """What is made, and the options of ``gptviz train`` of each run."""

    model: str
    runs: list[str]
    made: str  # on what, and in what time
    how: str  # what the commands do not say
    baseline: bool = True  # whether it is compared with a 5-gram model, which takes minutes


def main(arguments: Sequence[str] | None = None) -> int:
    """Follow a recipe as far as its time allows."""
    args = parse(arguments)
    if not args.recipes.is_file():
        raise SystemExit(f"There is no {args.recipes}: the recipes lie in a checkout, an installation has none.")
    recipes = {name: Recipe(**fields) for name, fields in tomllib.loads(read(args.recipes)).items()}
    if args.recipe not in recipes:
        raise SystemExit(f"There is no recipe {args.recipe}; there are {', '.join(recipes)}.")
    recipe, deadline = recipes[args.recipe], time.monotonic() + 60 * args.minutes
    folders = [args.runs / f"{args.recipe}-{number}" for number in range(1, len(recipe.runs) + 1)]
    shares = write_shares(args.models / "bilingual", args.runs)
    for command, folder in zip(commands(recipe, folders, shares), folders, strict=True):
        started_as(command, folder)
        left = (deadline - time.monotonic()) / 60
        if left > 0 and not done(folder):
            run("train", args.corpus, folder, *shlex.split(command), "--cache", args.runs / "tokens", "--minutes", left)
        if not done(folder):
            print(f"Time is up in {folder.name}; the same command goes on.")
            return 0
    install(folders[-1] / "model", args.models / recipe.model)
    describe(recipe, folders, args)
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", help="its name")
    parser.add_argument("corpus", type=Path, help="folder of <part>.{train,valid}.txt[.xz]")
    parser.add_argument("runs", type=Path, help="where states, logs and tokenised text are kept")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--recipes", type=Path, default=MODELS / "recipes.toml")
    parser.add_argument("--models", type=Path, default=MODELS, help="where the finished model's folder lies")
    return parser.parse_args(arguments)


def commands(recipe: Recipe, folders: Sequence[Path], shares: Mapping[str, Path]) -> list[str]:
    """The options of each run, with real paths in them."""
    before = ["", *(shlex.quote(str(folder / "model")) for folder in folders)]
    quoted = {name: shlex.quote(str(path)) for name, path in shares.items()}
    return [run.format(before=b, **quoted) for run, b in zip(recipe.runs, before[:-1], strict=True)]


def described(recipe: Recipe) -> list[str]:
    """The runs as a reader types them."""
    names = {name: f"{name}.json" for name in SHARES}
    return [f"gptviz train CORPUS RUN-{n} {run.format(before=f'RUN-{n - 1}/model', **names)}"
            for n, run in enumerate(recipe.runs, 1)]  # fmt: skip


def columns(run: str) -> tuple[str, str]:
    """Of ``data.toml``: by which a run draws its text at first, and by which later."""
    words = shlex.split(run)
    named = {option: words[words.index(option) + 1].strip("{}") for option in WEIGHTS if option in words}
    return named["--weights"], named.get("--later-weights", named["--weights"])


def write_shares(model: Path, runs: Path) -> dict[str, Path]:
    """The weights for ``gptviz train``, made of the model's ``data.toml``."""
    runs.mkdir(parents=True, exist_ok=True)
    data = tomllib.loads(read(model / DATA))
    paths = {name: runs / f"{name}.json" for name in SHARES}
    for name, path in paths.items():
        path.write_text(json.dumps({part: fields[name] for part, fields in data.items()}, indent=1), encoding="utf-8")
    return paths


def started_as(command: str, folder: Path) -> None:
    """Note a run's options in its folder; where they were others, it is the run of another recipe."""
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / "options.txt"
    if note.is_file() and read(note) != command:
        raise SystemExit(f"{folder} is a run of another recipe: {read(note)}\nRemove it, or choose another folder.")
    note.write_text(command, encoding="utf-8")


def done(folder: Path) -> bool:
    """Whether a run has taken all its steps."""
    step = checkpoint.saved_step(folder / "state")
    return step > 0 and step >= checkpoint.read_config(folder / "state").steps


def install(made: Path, model: Path) -> None:
    """Put a finished model where the bundled one lies, beside what is not made by training."""
    model.mkdir(parents=True, exist_ok=True)
    for old in [*model.glob("model*.safetensors*"), *model.glob("snapshots")]:
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(made, model, dirs_exist_ok=True)
    for path in model.rglob("*"):  # safetensors writes files that only their owner may read
        path.chmod(0o755 if path.is_dir() else 0o644)


def describe(recipe: Recipe, folders: Sequence[Path], args: argparse.Namespace) -> None:
    """Measure the model and write what is to be said of it."""
    model, evaluation = args.models / recipe.model, args.runs / f"{recipe.model}.json"
    baseline = ["--baseline"] if recipe.baseline else []
    run("eval", model, "--data", args.corpus, *baseline, "--json", evaluation)
    states = [folder / "state" for folder in folders]
    made = card.Made(
        commands=described(recipe),
        logs=[folder / "log.jsonl" for folder in folders],
        configs=[checkpoint.read_config(state) for state in states],
        versions=checkpoint.read_versions(states[-1]),
        columns=[columns(run) for run in recipe.runs],
        data=tomllib.loads(read(args.models / "bilingual" / DATA)),
        made=recipe.made,
        how=recipe.how.strip(),
    )
    readme.write(model, made, card.write_card(model, made, json.loads(read(evaluation))))


def run(*words: object) -> None:
    """A command of gptviz; where it fails, it has said why."""
    if command_line([str(word) for word in words]):
        raise SystemExit(1)


def read(path: Path) -> str:
    """A file of text."""
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
