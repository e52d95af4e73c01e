"""Strategies side by side on one prompt, given the same chances: the same ``u`` at the same step.

Where two texts part, it is then the strategies that differ and not the luck (common random numbers).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp
from typing import TYPE_CHECKING, Protocol

from gptviz.decoding.beam import BeamStep
from gptviz.decoding.stepper import play
from gptviz.decoding.steps import Step
from gptviz.decoding.strategy import Strategy
from gptviz.errors import DecodingError
from gptviz.i18n import counted

if TYPE_CHECKING:
    from gptviz.language_model import LanguageModel


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What each strategy wrote, under its name, in the order given."""

    ids: tuple[int, ...]  # the prompt
    seed: int
    steps: dict[str, tuple[Step, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """The names given."""
        return tuple(self.steps)

    @property
    def texts(self) -> dict[str, str]:
        """What each generated, without the prompt."""
        return {name: steps[-1].text for name, steps in self.steps.items()}

    @property
    def logprobs(self) -> dict[str, float]:
        """Natural log of each text's probability under the model itself, given the prompt."""
        return {name: sum(step.logprob for step in steps) for name, steps in self.steps.items()}

    @property
    def perplexities(self) -> dict[str, float]:
        """e to the mean of the negative log-probabilities: among how many equal choices each text lies, per token."""
        return {name: exp(-total / len(self.steps[name])) for name, total in self.logprobs.items()}

    @property
    def divergences(self) -> dict[tuple[str, str], int | None]:
        """For each pair (in the order of ``names``) the first step where their tokens differ; None where none does."""
        return {(a, b): diverge(self.steps[a], self.steps[b]) for a, b in combinations(self.steps, 2)}

    def __repr__(self) -> str:
        width = max(len(name) for name in self.steps)
        lines = (
            f"  {name:<{width}}  {total:8.2f} nats  {counted(len(self.steps[name]), 'token'):>10}  {self.texts[name]!r}"
            for name, total in self.logprobs.items()
        )
        return "\n".join([f"Comparison(seed={self.seed})", *lines])


def compare(lm: LanguageModel, prompt: str | Sequence[int], strategies: Mapping[str, Strategy], *,
            max_new_tokens: int = 40, seed: int = 0) -> Comparison:  # fmt: skip
    """Continue ``prompt`` with each of the named strategies. Each writes what ``generate`` writes with the same seed.

    The prompt is read once, and each step is one forward pass for all. Raises as ``generate`` does, and DecodingError
    where there is no strategy.
    """
    steps: dict[str, list[Step]] = {name: [] for name in strategies}
    for name, step in compare_steps(lm, prompt, strategies, max_new_tokens=max_new_tokens, seed=seed):
        steps[name].append(step)
    return Comparison(tuple(lm.ids(prompt)), seed, {name: tuple(found) for name, found in steps.items()})


def compare_steps(lm: LanguageModel, prompt: str | Sequence[int], strategies: Mapping[str, Strategy], *,
                  max_new_tokens: int = 40, seed: int = 0) -> Iterator[tuple[str, Step]]:  # fmt: skip
    """The same as it comes: (name, step). Closing the iterator stops all of them."""
    events = compare_events(lm, prompt, strategies, max_new_tokens=max_new_tokens, seed=seed)
    return ((name, event) for name, event in events if isinstance(event, Step))


def compare_events(lm: LanguageModel, prompt: str | Sequence[int], strategies: Mapping[str, Strategy], *,
                   max_new_tokens: int = 40, seed: int = 0) -> Iterator[tuple[str, Step | BeamStep]]:  # fmt: skip
    """``compare_steps`` with the searches told as they go: a ``BeamStep`` each step, whose ``text`` is the best so far.

    A search's ``Step`` records come all at its end. Raises as ``compare`` does, when called.
    """
    if not strategies:
        raise DecodingError("decoding.nothing")
    return play(lm, prompt, strategies, max_new_tokens=max_new_tokens, seed=seed)


class Chosen(Protocol):
    """Anything that says which token was chosen, such as a ``Step``."""

    @property
    def token(self) -> int:
        """Its id."""


def diverge(one: Sequence[Chosen], other: Sequence[Chosen]) -> int | None:
    """The first step where the tokens differ, as far as both have come; None where they are the same."""
    differ = (index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a.token != b.token)
    return next(differ, None)
