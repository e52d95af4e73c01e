"""The command line: ``gptviz app | trace | generate | compare | train | convert | eval``, a file for each kind."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import NoReturn

import gptviz
from gptviz.errors import ConfigError, GptvizError

_NOT_FOR_ALL = ("streamlit", "plotly")  # a machine that only computes may lack them


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; errors meant for the user become one line on stderr and exit code 2."""
    args = _parser().parse_args(argv)
    try:
        return _run(args)
    except GptvizError as error:
        print(f"gptviz: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `gptviz trace … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130


def _run(args: argparse.Namespace) -> int:
    """Run the command; a library that it lacks is named in a sentence."""
    try:
        return int(args.run(args))
    except ModuleNotFoundError as error:
        if error.name not in _NOT_FOR_ALL:
            raise
        raise ConfigError("cli.missing", name=error.name, requirement=_requirement(error.name)) from error


def _requirement(name: str) -> str:
    """What to ask pip for: the range that this installation was made with, in a checkout just the name."""
    try:
        asked = metadata.requires("gptviz") or []
    except metadata.PackageNotFoundError:
        asked = []
    return next((line for line in asked if re.match(rf"{name}\b", line)), name)


class _Parser(argparse.ArgumentParser):
    """As argparse's, but a mistake is one line."""

    def error(self, message: str) -> NoReturn:
        print(f"gptviz: {message} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="gptviz", description="See how a GPT chooses the next token.")
    parser.add_argument("--version", action="version", version=f"gptviz {gptviz.__version__}")
    commands = parser.add_subparsers(required=True, metavar="command", parser_class=_Parser)

    from gptviz.cli import app, convert, decode, evaluate, trace, train

    for adds in (app, trace, decode, train, convert, evaluate):
        adds.add_to(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
