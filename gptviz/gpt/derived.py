"""What a trace does not keep, worked out from what it keeps, in the very steps of the model.

Each place follows from those before it, so that in an edited run everything after a replacement follows from the
replacement, which is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from gptviz.gpt.attention import causal_mask, shared
from gptviz.gpt.model import GPT, Block
from gptviz.gpt.store import Store
from gptviz.gpt.taps import TAPS

EVERY = slice(None)  # position
POINTWISE = ("resid", "attn_out", "resid_mid", "mlp_hidden", "mlp_out")  # taps that a position has for itself


@dataclass(frozen=True)
class Reading:
    """The first ``T`` positions of a store, and the model that filled it."""

    model: GPT
    store: Store
    T: int

    @torch.inference_mode()
    def all(self, name: str) -> Tensor:
        """A tap as a whole, (…) as its row in the table says."""
        tap = TAPS[name]
        if tap.kept:
            return self.store.kept[name].narrow(-2, 0, self.T)
        if name in ("scores", "pattern") and not self._replaced("scores", "pattern"):
            every = slice(None)  # of all layers at once
            return self._scores(every) if name == "scores" else self._softmax(self._scores(every), every)
        layers = self.model.config.n_layer
        return torch.stack([self.layer(name, layer) for layer in range(layers)])

    @torch.inference_mode()
    def layer(self, name: str, layer: int) -> Tensor:
        """One layer of a tap that has layers, without working out the others."""
        if TAPS[name].kept:
            return self.store.kept[name][layer].narrow(-2, 0, self.T)
        replaced = self.store.replaced.get((name, layer))
        return _STEPS[name](self, layer, EVERY) if replaced is None else replaced

    @torch.inference_mode()
    def head(self, name: str, layer: int, head: int) -> Tensor:
        """Scores or pattern (T, T) of one head, without working out the others."""
        if self._replaced("scores", "pattern"):
            return self.layer(name, layer)[head].clone()
        q, k = (self.store.kept[name][layer].narrow(-2, 0, self.T) for name in ("q", "k"))  # (heads, T, head_dim)
        scores = (q[head] @ k[head * len(k) // len(q)].t()).mul_(1.0 / math.sqrt(q.shape[-1]))
        return scores if name == "scores" else self._softmax(scores, layer)

    @torch.inference_mode()
    def rows(self, name: str, layer: int, at: slice) -> Tensor:
        """Some positions of a tap that each position has for itself, (n, …), without working out the others."""
        if name not in POINTWISE:
            raise ValueError(f"{name} is none of {', '.join(POINTWISE)}")
        if TAPS[name].kept or (name, layer) in self.store.replaced:
            return self.layer(name, layer)[at]
        return _STEPS[name](self, layer, at)

    def block(self, layer: int) -> Block:
        """The block that computed a layer."""
        return cast("Block", self.model.transformer["h"][layer])  # type: ignore[index]

    def _replaced(self, *names: str) -> bool:
        return any(name in names for name, _ in self.store.replaced)

    def _scores(self, layers: slice | int) -> Tensor:
        """(…, n_head, T, T) of the chosen layers or layer, in the steps of ``CausalSelfAttention.attend``."""
        q, k = (self.store.kept[name][layers].narrow(-2, 0, self.T) for name in ("q", "k"))  # (…, heads, T, head_dim)
        return shared(torch.matmul, q, k.transpose(-1, -2)).mul_(1.0 / math.sqrt(q.shape[-1]))

    def _softmax(self, scores: Tensor, layers: slice | int) -> Tensor:
        """(…, T, T), in the place of ``scores``, which are of the chosen layers or layer."""
        windows = self.model.config.windows
        if not self.model.config.causal:
            return scores.softmax(-1)
        if not windows:
            return scores.masked_fill_(causal_mask(0, self.T), -math.inf).softmax(-1)
        chosen = windows[layers] if isinstance(layers, slice) else [windows[layers]]
        mask = torch.stack([causal_mask(0, self.T, window) for window in chosen])[:, None]  # (layers, 1, T, T)
        return scores.masked_fill_(mask if isinstance(layers, slice) else mask[0, 0], -math.inf).softmax(-1)

    def scores(self, layer: int, at: slice = EVERY) -> Tensor:
        """(n_head, T, T)."""
        return self._scores(layer)

    def pattern(self, layer: int, at: slice = EVERY) -> Tensor:
        """(n_head, T, T)."""
        return self._softmax(self.layer("scores", layer).clone(), layer)

    def attn_out(self, layer: int, at: slice = EVERY) -> Tensor:
        """(T, C)."""
        z = self.layer("z", layer)[:, at]  # (n_head, T, head_dim)
        return self.block(layer).attn.c_proj(z.transpose(0, 1).flatten(1))

    def resid_mid(self, layer: int, at: slice = EVERY) -> Tensor:
        """(T, C)."""
        return self.rows("resid", layer, at) + self.rows("attn_out", layer, at)

    def mlp_hidden(self, layer: int, at: slice = EVERY) -> Tensor:
        """(T, mlp_width)."""
        block = self.block(layer)
        read = self.rows("resid" if block.parallel else "resid_mid", layer, at)
        return block.mlp.activations(block.ln_2(read))

    def mlp_out(self, layer: int, at: slice = EVERY) -> Tensor:
        """(T, C)."""
        return self.block(layer).mlp.c_proj(self.rows("mlp_hidden", layer, at))


_STEPS: dict[str, Callable[[Reading, int, slice], Tensor]] = {
    "scores": Reading.scores,
    "pattern": Reading.pattern,
    "attn_out": Reading.attn_out,
    "resid_mid": Reading.resid_mid,
    "mlp_hidden": Reading.mlp_hidden,
    "mlp_out": Reading.mlp_out,
}
