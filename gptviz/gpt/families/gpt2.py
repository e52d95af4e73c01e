"""GPT-2 (Radford et al. 2019), as Hugging Face transformers stores it.

Its names and layout are ours: matrices are (in, out), queries, keys and values are one matrix, the head is the
embedding. What a folder of ours says beyond it is ``position``, where that is not learned, and ``n_tokens``, where rows
only pad the vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from gptviz.gpt.config import GPTConfig
from gptviz.gpt.family import Family, refuse

_EMBEDDING, _HEAD = "transformer.wte.weight", "lm_head.weight"
_MASKS = (".attn.bias", ".attn.masked_bias")  # old files carry the causal mask; ours is computed
_GELU_TANH = ("gelu_new", "gelu_pytorch_tanh")


class GPT2(Family):
    """LayerNorm before each part, learned positions, a GELU between the MLP's two matrices, biases everywhere."""

    model_type: ClassVar[str] = "gpt2"

    def read(self, raw: Mapping[str, Any], folder: str) -> GPTConfig:
        inner = raw.get("n_inner") or 4 * raw["n_embd"]
        refuse(raw, folder, {
            "activation_function": raw.get("activation_function", "gelu_new") in _GELU_TANH,
            "n_inner": inner == 4 * raw["n_embd"],
            "scale_attn_weights": raw.get("scale_attn_weights", True) is True,
            "scale_attn_by_inverse_layer_idx": not raw.get("scale_attn_by_inverse_layer_idx", False),
            "add_cross_attention": not raw.get("add_cross_attention", False),
        })  # fmt: skip
        return GPTConfig(
            n_layer=raw["n_layer"],
            n_head=raw["n_head"],
            n_embd=raw["n_embd"],
            block_size=raw.get("n_positions", raw.get("n_ctx", 1024)),
            vocab_size=raw["vocab_size"],
            position=raw.get("position", "learned"),
            tied=raw.get("tie_word_embeddings", True),
            eps=raw.get("layer_norm_epsilon", 1e-5),
            n_tokens=raw.get("n_tokens"),
        )

    def ours(self, stored: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        named = {_plain(name): tensor for name, tensor in stored.items() if not name.endswith(_MASKS)}
        if config.tied:  # the head may or may not be stored; where even the embedding is not, that alone is missing
            named.setdefault(_HEAD, named.get(_EMBEDDING, torch.empty(0)))
        return named

    def writes(self, config: GPTConfig) -> bool:
        return True

    def raw(self, config: GPTConfig) -> dict[str, Any]:
        raw: dict[str, Any] = {
            "model_type": self.model_type,
            "architectures": ["GPT2LMHeadModel"],
            "n_layer": config.n_layer,
            "n_head": config.n_head,
            "n_embd": config.n_embd,
            "n_positions": config.block_size,
            "vocab_size": config.vocab_size,
            "activation_function": "gelu_new",
            "layer_norm_epsilon": config.eps,
            "tie_word_embeddings": config.tied,
        }
        raw |= {} if config.n_tokens is None else {"n_tokens": config.n_tokens}
        # transformers knows only learned positions; with others it must not believe that it can run this
        known = config.position == "learned"
        return raw if known else raw | {"position": config.position, "architectures": ["gptviz"]}

    def theirs(self, ours: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        return {name: tensor for name, tensor in ours.items() if not (config.tied and name == _HEAD)}


def _plain(name: str) -> str:
    """Our name of a stored tensor: the prefix ``transformer.`` is there in some files and not in others."""
    return name if name.startswith(("transformer.", "lm_head.")) else f"transformer.{name}"
