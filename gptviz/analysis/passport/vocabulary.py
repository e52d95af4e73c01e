"""The tokenizer: nothing that was typed is lost, or it is told."""

from __future__ import annotations

from typing import Literal

from gptviz.analysis.passport.hard_texts import HARD
from gptviz.analysis.passport.record import Check
from gptviz.errors import PromptError
from gptviz.language_model import LocalModel
from gptviz.tokens.tokenizer import Tokenizer

_SHOWN = 3  # examples in a sentence


def round_trip(lm: LocalModel) -> Check:
    """Each hard text comes back as it was, or ``changes`` (or a refusal) says so; measured is how many do neither."""
    found = {text: _comes_back(lm.tokenizer, text, lm.model.n_tokens) for text in HARD}
    silent = [text for text, how in found.items() if how == "silent"]
    told = sum(how == "told" for how in found.values())
    values = {"count": len(HARD), "told": told}
    if silent:
        examples = ", ".join(ascii(text[:20]) for text in silent[:_SHOWN])
        return Check("tokenizer", False, len(silent), "silent", values | {"silent": len(silent), "examples": examples})
    return Check("tokenizer", True, 0, "tells" if told else "tokenizer", values)


def _comes_back(tokenizer: Tokenizer, text: str, rows: int) -> Literal["exact", "told", "silent"]:
    try:
        ids = tokenizer.encode(text, add_special_tokens=False)
    except PromptError:  # a vocabulary of characters refuses others, with a sentence
        return "told"
    if not all(0 <= token < rows for token in ids):  # no logit, or none that is ever more than -inf
        return "silent"
    if tokenizer.decode_bytes(ids) == text.encode():
        return "exact"
    return "told" if tokenizer.changes(text) else "silent"
