"""What Llama and its relatives share: how they write ``config.json``, and where their tensors are.

RMSNorm, rotary positions by halves, gated MLP, grouped queries; they differ in biases, norms of queries and keys, and
windows. A relative is a subclass in a file of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from torch import Tensor

from gptviz.gpt.config import LARGEST, GPTConfig
from gptviz.gpt.family import Family, refuse
from gptviz.gpt.fields import ROPE_RULES, SIZE_RULES, activation, check, rotary_of
from gptviz.gpt.gguf_fields import by_prefix, config_of, factors_of, rope_of
from gptviz.gpt.gguf_file import GGUFFile
from gptviz.gpt.layout import HEAD, WTE, Table, put_together
from gptviz.schema import Entries, Flag, Number, Rule, Text, Whole

_RULES: dict[str, Rule] = SIZE_RULES | ROPE_RULES | {
    "intermediate_size": Whole(1, LARGEST["n_inner"]),
    "num_key_value_heads": Whole(1, LARGEST["n_kv_head"]),
    "head_dim": Whole(1, LARGEST["head_width"]),
    "hidden_act": Text(100),
    "rms_norm_eps": Number(0, 1, above=True),
    "tie_word_embeddings": Flag(),
}  # fmt: skip
_NEEDED = ("num_hidden_layers", "num_attention_heads", "hidden_size", "vocab_size", "max_position_embeddings",
           "intermediate_size")  # fmt: skip
WINDOW_RULES: dict[str, Rule] = {
    "sliding_window": Whole(1, LARGEST["block_size"]),
    "use_sliding_window": Flag(),
    "max_window_layers": Whole(0, LARGEST["n_layer"]),
    "layer_types": Entries(Text(50), LARGEST["n_layer"]),
}
BODY = "model"  # what the names of all but the head begin with

#: Their names in GGUF files.
_GGUF = {"token_embd": f"{BODY}.embed_tokens", "output_norm": f"{BODY}.norm", "output": "lm_head"}
_GGUF_LAYER = {
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm", "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}  # fmt: skip
_WIDTHS = ("rope.dimension_count", "attention.value_length")


class LlamaLike(Family):
    """One of them; ``rules`` says which fields it has besides, ``parts`` what they mean."""

    rules: ClassVar[Mapping[str, Rule]] = {}
    tied: ClassVar[bool] = False  # where the file does not say
    head: ClassVar[int | None] = None  # the width of a head, where the file does not say; None: n_embd / n_head

    def parts(self, said: Mapping[str, Any], folder: str) -> dict[str, Any]:
        """Fields of ``GPTConfig`` in which this family is not what ``read`` says."""
        return {}

    def read(self, raw: Mapping[str, Any], folder: str) -> GPTConfig:
        said = check(raw, folder, {**_RULES, **self.rules}, _NEEDED)
        C, H = said["hidden_size"], said["num_attention_heads"]
        K, d = said.get("num_key_value_heads", H), said.get("head_dim", self.head)
        width = C // H if d is None else d
        shape: dict[str, Any] = {
            "n_layer": said["num_hidden_layers"],
            "n_head": H,
            "n_embd": C,
            "block_size": said["max_position_embeddings"],
            "vocab_size": said["vocab_size"],
            "n_inner": None if said["intermediate_size"] == 4 * C else said["intermediate_size"],
            "n_kv_head": None if K == H else K,
            "head_width": None if width * H == C else width,
            "position": "rotary",
            "rotary": rotary_of(said, folder, width),
            "norm": "rmsnorm",
            "eps": said.get("rms_norm_eps", 1e-6),
            "activation": activation(said, folder, "hidden_act", "silu"),
            "gated": True,
            "tied": said.get("tie_word_embeddings", self.tied),
            "biases": (),
        }
        return GPTConfig(**shape | self.parts(said, folder))

    def ours(self, stored: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        return put_together(stored, self.table(config).parts, tied=config.tied)

    def read_gguf(self, file: GGUFFile) -> GPTConfig:
        raw = config_of(file, self.model_type) | {"rope_parameters": rope_of(file)}
        config = self.read(raw | self.gguf_parts(file), str(file.path))
        config = replace(config, rotary=replace(config.rotary, factors=factors_of(file, config.rotary_width)))
        said = {name: file.fields.get(f"{self.gguf}.{name}") for name in _WIDTHS}
        wanted = {"rope.dimension_count": config.rotary_width, "attention.value_length": config.head_dim}
        refuse({**said, "model_type": self.gguf}, str(file.path),
               {name: said[name] in (None, width) for name, width in wanted.items()})  # fmt: skip
        return config

    def gguf_parts(self, file: GGUFFile) -> dict[str, Any]:
        """Fields of a ``config.json`` that such a file says by the tensors that it has, or not at all."""
        return {}

    def renamed(self, stored: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        names = by_prefix(_GGUF, _GGUF_LAYER, config.n_layer, f"{BODY}.layers")
        return {names.get(name, name): stored.pop(name) for name in list(stored)}

    def table(self, config: GPTConfig) -> Table:
        """Where each tensor is."""
        table = Table(config)
        C, F, d = config.n_embd, config.mlp_width, config.head_dim
        q, kv = config.n_head * d, config.kv_heads * d
        table.embedding(WTE, f"{BODY}.embed_tokens.weight", config.vocab_size)
        for i in range(config.n_layer):
            ours, theirs = f"transformer.h.{i}", f"{BODY}.layers.{i}"
            attn, mlp, biases = f"{theirs}.self_attn", f"{theirs}.mlp", config.biases
            table.norm(f"{ours}.ln_1", f"{theirs}.input_layernorm", change=self.norm_change)
            table.matrix(f"{ours}.attn.c_attn", C, (f"{attn}.q_proj", q), (f"{attn}.k_proj", kv),
                         (f"{attn}.v_proj", kv), bias="qkv" in biases)  # fmt: skip
            table.matrix(f"{ours}.attn.c_proj", q, (f"{attn}.o_proj", C), bias="out" in biases)
            if config.qk_norm:
                table.norm(f"{ours}.attn.ln_q", f"{attn}.q_norm", width=d)
                table.norm(f"{ours}.attn.ln_k", f"{attn}.k_norm", width=d)
            table.norm(f"{ours}.ln_2", f"{theirs}.post_attention_layernorm", change=self.norm_change)
            table.matrix(f"{ours}.mlp.c_fc", C, (f"{mlp}.gate_proj", F), (f"{mlp}.up_proj", F), bias="mlp" in biases)
            table.matrix(f"{ours}.mlp.c_proj", F, (f"{mlp}.down_proj", C), bias="mlp" in biases)
        table.norm("transformer.ln_f", f"{BODY}.norm", change=self.norm_change)
        table.embedding(HEAD, "lm_head.weight", config.vocab_size)
        return table

    @staticmethod
    def norm_change(weight: Tensor) -> Tensor:
        """What a stored norm of the stream is made into."""
        return weight


def biases_of(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Where there are biases, by Llama's two switches."""
    attention = ("qkv", "out") if said.get("attention_bias", False) else ()
    return attention + (("mlp",) if said.get("mlp_bias", False) else ())


def windows_of(said: Mapping[str, Any], chosen: Mapping[int, bool]) -> tuple[int, ...]:
    """The window of each layer that is ``chosen``; of none where no text is as long as the window."""
    window = said.get("sliding_window", 0)
    narrow = 0 < window < said["max_position_embeddings"] and any(chosen.values())
    return tuple(window if chosen[i] else 0 for i in sorted(chosen)) if narrow else ()


def windows_by_layer(said: Mapping[str, Any], folder: str) -> tuple[int, ...]:
    """Qwen's way: switched on as a whole, then from one layer on, or in those that a list names."""
    n_layer = said["num_hidden_layers"]
    named = said.get("layer_types")
    if not said.get("use_sliding_window", False):
        refuse(said, folder, {"layer_types": named is None or set(named) <= {"full_attention"}})
        return ()
    if named is None:
        return windows_of(said, {i: i >= said.get("max_window_layers", 28) for i in range(n_layer)})
    known = len(named) == n_layer and set(named) <= {"full_attention", "sliding_attention"}
    refuse(said, folder, {"layer_types": known})
    return windows_of(said, {i: kind == "sliding_attention" for i, kind in enumerate(named)})
