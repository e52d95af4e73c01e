"""A cloze test: beginnings whose next words are clear to any reader, in three languages.

There are two kinds, told apart because one does not follow from the other: *fluency*, what anyone who writes the
language would write next, and *knowledge*, what has to be known (a model may write smoothly and know nothing).

The prompts and the acceptable continuations are our own, in ``assets/evaluation/cloze.toml``. A prompt is read as the
app reads it, with nothing before it. A token that could begin a continuation is followed by the most likely tokens
after it until what is *written* says yes or no; it is right where it begins with a continuation that ends there as a
word (`` girls`` does not begin with `` girl`` as a word). *top-1* asks this of the most likely token, *top-5* of any
of the first five. Prompts that a model cannot read (it may know only the characters of Shakespeare) are left out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from gptviz.errors import PromptError
from gptviz.language_model import LanguageModel, Reader
from gptviz.numbers import softmax, top_ids
from gptviz.paths import ASSETS

FILE = ASSETS / "evaluation" / "cloze.toml"
_SHOWN = 5  # tokens looked at

#: What a prompt asks for.
Kind: TypeAlias = Literal["fluency", "knowledge"]


class Cloze(NamedTuple):
    """A beginning and what may come next."""

    language: str  # en | zh | py
    prompt: str
    answers: tuple[str, ...]
    kind: Kind = "fluency"


class ClozeAnswer(NamedTuple):
    """What a model said to one."""

    cloze: Cloze
    tokens: tuple[bytes, ...]  # the five most likely, best first
    probs: tuple[float, ...]
    written: tuple[bytes, ...]  # each of them with what follows it, as far as is needed to judge it

    @property
    def top1(self) -> bool:
        """Whether the first is right."""
        return right(self.written[0], self.cloze.answers)

    @property
    def top5(self) -> bool:
        """Whether one of the five is."""
        return any(right(written, self.cloze.answers) for written in self.written)


class ClozeScore(NamedTuple):
    """How many of one kind and language were right."""

    language: str
    n: int
    top1: float
    top5: float


@lru_cache(maxsize=1)
def read_cloze(path: Path = FILE) -> tuple[Cloze, ...]:
    """All prompts of the file: a table of ``prompt = [answers]`` for each language, under ``knowledge`` once more."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    knowledge = tables.pop("knowledge")
    return (*_read(tables, "fluency"), *_read(knowledge, "knowledge"))


def _read(tables: dict[str, dict[str, list[str]]], kind: Kind) -> Iterator[Cloze]:
    for language, table in tables.items():
        for prompt, answers in table.items():
            yield Cloze(language, prompt, tuple(answers), kind)


def answers(lm: LanguageModel, clozes: Iterable[Cloze] | None = None) -> Iterator[ClozeAnswer]:
    """The model's answers, in order, to all that it can read."""
    for cloze in read_cloze() if clozes is None else clozes:
        try:
            reader = lm.prefill(cloze.prompt)
        except PromptError:
            continue
        yield answer(lm, cloze, reader)


def answer(lm: LanguageModel, cloze: Cloze, reader: Reader) -> ClozeAnswer:
    """The five most likely tokens where ``reader`` stands, after the prompt, each followed as far as is needed."""
    probs = softmax(reader.logits[0].astype(np.float64))
    best: list[int] = top_ids(probs, _SHOWN).tolist()
    tokens = tuple(map(lm.tokenizer.token_bytes, best))
    written = tuple(_follow(lm, reader.select([0]), token, cloze.answers) for token in best)
    return ClozeAnswer(cloze, tokens, tuple(float(probs[i]) for i in best), written)


def _follow(lm: LanguageModel, reader: Reader, token: int, answers: tuple[str, ...]) -> bytes:
    written = lm.tokenizer.token_bytes(token)
    while _open(written, answers) and not reader.full:
        reader.append([token])
        token = int(reader.logits[0].argmax())
        if not lm.tokenizer.token_bytes(token) or token in lm.tokenizer.ends:
            break
        written += lm.tokenizer.token_bytes(token)
    return written


def scores(given: Iterable[ClozeAnswer], kind: Kind) -> tuple[ClozeScore, ...]:
    """The shares that were right among the prompts of one kind, by language."""
    by_language: dict[str, list[ClozeAnswer]] = {}
    for one in given:
        if one.cloze.kind == kind:
            by_language.setdefault(one.cloze.language, []).append(one)
    return tuple(
        ClozeScore(language, len(all_), sum(a.top1 for a in all_) / len(all_), sum(a.top5 for a in all_) / len(all_))
        for language, all_ in by_language.items()
    )


def right(written: bytes, answers: Iterable[str]) -> bool:
    """Whether it begins with one of the continuations as a whole word.

    >>> [right(written, [" girl"]) for written in (b" girl", b" girl,", b" girls", b" gi")]
    [True, True, False, False]
    """
    return any(_begins(written, given.encode("utf-8")) for given in answers)


def _begins(written: bytes, given: bytes) -> bool:
    rest = written[len(given) :]
    cut = given[-1:].isalnum() and rest[:1].isalnum()  # of bytes, isalnum is true for ASCII letters and digits only
    return written.startswith(given) and not cut


def _open(written: bytes, answers: Iterable[str]) -> bool:
    """Whether more tokens could still make it right."""
    return not right(written, answers) and any(given.encode("utf-8").startswith(written) for given in answers)
