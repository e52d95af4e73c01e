"""A blank, filled by a model that sees both sides of it, beside what one that only looks back would write there.

Two small models of one shape come with the project, trained on the same made sentences for as many steps
(``gptviz.training.blanks``): *masked* was asked for hidden words (Devlin et al. 2019), *causal* for the next one. Both
know only the words of those sentences.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz import catalogue
from gptviz.errors import PromptError
from gptviz.language_model import LanguageModel
from gptviz.numbers import BIT, entropy_bits, log_softmax, rank_of, softmax, top_ids
from gptviz.paths import MODELS
from gptviz.tokens.tokenizer import Tokenizer, clean
from gptviz.training.blanks import MASK, cut

BLANK = re.compile("_+|＿+")
MOST_CHARS = 200
_CLOSING = (".", ",")
_NAMED = 5  # unknown words that are named
_LONGEST = 30  # characters of one of them


class Pair(NamedTuple):
    """The two models."""

    masked: LanguageModel
    causal: LanguageModel


class Guess(NamedTuple):
    """What one model says of the blank. V tokens."""

    probs: npt.NDArray[np.float64]  # (V,)
    top: tuple[int, ...]  # the likeliest, the first first
    entropy: float  # bits
    bits: float | None  # −log2 of the true word; None where it is not known
    rank: int | None  # of the true word, 1 for the likeliest


class Filled(NamedTuple):
    """A sentence with a blank, and what stands in it."""

    ids: tuple[int, ...]  # of its words, with the token that hides in the blank
    at: int  # which of them is the blank
    true: int | None  # what stood there; None where the blank was typed
    masked: Guess
    causal: Guess


@cache
def pair() -> Pair:
    """The two that come with the project."""
    found = [catalogue.load_folder(MODELS / "blanks" / name, weights="float32") for name in Pair._fields]
    return Pair(*found)


def fill(sentence: str, word: int | None = None, *, top: int = 8, models: Pair | None = None) -> Filled:
    """What stands in the blank of ``sentence``: both models' distribution over all words.

    The blank is an underscore (or several in a row); without one, word number ``word`` of the sentence (from 0, a full
    stop counts) is hidden, and what stood there is the truth that both are measured by. The masked model reads all but
    that word, its causal twin only what stands before it.

    Raises PromptError where there is nothing to read, no blank or more than one, or a word that they do not know.

    >>> found = fill("The ___ barks at the cat.")
    >>> pair().masked.tokenizer.decode(found.masked.top[:1])
    ' dog'
    """
    models = models or pair()
    tokenizer = models.masked.tokenizer
    words, at, true = _hidden(*words_of(sentence, tokenizer), word)
    most = models.masked.config.block_size - 2
    if len(words) > most:
        raise PromptError("fill.words", most=most, count=len(words))
    mask = tokenizer.encode_plain(MASK)[0]
    edge = (mask if tokenizer.end_of_text is None else tokenizer.end_of_text,)  # stands between sentences
    ids = (*words[:at], mask, *words[at + 1 :])
    logits = [
        models.masked.trace((*edge, *ids, *edge)).logits_at(at + 1),
        models.causal.trace((*edge, *ids[:at])).logits_at(-1),
    ]
    masked, causal = (_guess(row.astype(np.float64), true, top, mask) for row in logits)
    return Filled(ids, at, true, masked, causal)


def words_of(sentence: str, tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """The ids of a sentence's words, and which of them are blanks (id -1). Raises PromptError as ``fill`` does."""
    text = clean(sentence)[0].strip()
    if not text:
        raise PromptError("fill.empty")
    if len(text) > MOST_CHARS:
        raise PromptError("fill.long", most=MOST_CHARS)
    ids: list[int] = []
    blanks: list[int] = []
    unknown: list[str] = []
    for number, part in enumerate(BLANK.split(text)):
        if number:
            blanks.append(len(ids))
            ids.append(-1)
        for said in cut(part):
            found = _known(said, tokenizer, first=not ids)
            if found is None:
                unknown.append(said)
            else:
                ids.append(found)
    if unknown:
        named = ", ".join(word[:_LONGEST] for word in list(dict.fromkeys(unknown))[:_NAMED])
        raise PromptError("fill.unknown", words=named, count=len(dict.fromkeys(unknown)))
    return ids, blanks


def _known(word: str, tokenizer: Tokenizer, *, first: bool) -> int | None:
    """The one token of a word as sentences have it: large and without a space at their beginning, else with one."""
    after, large = f" {word.lower()}", word.capitalize()
    for form in (word, f" {word}", large, after) if first else (f" {word}", word, after):
        found = tokenizer.encode_plain(form)
        if len(found) == 1 and (len(form.encode()) > 1 or form in _CLOSING):
            return found[0]  # other single bytes are in the vocabulary, and in no sentence
    return None


def _hidden(ids: list[int], blanks: list[int], word: int | None) -> tuple[list[int], int, int | None]:
    """The ids, the place of the blank, and what stood there."""
    if len(blanks) > 1:
        raise PromptError("fill.blanks", count=len(blanks))
    if blanks:
        return ids, blanks[0], None
    if word is None:
        raise PromptError("fill.no_blank")
    if not 0 <= word < len(ids):
        raise PromptError("fill.no_word", word=word + 1, count=len(ids))
    return ids, word, ids[word]


def _guess(logits: npt.NDArray[np.float64], true: int | None, top: int, mask: int) -> Guess:
    """One model's row (V,); the token that hides is no word, and what is left is shared among the words."""
    logits = logits.copy()
    logits[mask] = -np.inf
    probs = softmax(logits)
    bits = None if true is None else -float(log_softmax(logits)[true]) / BIT
    rank = None if true is None else rank_of(logits, true)
    return Guess(probs, tuple(int(i) for i in top_ids(probs, top)), entropy_bits(probs), bits, rank)
