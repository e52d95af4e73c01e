"""Added tokens: texts that become one id each, whatever the merges would make of them.

The rule is that of Hugging Face's ``tokenizers`` (``AddedVocabulary``): before a text is cut into pieces it is searched
for added tokens, of those that begin at the same place the longest; what lies between two of them is a text of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class AddedToken:
    """A text that is one token, and how it is looked for; the names are those of ``tokenizer.json``."""

    content: str
    id: int
    special: bool = False  # marks something, such as who speaks
    single_word: bool = False  # not inside a word: "in" is not found in "inside"
    lstrip: bool = False  # takes the white space before it with it
    rstrip: bool = False  # … and after it
    normalized: bool = False  # looked for after the others, in what they leave


class AddedTokens:
    """All that a vocabulary has, ready to be searched for."""

    def __init__(self, tokens: Iterable[AddedToken] = ()) -> None:
        tokens = tuple(tokens)
        rounds = (tuple(token for token in tokens if token.normalized is late) for late in (False, True))
        self._rounds = [_Round(part) for part in rounds if part]

    def cut(self, text: str) -> Iterator[str | AddedToken]:
        """``text`` in order: the added tokens that stand in it, and the texts between them.

        >>> found = AddedTokens([AddedToken("<x>", 7)]).cut("a <x>b")
        >>> [part if isinstance(part, str) else part.id for part in found]
        ['a ', 7, 'b']
        """
        parts: list[str | AddedToken] = [text] if text else []
        for one in self._rounds:
            parts = [found for part in parts for found in (one.cut(part) if isinstance(part, str) else (part,))]
        yield from parts


class _Round:
    """Tokens that are looked for together."""

    def __init__(self, tokens: tuple[AddedToken, ...]) -> None:
        self._tokens = {token.content: token for token in tokens}
        self._lengths: dict[str, list[int]] = {}  # by first character, falling
        for content in sorted(self._tokens, key=len, reverse=True):
            lengths = self._lengths.setdefault(content[0], [])
            if len(content) not in lengths[-1:]:
                lengths.append(len(content))
        self._first = re.compile(f"[{''.join(map(re.escape, self._lengths))}]")

    def cut(self, text: str) -> Iterator[str | AddedToken]:
        done = 0
        for start, token in self._found(text):
            stop = start + len(token.content)
            if token.single_word and not _stands_alone(text, start, stop):
                continue
            if token.lstrip:
                start = max(start - _spaces(text[done:start][::-1]), done)
            if token.rstrip:
                stop += _spaces(text[stop:])
            if done < start:
                yield text[done:start]
            if start < stop:  # one of nothing but spaces may have been taken by the token before
                yield token
            done = stop
        if done < len(text):
            yield text[done:]

    def _found(self, text: str) -> Iterator[tuple[int, AddedToken]]:
        """Where which token stands, leftmost first and of those the longest; none begins inside another."""
        at = 0
        while begins := self._first.search(text, at):
            at = begins.start()
            for length in self._lengths[text[at]]:
                token = self._tokens.get(text[at : at + length])
                if token is not None:
                    yield at, token
                    at += length
                    break
            else:
                at += 1


def _stands_alone(text: str, start: int, stop: int) -> bool:
    word, _ = _classes()
    return not ((start and word.match(text[start - 1])) or word.match(text[stop : stop + 1]))


def _spaces(text: str) -> int:
    """How many characters of white space ``text`` begins with."""
    return int(_classes()[1].match(text).end())


@cache
def _classes() -> tuple[Any, Any]:
    r"""What Rust's regular expressions call ``\\w`` and ``\\s*``."""
    import regex  # type: ignore[import-untyped]  # a requirement of tiktoken

    return (regex.compile(r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]"),
            regex.compile(r"\p{White_Space}*"))  # fmt: skip
