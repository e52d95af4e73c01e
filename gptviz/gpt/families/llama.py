"""Llama (Touvron et al. 2023), and who stores models in its way: SmolLM, TinyLlama, Llama 3.x with its long context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor

from gptviz.gpt.config import GPTConfig
from gptviz.gpt.families._llama_like import LlamaLike, biases_of
from gptviz.gpt.gguf_fields import unpermuted
from gptviz.gpt.gguf_file import GGUFFile
from gptviz.schema import Flag, Rule


class Llama(LlamaLike):
    """Biases only where the file says so, in attention, in the MLP, or both."""

    model_type: ClassVar[str] = "llama"
    title: ClassVar[str] = "Llama"
    gguf: ClassVar[str | None] = "llama"
    rules: ClassVar[Mapping[str, Rule]] = {"attention_bias": Flag(), "mlp_bias": Flag()}

    def parts(self, said: Mapping[str, Any], folder: str) -> dict[str, Any]:
        return {"biases": biases_of(said)}

    def gguf_parts(self, file: GGUFFile) -> dict[str, Any]:
        """Biases are there or not. Mistral's models are called llama there, too, with no word of their window."""
        return {
            "attention_bias": "blk.0.attn_q.bias" in file.tensors,
            "mlp_bias": "blk.0.ffn_up.bias" in file.tensors,
        }

    def renamed(self, stored: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        """llama.cpp turns neighbouring numbers in Llamas, and has put the rows of queries and keys in order for it."""
        named = super().renamed(stored, config)
        for name in named:
            heads = {"q_proj": config.n_head, "k_proj": config.kv_heads}.get(name.split(".")[-2])
            if heads and len(named[name]) == heads * config.head_dim:  # of another shape it is told of
                named[name] = unpermuted(named[name], heads)
        return named
