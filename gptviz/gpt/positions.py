"""How a model is told where a token stands: sine waves to add, or turns of queries and keys.

Sources: Vaswani et al. 2017 (sinusoidal), Su et al. 2021 (rotary).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def sinusoids(start: int, T: int, n_embd: int) -> Tensor:
    """(T, n_embd): sine on even, cosine on odd places (Vaswani et al. 2017, section 3.5)."""
    position = torch.arange(start, start + T)[:, None]
    pair = torch.arange((n_embd + 1) // 2)
    angle = position * torch.exp(pair * (-2.0 * math.log(10000.0) / n_embd))  # (T, n_embd / 2)
    return torch.stack((angle.sin(), angle.cos()), -1).flatten(1)[:, :n_embd]


def rotary_angles(start: int, T: int, head_dim: int) -> Tensor:
    """(2, T, head_dim / 2): cosine and sine of each position's turn in each plane (Su et al. 2021, section 3.2.2)."""
    frequency = torch.exp(torch.arange(0, head_dim, 2) * (-math.log(10000.0) / head_dim))
    angle = torch.arange(start, start + T)[:, None] * frequency  # (T, head_dim / 2)
    return torch.stack((angle.cos(), angle.sin()))


def rotate(x: Tensor, rotation: Tensor) -> Tensor:
    """Turn the pairs (x[2i], x[2i+1]) of queries or keys by their position's angle (Su et al. 2021, equation 34)."""
    cos, sin = rotation
    even, odd = x[..., 0::2], x[..., 1::2]  # each (B, n_head, T, head_dim / 2)
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)
