"""More texts out of those that are there: words replaced, deleted, swapped, or the whole put in other words.

The first three are EDA's (Wei & Zou 2019, section 2), each to a share ``alpha`` of a text's words; where EDA asks a
thesaurus for a synonym, here the model's own token embeddings are asked what lies nearest (so an antonym may come too).
A *paraphrase* is what the model itself goes on with after "In other words:". Chinese is taken character by character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import numpy as np
import torch

from gptviz.decoding import Sample
from gptviz.errors import ConfigError
from gptviz.language_model import LocalModel
from gptviz.tuning.attack import kind_of
from gptviz.tuning.examples import Example
from gptviz.tuning.method import require

Way: TypeAlias = Literal["replace", "delete", "swap", "paraphrase"]
WAYS: tuple[Way, ...] = ("replace", "delete", "swap", "paraphrase")
_NEAR = 5  # neighbours of a word, of which one is drawn
_HAN = re.compile(r"[\u3400-\u9fff]")
_ASKED = {"en": "{}\nIn other words:", "zh": "{}\n换句话说，"}


def augment(lm: LocalModel, examples: Sequence[Example], way: Way, *, copies: int = 1, alpha: float = 0.1, seed: int = 0
            ) -> list[Example]:  # fmt: skip
    """The examples, and ``copies`` changed ones of each with its label; those that stayed the same are left out.

    Raises ConfigError for a way that there is not.
    """
    if way not in WAYS:
        raise ConfigError("config.choice", name="augment", value=way, choices=", ".join(WAYS))
    require("copies", copies, 1, 16)
    require("alpha", alpha, 0, 1)
    rng = np.random.default_rng(seed)
    changes: dict[Way, Callable[[str], str]] = {
        "replace": lambda text: replaced(lm, text, alpha, rng),
        "delete": lambda text: deleted(text, alpha, rng),
        "swap": lambda text: swapped(text, alpha, rng),
        "paraphrase": lambda text: paraphrased(lm, text, int(rng.integers(2**31))),
    }
    found = list(examples)
    there = {example.text for example in examples}
    for example in examples:
        for _ in range(copies):
            text = changes[way](example.text)
            if text.strip() and text not in there:
                there.add(text)
                found.append(Example(text, example.label))
    return found


def words_apart(text: str) -> tuple[list[str], str]:
    """The words, and what stands between them: spaces, or in Chinese nothing."""
    return (list(text), "") if _HAN.search(text) else (text.split(" "), " ")


def deleted(text: str, alpha: float, rng: np.random.Generator) -> str:
    """Each word is left out with probability ``alpha``; one at least stays."""
    words, apart = words_apart(text)
    kept = [word for word, draw in zip(words, rng.random(len(words)), strict=True) if draw >= alpha]
    return apart.join(kept or [words[int(rng.integers(len(words)))]])


def swapped(text: str, alpha: float, rng: np.random.Generator) -> str:
    """Two words change places, ``alpha`` times as often as there are words, once at least."""
    words, apart = words_apart(text)
    for _ in range(_count(words, alpha) if len(words) > 1 else 0):
        i, j = rng.choice(len(words), size=2, replace=False)
        words[i], words[j] = words[j], words[i]
    return apart.join(words)


def replaced(lm: LocalModel, text: str, alpha: float, rng: np.random.Generator) -> str:
    """So many words, each for one that lies near it in the model's own embeddings. Words of several tokens stay."""
    ids = lm.tokenizer.encode(text, add_special_tokens=False)
    free = [i for i, token in enumerate(ids) if kind_of(lm.tokenizer.decode([token]) or ".")]
    count = min(len(free), _count(words_apart(text)[0], alpha))
    for place in rng.choice(free, size=count, replace=False).tolist() if free else []:
        near = nearest(lm, ids[place])
        if near:
            ids[place] = near[int(rng.integers(len(near)))]
    return lm.tokenizer.decode(ids)


@torch.no_grad()
def nearest(lm: LocalModel, token: int, count: int = _NEAR) -> list[int]:
    """The tokens of the same kind whose rows point most nearly the same way (cosine), but for the same word again."""
    weight = lm.model.transformer["wte"].weight[: lm.n_tokens].float()  # type: ignore[index]
    cosines = torch.nn.functional.cosine_similarity(weight, weight[token][None])
    said = lm.tokenizer.decode([token])
    found: list[int] = []
    for other in cosines.topk(min(len(weight), 12 * count)).indices.tolist():
        piece = lm.tokenizer.decode([other])
        if piece and kind_of(piece) == kind_of(said) and piece.lower() != said.lower():
            found.append(other)
    return found[:count]


def paraphrased(lm: LocalModel, text: str, seed: int) -> str:
    """What the model says the text is in other words, up to the end of the line; nothing where it has no room."""
    asked = _ASKED["zh" if _HAN.search(text) else "en"].format(text)
    ids = lm.tokenizer.encode(asked)
    room = min(lm.config.block_size - len(ids), 8 + len(ids))
    said = ""
    if room > 0:
        for step in lm.generate(ids, Sample(temperature=0.7, top_p=0.9), max_new_tokens=room, seed=seed):
            said = step.text
            if "\n" in said.lstrip():
                break
    return said.strip().split("\n")[0].strip()


def _count(words: Sequence[str], alpha: float) -> int:
    return max(1, round(alpha * len(words)))
