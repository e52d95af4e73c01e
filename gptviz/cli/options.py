"""Options that several commands share; numbers are checked by their parameters when the line is read."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from gptviz.decoding.parameter import Parameter
from gptviz.errors import DecodingError


def add_model(parser: argparse.ArgumentParser) -> None:
    """Which model."""
    parser.add_argument("--model", help="a name, a folder, or a Hugging Face id of a GPT-2")


def add_number(parser: argparse.ArgumentParser, option: str, parameter: Parameter, what: str, *,
               default: bool = True) -> None:  # fmt: skip
    """A number with the parameter's bounds and, unless that is left open, its default."""
    said = f"{what} (default: {parameter.default})" if default else what
    parser.add_argument(option, type=_reader(parameter._replace(name=option.lstrip("-"))), metavar="N", help=said,
                        default=parameter.default if default else None)  # fmt: skip


def _reader(parameter: Parameter) -> Callable[[str], object]:
    def read(text: str) -> object:
        try:
            return parameter.read(text)
        except DecodingError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return read
