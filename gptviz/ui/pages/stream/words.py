"""Tokens that a visitor names: by their text, or by # and their id. Pure: no Streamlit here."""

from __future__ import annotations

import re

from gptviz.errors import GptvizError
from gptviz.tokens.tokenizer import Tokenizer

_ID = re.compile(r"#(\d{1,9})", re.ASCII)


def token_of(tokenizer: Tokenizer, said: str, n_tokens: int) -> int | None:
    """The token that ``said`` means, None where it means none.

    A word means the token that it begins with after a space, where it is one as a whole ("Paris" → "·Paris"), else the
    first of its own tokens.
    """
    number = _ID.fullmatch(said)
    if number:
        return int(number[1]) if int(number[1]) < n_tokens else None
    spaced = _ids(tokenizer, " " + said) if said and said == said.strip() else []
    found = spaced if len(spaced) == 1 else _ids(tokenizer, said)
    return found[0] if found and found[0] < n_tokens else None


def named(tokenizer: Tokenizer, token: int, n_tokens: int) -> str:
    """How ``token`` is said so that ``token_of`` finds it: as a word where that is clear, else by its id."""
    text = tokenizer.decode([token])
    for said in (text.strip(), text):
        if said and said.isprintable() and len(said) <= 64 and token_of(tokenizer, said, n_tokens) == token:
            return said
    return f"#{token}"


def _ids(tokenizer: Tokenizer, text: str) -> list[int]:
    try:
        return tokenizer.encode_plain(text) if text else []
    except GptvizError:  # a model of single characters knows only those it was trained on
        return []
