"""One forward pass with heads and layers turned down: each is multiplied by its gate, 1 as it is, 0 without it.

What a gate of 0 makes of a run is what ``gptviz.edits.ablate`` makes of it; here it costs no trace, and a gradient can
be taken (Michel et al. 2019, arXiv 1905.10650, section 2.2: the mask variables ξ).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from gptviz.compression.texts import Passage
from gptviz.gpt.cache import KVCache
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT


class Gates(KVCache):
    """A pass over one text. ``heads`` (n_layer, n_head) gate each head's z; ``layers`` (n_layer,) all that one adds."""

    def __init__(self, config: GPTConfig, heads: Tensor | None = None, layers: Tensor | None = None) -> None:
        self.length, self._heads, self._layers, self._n_head = 0, heads, layers, config.n_head

    def reserve(self, T: int) -> None:
        """Nothing to do: there is one pass."""

    def extend(self, layer: int, kv: Tensor) -> Tensor:
        return kv

    def tap(self, name: str, layer: int, value: Tensor) -> Tensor:
        if name == "z" and self._heads is not None:
            gates = self._heads[layer].repeat(len(value) // self._n_head)  # (B·n_head,)
            return value * gates[:, None, None]
        if name in ("attn_out", "mlp_out") and self._layers is not None:
            return value * self._layers[layer]
        return value


def logits(model: GPT, ids: tuple[int, ...], gates: Gates | None = None) -> Tensor:
    """(T, n_tokens): what the model says after each of ``ids``; without gates in torch's fused kernels."""
    found: Tensor = model(torch.tensor([list(ids)]), gates)
    return model.logits(found)[0, :, : model.n_tokens]


def nats_of(said: Tensor, passage: Passage) -> Tensor:
    """The surprisal of a whole passage, nats, from its ``logits``."""
    return F.cross_entropy(said[:-1].double(), torch.tensor(passage.ids[1:]), reduction="sum")


@torch.inference_mode()
def nats(model: GPT, passage: Passage, *, heads: Tensor | None = None, layers: Tensor | None = None) -> float:
    """The same in one pass with these gates."""
    return float(nats_of(logits(model, passage.ids, Gates(model.config, heads, layers)), passage))
