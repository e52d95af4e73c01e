"""Llama (Touvron et al. 2023), and who stores models in its way: SmolLM, TinyLlama, Llama 3.x with its long context.

Models of these parts that are trained here are written so, too. What such a folder says beyond it is ``n_tokens``,
where rows only pad the vocabulary, and ``position``, where that is not rotary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from torch import Tensor

from gptviz.errors import WeightsError
from gptviz.gpt.config import LARGEST, POSITIONS, GPTConfig, Rotary
from gptviz.gpt.families._llama_like import BODY, LlamaLike, biases_of
from gptviz.gpt.gguf_fields import unpermuted
from gptviz.gpt.gguf_file import GGUFFile
from gptviz.gpt.layout import Table, taken_apart
from gptviz.schema import Flag, Rule, Text, Whole, shown

#: What a model must be made of to be written here; sizes are free, and so are heads of keys and values.
_LIKE = GPTConfig(norm="rmsnorm", gated=True, biases=(), rotary=Rotary(halves=True))
_PARTS = ("norm", "qk_norm", "gated", "biases", "rotary", "parallel", "windows", "embedding_scale", "causal",
          "scale_attn_weights", "scale_attn_by_inverse_layer_idx")  # fmt: skip


class Llama(LlamaLike):
    """Biases only where the file says so, in attention, in the MLP, or both."""

    model_type: ClassVar[str] = "llama"
    title: ClassVar[str] = "Llama"
    gguf: ClassVar[str | None] = "llama"
    rules: ClassVar[Mapping[str, Rule]] = {
        "attention_bias": Flag(),
        "mlp_bias": Flag(),
        "position": Text(100),
        "n_tokens": Whole(1, LARGEST["vocab_size"]),
    }

    def parts(self, said: Mapping[str, Any], folder: str) -> dict[str, Any]:
        position = said.get("position", "rotary")
        if position not in POSITIONS:
            raise WeightsError("weights.variant", folder=folder, kind=self.model_type, name="position",
                               value=shown(position))  # fmt: skip
        own = {} if position == "rotary" else {"position": position, "rotary": Rotary(halves=True)}
        return {"biases": biases_of(said), "n_tokens": said.get("n_tokens")} | own

    def table(self, config: GPTConfig) -> Table:
        table = super().table(config)
        if config.position == "learned":
            table.embedding("transformer.wpe.weight", f"{BODY}.embed_positions.weight", config.block_size)
        return table

    def writes(self, config: GPTConfig) -> bool:
        usual = replace(_LIKE, rotary=replace(_LIKE.rotary, base=config.rotary.base))
        return {name: getattr(config, name) for name in _PARTS} == {name: getattr(usual, name) for name in _PARTS}

    def raw(self, config: GPTConfig) -> dict[str, Any]:
        raw: dict[str, Any] = {
            "model_type": self.model_type,
            "architectures": ["LlamaForCausalLM"],
            "num_hidden_layers": config.n_layer,
            "num_attention_heads": config.n_head,
            "num_key_value_heads": config.kv_heads,
            "head_dim": config.head_dim,
            "hidden_size": config.n_embd,
            "intermediate_size": config.mlp_width,
            "max_position_embeddings": config.block_size,
            "vocab_size": config.vocab_size,
            "hidden_act": config.activation,
            "rms_norm_eps": config.eps,
            "rope_theta": config.rotary.base,
            "tie_word_embeddings": config.tied,
            "attention_bias": False,
            "mlp_bias": False,
        }
        raw |= {} if config.n_tokens is None else {"n_tokens": config.n_tokens}
        # transformers knows only rotary positions here; with others it must not believe that it runs this
        return raw if config.position == "rotary" else raw | {"position": config.position, "architectures": ["gptviz"]}

    def theirs(self, ours: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        return taken_apart(ours, self.table(config).parts, tied=config.tied)

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
