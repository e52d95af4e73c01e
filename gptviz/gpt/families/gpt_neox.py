"""GPT-NeoX (Black et al. 2022), as the Pythia models are: attention and MLP in parallel, rotary positions in part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from gptviz.gpt.config import BIASES, LARGEST, GPTConfig
from gptviz.gpt.family import Family
from gptviz.gpt.fields import ROPE_RULES, SIZE_RULES, activation, check, rotary_of
from gptviz.gpt.gguf_fields import by_prefix, config_of, rope_of
from gptviz.gpt.gguf_file import GGUFFile
from gptviz.gpt.layout import HEAD, WTE, Table, put_together
from gptviz.schema import Flag, Number, Rule, Text, Whole

_RULES: dict[str, Rule] = SIZE_RULES | ROPE_RULES | {
    "intermediate_size": Whole(1, LARGEST["n_inner"]),
    "hidden_act": Text(100),
    "layer_norm_eps": Number(0, 1, above=True),
    "rotary_pct": Number(0, 1, above=True),
    "rotary_emb_base": Number(0, 1e12, above=True),
    **dict.fromkeys(("tie_word_embeddings", "use_parallel_residual", "attention_bias"), Flag()),
}  # fmt: skip
_NEEDED = ("num_hidden_layers", "num_attention_heads", "hidden_size", "vocab_size", "max_position_embeddings",
           "intermediate_size")  # fmt: skip
_GGUF = {"token_embd": "gpt_neox.embed_in", "output_norm": "gpt_neox.final_layer_norm", "output": "embed_out"}
_GGUF_LAYER = {"attn_norm": "input_layernorm", "attn_qkv": "attention.query_key_value",
               "attn_output": "attention.dense", "ffn_norm": "post_attention_layernorm",
               "ffn_up": "mlp.dense_h_to_4h", "ffn_down": "mlp.dense_4h_to_h"}  # fmt: skip


class GPTNeoX(Family):
    """LayerNorm, biases, and queries, keys and values stored head by head."""

    model_type: ClassVar[str] = "gpt_neox"
    title: ClassVar[str] = "GPT-NeoX"
    gguf: ClassVar[str | None] = "gptneox"

    def read(self, raw: Mapping[str, Any], folder: str) -> GPTConfig:
        said = check(raw, folder, _RULES, _NEEDED)
        C, H = said["hidden_size"], said["num_attention_heads"]
        base, part = said.get("rotary_emb_base", 10_000.0), said.get("rotary_pct", 0.25)
        return GPTConfig(
            n_layer=said["num_hidden_layers"],
            n_head=H,
            n_embd=C,
            block_size=said["max_position_embeddings"],
            vocab_size=said["vocab_size"],
            n_inner=None if said["intermediate_size"] == 4 * C else said["intermediate_size"],
            position="rotary",
            rotary=rotary_of(said, folder, C // H, base=base, part=part),
            eps=said.get("layer_norm_eps", 1e-5),
            activation=activation(said, folder, "hidden_act", "gelu"),
            tied=said.get("tie_word_embeddings", False),
            parallel=said.get("use_parallel_residual", True),
            biases=BIASES if said.get("attention_bias", True) else ("mlp",),
        )

    def read_gguf(self, file: GGUFFile) -> GPTConfig:
        said = config_of(file, self.model_type) | {"rope_parameters": rope_of(file)}
        if "layer_norm_epsilon" in said:
            said["layer_norm_eps"] = said.pop("layer_norm_epsilon")
        said["use_parallel_residual"] = file.fields.get("gptneox.use_parallel_residual", True)
        whole = said.get("hidden_size", 0) // said.get("num_attention_heads", 1)
        turned = file.fields.get("gptneox.rope.dimension_count", whole)
        return self.read(said | {"rotary_pct": turned / whole if 0 < turned <= whole else 1.0}, str(file.path))

    def renamed(self, stored: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        """There queries, keys and values are apart already; ``ours`` takes them head by head."""
        names = by_prefix(_GGUF, _GGUF_LAYER, config.n_layer, "gpt_neox.layers")
        named = {names.get(name, name): stored.pop(name) for name in list(stored)}
        for name, tensor in named.items():
            if ".query_key_value." in name and len(tensor) == 3 * config.n_embd and not tensor.is_meta:
                heads = tensor.reshape(3, config.n_head, config.head_dim, -1)
                named[name] = heads.transpose(0, 1).reshape(tensor.shape)
        return named

    def ours(self, stored: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        table = Table(config)
        C, F, qkv = config.n_embd, config.mlp_width, 3 * config.n_embd
        table.embedding(WTE, "gpt_neox.embed_in.weight", config.vocab_size)
        for i in range(config.n_layer):
            ours, theirs = f"transformer.h.{i}", f"gpt_neox.layers.{i}"
            table.norm(f"{ours}.ln_1", f"{theirs}.input_layernorm")
            table.matrix(f"{ours}.attn.c_attn", C, (f"{theirs}.attention.query_key_value", qkv),
                         bias="qkv" in config.biases, changes=[_apart(config)])  # fmt: skip
            table.matrix(f"{ours}.attn.c_proj", C, (f"{theirs}.attention.dense", C), bias="out" in config.biases)
            table.norm(f"{ours}.ln_2", f"{theirs}.post_attention_layernorm")
            table.matrix(f"{ours}.mlp.c_fc", C, (f"{theirs}.mlp.dense_h_to_4h", F), bias=True)
            table.matrix(f"{ours}.mlp.c_proj", F, (f"{theirs}.mlp.dense_4h_to_h", C), bias=True)
        table.norm("transformer.ln_f", "gpt_neox.final_layer_norm")
        table.embedding(HEAD, "embed_out.weight", config.vocab_size)
        return put_together(stored, table.parts, tied=config.tied)


def _apart(config: GPTConfig) -> Any:
    """What takes rows from (head, q or k or v, head_dim) to (q or k or v, head, head_dim)."""

    def moved(tensor: Tensor) -> Tensor:
        heads = tensor.reshape(config.n_head, 3, config.head_dim, -1)
        return torch.transpose(heads, 0, 1).reshape(tensor.shape)

    return moved
