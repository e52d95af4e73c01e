"""Masked tokens: some are hidden, and to be guessed from all the others (Devlin et al. 2019, section 3.1, task 1).

Of every row a share of 15 % of the positions is chosen. Of the chosen, 80 % become the token that hides, 10 % one that
is drawn from all of the vocabulary, 10 % stay as they are, so that the model cannot know which of the tokens it sees
are to be trusted. Only the chosen are asked about. As in the program of that paper the share is one of each row, so
that every row asks the same number of questions; unlike there, marks that end a text are tokens like others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gptviz.training.objectives.examples import Examples

SHARE = 0.15  # of the positions are asked about
HIDDEN, OTHER = 0.8, 0.1  # of these; the rest stays
_STREAM = 15  # tells these random numbers from those that chose the rows


@dataclass(frozen=True)
class Masked:
    """BERT's."""

    token: int  # hides others
    n_tokens: int  # from which one is drawn
    length: int  # T, of a row's inputs

    @property
    def count(self) -> int:
        """K: how many positions of a row are asked about."""
        return max(1, round(SHARE * self.length))

    def asked(self, rows: Tensor, seed: int, step: int) -> Tensor:
        """``rows`` (B, T + 1) → (B, T + 2K): the inputs, the places, in order, and what stood there."""
        inputs = rows[:, : self.length]  # (B, T)
        random = torch.Generator(rows.device)
        state = np.random.SeedSequence((seed, step, _STREAM)).generate_state(1, np.uint64)
        random.manual_seed(int(state[0] >> 1))
        drawn = torch.rand(inputs.shape, generator=random, device=rows.device)
        places = drawn.topk(self.count, dim=1).indices.sort(dim=1).values  # (B, K), any as likely as any other
        targets = inputs.gather(1, places)
        kind = torch.rand(places.shape, generator=random, device=rows.device)
        others = torch.randint(self.n_tokens, places.shape, generator=random, device=rows.device)
        seen = torch.where(kind < HIDDEN, self.token, torch.where(kind < HIDDEN + OTHER, others, targets))
        return torch.cat((inputs.scatter(1, places, seen), places, targets), dim=1)

    def apart(self, asked: Tensor) -> Examples:
        """Inputs (B, T), targets and places (B, K)."""
        inputs, (places, targets) = asked[:, : self.length], asked[:, self.length :].chunk(2, dim=1)
        return Examples(inputs, targets, places)
