"""The next token: at each position the one that follows is to be guessed (Radford et al. 2018, section 3.1)."""

from __future__ import annotations

from torch import Tensor

from gptviz.training.objectives.examples import Examples


class NextToken:
    """GPT's."""

    def asked(self, rows: Tensor, seed: int, step: int) -> Tensor:
        """``rows`` (B, T + 1) as they are."""
        return rows

    def apart(self, asked: Tensor) -> Examples:
        """All but the last column, and all but the first."""
        return Examples(asked[:, :-1], asked[:, 1:], None)
