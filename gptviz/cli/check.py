"""``gptviz check``: a model's passport, what must hold of every decoder, measured; exit code 1 where it does not."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from gptviz.cli import outputs
from gptviz.cli.table import safe, width
from gptviz.paths import DEFAULT

_DESCRIBE = """\
Check a model by itself: finite weights, as many parameters as it says, the tokenizer's round trip, causality, equal
numbers by every way through the model, the loss on a paragraph of ours, the ids of frequent tokens, the layout of
rotary positions. + holds, ! does not (exit code 1), - could not be told."""
_MARKS = {True: "+", False: "!", None: "-"}


def add_to(commands: Any) -> None:
    """Add the command to the parser's ``commands``."""
    parser = commands.add_parser("check", help="a model's passport: whether its numbers can be right",
                                 description=_DESCRIBE)  # fmt: skip
    parser.add_argument("model", nargs="?", default=DEFAULT, help="a name, a folder, a GGUF file, or a Hugging Face id")
    outputs.add_to(parser, json="every check as JSON")
    parser.add_argument("--lang", default=os.environ.get("LANG", "").split(".")[0], help="language of the sentences")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say each check as it is done; 1 where one failed."""
    from gptviz.analysis.passport import Passport, checks  # brings torch along
    from gptviz.cli.trace import load
    from gptviz.errors import ServiceError
    from gptviz.i18n import choose_language, translate
    from gptviz.language_model import LocalModel

    lang, files = choose_language(args.lang), outputs.wanted(args)
    lm = load(args.model)
    if not isinstance(lm, LocalModel):
        raise ServiceError("remote.weights")
    shown, found = outputs.free(files), []
    if shown:
        print(f"{safe(repr(lm))}\n", flush=True)
    for check in checks(lm):
        found.append(check)
        if shown:
            asks = check.asks(lang)
            print(f"{_MARKS[check.ok]} {asks}{' ' * (22 - width(asks))}  {safe(check.say(lang))}", flush=True)
    made = Passport(lm.name, lm.fingerprint, tuple(found))
    if shown:
        said = "passport.ok" if made.ok else "passport.red"
        print(f"\n{translate(said, lang, count=len(made.failed))}")
    for file in files.values():
        outputs.write(file, json.dumps(made.to_dict(lang), ensure_ascii=False, indent=1) + "\n")
    return 0 if made.ok else 1
