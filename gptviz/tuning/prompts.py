"""A label without training: the task is put into words, and the probabilities of the labels' words are compared.

p(label | text) ∝ p(word of the label | pattern with the text), after examples or none (Brown et al. 2020, section 2.4;
Schick & Schütze 2021 call pattern and words so). The words' own frequency and the examples lean such a comparison to
one side whatever the text says. *Contextual calibration* (Zhao et al. 2021, section 5) measures that on texts that say
nothing, and divides by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from gptviz.errors import ConfigError, PromptError
from gptviz.language_model import LanguageModel
from gptviz.numbers import Doubles, logprob_of, softmax
from gptviz.tuning.examples import Example
from gptviz.tuning.patterns import Pattern, check_words

EMPTY = ("N/A", "[MASK]", "")  # texts that say nothing (Zhao et al. 2021, section 5)
_ROWS = 64  # rows of logits held at a time
_SHARE = 0.75  # of what the model reads that examples may take


class PromptClassifier:
    """A model, a pattern, a word for each label, and examples that stand before every text."""

    def __init__(self, lm: LanguageModel, pattern: Pattern, words: Mapping[str, str], examples: Sequence[Example] = ()
                 ) -> None:  # fmt: skip
        """Raises ConfigError for words that are missing or alike and examples that are too long, PromptError for a
        model that fills blanks."""
        if not lm.config.causal:
            raise PromptError("prompt.fills_blanks")
        check_words(words, sorted({example.label for example in examples}))
        self.lm, self.pattern, self.labels = lm, pattern, tuple(words)
        self.words = [lm.tokenizer.encode(pattern.gap + word, add_special_tokens=False) for word in words.values()]
        self.shown = "".join(pattern.answered(x.text, words[x.label]) for x in examples)
        self._most = lm.config.block_size - max(map(len, self.words)) + 1
        taken = len(lm.tokenizer.encode(self.shown)) if examples else 0
        if taken > _SHARE * self._most or len(self._ids("")) > self._most:
            raise ConfigError("tune.context", count=len(examples), tokens=taken, most=lm.config.block_size)

    def prompt(self, text: str) -> list[int]:
        """What the model reads before the label's word. A text that is too long loses its end."""
        return self._ids(self.fitting(text))

    def fitting(self, text: str) -> str:
        """As much of a text, from its beginning, as is read."""
        if len(self._ids(text)) <= self._most:
            return text
        low, high = 0, len(text) - 1  # characters that fit
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if len(self._ids(text[:middle])) <= self._most else (low, middle - 1)
        return text[:low]

    def logprobs(self, texts: Sequence[str]) -> Doubles:
        """ln p of each label's word after each text, the sum over its tokens: (N, n_labels), nats."""
        prompts = [self.prompt(text) for text in texts]
        wanted = [[(tuple(ids + word[:at]), word[at]) for at in range(len(word))]
                  for ids in prompts for word in self.words]  # fmt: skip
        said = self._said({step for steps in wanted for step in steps})
        sums = [sum(said[step] for step in steps) for steps in wanted]
        return np.array(sums, dtype=np.float64).reshape(len(texts), len(self.labels))

    def _said(self, wanted: set[tuple[tuple[int, ...], int]]) -> dict[tuple[tuple[int, ...], int], float]:
        """ln p of each of these tokens after those ids; what several are asked of is read once."""
        rows: dict[tuple[int, ...], list[int]] = {}
        for row, token in wanted:
            rows.setdefault(row, []).append(token)
        every, said = sorted(rows), dict[tuple[tuple[int, ...], int], float]()
        for begin in range(0, len(every), _ROWS):
            part = every[begin : begin + _ROWS]
            for row, logits in zip(part, self.lm.next_logits(part), strict=True):
                said |= {(row, token): logprob_of(logits, token) for token in rows[row]}
        return said

    def probs(self, texts: Sequence[str], *, calibrated: bool = False) -> Doubles:
        """Of each label, among the labels: (N, n_labels). ``calibrated``: divided by what empty texts get (equation 1
        with W = diag(p)⁻¹ and b = 0), and again made to sum to 1."""
        found: Doubles = softmax(self.logprobs(texts))
        if calibrated:
            found = found / self.leaning
        return found / found.sum(1, keepdims=True)  # type: ignore[no-any-return]

    @cached_property
    def leaning(self) -> Doubles:
        """(n_labels,): what the labels get where a text says nothing, the mean over ``EMPTY`` (of a vocabulary of
        characters, over those that it can write)."""
        found: Doubles = softmax(self.logprobs([*filter(self._writes, EMPTY)])).mean(0)
        return np.maximum(found, np.finfo(np.float64).tiny)

    def _writes(self, text: str) -> bool:
        try:
            self.lm.tokenizer.encode(text)
        except PromptError:
            return False
        return True

    def _ids(self, text: str) -> list[int]:
        tokenizer = self.lm.tokenizer
        return tokenizer.encode(self.shown + self.pattern.asked(text)) or [tokenizer.start or 0]
