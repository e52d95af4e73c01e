"""Prompts: the examples offered, and which vocabulary a path belongs to. Pure: no Streamlit here."""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

from gptviz.i18n import translate
from gptviz.language_model import LanguageModel


@lru_cache(maxsize=8)
def vocabulary(lm: LanguageModel) -> str:
    """Which ids mean the same token: a path belongs to a vocabulary, not to a model."""
    tokens = (lm.tokenizer.token_bytes(token) for token in range(lm.tokenizer.vocab_size))
    return f"{lm.tokenizer.vocab_size}:{crc32(b'|'.join(tokens)):08x}"


def examples(lang: str) -> list[str]:
    """Example prompts, both languages among them; a line that begins with spaces belongs to the one before."""
    found: list[str] = []
    for line in translate("example.list", lang).strip("\n").split("\n"):
        if line.startswith(" ") and found:
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found
