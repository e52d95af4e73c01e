"""Where the shell's commands get their text from: the command line, a file, standard input.

``-`` is standard input wherever something is read. Files and pipes hold UTF-8, with or without a byte order mark, or
what ``--encoding`` names; one line end at the end belongs to the file and not to the text.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import NamedTuple

from gptviz import texts
from gptviz.errors import ConfigError

STANDARD = "-"
_ESCAPED = ("\udc80", "\udcff")  # what Python puts for a byte of an argument that it could not decode


class Text(NamedTuple):
    """One text and where it stood."""

    text: str
    line: int  # from 1


def add_to(parser: argparse.ArgumentParser, what: str) -> None:
    """The options for a text that is ``what``."""
    parser.add_argument("text", nargs="?", help=f"{what}; - reads it from standard input")
    parser.add_argument("--file", metavar="FILE", help="read it from a file instead")
    parser.set_defaults(mistake=parser.error)
    add_reading(parser)


def add_reading(parser: argparse.ArgumentParser) -> None:
    """How what was given is to be read."""
    parser.add_argument("--lines", action="store_true", help="each line is a text of its own; empty lines are left out")
    parser.add_argument("--encoding", metavar="NAME", help="of the file or the input, where it is not UTF-8")


def given(args: argparse.Namespace) -> list[Text]:
    """The text asked for, or with ``--lines`` one for each line. None at all, or two, is a mistake in the line.

    Raises ConfigError where it cannot be read.
    """
    if (args.text is None) == (args.file is None):
        args.mistake(str(ConfigError("cli.no_text" if args.text is None else "cli.two_texts")))
    if args.file is not None:
        return split(read(args.file, args.encoding), lines=args.lines)
    if args.text == STANDARD:
        return split(read(STANDARD, args.encoding), lines=args.lines)
    return split(argument(args.text, args.encoding), lines=args.lines)


def split(text: str, *, lines: bool) -> list[Text]:
    """The whole as one text, or each line that is not empty."""
    if not lines:
        return [Text(text, 1)]
    found = [Text(line, number) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not found:
        raise ConfigError("prompt.empty")
    return found


def read(file: str, encoding: str | None = None) -> str:
    """The text of a file, or of standard input where it is called ``-``. Raises ConfigError."""
    text = texts.decode(data(file), _called(file), encoding) if file == STANDARD else texts.read(Path(file), encoding)
    return text.removesuffix("\n")


def data(file: str) -> bytes:
    """The bytes of a file, or of standard input. Raises ConfigError."""
    try:
        if file != STANDARD:
            return Path(file).read_bytes()
        if sys.stdin is None:
            raise OSError("it is closed")
        return sys.stdin.buffer.read()
    except OSError as error:
        raise ConfigError("text.unreadable", file=_called(file), reason=error.strerror or str(error)) from error


def argument(text: str, encoding: str | None = None) -> str:
    """A text of the command line. Where the terminal's encoding is not that of the text its bytes are read again.

    Raises ConfigError where they are no text.
    """
    if not any(_ESCAPED[0] <= character <= _ESCAPED[1] for character in text):
        return text
    try:
        given = os.fsencode(text)
    except UnicodeEncodeError:  # half characters that do not come from a terminal: what reads them says so
        return text
    return texts.decode(given, "the text on the command line", encoding)


def _called(file: str) -> str:
    return "standard input" if file == STANDARD else file
