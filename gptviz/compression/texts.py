"""The held-out text that the cost of compression is measured on: ``assets/evaluation/held_out.toml``, our own words."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from gptviz.errors import ConfigError, PromptError
from gptviz.language_model import LanguageModel
from gptviz.paths import ASSETS

FILE = ASSETS / "evaluation" / "held_out.toml"
MOST = 256  # tokens of a passage that are read


class Passage(NamedTuple):
    """One passage as a model reads it."""

    ids: tuple[int, ...]  # with the token that texts start after, where there is one
    n_bytes: int  # of what is scored, in UTF-8


@lru_cache(maxsize=1)
def read_passages(path: Path = FILE) -> dict[str, tuple[str, ...]]:
    """By language, in order."""
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    return {lang: tuple(table["passages"]) for lang, table in said.items()}


def passages(lm: LanguageModel) -> list[Passage]:
    """Those that this model can read, cut to its context; the languages take turns.

    Raises ConfigError where there is none.
    """
    columns = list(read_passages().values())
    found = []
    for text in (text for row in zip(*columns, strict=True) for text in row):
        passage = _read(lm, text)
        if passage is not None:
            found.append(passage)
    if len(found) < 4:
        raise ConfigError("eval.empty", name=FILE.name)
    return found


def halves(found: list[Passage]) -> tuple[list[Passage], list[Passage]]:
    """(those that say what matters, those that say what it costs): every other pair, all languages in both."""
    chosen = [i // 2 % 2 == 0 for i in range(len(found))]
    return ([one for one, first in zip(found, chosen, strict=True) if first],
            [one for one, first in zip(found, chosen, strict=True) if not first])  # fmt: skip


def _read(lm: LanguageModel, text: str) -> Passage | None:
    begin = lm.tokenizer.begin_of_text
    try:
        body = lm.tokenizer.encode(text, add_special_tokens=False)
    except PromptError:  # a vocabulary of other characters
        return None
    ids = ([] if begin is None else [begin]) + body
    ids = ids[: min(MOST, lm.config.block_size)]
    if len(ids) < 3 or max(ids) >= lm.n_tokens:
        return None
    return Passage(tuple(ids), sum(len(lm.tokenizer.token_bytes(i)) for i in ids[1:]))
