"""Stated wishes: what makes an answer good, as a number that can be checked by anybody. More is better.

They are continuous, so that answers of a small model do not all get the same: without any variance there is nothing to
learn (see ``ppo``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from gptviz.language_model import LocalModel
from gptviz.tuning.pairs import Pair
from gptviz.tuning.sampling import sampled

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LONGEST = 200  # characters that are counted


def shorter(answer: str) -> float:
    """The fewer characters the better: 0 for none, −1 for two hundred."""
    return -min(len(answer), _LONGEST) / _LONGEST


def longer(answer: str) -> float:
    """The more characters the better, up to two hundred."""
    return min(len(answer), _LONGEST) / _LONGEST


def chinese(answer: str) -> float:
    """The share of its characters that are Chinese."""
    return len(_CHINESE.findall(answer)) / max(1, len(answer.strip()))


def varied(answer: str) -> float:
    """The share of its pairs of characters that come once: what repeats itself gets little."""
    pairs = [answer[i : i + 2] for i in range(len(answer) - 1)]
    return len(set(pairs)) / len(pairs) if pairs else 0.0


RULES: Mapping[str, Callable[[str], float]] = {"shorter": shorter, "longer": longer, "chinese": chinese,
                                               "varied": varied}  # fmt: skip


def reward_of(name: str) -> Callable[[Sequence[str], Sequence[str]], list[float]]:
    """The rule as PPO asks for it: prompts and answers → a number for each answer."""
    rule = RULES[name]
    return lambda prompts, answers: [rule(answer) for answer in answers]


def pairs_by(name: str, lm: LocalModel, prompts: Sequence[str], *, seed: int = 0) -> list[Pair]:
    """Two answers sampled to each prompt, the better one by the rule chosen; none where they are alike."""
    rule = RULES[name]
    found: list[Pair] = []
    for i, prompt in enumerate(prompts):
        one, other = (sampled(lm, prompt, seed=seed + 2 * i + side) for side in (0, 1))
        if rule(one) != rule(other):
            better, worse = (one, other) if rule(one) > rule(other) else (other, one)
            found.append(Pair(prompt, better, worse))
    return found
