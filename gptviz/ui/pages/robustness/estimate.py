"""How long a trial will take on one core, before it begins. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from gptviz.gpt.config import GPTConfig
from gptviz.language_model import LocalModel
from gptviz.tuning.adversarial import ADVERSARIES
from gptviz.tuning.cost import cost
from gptviz.tuning.hard import Parts
from gptviz.tuning.methods import method
from gptviz.tuning.robustness import PLAIN
from gptviz.ui.pages.tuning.panels import length_of

#: What a step costs beside one of the plain way: FGM finds a direction and learns from both texts, PGD finds three.
_TIMES = {PLAIN: 1.0, "fgm": 3.0, "pgd": 4.0}
_VALID = 0.1  # part of the texts that is held out while a way learns
_EXCHANGES = 2.0  # words exchanged in a text until it is wrong, about
_EACH = 9.0  # one exchange: a gradient and sixteen texts tried, in steps of learning from that one text
_SHORT = 2.0  # one text alone takes longer than in a batch


def seconds(lm: LocalModel, found: Parts, ways: Sequence[str], *, epochs: int, copies: int, attacked: int) -> float:
    """Of learning and measuring in each of the ways. Raises ConfigError where the method does not fit the model."""
    texts = tuple(x.text for x in found.train)
    tokens = length_of(texts, lm.fingerprint, lm)
    once = _once(lm.config, tokens)
    total = 0.0
    for way in ways:
        more = 1.0 if way in (PLAIN, *ADVERSARIES) else 1.0 + copies
        learning = epochs * len(texts) * (1 - _VALID) * more * _TIMES.get(way, 1.0)
        measuring = 2.5 * len(found.test) + attacked * _EXCHANGES * _EACH * _SHORT
        total += once * (learning + measuring)
    return total


@lru_cache(maxsize=16)
def _once(config: GPTConfig, tokens: float) -> float:
    """Seconds to learn once from one text of so many tokens."""
    return cost(config, method("lora"), n_outputs=2, n_texts=1, n_tokens=tokens, epochs=1, batch_size=16,
                says=False).seconds  # fmt: skip
