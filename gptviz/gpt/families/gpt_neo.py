"""GPT-Neo (Black et al. 2021): a GPT-2 whose layers see, in turn, the whole text and a window of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor

from gptviz.errors import WeightsError
from gptviz.gpt.config import LARGEST, GPTConfig
from gptviz.gpt.family import Family
from gptviz.gpt.fields import SIZE_RULES, activation, check
from gptviz.gpt.layout import HEAD, WTE, Table, put_together
from gptviz.schema import Anything, Entries, Flag, Number, Rule, Text, Whole, shown

_RULES: dict[str, Rule] = {
    "num_layers": SIZE_RULES["num_hidden_layers"],
    "num_heads": SIZE_RULES["num_attention_heads"],
    **{name: SIZE_RULES[name] for name in ("hidden_size", "vocab_size", "max_position_embeddings")},
    "intermediate_size": Whole(1, LARGEST["n_inner"]),
    "window_size": Whole(1, LARGEST["block_size"]),
    "attention_types": Entries(Anything(), LARGEST["n_layer"]),
    "attention_layers": Entries(Text(50), LARGEST["n_layer"]),
    "activation_function": Text(100),
    "layer_norm_epsilon": Number(0, 1, above=True),
    "tie_word_embeddings": Flag(),
}
_NEEDED = ("num_layers", "num_heads", "hidden_size", "vocab_size", "max_position_embeddings")


class GPTNeo(Family):
    """No bias on queries, keys and values; scores are q·k, so that q takes up √d: see ``gptviz.gpt.config``."""

    model_type: ClassVar[str] = "gpt_neo"
    title: ClassVar[str] = "GPT-Neo"

    def read(self, raw: Mapping[str, Any], folder: str) -> GPTConfig:
        said = check(raw, folder, _RULES, _NEEDED)
        C, window = said["hidden_size"], said.get("window_size", 256)
        local = [kind == "local" for kind in _kinds(said, folder)]
        narrow = window < said["max_position_embeddings"] and any(local)
        inner = said.get("intermediate_size", 4 * C)
        return GPTConfig(
            n_layer=said["num_layers"],
            n_head=said["num_heads"],
            n_embd=C,
            block_size=said["max_position_embeddings"],
            vocab_size=said["vocab_size"],
            n_inner=None if inner == 4 * C else inner,
            eps=said.get("layer_norm_epsilon", 1e-5),
            activation=activation(said, folder, "activation_function", "gelu_new"),
            tied=said.get("tie_word_embeddings", True),
            biases=("out", "mlp"),
            windows=tuple(window if here else 0 for here in local) if narrow else (),
        )

    def ours(self, stored: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        table = Table(config)
        C, F, root = config.n_embd, config.mlp_width, config.head_dim**0.5
        table.embedding(WTE, WTE, config.vocab_size)
        table.embedding("transformer.wpe.weight", "transformer.wpe.weight", config.block_size)
        for i in range(config.n_layer):
            here = f"transformer.h.{i}"
            attn = f"{here}.attn.attention"
            table.norm(f"{here}.ln_1", f"{here}.ln_1")
            table.matrix(f"{here}.attn.c_attn", C, (f"{attn}.q_proj", C), (f"{attn}.k_proj", C), (f"{attn}.v_proj", C),
                         bias=False, changes=[lambda q: q.float() * root, None, None])  # fmt: skip
            table.matrix(f"{here}.attn.c_proj", C, (f"{attn}.out_proj", C), bias=True)
            table.norm(f"{here}.ln_2", f"{here}.ln_2")
            table.matrix(f"{here}.mlp.c_fc", C, (f"{here}.mlp.c_fc", F), bias=True)
            table.matrix(f"{here}.mlp.c_proj", F, (f"{here}.mlp.c_proj", C), bias=True)
        table.norm("transformer.ln_f", "transformer.ln_f")
        table.embedding(HEAD, HEAD, config.vocab_size)
        return put_together(stored, table.parts, tied=config.tied)


def _kinds(said: Mapping[str, Any], folder: str) -> list[str]:
    """``global`` or ``local`` for each layer: from ``attention_types``, such as [[["global", "local"], 12]]."""
    n_layer, items = said["num_layers"], said.get("attention_types", [[["global", "local"], 12]])
    pairs = all(isinstance(x, list) and len(x) == 2 and isinstance(x[0], list) and type(x[1]) is int for x in items)
    whole = pairs and sum(len(names) * max(0, times) for names, times in items) == n_layer
    kinds = [kind for names, times in items for kind in names * times] if whole else []
    good = len(kinds) == n_layer and all(kind in ("global", "local") for kind in kinds)
    if not good or said.get("attention_layers", kinds) != kinds:
        raise WeightsError("weights.variant", folder=folder, kind=said.get("model_type"), name="attention_types",
                           value=shown(said.get("attention_types")))  # fmt: skip
    return kinds
