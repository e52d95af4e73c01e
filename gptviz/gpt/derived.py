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

from gptviz.gpt.model import GPT, Block, causal_mask
from gptviz.gpt.store import Store
from gptviz.gpt.taps import TAPS


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
            scores = self._scores(slice(None))  # of all layers at once
            return scores if name == "scores" else self._softmax(scores)
        layers = self.model.config.n_layer
        return torch.stack([self.layer(name, layer) for layer in range(layers)])

    @torch.inference_mode()
    def layer(self, name: str, layer: int) -> Tensor:
        """One layer of a tap that has layers, without working out the others."""
        if TAPS[name].kept:
            return self.store.kept[name][layer].narrow(-2, 0, self.T)
        replaced = self.store.replaced.get((name, layer))
        return _STEPS[name](self, layer) if replaced is None else replaced

    @torch.inference_mode()
    def head(self, name: str, layer: int, head: int) -> Tensor:
        """Scores or pattern (T, T) of one head, without working out the others."""
        if self._replaced("scores", "pattern"):
            return self.layer(name, layer)[head].clone()
        scores = self._scores((layer, head))
        return scores if name == "scores" else self._softmax(scores)

    def block(self, layer: int) -> Block:
        """The block that computed a layer."""
        return cast("Block", self.model.transformer["h"][layer])  # type: ignore[index]

    def _replaced(self, *names: str) -> bool:
        return any(name in names for name, _ in self.store.replaced)

    def _scores(self, heads: slice | int | tuple[int, int]) -> Tensor:
        """(…, T, T) of the chosen layers, layer or head, in the steps of ``CausalSelfAttention.attend``."""
        q, k = (self.store.kept[name][heads].narrow(-2, 0, self.T) for name in ("q", "k"))  # (…, T, head_dim)
        return (q @ k.transpose(-1, -2)).mul_(1.0 / math.sqrt(q.shape[-1]))

    def _softmax(self, scores: Tensor) -> Tensor:
        """(…, T, T), in the place of ``scores``."""
        return scores.masked_fill_(causal_mask(0, self.T), -math.inf).softmax(-1)

    def scores(self, layer: int) -> Tensor:
        """(n_head, T, T)."""
        return self._scores(layer)

    def pattern(self, layer: int) -> Tensor:
        """(n_head, T, T)."""
        return self._softmax(self.layer("scores", layer).clone())

    def attn_out(self, layer: int) -> Tensor:
        """(T, C)."""
        z = self.layer("z", layer)  # (n_head, T, head_dim)
        return self.block(layer).attn.c_proj(z.transpose(0, 1).flatten(1))

    def resid_mid(self, layer: int) -> Tensor:
        """(T, C)."""
        return self.layer("resid", layer) + self.layer("attn_out", layer)

    def mlp_hidden(self, layer: int) -> Tensor:
        """(T, 4C)."""
        block = self.block(layer)
        return block.mlp.activations(block.ln_2(self.layer("resid_mid", layer)))

    def mlp_out(self, layer: int) -> Tensor:
        """(T, C)."""
        return self.block(layer).mlp.c_proj(self.layer("mlp_hidden", layer))


_STEPS: dict[str, Callable[[Reading, int], Tensor]] = {
    "scores": Reading.scores,
    "pattern": Reading.pattern,
    "attn_out": Reading.attn_out,
    "resid_mid": Reading.resid_mid,
    "mlp_hidden": Reading.mlp_hidden,
    "mlp_out": Reading.mlp_out,
}
