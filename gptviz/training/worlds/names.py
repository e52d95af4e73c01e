"""Words like names, letter by letter: a Markov chain, in which the next letter depends on the last one alone.

A bigram table (one row a letter) is all that there is to know: a model of one layer that looks nowhere back can reach
the floor. What GPTs do beyond it shows in the other worlds.
"""

from __future__ import annotations

from gptviz.training.worlds._grammar import Choices, Grammar

#: After each letter (``^``: at the beginning), what may follow, more likely the more often it stands; ``.`` ends.
_FOLLOWS = {
    "^": "mmmaaalllnnkkssttrrebjd", "a": "nnnnrrrllmms....", "b": "eeaai", "d": "aaeei.", "e": "lllnnrrss...",
    "i": "nnnaaalss.", "j": "aaoe", "k": "aaio", "l": "aaiiieelo.", "m": "aaaaiieo", "n": "aaaiie...",
    "o": "nnrrls..", "r": "aaiieo.", "s": "aaito..", "t": "aaeio",
}  # fmt: skip


def _symbol(letter: str) -> str:
    return "start" if letter == "^" else f"after_{letter}"


def _said(letter: str) -> str:
    return "\n" if letter == "." else f"{letter}{{{_symbol(letter)}}}"


_RULES: dict[str, Choices] = {
    _symbol(letter): [(_said(c), following.count(c)) for c in sorted(set(following))]
    for letter, following in _FOLLOWS.items()
}

WORLD = Grammar("names", _RULES)
