"""What one batch asks."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Examples(NamedTuple):
    """Ids in, and what is to be guessed."""

    inputs: Tensor  # (B, T) ids
    targets: Tensor  # (B, T) ids, or (B, K) where there are ``places``
    places: Tensor | None  # (B, K): the positions that are asked about; None: all
