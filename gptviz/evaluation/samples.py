"""Repetition and diversity of what a model writes when it draws at T = 0.8.

*Repetition* is the share of tokens that lie in an n-gram of four tokens which occurs more than once in the same text
(the idea of seq-rep-4, Welleck et al. 2020, counted in tokens so that one long loop weighs what it
covers); *distinct-n* is Li et al. 2016's, over all texts of a language (``decoding.measures.distinct``).
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from gptviz.decoding import Sample
from gptviz.decoding.draws import many
from gptviz.decoding.measures import distinct
from gptviz.errors import DecodingError, PromptError
from gptviz.language_model import LanguageModel
from gptviz.paths import ASSETS

FILE = ASSETS / "evaluation" / "prompts.toml"
TEMPERATURE, TOKENS, SAMPLES = 0.8, 60, 4


class Text(NamedTuple):
    """One continuation."""

    language: str
    prompt: str
    ids: tuple[int, ...]  # what was written, without end-of-text
    text: str


class Diversity(NamedTuple):
    """All continuations of one language together; None where no text has as many tokens."""

    language: str
    n_texts: int
    n_tokens: int
    repetition: float
    distinct_1: float | None
    distinct_2: float | None
    distinct_3: float | None


@lru_cache(maxsize=1)
def read_prompts(path: Path = FILE) -> dict[str, tuple[str, ...]]:
    """Beginnings by language."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {language: tuple(table["prompts"]) for language, table in tables.items()}


def write_samples(lm: LanguageModel, *, samples: int = SAMPLES, tokens: int = TOKENS, temperature: float = TEMPERATURE,
                  seed: int = 0) -> Iterator[Text]:  # fmt: skip
    """``samples`` texts for each prompt, each with its own chances: the same call gives the same texts.

    Prompts that the model cannot read are left out.
    """
    strategy, ends = Sample(temperature=temperature), lm.tokenizer.ends
    places = [(language, prompt) for language, prompts in read_prompts().items() for prompt in prompts]
    for number, (language, prompt) in enumerate(places):
        try:
            draws = list(many(lm, prompt, strategy, samples, max_new_tokens=tokens, seed=seed + number))
        except (PromptError, DecodingError):  # unknown characters, or no room after the prompt
            continue
        for draw in sorted(draws, key=lambda draw: draw.index):
            ids = tuple(token for token in draw.tokens if token not in ends)
            yield Text(language, prompt, ids, lm.tokenizer.decode(ids))


def diversity(texts: Sequence[Text]) -> tuple[Diversity, ...]:
    """The measures of some texts, by language."""
    found = []
    for language in dict.fromkeys(text.language for text in texts):
        ids = [text.ids for text in texts if text.language == language]
        n_tokens = sum(map(len, ids))
        repeated = sum(repeated_tokens(one) for one in ids) / max(1, n_tokens)
        found.append(Diversity(language, len(ids), n_tokens, repeated, *(distinct(ids, n) for n in (1, 2, 3))))
    return tuple(found)


def repeated_tokens(ids: Sequence[int], n: int = 4) -> int:
    """How many tokens lie in an n-gram that occurs more than once in ``ids`` (overlapping ones count too).

    >>> repeated_tokens([1, 2, 3, 4, 9, 1, 2, 3, 4]), repeated_tokens([1, 2, 3, 4, 5])
    (8, 0)
    """
    grams = [tuple(ids[i : i + n]) for i in range(len(ids) - n + 1)]
    times = Counter(grams)
    return len({pos for start, gram in enumerate(grams) if times[gram] > 1 for pos in range(start, start + n)})
