"""What a model is asked in training, one file each: of rows of text an objective makes inputs, and what to guess where.

*Next token* asks at every position for the one after it, which only a causal mask makes a question. *Masked* hides some
tokens and asks for these, which a model that sees both ways can be asked.
"""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from gptviz.gpt.config import TrainConfig
from gptviz.training.objectives.examples import Examples
from gptviz.training.objectives.masked import Masked
from gptviz.training.objectives.next_token import NextToken

__all__ = ["Examples", "Masked", "NextToken", "Objective", "at", "objective_of"]


class Objective(Protocol):
    """One way to ask. The same rows, seed and step always give the same examples."""

    def asked(self, rows: Tensor, seed: int, step: int) -> Tensor:
        """``rows`` (B, T + 1) of a text → one tensor of ids that holds all that is asked, where ``rows`` are."""

    def apart(self, asked: Tensor) -> Examples:
        """What ``asked`` holds."""


def objective_of(config: TrainConfig) -> Objective:
    """The objective of a run."""
    if config.mask_token is None:
        return NextToken()
    return Masked(config.mask_token, config.model.n_tokens or config.model.vocab_size, config.model.block_size)


def at(hidden: Tensor, places: Tensor | None) -> Tensor:
    """``hidden`` (B, T, C) at ``places`` (B, K) of each row: (B, K, C); without places, all of it."""
    return hidden if places is None else hidden.gather(1, places[..., None].expand(-1, -1, hidden.shape[-1]))
