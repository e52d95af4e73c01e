"""GPT-2 (Radford et al. 2019), as Hugging Face transformers stores it.

Its names and layout are ours: matrices are (in, out), queries, keys and values are one matrix, the head is the
embedding. ``reorder_and_upcast_attn`` asks for attention in float32, in which everything is computed here anyway. What
a folder of ours says beyond it is ``position``, where that is not learned, ``n_tokens``, where rows only pad the
vocabulary, and ``causal``, where each position sees all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from gptviz.gpt.config import LARGEST, GPTConfig
from gptviz.gpt.family import Family, refuse
from gptviz.gpt.fields import ACTIVATIONS, require_known
from gptviz.gpt.gguf_fields import by_prefix, config_of
from gptviz.gpt.gguf_file import GGUFFile
from gptviz.gpt.layout import HEAD, WTE
from gptviz.schema import Either, Flag, Number, Record, Rule, Text, Whole

#: The causal mask, which old files carry; ours is computed.
_MASK = re.compile(r"(transformer\.)?h\.\d+\.attn\.(bias|masked_bias)")
_SIZES = {"n_layer": "n_layer", "n_head": "n_head", "n_embd": "n_embd", "vocab_size": "vocab_size",
          "n_positions": "block_size", "n_ctx": "block_size"}  # fmt: skip
_OPTIONAL: dict[str, Rule] = {
    "n_inner": Either(Whole(1, LARGEST["n_inner"]), None), "activation_function": Text(100), "position": Text(100),
    "layer_norm_epsilon": Number(0, 1, above=True),
    **dict.fromkeys(("tie_word_embeddings", "scale_attn_weights", "scale_attn_by_inverse_layer_idx",
                     "add_cross_attention", "reorder_and_upcast_attn", "causal"), Flag()),
}  # fmt: skip
_RULE = Record(_OPTIONAL, needed=("n_layer", "n_head", "n_embd", "vocab_size"))
_RULE_OF_SIZES = Record({theirs: Whole(1, LARGEST[ours]) for theirs, ours in _SIZES.items()})
#: In GGUF files: fields, by their usual name in a ``config.json``, and tensors.
_GGUF_FIELDS = {"num_hidden_layers": "n_layer", "num_attention_heads": "n_head", "hidden_size": "n_embd",
                "max_position_embeddings": "n_positions", "intermediate_size": "n_inner",
                "layer_norm_epsilon": "layer_norm_epsilon"}  # fmt: skip
_GGUF = {"token_embd": "transformer.wte", "position_embd": "transformer.wpe", "output_norm": "transformer.ln_f",
         "output": "lm_head"}  # fmt: skip
_GGUF_LAYER = {"attn_norm": "ln_1", "attn_qkv": "attn.c_attn", "attn_output": "attn.c_proj", "ffn_norm": "ln_2",
               "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj"}  # fmt: skip
_DEFAULT_POSITIONS = 1024  # transformers' own, where neither name of it is there


class GPT2(Family):
    """LayerNorm before each part, learned positions, an MLP of two matrices, biases everywhere."""

    model_type: ClassVar[str] = "gpt2"
    title: ClassVar[str] = "GPT-2"
    gguf: ClassVar[str | None] = "gpt2"

    def read(self, raw: Mapping[str, Any], folder: str) -> GPTConfig:
        _RULE.check(raw)
        require_known(raw, folder, {*_OPTIONAL, *_SIZES, "n_tokens"})
        activation = raw.get("activation_function", "gelu_new")
        refuse(raw, folder, {"activation_function": activation in ACTIVATIONS})
        config = GPTConfig(
            n_layer=raw["n_layer"],
            n_head=raw["n_head"],
            n_embd=raw["n_embd"],
            block_size=raw.get("n_positions", raw.get("n_ctx", _DEFAULT_POSITIONS)),
            vocab_size=raw["vocab_size"],
            position=raw.get("position", "learned"),
            tied=raw.get("tie_word_embeddings", True),
            eps=raw.get("layer_norm_epsilon", 1e-5),
            activation=ACTIVATIONS[activation],
            n_inner=raw.get("n_inner"),
            scale_attn_weights=raw.get("scale_attn_weights", True),
            scale_attn_by_inverse_layer_idx=raw.get("scale_attn_by_inverse_layer_idx", False),
            n_tokens=raw.get("n_tokens"),
            causal=raw.get("causal", True),
        )
        _RULE_OF_SIZES.check(raw)
        return replace(config, n_inner=None) if config.n_inner == 4 * config.n_embd else config

    def ours(self, stored: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        named: dict[str, Tensor] = {}
        for name, tensor in sorted(stored.items()):  # with the prefix last, so that of two alike it has the name
            if not _MASK.fullmatch(name):
                plain = _plain(name)
                if plain in named:
                    named[f"{name} (twice)"] = tensor
                else:
                    named[plain] = tensor
        if config.tied:  # where not even the embedding is stored, that alone is missing
            named.setdefault(HEAD, named.get(WTE, torch.empty(0)))
        return _scaled(named, config)

    def read_gguf(self, file: GGUFFile) -> GPTConfig:
        said = config_of(file, self.model_type)
        raw = {ours: said[theirs] for theirs, ours in _GGUF_FIELDS.items() if theirs in said}
        extra = {name: said[name] for name in said if name not in _GGUF_FIELDS}
        return self.read(raw | extra, str(file.path))

    def renamed(self, stored: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        names = by_prefix(_GGUF, _GGUF_LAYER, config.n_layer, "transformer.h")
        named = {names.get(name, name): stored.pop(name) for name in list(stored)}
        for name in named:
            if name.startswith("transformer.h.") and named[name].ndim == 2:  # (out, in) there
                named[name] = named[name].t()
        return named

    def writes(self, config: GPTConfig) -> bool:
        return not config.unlike_gpt2().keys() - {"causal"}

    def raw(self, config: GPTConfig) -> dict[str, Any]:
        raw: dict[str, Any] = {
            "model_type": self.model_type,
            "architectures": ["GPT2LMHeadModel"],
            "n_layer": config.n_layer,
            "n_head": config.n_head,
            "n_embd": config.n_embd,
            "n_positions": config.block_size,
            "vocab_size": config.vocab_size,
            "activation_function": config.activation,
            "layer_norm_epsilon": config.eps,
            "tie_word_embeddings": config.tied,
        }
        usual = GPTConfig()
        for name in ("n_inner", "scale_attn_weights", "scale_attn_by_inverse_layer_idx"):
            raw |= {name: getattr(config, name)} if getattr(config, name) != getattr(usual, name) else {}
        raw |= {} if config.n_tokens is None else {"n_tokens": config.n_tokens}
        # transformers knows only learned positions and a causal mask; with others it must not believe that it runs this
        raw |= {} if config.position == "learned" else {"position": config.position, "architectures": ["gptviz"]}
        return raw if config.causal else raw | {"causal": False, "architectures": ["gptviz"]}

    def theirs(self, ours: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        kept = {name: tensor for name, tensor in ours.items() if not (config.tied and name == HEAD)}
        return _scaled(kept, config, back=True)


def _plain(name: str) -> str:
    """Our name of a stored tensor: the prefix ``transformer.`` is there in some files and not in others."""
    return name if name.startswith(("transformer.", "lm_head.")) else f"transformer.{name}"


def _scaled(named: dict[str, Tensor], config: GPTConfig, *, back: bool = False) -> dict[str, Tensor]:
    """Queries that are stored for scores other than q·k/√d take up the difference: the scores are the same numbers.

    q is the first third of ``c_attn``'s columns. Whoever looks at q sees it as it enters q·k/√d.
    """
    for layer in range(config.n_layer if config.query_scale(1) != 1 or not config.scale_attn_weights else 0):
        scale = 1 / config.query_scale(layer) if back else config.query_scale(layer)
        for name in (f"transformer.h.{layer}.attn.c_attn.{kind}" for kind in ("weight", "bias")):
            if name in named:
                q, rest = named[name][..., : config.n_embd], named[name][..., config.n_embd :]
                named[name] = torch.cat((q.float() * scale, rest.float()), dim=-1)
    return named
