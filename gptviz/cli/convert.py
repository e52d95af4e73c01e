"""``gptviz convert``: nanoGPT's checkpoint as a folder that the app opens."""

from __future__ import annotations

import argparse
import pickle
import sys
from pathlib import Path
from typing import Any, NoReturn

from gptviz.errors import WeightsError
from gptviz.i18n import translate
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tokens.vocabulary_files import Characters

_META_BYTES = 10_000_000


def add_to(commands: Any) -> None:
    """Add the command to the parser's ``commands``."""
    convert = commands.add_parser("convert", help="make a model folder of nanoGPT's ckpt.pt")
    convert.add_argument("checkpoint", type=Path, help="ckpt.pt, as nanoGPT's train.py writes it")
    convert.add_argument("out", type=Path, help="the folder to write: config.json, model.safetensors, the vocabulary")
    vocabulary = convert.add_mutually_exclusive_group()
    vocabulary.add_argument("--meta", type=Path, help="nanoGPT's meta.pkl, for a model of characters")
    vocabulary.add_argument("--tokenizer", type=Path, help="a folder with the vocabulary, such as one of GPT-2")
    convert.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Convert; without a vocabulary the folder is not yet one that can be opened, and this is said."""
    from gptviz.gpt.nanogpt import load_checkpoint, save  # brings torch along

    model = load_checkpoint(args.checkpoint)
    tokenizer = read_meta(args.meta) if args.meta else Tokenizer.load(args.tokenizer) if args.tokenizer else None
    if tokenizer is not None and tokenizer.vocab_size > model.config.vocab_size:
        raise WeightsError("weights.vocabulary", tokens=tokenizer.vocab_size, rows=model.config.vocab_size)
    try:
        save(model, args.out)
        if tokenizer is not None:
            tokenizer.save(args.out)
    except OSError as error:
        raise WeightsError("cli.write", file=str(args.out), reason=error.strerror or error) from error
    if tokenizer is None:
        print("gptviz: " + translate("error.cli.no_vocabulary", "en", folder=args.out), file=sys.stderr)
    print(args.out)
    return 0


def read_meta(path: Path) -> Tokenizer:
    """The characters of nanoGPT's ``meta.pkl``, read as plain data: a pickle that asks for any name is refused."""
    try:
        data = path.read_bytes()[:_META_BYTES]
        found = _Plain.of(data)
        characters = [found["itos"][number] for number in range(len(found["itos"]))]
        if not all(isinstance(one, str) and len(one) == 1 for one in characters) or len(set(characters)) < len(
            characters
        ):
            raise ValueError
        "".join(characters).encode("utf-8")
    except OSError as error:
        raise WeightsError("text.unreadable", file=str(path), reason=error.strerror or error) from error
    except pickle.UnpicklingError as error:
        raise WeightsError("weights.unsafe", file=path.name, reason=str(error)[:200]) from error
    except Exception as error:  # a damaged pickle raises whatever it comes upon
        raise WeightsError("weights.damaged", file=path.name, reason=type(error).__name__) from error
    return Tokenizer.of_characters(Characters("".join(characters)))


class _Plain(pickle.Unpickler):
    """Makes dictionaries, texts and numbers, and nothing that has a name."""

    @classmethod
    def of(cls, data: bytes) -> Any:
        import io

        return cls(io.BytesIO(data)).load()

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"{module}.{name}")
