"""The text in the box beside its changed copies: what augmentation learns from. Pure: no Streamlit."""

from __future__ import annotations

from collections.abc import Callable
from difflib import SequenceMatcher
from typing import cast

import numpy as np

from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tuning.augmentation import deleted, paraphrased, replaced, swapped, words_apart
from gptviz.ui.kept import remembered
from gptviz.ui.pages.robustness.attacking import NEW, OLD, SAME

MADE = ("replace", "delete", "swap")
MOST_CHARS = 200  # of a text: as many as a review has
ALPHA = 0.1  # share of the words, as a trial changes them


@remembered(maxsize=256)
def changed(lm: LanguageModel, text: str, draw: int) -> dict[str, str]:
    """The text changed in each way, the same for whoever asks for this draw."""
    local = cast("LocalModel", lm)
    ways: dict[str, Callable[[np.random.Generator], str]] = {
        "replace": lambda rng: replaced(local, text, ALPHA, rng),
        "delete": lambda rng: deleted(text, ALPHA, rng),
        "swap": lambda rng: swapped(text, ALPHA, rng),
    }
    return {name: make(np.random.default_rng(draw)) for name, make in ways.items()}


@remembered(maxsize=256)
def other_words(lm: LanguageModel, text: str, draw: int) -> str:
    """What the model says the text is in other words."""
    return paraphrased(cast("LocalModel", lm), text, draw)


def apart(text: str, copy: str) -> list[tuple[str, str]]:
    """The copy word by word beside the text: what stayed, what went, what came.

    >>> apart("a good day", "a fine day")
    [('a ', 'same'), ('good ', 'old'), ('fine ', 'new'), ('day', 'same')]
    """
    words, space = words_apart(text)
    others = copy.split(space) if space else list(copy)
    before = [word + space for word in words[:-1]] + words[-1:]
    after = [word + space for word in others[:-1]] + others[-1:]
    found: list[tuple[str, str]] = []
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found.append(("".join(after[c:d]), SAME))
        else:
            found += [("".join(part), mark) for part, mark in ((before[a:b], OLD), (after[c:d], NEW)) if part]
    return [(piece, mark) for piece, mark in found if piece]
