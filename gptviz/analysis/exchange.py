"""One word exchanged: how far the log-probabilities of a list of continuations move.

For a sentence and its twin with another word in one place, log p(continuation | sentence) − log p(continuation | twin)
in nats, the log-probability of a continuation being the sum over its tokens (the chain rule). Pairs that differ in one
word only are the minimal pairs of Nangia et al. 2020 (CrowS-Pairs) and of Rudinger et al. 2018 (Winogender). It is a
measurement of two sentences: neither of people nor of what a model would do elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gptviz.errors import PromptError

if TYPE_CHECKING:
    from gptviz.language_model import LanguageModel

MOST_WORDS = 24


class Exchanged(NamedTuple):
    """One continuation after both sentences, in nats."""

    continuation: str
    one: float
    other: float

    @property
    def difference(self) -> float:
        """Above 0: it is likelier after the first."""
        return self.one - self.other


def twin(text: str, old: str, new: str) -> str | None:
    """``text`` with the last ``old`` that stands as a word of its own made ``new``; None where there is none.

    Chinese is written without spaces: there a word is wherever it stands.

    >>> twin("The man saw another man", "man", "woman"), twin("A manner", "man", "woman"), twin("他说", "他", "她")
    ('The man saw another woman', None, '她说')
    """
    if not old or old == new:
        return None
    before = r"(?<![^\W_])" if old[0].isascii() else ""
    after = r"(?![^\W_])" if old[-1].isascii() else ""
    edges = before + re.escape(old) + after
    found = list(re.finditer(edges, text))
    return text[: found[-1].start()] + new + text[found[-1].end() :] if found else None


def exchanged(lm: LanguageModel, one: Sequence[int], other: Sequence[int],
              continuations: Sequence[str]) -> Iterator[Exchanged | None]:  # fmt: skip
    """Each continuation after both ids, in order; None of one that the model cannot read, or that finds no room."""
    for said in continuations:
        try:
            tokens = lm.tokenizer.encode(said, start=False)
            yield Exchanged(said, _logprob(lm, one, tokens), _logprob(lm, other, tokens)) if tokens else None
        except PromptError:
            yield None


def _logprob(lm: LanguageModel, ids: Sequence[int], tokens: Sequence[int]) -> float:
    """Of the tokens after ``ids``, in nats; of a long text its end is read."""
    room = lm.config.block_size + 1 - len(tokens)
    if room < 1:
        raise PromptError("prompt.too_long", tokens=len(tokens), limit=lm.config.block_size)
    before = list(ids)[-room:]
    logprobs, _ = lm.score(np.asarray([[*before, *tokens]]), start=len(before))
    return float(logprobs.astype(np.float64).sum())
