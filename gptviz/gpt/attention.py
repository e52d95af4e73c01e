"""Attention: what each position reads from those before it; in a model that is not causal, from all.

Sources: Vaswani et al. 2017 (attention), Ainslie et al. 2023 (grouped queries: several heads of queries share the keys
and values of one), Beltagy et al. 2020 (a window: a query sees only so many positions back).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from gptviz.gpt.cache import KVCache
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.layers import Conv1D, Plain, RMSNorm
from gptviz.gpt.positions import rotate


class CausalSelfAttention(Plain):
    """Each position asks (q), every earlier one answers (k) and hands over its content (v)."""

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        self.n_head, self.n_kv_head, self.head_dim = config.n_head, config.kv_heads, config.head_dim
        self.heads = self.n_head + 2 * self.n_kv_head  # queries, then keys, then values
        self.group = self.n_head // self.n_kv_head  # heads of queries that share a head of keys and values
        self.c_attn = Conv1D(config.n_embd, self.heads * self.head_dim, bias="qkv" in config.biases)
        self.c_proj = Conv1D(self.n_head * self.head_dim, config.n_embd, bias="out" in config.biases)
        self.qk_norm = config.qk_norm
        if config.qk_norm:
            self.ln_q = RMSNorm(self.head_dim, config.eps)
            self.ln_k = RMSNorm(self.head_dim, config.eps)
        self.layer, self.dropout, self.halves = layer, config.dropout, config.rotary.halves
        self.scale = 1.0 / math.sqrt(config.head_dim)
        self.fused: Callable[[Tensor, Tensor, Tensor, float], Tensor] = (  # see mixed_precision
            fused_attention if config.causal else open_attention
        )

    def forward(self, x: Tensor, B: int, cache: KVCache | None, mask: Tensor | None, rotation: Tensor | None) -> Tensor:
        heads = self.c_attn(x).view(B, -1, self.heads, self.head_dim).transpose(1, 2)  # (B, heads, T, head_dim)
        if self.qk_norm or rotation is not None:
            heads = self.placed(heads, rotation)
        z = self.at_once(heads, mask) if cache is None else self.attend(heads, cache, mask)
        y = z.view(B, self.n_head, -1, self.head_dim).transpose(1, 2).reshape(x.shape[0], -1)
        return self.c_proj(y)  # of the heads side by side: (B·T, n_head · head_dim)

    def placed(self, heads: Tensor, rotation: Tensor | None) -> Tensor:
        """Queries and keys normalised and turned, where the model has that; values as they are."""
        q, k, v = self.apart(heads)
        if self.qk_norm:
            q, k = self.ln_q(q), self.ln_k(k)
        if rotation is not None:
            q, k = rotate(q, rotation, halves=self.halves), rotate(k, rotation, halves=self.halves)
        return torch.cat((q, k, v), dim=1)

    def apart(self, heads: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries (B, n_head, T, head_dim), keys and values (B, n_kv_head, T, head_dim)."""
        H, K = self.n_head, self.n_kv_head
        return heads[:, :H], heads[:, H : H + K], heads[:, H + K :]

    def at_once(self, heads: Tensor, mask: Tensor | None) -> Tensor:
        """The same sum in one fused kernel (which wants four axes), and nothing kept: for training and scoring."""
        q, k, v = self.apart(heads)
        if self.group > 1:
            k, v = k.repeat_interleave(self.group, dim=1), v.repeat_interleave(self.group, dim=1)
        dropout = self.dropout if self.training else 0.0
        if mask is None:
            return self.fused(q, k, v, dropout)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=~mask, dropout_p=dropout)

    def attend(self, heads: Tensor, cache: KVCache, mask: Tensor | None) -> Tensor:
        """Vaswani et al. 2017, equation 1, step by step; ``mask`` is true where a query may not look."""
        tap, layer, H, K = cache.tap, self.layer, self.n_head, self.n_kv_head
        B, _, T, d = heads.shape  # the heads of all rows are one batch
        q = tap("q", layer, heads[:, :H].reshape(B * H, T, d))
        kv = heads[:, H:].reshape(B, 2, K, T, d).transpose(0, 1).reshape(2, B * K, T, d)
        k, v = cache.extend(layer, kv).unbind(0)  # (B·n_kv_head, T_all, head_dim)
        scale = cache.scaled(layer, self.scale)
        scores = tap("scores", layer, shared(torch.bmm, q, k.transpose(1, 2)).mul_(scale))  # (B·n_head, T, T_all)
        masked = scores if mask is None else scores.masked_fill(mask, -math.inf)
        pattern = tap("pattern", layer, masked.softmax(-1))  # (B·n_head, T, T_all), rows sum to 1
        return tap("z", layer, shared(torch.bmm, pattern, v))  # (B·n_head, T, head_dim)


def shared(product: Callable[[Tensor, Tensor], Tensor], x: Tensor, of_kv: Tensor) -> Tensor:
    """``product`` of (…, n_head, T, a) and (…, n_kv_head, a, b), each head of the second for a group of the first.

    A group is one longer matrix, so that keys and values are read once and copied never: (…, n_head, T, b).
    """
    if x.shape[-3] == of_kv.shape[-3]:
        return product(x, of_kv)
    grouped = x.reshape(*of_kv.shape[:-2], -1, x.shape[-1])  # (…, n_kv_head, group · T, a)
    return product(grouped, of_kv).view(*x.shape[:-1], of_kv.shape[-1])


def fused_attention(q: Tensor, k: Tensor, v: Tensor, dropout: float) -> Tensor:
    """Causal attention in torch's own kernel: three times (B, n_head, T, head_dim) → the same."""
    return F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=dropout)


def open_attention(q: Tensor, k: Tensor, v: Tensor, dropout: float) -> Tensor:
    """The same without a mask: each position sees all."""
    return F.scaled_dot_product_attention(q, k, v, dropout_p=dropout)


def causal_mask(start: int, T: int, window: int = 0, device: torch.device | None = None) -> Tensor:
    """(T, start + T), true where the key lies after the query, or a ``window`` of positions or more before it.

    Position ``start + i`` may see keys up to itself, and itself is the first of the ``window``; 0: as far as there are.
    """
    mask = torch.ones(T, start + T, dtype=torch.bool, device=device).triu(start + 1)
    return mask | torch.ones_like(mask).tril(start - window) if window else mask
