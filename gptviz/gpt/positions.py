"""How a model is told where a token stands: sine waves to add, or turns of queries and keys.

Sources: Vaswani et al. 2017 (sinusoidal), Su et al. 2021 (rotary).
"""

from __future__ import annotations

import math
from functools import cache

import torch
from torch import Tensor

from gptviz.gpt.rotary import USUAL as USUAL
from gptviz.gpt.rotary import Rotary

NOWHERE = -1  # the position of a token that is told none
CPU = torch.device("cpu")


def sinusoids(start: int, T: int, n_embd: int, places: Tensor | None = None, device: torch.device = CPU) -> Tensor:
    """(T, n_embd): sine on even, cosine on odd places (Vaswani et al. 2017, section 3.5).

    ``places`` (T,) are positions other than ``start``, ``start + 1``, …; nowhere all is 0.
    """
    position = (torch.arange(start, start + T, device=device) if places is None else places)[:, None]
    pair = torch.arange((n_embd + 1) // 2, device=device)
    angle = position * torch.exp(pair * (-2.0 * math.log(10000.0) / n_embd))  # (T, n_embd / 2)
    waves = torch.stack((angle.sin(), angle.cos()), -1).flatten(1)[:, :n_embd]
    return waves if places is None else waves * (places != NOWHERE)[:, None]


def at_places(table: Tensor, places: Tensor) -> Tensor:
    """(T, C): the rows of ``table`` at ``places`` (T,); nowhere, zeros."""
    return table[places.clamp(min=0)] * (places != NOWHERE)[:, None]


def rotary_angles(start: int, T: int, width: int, rotary: Rotary = USUAL, places: Tensor | None = None,
                  device: torch.device = CPU) -> Tensor:  # fmt: skip
    """(2, T, width / 2): cosine and sine of each position's turn in each plane (Su et al. 2021, section 3.2.2).

    ``places`` (T,) are positions other than ``start``, ``start + 1``, …; nowhere nothing is turned.
    """
    position = torch.arange(start, start + T, device=device) if places is None else places.clamp(min=0)
    angle = position[:, None] * frequencies(width, rotary, device)  # (T, width / 2)
    return torch.stack((angle.cos(), angle.sin()))


@cache
def frequencies(width: int, rotary: Rotary, device: torch.device = CPU) -> Tensor:
    """(width / 2,): how far each plane turns from one position to the next, in radians.

    With ``low``, ``high`` and ``original`` it is Llama 3.1's way to longer contexts (as in its reference code, Llama
    Team 2024): planes that turn often within the old context stay, slow ones are slowed down, those between partly.
    """
    frequency = 1.0 / rotary.base ** (torch.arange(0, width, 2, device=device).float() / width)
    if rotary.factors:
        return frequency / torch.tensor(rotary.factors, device=device)
    if rotary.low is None or rotary.high is None or rotary.original is None:
        return frequency / rotary.factor
    turns = rotary.original * frequency / (2 * math.pi)  # in the old context
    kept = ((turns - rotary.low) / (rotary.high - rotary.low)).clamp(0, 1)
    return (1 - kept) * frequency / rotary.factor + kept * frequency


def rotate(x: Tensor, rotation: Tensor, *, halves: bool = False) -> Tensor:
    """Turn pairs of queries' or keys' numbers by their position's angle (Su et al. 2021, equation 34).

    A pair is (x[2i], x[2i+1]), or with ``halves`` (x[i], x[i + width / 2]); numbers beyond the width stay as they are.
    """
    cos, sin = rotation
    width = 2 * cos.shape[-1]
    turned, rest = x[..., :width], x[..., width:]
    a, b = turned.chunk(2, dim=-1) if halves else (turned[..., 0::2], turned[..., 1::2])  # (B, n_head, T, width / 2)
    pair = (a * cos - b * sin, a * sin + b * cos)
    turned = torch.cat(pair, -1) if halves else torch.stack(pair, -1).flatten(-2)
    return torch.cat((turned, rest), -1) if rest.shape[-1] else turned
