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
from collections.abc import Iterator, Sequence
from pathlib import Path

from gptviz.analysis.filling import Filled, Pair, fill
from gptviz.catalogue import load_folder
from gptviz.paths import MODELS
from gptviz.tokens.bpe import END_OF_TEXT
from gptviz.tools.make import done, install, read, run, started_as
from gptviz.training import blanks, checkpoint

HOME = MODELS / "blanks"
RECIPE = HOME / "recipe.toml"
MEASURED = 400  # held-out sentences, every word of each
PAGE = """# Two models for one blank

`masked` sees both sides of a blank and guesses what is hidden, as BERT's exercise has it; `causal` sees what came
before and guesses the next word, as GPT does. The page of masks has both fill the same blank. They are no models to
talk to: they know {words} words of simple English and Chinese sentences, which a grammar of ours makes
(`gptviz/training/blanks/`), and they are in no menu.

| | masked | causal |
|---|---|---|
| parameters | {parameters} | the same |
| tokens read | {tokens} | the same, in the same order |
| asked for | 15% of the tokens (Devlin et al. 2019, section 3.1) | every next one |
| bits a held-out word | {masked_bits} | {causal_bits} |
| held-out words that are the first choice | {masked_right} | {causal_right} |

Measured over every word of {sentences} sentences that nothing was trained on. What neither can know, such as which of
eight names it is, costs both of them.

Made by `python -m gptviz.tools.blanks RUNS`: the commands are in `recipe.toml`, the preset `blanks` in
`gptviz/gpt/config.py` says the rest. Text and weights are under the project's licence.
"""


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
    (args.home / "README.md").write_text(page(args.home, args.runs), encoding="utf-8")
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


def page(home: Path, runs: Path) -> str:
    """What is to be said of the two, with what they do on sentences that were held out."""
    pair = Pair(*(load_folder(home / name, weights="float32") for name in Pair._fields))
    texts = list(dict.fromkeys(_documents(runs / "text" / "blanks.valid.txt")))[:MEASURED]
    found = [one for text in texts for one in _filled(text, pair)]
    config = checkpoint.read_config(runs / "masked" / "state")
    said: dict[str, str] = {}
    for name in Pair._fields:
        guesses = [getattr(one, name) for one in found]
        said[f"{name}_bits"] = f"{sum(guess.bits for guess in guesses) / len(guesses):.2f}"
        said[f"{name}_right"] = f"{sum(guess.rank == 1 for guess in guesses) / len(guesses):.0%}"
    return PAGE.format(words=len(blanks.vocabulary()) - 1, parameters=f"{config.model.n_parameters:,}",
                       tokens=f"{config.steps * config.tokens_per_step:,}", sentences=len(texts), **said)  # fmt: skip


def _documents(path: Path) -> Iterator[str]:
    return (text.strip() for text in read(path).split(END_OF_TEXT) if text.strip())


def _filled(text: str, pair: Pair) -> Iterator[Filled]:
    """The sentence with each of its words hidden in turn."""
    words = len(pair.masked.tokenizer.encode(text))
    return (fill(text, word, models=pair) for word in range(words))


if __name__ == "__main__":
    sys.exit(main())
