"""The command line: ``gptviz app | trace | surprisal | generate | compare | …``, a file for each kind of command."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Any, NoReturn

import gptviz
from gptviz import memory
from gptviz.cli import outputs
from gptviz.errors import ConfigError, GptvizError

_CONVENTIONS = """\
Where a command reads a text or a file, - is standard input; where it writes one, - is standard output. Files and pipes
are UTF-8. What cannot be done is one sentence on standard error and exit code 2; Ctrl-C ends with 130."""
_NOT_FOR_ALL = (
    "streamlit",
    "plotly",
    "starlette",
    "uvicorn",
    "prometheus_client",
)  # a machine that only computes may lack them


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; errors meant for the user become one line on stderr and exit code 2."""
    outputs.never_fail(sys.stdout, sys.stderr)
    try:
        return _run(_parser().parse_args(argv))
    except GptvizError as error:
        print(f"gptviz: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `gptviz trace … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a folder that is a file, a disk that is full: the system's own words
        file = "" if error.filename is None else f"{error.filename}: "
        print(f"gptviz: {file}{error.strerror or error}", file=sys.stderr)
        return 2
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
    except (MemoryError, RuntimeError) as error:
        if memory.lacking(error):
            raise ConfigError("cli.memory") from error
        raise


def _requirement(name: str) -> str:
    """What to ask pip for: the range that this installation was made with, in a checkout just the name."""
    try:
        asked = metadata.requires("gptviz") or []
    except metadata.PackageNotFoundError:
        asked = []
    return next((line for line in asked if re.match(rf"{name}\b", line)), name)


class _Parser(argparse.ArgumentParser):
    """As argparse's, but a mistake is one line, and an option may stand for an argument."""

    instead: tuple[tuple[str, argparse.Action], ...] = ()  # options, each with the argument that it is given instead of

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """As argparse does it, without asking for what an option stands for."""
        given = {argument for option, argument in self.instead
                 if any(said == option or said.startswith(f"{option}=") for said in args or ())}  # fmt: skip
        for _, argument in self.instead:
            argument.nargs = argparse.SUPPRESS if argument in given else None
        found: tuple[Any, list[str]] = super().parse_known_args(args, namespace)
        return found

    def error(self, message: str) -> NoReturn:
        print(f"gptviz: {message} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="gptviz", description="See how a GPT chooses the next token.", epilog=_CONVENTIONS)
    parser.add_argument("--version", action="version", version=f"gptviz {gptviz.__version__}")
    commands = parser.add_subparsers(required=True, metavar="command", parser_class=_Parser)

    from gptviz.cli import (
        app,
        check,
        compress,
        convert,
        decode,
        evaluate,
        lesson,
        scaling,
        serve,
        surprisal,
        trace,
        train,
        tune,
    )

    for adds in (
        app,
        serve,
        trace,
        surprisal,
        decode,
        train,
        scaling,
        tune,
        convert,
        compress,
        evaluate,
        check,
        lesson,
    ):
        adds.add_to(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
