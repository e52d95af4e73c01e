"""Options that several commands share; numbers are checked by their parameters when the line is read."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from gptviz.decoding.parameter import Parameter
from gptviz.errors import ConfigError, DecodingError

if TYPE_CHECKING:
    from gptviz.language_model import LanguageModel


def add_model(parser: argparse.ArgumentParser) -> None:
    """Which model."""
    parser.add_argument("--model", help="a name, a folder, a GGUF file, or a Hugging Face id")


def add_start(parser: argparse.ArgumentParser, *, default: bool | None = None) -> None:
    """Whether texts are read after the start mark; without ``default`` as the model's tokenizer has it."""
    usual = {None: "as the model's tokenizer has it", True: "with it", False: "without it"}[default]
    parser.add_argument("--start", action=argparse.BooleanOptionalAction, default=default,
                        help="read texts after the mark that documents begin with, such as <|endoftext|>, or without "
                        f"it (default: {usual})")  # fmt: skip


def read_text(lm: LanguageModel, text: str, start: bool | None) -> str | list[int]:
    """``text`` as ``--start`` has it read. Raises ConfigError where the model has no such mark."""
    if start is None:
        return text
    if start and lm.tokenizer.start is None:
        raise ConfigError("cli.no_start", model=lm.name)
    return lm.tokenizer.encode(text, start=start)


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
