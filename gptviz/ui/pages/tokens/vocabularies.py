"""Which vocabularies are at hand beside the model's, and what one sentence costs in each language. Pure.

Only what the operator has laid out is opened: a name from a link is one of these or nothing.
"""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from gptviz import catalogue
from gptviz.analysis.merging import Cost, cost
from gptviz.analysis.vocabulary import all_bytes
from gptviz.errors import GptvizError
from gptviz.language_model import LanguageModel
from gptviz.paths import ASSETS
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.ui.kept import Kept

_BEST_KNOWN = "gpt2"


class Sentence(NamedTuple):
    """One sentence in one language."""

    language: str  # its own name for itself
    code: str
    text: str


def offered(lm: LanguageModel) -> list[str]:
    """The other models at hand, by name."""
    return [name for name in catalogue.local_models() if name != lm.name]


def chosen(lm: LanguageModel, wanted: str) -> str:
    """The one wanted, where it is offered, else GPT-2's, else the first; empty where there is none."""
    names = offered(lm)
    return next((name for name in (wanted, _BEST_KNOWN, *names) if name in names), "")


def vocabulary(name: str) -> Tokenizer | None:
    """The tokenizer of a model at hand; None where there is none of that name, or it cannot be read."""
    path = catalogue.local_models().get(name)
    return None if path is None else _read(path)


@lru_cache(maxsize=4)
def _read(path: Path) -> Tokenizer | None:
    try:
        return catalogue.tokenizer(path)
    except (GptvizError, OSError, MemoryError, RecursionError):
        return None


#: The bytes of each id of a vocabulary, which are searched.
ALL_BYTES: Kept[Tokenizer, tuple[bytes, ...]] = Kept(all_bytes)


@cache
def sentences() -> tuple[Sentence, ...]:
    """One sentence in several languages, English first."""
    found = tomllib.loads((ASSETS / "evaluation" / "languages.toml").read_text(encoding="utf-8"))
    return tuple(Sentence(one["language"], one["code"], one["text"]) for one in found["sentence"])


def _costs(tokenizer: Tokenizer) -> tuple[Cost | None, ...]:
    return tuple(cost(tokenizer, sentence.text) for sentence in sentences())


#: What each of ``sentences`` takes in a vocabulary.
COSTS: Kept[Tokenizer, tuple[Cost | None, ...]] = Kept(_costs)
