"""A task put into words: a pattern with a place for the text and one for the answer, and a word for each label."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gptviz.errors import ConfigError
from gptviz.tuning.examples import Example

MOST_CHARS = 2000  # of a pattern, and of all words together
_PLACES = re.compile(r"\{(text|label)\}")
_APART = "\n\n"  # between an example and what follows, where the pattern does not say


@dataclass(frozen=True)
class Pattern:
    """Such as ``Review: {text}\\nIt was {label}``; what comes after the label stands between examples."""

    written: str

    def __post_init__(self) -> None:
        """Raises ConfigError unless there is one ``{text}`` and, after it, one ``{label}``."""
        if _PLACES.findall(self.written) != ["text", "label"] or len(self.written) > MOST_CHARS:
            raise ConfigError("tune.pattern", pattern=self.written[:200])

    @property
    def parts(self) -> tuple[str, str, str]:
        """What stands before the text, between text and label, and after the label."""
        before, _, between, _, after = _PLACES.split(self.written)
        return before, between, after or _APART

    @property
    def gap(self) -> str:
        """The spaces before the label. Byte-level vocabularies have them at the beginning of a word's token."""
        between = self.parts[1]
        return between[len(between.rstrip(" ")) :]

    def asked(self, text: str) -> str:
        """The text up to where the label comes, without the spaces before that."""
        before, between, _ = self.parts
        return f"{before}{text}{between.rstrip(' ')}"

    def answered(self, text: str, word: str) -> str:
        """The text with its label: an example for what follows."""
        before, between, after = self.parts
        return f"{before}{text}{between}{word}{after}"


def check_words(words: Mapping[str, str], labels: Sequence[str]) -> None:
    """Raise ConfigError where a label has no word, two have the same, or there are fewer than two."""
    lacking = [label for label in labels if not words.get(label, "").strip()]
    if lacking or len(words) < 2:
        raise ConfigError("tune.words", labels=", ".join(lacking or words)[:200])
    if len({word.strip() for word in words.values()}) < len(words):
        raise ConfigError("tune.same_words", words=", ".join(words.values())[:200])
    if sum(map(len, words.values())) > MOST_CHARS:
        raise ConfigError("tune.pattern", pattern=", ".join(words.values())[:200])


def drawn(examples: Sequence[Example], count: int, *, seed: int = 0) -> list[Example]:
    """So many examples by chance, of each label as many as of any other where there are enough, in random order."""
    rng = np.random.default_rng(seed)
    labels = sorted({example.label for example in examples})
    left = {label: [examples[i] for i in rng.permutation(len(examples)) if examples[i].label == label]
            for label in rng.permutation(labels).tolist()}  # fmt: skip
    found: list[Example] = []
    while len(found) < count and any(left.values()):
        found += [left[label].pop() for label in left if left[label]][: count - len(found)]
    return [found[i] for i in rng.permutation(len(found))]
