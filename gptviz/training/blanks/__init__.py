"""Sentences in which a blank is filled by what comes after as well as by what came before: made, not collected.

A small grammar in two languages, a vocabulary of its words (one token each), and the text that the two models of the
page of masks are trained on: one guesses hidden words, its twin continues. Which sentence is drawn follows from the
seed alone; one in twenty, told by the sentence itself, is kept for checking and never trained on.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from gptviz.tokens.bpe import END_OF_TEXT
from gptviz.tokens.tokenizer import BytePairs, Tokenizer
from gptviz.training.blanks import chinese, english

MASK = "_"  # the token that hides a word; no sentence holds it
COUNT = 60_000
_HELD_OUT = 20  # one in so many sentences
_GRAMMARS = {"en": (english.RULES, english.FREE), "zh": (chinese.RULES, chinese.FREE)}
_SLOT = re.compile(r"\{(\w+)\}")
_CLOSING = ".,"  # no space before these


class Sentence(NamedTuple):
    """Its words as the tokens that they are: English ones with the space before them."""

    lang: str
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """As it is written."""
        return "".join(self.words)


def sentences(seed: int) -> Iterator[Sentence]:
    """One after another, without end: a language, a pattern, a row and its words are drawn, each evenly."""
    draw = random.Random(seed)
    while True:
        lang = draw.choice(sorted(_GRAMMARS))
        rules, free = _GRAMMARS[lang]
        pattern, rows = draw.choice(rules)
        row = draw.choice(rows)

        def word(slot: re.Match[str], row: tuple[str, ...] = row, free: dict[str, str] = free) -> str:
            return draw.choice(_choices(slot[1], row, free).split("|"))

        yield Sentence(lang, _tokens(lang, _SLOT.sub(word, pattern)))


def vocabulary() -> list[str]:
    """Every word that a sentence can hold, as its token, and the one that hides; sorted."""
    found = {MASK}
    for lang, (rules, free) in _GRAMMARS.items():
        for pattern, rows in rules:
            for row in rows:
                for part in range(pattern.count(" ") + 1):
                    found.update(_possible(lang, pattern, part, row, free))
    return sorted(found)


def tokenizer() -> Tokenizer:
    """One token for each word, and single bytes for all else. Chinese words are looked for, the longest first."""
    words = vocabulary()
    tokens = dict.fromkeys([*(bytes([byte]) for byte in range(256)), *(word.encode() for word in words)])
    pattern = rf" ?[A-Za-z]+|{_parted(words)}|\p{{Han}}|[.,，。{MASK}]"
    return Tokenizer(BytePairs.from_tokens(list(tokens), pattern=pattern))


def cut(text: str) -> list[str]:
    """The words and marks of any text, without the space between them; of Chinese that no sentence holds, each sign."""
    return _cutter().findall(text)


@cache
def _cutter() -> re.Pattern[str]:
    return re.compile(rf"[A-Za-z0-9'’-]+|{_parted(vocabulary())}|\S")


def write(folder: Path, *, seed: int = 14, count: int = COUNT) -> None:
    """The text as files for ``gptviz train``, each sentence a document of its own, and ``vocabulary/`` beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, list[str]] = {"train": [], "valid": []}
    for sentence, _ in zip(sentences(seed), range(count), strict=False):
        parts["valid" if held_out(sentence.text) else "train"].append(sentence.text)
    for part, texts in parts.items():
        (folder / f"blanks.{part}.txt").write_text("".join(f"{text}\n{END_OF_TEXT}\n" for text in texts), "utf-8")
    tokenizer().save(folder / "vocabulary")


def held_out(text: str) -> bool:
    """Whether a sentence is kept for checking."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % _HELD_OUT == 0


def _choices(name: str, row: tuple[str, ...], free: dict[str, str]) -> str:
    return row[int(name)] if name.isdecimal() else free[name]


def _tokens(lang: str, spaced: str) -> tuple[str, ...]:
    words = spaced.split(" ")
    if lang == "zh":
        return tuple(words)
    return tuple(word if place == 0 or word in _CLOSING else f" {word}" for place, word in enumerate(words))


def _possible(lang: str, pattern: str, part: int, row: tuple[str, ...], free: dict[str, str]) -> Iterator[str]:
    """What can stand at one part of a pattern."""
    said = pattern.split(" ")[part]
    slot = _SLOT.fullmatch(said)
    for choice in (_choices(slot[1], row, free) if slot else said).split("|"):
        yield from _tokens(lang, choice) if part == 0 else _tokens(lang, f"- {choice}")[1:]


def _parted(words: list[str]) -> str:
    """The Chinese words of several characters as a pattern, the longest first, those that differ in the last as one."""
    several = [word for word in words if len(word) > 1 and not word.isascii()]
    stems: dict[str, str] = {}
    for word in sorted(several, key=lambda word: (-len(word), word)):
        stems[word[:-1]] = stems.get(word[:-1], "") + word[-1]
    longest = sorted(stems, key=lambda stem: (-len(stem), stem))
    return "|".join(f"{stem}[{stems[stem]}]" if len(stems[stem]) > 1 else stem + stems[stem] for stem in longest)
