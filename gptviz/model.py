"""A GPT: GPT-2's architecture and GPT-2's parameter names, one screen per idea.

Vocabulary of this file, and of everything above it:

- axes: ``B`` batch, ``T`` positions, ``C`` = n_embd; heads are ``n_head`` of width ``head_dim``;
- ``q k v``: queries, keys, values; ``scores`` = q·k/√d before the mask; ``pattern`` = softmax after it;
  ``z`` = the values weighted by the pattern; ``resid`` = the residual stream.

Nothing is ever stored on the model, so that many threads can share it. What a call wants to keep goes into the
``KVCache`` it passes in: generation keeps keys and values, a trace (``gptviz.tracing``) keeps everything.
Sources: Vaswani et al. 2017 (attention), Radford et al. 2019 (GPT-2), Su et al. 2021 (rotary positions).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptviz.config import GPTConfig


class KVCache:
    """Keys and values of the positions already read, (n_layer, B, n_head, capacity, head_dim); it grows as needed.

    ``keep`` is called by the model with every tensor worth looking at; here it does nothing.
    """

    def __init__(self, config: GPTConfig, *, batch: int = 1, capacity: int = 64) -> None:
        self.k, self.v = (
            torch.empty(config.n_layer, batch, config.n_head, capacity, config.head_dim) for _ in range(2)
        )
        self.length = 0

    def reserve(self, T: int) -> None:
        """Make room for ``T`` more positions."""
        capacity = self.k.shape[3]
        if self.length + T > capacity:
            size = [*self.k.shape]
            size[3] = max(2 * capacity, self.length + T)
            self.k, self.v = (self._copied(old, old.new_empty(size)) for old in (self.k, self.v))

    def extend(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Append new keys and values of one layer; return all of them, ``(B, n_head, length + T, head_dim)``."""
        end = self.length + k.shape[2]
        self.k[layer, :, :, self.length : end] = k
        self.v[layer, :, :, self.length : end] = v
        return self.k[layer, :, :, :end], self.v[layer, :, :, :end]

    def keep(self, name: str, layer: int, value: Tensor) -> None:
        """A place to listen: ``name`` is one of q, z, scores, pattern, resid."""

    def select(self, rows: Sequence[int]) -> KVCache:
        """A new cache whose row ``i`` is this one's row ``rows[i]``: how beams fork and die."""
        chosen = object.__new__(KVCache)
        index = torch.as_tensor(rows, dtype=torch.long)
        size = [*self.k.shape]
        size[1] = len(rows)
        chosen.length = self.length
        chosen.k, chosen.v = (self._copied(old, old.new_empty(size), index) for old in (self.k, self.v))
        return chosen

    def _copied(self, old: Tensor, new: Tensor, rows: Tensor | None = None) -> Tensor:
        read = old[:, :, :, : self.length]
        new[:, :, :, : self.length] = read if rows is None else read[:, rows]
        return new


class CausalSelfAttention(nn.Module):
    """Each position asks (q), every earlier one answers (k) and hands over its content (v)."""

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.resid_dropout = nn.Dropout(config.dropout)
        self.layer, self.n_head, self.dropout = layer, config.n_head, config.dropout
        self.scale = 1.0 / math.sqrt(config.head_dim)

    def forward(self, x: Tensor, cache: KVCache | None, mask: Tensor | None, rotation: Tensor | None) -> Tensor:
        B, T, C = x.shape
        qkv = self.c_attn(x).view(B, T, 3, self.n_head, C // self.n_head)  # (B, T, 3, n_head, head_dim)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)  # each (B, n_head, T, head_dim)
        if rotation is not None:
            q, k = rotate(q, rotation), rotate(k, rotation)
        if cache is None:  # training: the same sum in one fused kernel, which keeps nothing
            dropout = self.dropout if self.training else 0.0
            z = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=dropout)
        else:
            z = self.attend(q, *cache.extend(self.layer, k, v), cache, mask)
        y = z.transpose(1, 2).reshape(B, T, C)  # the heads side by side
        out: Tensor = self.resid_dropout(self.c_proj(y))
        return out

    def attend(self, q: Tensor, k: Tensor, v: Tensor, cache: KVCache, mask: Tensor | None) -> Tensor:
        """Vaswani et al. 2017, equation 1, step by step; ``mask`` is true where a key lies in the future."""
        scores = (q @ k.transpose(-2, -1)) * self.scale  # (B, n_head, T, T_all)
        masked = scores if mask is None else scores.masked_fill(mask, -math.inf)
        pattern = masked.softmax(-1)  # (B, n_head, T, T_all), rows sum to 1
        z = pattern @ v  # (B, n_head, T, head_dim)
        for name, value in (("q", q), ("scores", scores), ("pattern", pattern), ("z", z)):
            cache.keep(name, self.layer, value)
        return z


class MLP(nn.Module):
    """Two matrices with a GELU between them, applied to each position alone."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        hidden = F.gelu(self.c_fc(x), approximate="tanh")  # (B, T, 4C); GPT-2's GELU is the tanh form
        out: Tensor = self.dropout(self.c_proj(hidden))
        return out


class Block(nn.Module):
    """Attention, then the MLP; each reads a normalised copy of the residual stream and adds to it."""

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd, eps=config.eps)
        self.attn = CausalSelfAttention(config, layer)
        self.ln_2 = nn.LayerNorm(config.n_embd, eps=config.eps)
        self.mlp = MLP(config)

    def forward(self, x: Tensor, cache: KVCache | None, mask: Tensor | None, rotation: Tensor | None) -> Tensor:
        x = x + self.attn(self.ln_1(x), cache, mask, rotation)
        out: Tensor = x + self.mlp(self.ln_2(x))
        return out


class GPT(nn.Module):
    """Token ids in, a logit for every token of the vocabulary out, at every position."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        parts: dict[str, nn.Module] = {
            "wte": nn.Embedding(config.vocab_size, config.n_embd),
            "drop": nn.Dropout(config.dropout),
            "h": nn.ModuleList(Block(config, layer) for layer in range(config.n_layer)),
            "ln_f": nn.LayerNorm(config.n_embd, eps=config.eps),
        }
        if config.position == "learned":
            parts["wpe"] = nn.Embedding(config.block_size, config.n_embd)
        self.transformer = nn.ModuleDict(parts)
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        if config.tied:
            self.lm_head.weight = self.transformer["wte"].weight  # type: ignore[assignment]
        self.initialise()

    @torch.no_grad()
    def initialise(self) -> None:
        """GPT-2's start: N(0, 0.02), and narrower for the two matrices that write into the residual stream."""
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                shrink = math.sqrt(2 * self.config.n_layer) if name.endswith("c_proj.weight") else 1.0
                nn.init.normal_(parameter, std=0.02 / shrink)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, ids: Tensor, cache: KVCache | None = None) -> Tensor:
        """``ids`` (B, T) → the normalised last residual stream (B, T, C); ``logits`` turns it into predictions.

        With a ``cache`` the ids continue what it has read. The caller checks that all fits into ``block_size``.
        """
        start, T = (cache.length if cache else 0), ids.shape[1]
        if cache:
            cache.reserve(T)
        x = self.embed(ids, start)  # (B, T, C)
        rotation = rotary_angles(start, T, self.config.head_dim) if self.config.position == "rotary" else None
        rotation = rotation.to(ids.device) if rotation is not None else None
        mask = causal_mask(start, T) if cache and T > 1 else None  # one new position sees all: nothing to mask
        for layer, block in enumerate(self.transformer["h"]):  # type: ignore[arg-type]
            if cache:
                cache.keep("resid", layer, x)
            x = block(x, cache, mask, rotation)
        if cache:
            cache.keep("resid", self.config.n_layer, x)
            cache.length += T
        out: Tensor = self.transformer["ln_f"](x)
        return out

    def embed(self, ids: Tensor, start: int) -> Tensor:
        """Token embedding plus position embedding (for rotary positions, the token alone)."""
        x: Tensor = self.transformer["wte"](ids)  # (B, T, C)
        T = ids.shape[1]
        if self.config.position == "learned":
            x = x + self.transformer["wpe"](torch.arange(start, start + T, device=ids.device))
        elif self.config.position == "sinusoidal":
            x = x + sinusoids(start, T, self.config.n_embd).to(ids.device)
        dropped: Tensor = self.transformer["drop"](x)
        return dropped

    def logits(self, hidden: Tensor) -> Tensor:
        """(B, T, C) → (B, T, vocab_size)."""
        out: Tensor = self.lm_head(hidden)
        return out


def causal_mask(start: int, T: int) -> Tensor:
    """(T, start + T), true where the key lies after the query: position ``start + i`` may see keys 0 … ``start + i``."""
    return torch.ones(T, start + T, dtype=torch.bool).triu(start + 1)


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
