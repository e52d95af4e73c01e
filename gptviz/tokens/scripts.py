"""What a token is written in: coarse kinds that a map of a vocabulary can be coloured by."""

from __future__ import annotations

import unicodedata
from typing import Literal, TypeAlias, get_args

#: A token's kind by its first letter; without one by its digits, else its signs. ``bytes`` are no whole characters.
Script: TypeAlias = Literal["latin", "han", "other", "digits", "signs", "bytes", "mark"]
SCRIPTS: tuple[Script, ...] = get_args(Script)


def script_of(data: bytes) -> Script:
    """What the bytes of a token that is no mark are written in.

    >>> [script_of(text.encode()) for text in (" the", "猫", "кот", "1984", "...", " ")], script_of(b"\\xe4\\xb8")
    (['latin', 'han', 'other', 'digits', 'signs', 'signs'], 'bytes')
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return "bytes"
    letter = next((character for character in text if character.isalpha()), "")
    if letter:
        name = "LATIN" if letter.isascii() else unicodedata.name(letter, "")
        return "latin" if name.startswith("LATIN") else "han" if name.startswith("CJK") else "other"
    return "digits" if any(character.isnumeric() for character in text) else "signs"
