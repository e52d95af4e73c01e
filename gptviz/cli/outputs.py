"""Where the shell's commands put what they found: files, or standard output where a file is called ``-``.

What goes there is what the file would hold, in UTF-8, whatever the terminal's encoding is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from gptviz.errors import ConfigError

STANDARD = "-"
_SAYS = {
    "json": "all of it as JSON",
    "csv": "a row for each step",
    "html": "a report that opens without network",
}


def add_to(parser: argparse.ArgumentParser, **kinds: str) -> None:
    """An option for each kind of file, with what it says of it; what is empty is the usual sentence."""
    for kind, what in kinds.items():
        parser.add_argument(f"--{kind}", metavar="FILE", help=f"save {what or _SAYS[kind]}; - is standard output")


def wanted(args: argparse.Namespace) -> dict[str, str]:
    """Kind → file of those asked for. Raises ConfigError where one cannot be written, or two would be mixed."""
    found = {kind: file for kind in _SAYS if (file := getattr(args, kind, None)) is not None}
    if list(found.values()).count(STANDARD) > 1:
        raise ConfigError("cli.two_outputs", options=" and ".join(f"--{k}" for k, f in found.items() if f == STANDARD))
    for file in found.values():
        _check(file)
    return found


def free(files: Mapping[str, str]) -> bool:
    """Whether standard output is left for something else."""
    return STANDARD not in files.values()


def write(file: str, text: str, *, mark: bool = False) -> None:
    """Write ``text``, in a file after a byte order mark if asked for: spreadsheets take a file for UTF-8 only then.

    Raises ConfigError.
    """
    if file == STANDARD:
        _out((text.removesuffix("\n") + "\n").encode("utf-8", "backslashreplace"))
        return
    try:
        Path(file).write_text(text, encoding="utf-8-sig" if mark else "utf-8", newline="", errors="backslashreplace")
    except OSError as error:
        raise _refused(file, error) from error


def never_fail(*streams: TextIO | None) -> None:
    """A character that the terminal's encoding lacks is written as its code, as in ``\\u6211``: no error."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _check(file: str) -> None:
    """What would fail after the run fails before it. Only files are tried: opening a pipe would wait for its reader."""
    path = Path(file)
    if file == STANDARD or (path.exists() and not path.is_file() and not path.is_dir()):
        return
    there = path.exists()
    try:
        path.open("ab").close()
        if not there:
            path.unlink()
    except OSError as error:
        raise _refused(file, error) from error


def _refused(file: str, error: OSError) -> ConfigError:
    return ConfigError("cli.write", file=file, reason=error.strerror or str(error))


def _out(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
